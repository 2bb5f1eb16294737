resource "aws_db_instance" "a" {
  publicly_accessible     = true  # hipaalint:ignore T-DB-001 until=2026-11-23
  storage_encrypted       = false # hipaalint:ignore T-DB-02
  backup_retention_period = 7     # hipaalint:ignore T-DB-003
  deletion_protection     = false # hipaalint:ignore T-DB-004
}

# hipaalint:ignore
# hipaalint:ignroe T-DB-001
# hippalint:ignore T-DB-001
# hipaalint-ignore T-DB-001
# hipaalint ignore T-DB-001
# see below hipaalint:ignore T-DB-001
# hipaalint:ignore T-DB-001 until=2026-02-30
# hipaalint:ignore T-DB-001 untli=2027-01-01
# hipaalint:ignore T-DB-001 reason="not closed
# hipaalint:ignore T-DB-001 because of that
# hipaalint lints for HIPAA; this is no directive
resource "aws_db_instance" "b" {
  publicly_accessible     = false
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}
# hipaalint:ignore T-DB-001
