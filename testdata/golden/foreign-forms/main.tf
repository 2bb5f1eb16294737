resource "aws_db_instance" "spaced" {
  # checkov:skip=  CKV_AWS_17: a blank before the check
  publicly_accessible = true
}

resource "aws_db_instance" "remark" {
  #trivy:ignore:AVD-AWS-0180:agreed with the auditors
  publicly_accessible = true
}

/* hipaalint:ignore T-DB-001 reason="in a block" */
resource "aws_db_instance" "block" {
  publicly_accessible = true
}
