# On the line, above the line, in a list of rules, with a date and a reason.
resource "aws_db_instance" "attribute" {
  publicly_accessible     = true # hipaalint:ignore T-DB-001
  # hipaalint:ignore db-encrypted until=2027-01-31 reason="moves in \"January\""
  storage_encrypted       = false
  backup_retention_period = 1    // hipaalint:ignore T-DB-002, T-DB-003
  deletion_protection     = true
}

# hipaalint:ignore T-DB-*

resource "aws_db_instance" "above" {
  publicly_accessible     = true
  storage_encrypted       = false
  backup_retention_period = 1
  deletion_protection     = true
}

resource "aws_db_instance" "inside" {
  # hipaalint:ignore T-DB-001,T-DB-002 reason=inside
  publicly_accessible     = true
  storage_encrypted       = false
  backup_retention_period = 1
  deletion_protection     = true
}

/* hipaalint:ignore T-DB-001 reason="a whole module" */
module "m" {
  source = "./m"
  public = true
  backup = 1 # hipaalint:ignore T-DB-003
}

module "n" {
  source = "./m"
  public = true
  backup = 1
}
