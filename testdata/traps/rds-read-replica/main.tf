resource "aws_db_instance" "main" {
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  storage_encrypted       = true
  backup_retention_period = 14
}
resource "aws_db_instance" "replica" {
  replicate_source_db = aws_db_instance.main.identifier
  instance_class      = "db.t4g.medium"
}
