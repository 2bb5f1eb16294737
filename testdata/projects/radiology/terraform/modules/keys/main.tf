terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "purposes" {
  description = "Which of the keys to make."
  type        = list(string)
  default     = ["data", "logs", "messages", "secrets", "cluster", "ml", "backup"]
}

locals {
  root = "arn:aws:iam::${var.account_id}:root"

  # The services that use a key on behalf of the account, and through which endpoint.
  services = {
    data     = ["s3", "rds", "dynamodb", "elasticfilesystem", "glue"]
    logs     = ["s3"]
    messages = ["sns", "sqs"]
    secrets  = ["secretsmanager", "ssm"]
    cluster  = ["ec2", "ecr", "eks"]
    ml       = ["sagemaker", "healthlake", "ec2", "s3"]
    backup   = ["backup"]
  }

  # Services that use a key as themselves.
  principals = {
    data     = []
    logs     = ["cloudtrail.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com"]
    messages = ["events.amazonaws.com", "cloudwatch.amazonaws.com", "s3.amazonaws.com", "budgets.amazonaws.com"]
    secrets  = []
    cluster  = []
    ml       = []
    backup   = []
  }
}

resource "aws_kms_key" "this" {
  for_each = toset(var.purposes)

  description             = "${var.name}: ${each.key}"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key[each.key].json

  tags = {
    data-classification = "internal"
  }
}

resource "aws_kms_alias" "this" {
  for_each = toset(var.purposes)

  name          = "alias/${var.name}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

data "aws_iam_policy_document" "key" {
  for_each = toset(var.purposes)

  # The account's IAM policies decide; nobody loses the key for good.
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root]
    }
  }

  statement {
    sid = "Administration"
    actions = [
      "kms:Describe*", "kms:List*", "kms:Get*", "kms:EnableKey", "kms:DisableKey", "kms:EnableKeyRotation",
      "kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:role/${var.name}-key-administrator"]
    }
  }

  statement {
    sid       = "Services"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = [local.root]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for service in local.services[each.key] : "${service}.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = [var.account_id]
    }
  }

  dynamic "statement" {
    for_each = local.principals[each.key]

    content {
      sid       = "Service${statement.key}"
      actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = [statement.value]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [var.account_id]
      }
    }
  }

  # CloudWatch Logs says for which log group it asks.
  dynamic "statement" {
    for_each = each.key == "logs" ? [1] : []

    content {
      sid       = "Logs"
      actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = ["logs.${var.region}.amazonaws.com"]
      }

      condition {
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values   = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:*"]
      }
    }
  }

  # Auto Scaling attaches the encrypted volumes of nodes.
  dynamic "statement" {
    for_each = each.key == "cluster" ? [1] : []

    content {
      sid       = "Nodes"
      actions   = ["kms:CreateGrant"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["arn:aws:iam::${var.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"]
      }

      condition {
        test     = "Bool"
        variable = "kms:GrantIsForAWSResource"
        values   = ["true"]
      }
    }
  }
}

output "arns" {
  description = "Key ARNs by purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.arn }
}
