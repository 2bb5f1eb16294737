terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    awscc = {
      source  = "hashicorp/awscc"
      version = "~> 1.60"
    }
  }

  backend "s3" {
    bucket       = "radiology-terraform-123456789012"
    key          = "platform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    kms_key_id   = "alias/radiology-terraform"
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias               = "replica"
  region              = var.replica_region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}

provider "awscc" {
  region = var.region
}
