terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.replica]
    }
  }
}

locals {
  replicated = toset(["intake", "deidentified", "features", "models", "reports"])
}

module "intake" {
  source = "../bucket"

  name                 = "${var.name}-intake-${var.account_id}"
  account_id           = var.account_id
  classification       = "phi"
  kms_key_arn          = var.data_key
  logging_bucket       = aws_s3_bucket.access_logs.id
  vpc_id               = var.vpc_id
  lock_days            = 30
  replica_bucket_arn   = module.replica["intake"].arn
  replica_key_arn      = var.replica_key
  replication_role_arn = aws_iam_role.replication.arn
}

module "deidentified" {
  source = "../bucket"

  name                 = "${var.name}-deidentified-${var.account_id}"
  account_id           = var.account_id
  classification       = "phi"
  kms_key_arn          = var.data_key
  logging_bucket       = aws_s3_bucket.access_logs.id
  vpc_id               = var.vpc_id
  replica_bucket_arn   = module.replica["deidentified"].arn
  replica_key_arn      = var.replica_key
  replication_role_arn = aws_iam_role.replication.arn
}

module "features" {
  source = "../bucket"

  name                 = "${var.name}-features-${var.account_id}"
  account_id           = var.account_id
  classification       = "phi"
  kms_key_arn          = var.data_key
  logging_bucket       = aws_s3_bucket.access_logs.id
  vpc_id               = var.vpc_id
  replica_bucket_arn   = module.replica["features"].arn
  replica_key_arn      = var.replica_key
  replication_role_arn = aws_iam_role.replication.arn
}

module "models" {
  source = "../bucket"

  name                 = "${var.name}-models-${var.account_id}"
  account_id           = var.account_id
  classification       = "phi"
  kms_key_arn          = var.data_key
  logging_bucket       = aws_s3_bucket.access_logs.id
  vpc_id               = var.vpc_id
  replica_bucket_arn   = module.replica["models"].arn
  replica_key_arn      = var.replica_key
  replication_role_arn = aws_iam_role.replication.arn
}

module "reports" {
  source = "../bucket"

  name                 = "${var.name}-reports-${var.account_id}"
  account_id           = var.account_id
  classification       = "phi"
  kms_key_arn          = var.data_key
  logging_bucket       = aws_s3_bucket.access_logs.id
  vpc_id               = var.vpc_id
  lock_days            = 2192
  replica_bucket_arn   = module.replica["reports"].arn
  replica_key_arn      = var.replica_key
  replication_role_arn = aws_iam_role.replication.arn
}

module "artifacts" {
  source = "../bucket"

  name            = "${var.name}-artifacts-${var.account_id}"
  account_id      = var.account_id
  classification  = "internal"
  kms_key_arn     = var.data_key
  logging_bucket  = aws_s3_bucket.access_logs.id
  lock_days       = 1
  noncurrent_days = 90
  expiration_days = 365
}

# The trail, Config and Audit Manager; seven years, longer than the six that are asked for.
module "audit" {
  source = "../bucket"

  name            = "${var.name}-audit-${var.account_id}"
  account_id      = var.account_id
  classification  = "internal"
  kms_key_arn     = var.logs_key
  logging_bucket  = aws_s3_bucket.access_logs.id
  lock_days       = 2192
  noncurrent_days = 2557
  expiration_days = 2557
  events          = false

  writers = [
    { service = "cloudtrail.amazonaws.com", prefix = "trail/AWSLogs/${var.account_id}/*" },
    { service = "config.amazonaws.com", prefix = "config/AWSLogs/${var.account_id}/*" },
  ]
}

module "replica" {
  source   = "../bucket"
  for_each = local.replicated

  providers = {
    aws = aws.replica
  }

  name           = "${var.name}-${each.key}-replica-${var.account_id}"
  account_id     = var.account_id
  classification = "phi"
  kms_key_arn    = var.replica_key
  logging_bucket = aws_s3_bucket.replica_access_logs.id
  vpc_id         = var.vpc_id
}
