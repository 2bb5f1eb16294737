variable "encrypted" {
  default = false
}

module "db" {
  source    = "./m"
  encrypted = var.encrypted
}

resource "aws_db_instance" "many" {
  for_each            = toset(["é", "b"])
  publicly_accessible = true
  storage_encrypted   = true # hipaalint:ignore T-DB-002
}
