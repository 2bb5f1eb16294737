// kics-scan disable=RDS DB Instance Publicly Accessible, something else
resource "aws_db_instance" "disabled" {
  publicly_accessible = true
  storage_encrypted   = false
}
