# hipaalint:ignore-file T-DB-002 reason="the whole file"
resource "aws_db_instance" "file" {
  publicly_accessible     = true
  storage_encrypted       = false
  backup_retention_period = 7
  deletion_protection     = true
}

variable "unset" {}

resource "aws_db_instance" "unknown" {
  publicly_accessible     = var.unset # hipaalint:ignore T-DB-001 reason="it may be"
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}
