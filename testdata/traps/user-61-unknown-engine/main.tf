variable "engine" { type = string }
resource "aws_db_instance" "d" {
  engine            = var.engine
  instance_class    = "db.t4g.medium"
  storage_encrypted = true
}
