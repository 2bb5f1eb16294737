variable "encrypted" {}

resource "aws_db_instance" "this" {
  storage_encrypted   = var.encrypted
  publicly_accessible = true # hipaalint:ignore T-DB-001 reason="a <test> & \"quotes\""
}
