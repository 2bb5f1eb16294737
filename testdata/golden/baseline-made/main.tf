# What is written down, in the order of rules, is not found again.

resource "aws_db_instance" "second" {
  publicly_accessible     = true
  storage_encrypted       = false
  backup_retention_period = 7
  deletion_protection     = true
}

resource "aws_db_instance" "first" {
  publicly_accessible     = true
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}
