// kics-scan enable=RDS DB Instance Publicly Accessible
resource "aws_db_instance" "enabled" {
  publicly_accessible = true
  storage_encrypted   = true
}
