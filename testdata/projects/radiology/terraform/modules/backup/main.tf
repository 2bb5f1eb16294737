terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      configuration_aliases = [aws.replica]
    }
  }
}

variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "key_arn" {
  type = string
}

variable "replica_key" {
  type = string
}

variable "alarms_topic" {
  type = string
}

variable "contact" {
  type = string
}

resource "aws_backup_vault" "this" {
  name        = var.name
  kms_key_arn = var.key_arn
}

resource "aws_backup_vault_lock_configuration" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = 35
  max_retention_days  = 2557
  changeable_for_days = 3
}

resource "aws_backup_vault_notifications" "this" {
  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.alarms_topic
  backup_vault_events = ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"]
}

resource "aws_backup_vault" "replica" {
  provider = aws.replica

  name        = "${var.name}-replica"
  kms_key_arn = var.replica_key
}

resource "aws_backup_vault_lock_configuration" "replica" {
  provider = aws.replica

  backup_vault_name   = aws_backup_vault.replica.name
  min_retention_days  = 35
  max_retention_days  = 2557
  changeable_for_days = 3
}

resource "aws_backup_plan" "this" {
  name = var.name

  tags = {
    data-classification = "phi"
  }

  rule {
    rule_name                = "daily"
    target_vault_name        = aws_backup_vault.this.name
    schedule                 = "cron(0 4 * * ? *)"
    enable_continuous_backup = false
    start_window             = 60
    completion_window        = 480

    lifecycle {
      delete_after = 365
    }

    copy_action {
      destination_vault_arn = aws_backup_vault.replica.arn

      lifecycle {
        delete_after = 365
      }
    }
  }
}

resource "aws_backup_selection" "this" {
  name         = "${var.name}-daily"
  plan_id      = aws_backup_plan.this.id
  iam_role_arn = aws_iam_role.backup.arn

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "backup"
    value = "daily"
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "backup" {
  name               = "${var.name}-backup"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json

  tags = {
    data-classification = "phi"
  }
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = toset(["service-role/AWSBackupServiceRolePolicyForBackup"])

  role       = aws_iam_role.backup.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = "40000"
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  notification {
    comparison_operator        = "GREATER_THAN"
    threshold                  = 80
    threshold_type             = "PERCENTAGE"
    notification_type          = "FORECASTED"
    subscriber_email_addresses = [var.contact]
    subscriber_sns_topic_arns  = [var.alarms_topic]
  }
}
