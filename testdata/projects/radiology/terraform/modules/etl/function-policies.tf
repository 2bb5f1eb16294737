data "aws_iam_policy_document" "study_trigger" {
  statement {
    sid       = "Work"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    resources = [aws_sqs_queue.studies.arn]
  }

  statement {
    sid       = "Start"
    actions   = ["states:StartExecution"]
    resources = ["arn:aws:states:${var.region}:${var.account_id}:stateMachine:${var.name}-study-pipeline"]
  }

  statement {
    sid       = "Failures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messages_key, var.data_key]
  }
}

data "aws_iam_policy_document" "phi_detector" {
  statement {
    sid       = "Texts"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["intake"]}/texts/*"]
  }

  # Comprehend Medical has no resources to name.
  statement {
    sid       = "Detect"
    actions   = ["comprehendmedical:DetectPHI", "comprehendmedical:DetectEntitiesV2"]
    resources = ["*"]
  }

  statement {
    sid       = "Failures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messages_key, var.data_key]
  }
}

data "aws_iam_policy_document" "secret_rotation" {
  statement {
    sid       = "Rotate"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    resources = ["arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${var.name}/*"]
  }

  statement {
    sid       = "Passwords"
    actions   = ["secretsmanager:GetRandomPassword"]
    resources = ["*"]
  }

  statement {
    sid       = "Failures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.secrets_key, var.messages_key, var.data_key]
  }
}

data "aws_iam_policy_document" "fhir_authorizer" {
  statement {
    sid       = "Failures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failed.arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.messages_key, var.data_key]
  }
}
