resource "aws_secretsmanager_secret" "database" {
  name                    = "${var.name}/worklist-database"
  description             = "The application's login to the worklist"
  kms_key_id              = var.secrets_key
  recovery_window_in_days = 30

  tags = {
    data-classification = "internal"
  }
}

resource "aws_secretsmanager_secret_rotation" "database" {
  secret_id           = aws_secretsmanager_secret.database.id
  rotation_lambda_arn = var.rotation_function

  rotation_rules {
    automatically_after_days = 30
  }
}

resource "aws_secretsmanager_secret" "signing" {
  name                    = "${var.name}/report-signing"
  description             = "Signs the reports that leave the platform"
  kms_key_id              = var.secrets_key
  recovery_window_in_days = 30

  tags = {
    data-classification = "internal"
  }
}

resource "aws_secretsmanager_secret_rotation" "signing" {
  secret_id           = aws_secretsmanager_secret.signing.id
  rotation_lambda_arn = var.rotation_function

  rotation_rules {
    automatically_after_days = 60
  }
}

data "aws_iam_policy_document" "secrets" {
  statement {
    sid       = "AccountOnly"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_secretsmanager_secret_policy" "database" {
  secret_arn          = aws_secretsmanager_secret.database.arn
  policy              = data.aws_iam_policy_document.secrets.json
  block_public_policy = true
}

resource "aws_secretsmanager_secret_policy" "signing" {
  secret_arn          = aws_secretsmanager_secret.signing.arn
  policy              = data.aws_iam_policy_document.secrets.json
  block_public_policy = true
}

resource "aws_ssm_parameter" "database_host" {
  name   = "/${var.name}/worklist/host"
  type   = "SecureString"
  key_id = var.secrets_key
  value  = aws_rds_cluster.worklist.endpoint
}
