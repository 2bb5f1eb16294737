# kics-scan ignore
resource "aws_db_instance" "ignored" {
  publicly_accessible = true
  storage_encrypted   = false
}
