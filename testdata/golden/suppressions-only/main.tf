# A rule that is not asked in this run does not make its suppression unused.
resource "aws_db_instance" "a" {
  publicly_accessible     = true  # hipaalint:ignore T-DB-001
  storage_encrypted       = true  # hipaalint:ignore T-DB-002
  backup_retention_period = 7
  deletion_protection     = true
}
