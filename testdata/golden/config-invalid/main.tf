resource "aws_db_instance" "a" {
  publicly_accessible     = false
  storage_encrypted       = false # hipaalint:ignore T-DB-002
  backup_retention_period = 1     # hipaalint:ignore T-DB-003 reason="rebuilt each night"
}
