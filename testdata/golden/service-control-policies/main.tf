provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias  = "log"
  region = "us-east-1"
}

data "aws_caller_identity" "log" {
  provider = aws.log
}

resource "aws_organizations_policy" "records" {
  name = "records-stay"
  content = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Deny", Action = "s3:Delete*", Resource = "*" },
      { Effect = "Allow", Action = "s3:Get*", Resource = "*" },
    ]
  })
}

resource "aws_organizations_policy_attachment" "records" {
  policy_id = aws_organizations_policy.records.id
  target_id = "111122223333"
}

resource "aws_organizations_policy" "logs" {
  name    = "logs-stay"
  content = jsonencode({ Version = "2012-10-17", Statement = { Effect = "Deny", Action = "logs:Delete*", Resource = "*" } })
}

resource "aws_organizations_policy_attachment" "logs" {
  policy_id = aws_organizations_policy.logs.id
  target_id = data.aws_caller_identity.log.account_id
}

resource "aws_organizations_policy" "elsewhere" {
  name    = "elsewhere"
  content = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "*", Resource = "*" }] })
}

resource "aws_organizations_policy_attachment" "elsewhere" {
  policy_id = aws_organizations_policy.elsewhere.id
  target_id = "999988887777"
}

locals {
  trust = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  all   = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = ["s3:*", "logs:*"], Resource = "*" }] })
}

resource "aws_iam_role" "app" {
  name               = "app"
  assume_role_policy = local.trust
  inline_policy {
    name   = "all"
    policy = local.all
  }
}

resource "aws_iam_role" "log" {
  provider           = aws.log
  name               = "log"
  assume_role_policy = local.trust
  inline_policy {
    name   = "all"
    policy = local.all
  }
}
