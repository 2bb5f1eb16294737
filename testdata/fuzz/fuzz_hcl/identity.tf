data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "records_trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/CLINIC"]
    }

    condition {
      test     = "StringEquals"
      variable = "oidc.eks.us-east-1.amazonaws.com/id/CLINIC:sub"
      values   = ["system:serviceaccount:clinic:records-api"]
    }

    condition {
      test     = "StringEquals"
      variable = "oidc.eks.us-east-1.amazonaws.com/id/CLINIC:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "records_api" {
  name               = "clinic-records-api"
  assume_role_policy = data.aws_iam_policy_document.records_trust.json
}

resource "aws_iam_role_policy" "records_api" {
  name = "records"
  role = aws_iam_role.records_api.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "s3:*"
      Resource = "*"
    }]
  })
}

resource "aws_iam_policy" "operators" {
  name = "clinic-operators"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "*"
      Resource = "*"
    }]
  })
}

resource "aws_cloudtrail" "main" {
  name                       = "clinic"
  s3_bucket_name             = "clinic-trail-logs"
  enable_log_file_validation = false
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/clinic/records-api"
  retention_in_days = 7
}
