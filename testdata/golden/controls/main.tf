resource "aws_db_instance" "resolved" {
  publicly_accessible     = false
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}

resource "aws_db_instance" "moved" {
  identifier              = "moved"
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
  publicly_accessible     = true
}

resource "aws_db_instance" "worse" {
  publicly_accessible     = false
  storage_encrypted       = true
  backup_retention_period = 1
  deletion_protection     = true
}

resource "aws_db_instance" "new" {
  publicly_accessible     = true
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}
