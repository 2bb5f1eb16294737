variable "encrypted" {
  default = false
}

resource "aws_db_instance" "a" {
  engine            = "postgres"
  storage_encrypted = var.encrypted
}

resource "aws_db_instance" "b" {
  engine            = "postgres"
  storage_encrypted = var.encrypted
}
