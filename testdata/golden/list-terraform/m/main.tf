variable "public" { type = bool }
variable "backup" { type = number }

resource "aws_db_instance" "this" {
  publicly_accessible     = var.public
  storage_encrypted       = true
  backup_retention_period = var.backup
  deletion_protection     = true
}
