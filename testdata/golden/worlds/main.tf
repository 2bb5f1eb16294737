variable "a" {
  type = bool
}

variable "b" {
  type = bool
}

variable "v0" {
  type = bool
}

variable "v1" {
  type = bool
}

variable "v2" {
  type = bool
}

variable "v3" {
  type = bool
}

variable "v4" {
  type = bool
}

variable "v5" {
  type = bool
}

variable "v6" {
  type = bool
}

variable "v7" {
  type = bool
}

variable "v8" {
  type = bool
}

variable "v9" {
  type = bool
}

variable "v10" {
  type = bool
}

variable "v11" {
  type = bool
}

variable "v12" {
  type = bool
}

variable "v13" {
  type = bool
}

variable "v14" {
  type = bool
}

variable "v15" {
  type = bool
}

variable "v16" {
  type = bool
}

variable "v17" {
  type = bool
}

variable "v18" {
  type = bool
}

variable "v19" {
  type = bool
}

variable "v20" {
  type = bool
}

variable "v21" {
  type = bool
}

variable "v22" {
  type = bool
}

variable "v23" {
  type = bool
}

variable "v24" {
  type = bool
}

variable "v25" {
  type = bool
}

variable "v26" {
  type = bool
}

variable "v27" {
  type = bool
}

variable "v28" {
  type = bool
}

variable "v29" {
  type = bool
}

variable "v30" {
  type = bool
}

variable "v31" {
  type = bool
}

variable "v32" {
  type = bool
}

variable "v33" {
  type = bool
}

variable "v34" {
  type = bool
}

variable "v35" {
  type = bool
}

variable "v36" {
  type = bool
}

variable "v37" {
  type = bool
}

variable "v38" {
  type = bool
}

variable "v39" {
  type = bool
}

# Two inputs decide together.
resource "aws_db_instance" "two" {
  publicly_accessible     = var.a ? (var.b ? true : false) : false
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}

# Either of two.
resource "aws_db_instance" "either" {
  publicly_accessible     = var.a ? true : (var.b ? true : false)
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}

# More inputs than are looked at.
resource "aws_db_instance" "many" {
  publicly_accessible     = var.v0 ? false : (var.v1 ? false : (var.v2 ? false : (var.v3 ? false : (var.v4 ? false : (var.v5 ? false : (var.v6 ? false : (var.v7 ? false : (var.v8 ? false : (var.v9 ? false : (var.v10 ? false : (var.v11 ? false : (var.v12 ? false : (var.v13 ? false : (var.v14 ? false : (var.v15 ? false : (var.v16 ? false : (var.v17 ? false : (var.v18 ? false : (var.v19 ? false : (var.v20 ? false : (var.v21 ? false : (var.v22 ? false : (var.v23 ? false : (var.v24 ? false : (var.v25 ? false : (var.v26 ? false : (var.v27 ? false : (var.v28 ? false : (var.v29 ? false : (var.v30 ? false : (var.v31 ? false : (var.v32 ? false : (var.v33 ? false : (var.v34 ? false : (var.v35 ? false : (var.v36 ? false : (var.v37 ? false : (var.v38 ? false : (var.v39 ? true : (false))))))))))))))))))))))))))))))))))))))))
  storage_encrypted       = true
  backup_retention_period = 7
  deletion_protection     = true
}
