# kics-scan ignore
resource "aws_db_instance" "ignored" {
  publicly_accessible = true
  storage_encrypted   = false
}
resource "aws_db_instance" "c" {
  #checkov:skip=CKV_AWS_16
  publicly_accessible = true #trivy:ignore:AVD-AWS-0180
  storage_encrypted = false
}
