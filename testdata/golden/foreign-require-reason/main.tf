resource "aws_db_instance" "c" {
  #checkov:skip=CKV_AWS_16
  #checkov:skip=CKV_AWS_17:with a reason
  publicly_accessible = true
  storage_encrypted = false
}
