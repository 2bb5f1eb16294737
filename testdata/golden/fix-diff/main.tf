# Two tables in one block, one finding that is accepted.
resource "aws_db_instance" "records" {
  engine            = "postgres"
  storage_encrypted = false # until the move
}

resource "aws_db_instance" "scratch" { # hipaalint:ignore T-DB-002 reason="no patient data"
  engine                  = "postgres"
  backup_retention_period = 30
}
