resource "aws_db_instance" "this" {
  publicly_accessible = true
  storage_encrypted   = false
}
