variable "name" {
  type = string
}

variable "encrypted" {
  type    = bool
  default = false
}

variable "retention" {
  type = number
}

variable "security_group_ids" {
  type = list(string)
}

variable "subnet_ids" {
  type = list(string)
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_instance" "this" {
  identifier                  = var.name
  engine                      = "postgres"
  engine_version              = "16.3"
  instance_class              = "db.t4g.medium"
  allocated_storage           = 100
  username                    = "records"
  manage_master_user_password = true
  storage_encrypted           = var.encrypted
  publicly_accessible         = true
  backup_retention_period     = var.retention
  db_subnet_group_name        = aws_db_subnet_group.this.name
  vpc_security_group_ids      = var.security_group_ids
  deletion_protection         = true
  multi_az                    = true
}
