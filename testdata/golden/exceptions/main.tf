resource "aws_db_instance" "a" {
  for_each                = toset(["one", "two", "three"])
  publicly_accessible     = true
  storage_encrypted       = false
  backup_retention_period = 7
  deletion_protection     = true # hipaalint:ignore T-DB-004
}

resource "aws_db_instance" "b" {
  publicly_accessible     = true
  storage_encrypted       = false
  backup_retention_period = 1
  deletion_protection     = false
}
