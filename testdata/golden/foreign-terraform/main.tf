# checkov:skip=CKV_AWS_17:stands above the block, where checkov does not look
resource "aws_db_instance" "inside" {
  # checkov:skip=CKV_AWS_17:inside of the resource
  publicly_accessible = true
  #bridgecrew:skip=ckv_aws_16
  storage_encrypted = false
}

resource "aws_db_instance" "nested" {
  publicly_accessible = true
  storage_encrypted   = true
  timeouts {
    create = "1h" #checkov:skip=CKV_AWS_17: in a block of the resource
  }
}

resource "aws_db_instance" "trivy" {
  publicly_accessible = true  # trivy:ignore:AVD-AWS-0180
  storage_encrypted   = false #tfsec:ignore:aws-rds-encrypt-instance-storage-data:exp:2026-11-24 until today
}

#tfsec:ignore:AVD-AWS-0180 tfsec:ignore:avd-aws-0080:exp:2026-11-23
resource "aws_db_instance" "above" {
  publicly_accessible = true
  storage_encrypted   = false
}

#trivy:ignore:*
module "all" {
  source = "./m"
}

module "checkov" {
  # checkov:skip=CKV_AWS_17:of a module call
  source = "./m"
}

#trivy:ignore:AVD-AWS-0180[engine=mysql]
#trivy:ignore:AVD-AWS-0080:ws:production
#trivy:ignore:AVD-AWS-9999
#trivy:ignore:AVD-AWS-0080:exp:soon
resource "aws_db_instance" "refused" {
  publicly_accessible = true
  storage_encrypted   = false
}

resource "aws_db_instance" "kics" {
  # kics-scan ignore-line
  publicly_accessible = true
  storage_encrypted   = false
}

# kics-scan ignore-block
resource "aws_db_instance" "kics_block" {
  publicly_accessible = true
  storage_encrypted   = false
}

resource "aws_db_instance" "not_ignorable" {
  # checkov:skip=CKV_AWS_293:a rule of which nothing is suppressed
  publicly_accessible = false
  storage_encrypted   = true
  deletion_protection = false
}
# kics-scan disable=RDS DB Instance Publicly Accessible
# kics-scan ignore
# checkov:skip=
