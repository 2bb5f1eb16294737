# One key a purpose. The other parts name them by their aliases.
locals {
  keys = {
    data     = { services = ["s3", "rds", "dynamodb", "elasticfilesystem", "glue"], principals = [] }
    logs     = { services = ["s3"], principals = ["cloudtrail.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com"] }
    messages = { services = ["sns", "sqs"], principals = ["events.amazonaws.com", "cloudwatch.amazonaws.com", "s3.amazonaws.com"] }
    secrets  = { services = ["secretsmanager", "ssm"], principals = [] }
    cluster  = { services = ["ec2", "ecr", "eks"], principals = [] }
    ml       = { services = ["sagemaker", "healthlake", "s3"], principals = [] }
    backup   = { services = ["backup"], principals = [] }
  }

  root = "arn:aws:iam::${var.account_id}:root"
}

resource "aws_kms_key" "this" {
  for_each = local.keys

  description             = "radiology: ${each.key}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        Sid       = "Account"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LogGroups"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:aws:logs:${var.region}:${var.account_id}:log-group:*" } }
      },
      {
        Sid       = "ThroughServices"
        Effect    = "Allow"
        Principal = { AWS = local.root }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = [for service in each.value.services : "${service}.${var.region}.amazonaws.com"] } }
      },
      ],
      [for principal in each.value.principals : {
        Sid       = "Service${replace(split(".", principal)[0], "/[^a-z]/", "")}"
        Effect    = "Allow"
        Principal = { Service = principal }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }])
  })

  tags = {
    data-classification = "internal"
  }
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/radiology-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
