data "aws_iam_policy_document" "dicom_intake" {
  statement {
    sid       = "StoreStudies"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = ["${var.bucket_arns["intake"]}/studies/*"]
  }

  statement {
    sid       = "Announce"
    actions   = ["sqs:SendMessage"]
    resources = [var.queue_arn]
  }

  statement {
    sid       = "Track"
    actions   = ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    resources = [var.table_arns["studies"]]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.data_key, var.messages_key]
  }
}

data "aws_iam_policy_document" "deidentifier" {
  statement {
    sid       = "ReadStudies"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["intake"]}/studies/*"]
  }

  statement {
    sid       = "WriteDeidentified"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arns["deidentified"]}/studies/*"]
  }

  statement {
    sid       = "Work"
    actions   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
    resources = [var.queue_arn]
  }

  statement {
    sid       = "Consents"
    actions   = ["dynamodb:GetItem", "dynamodb:Query"]
    resources = [var.table_arns["consents"]]
  }

  # Comprehend Medical has no resources to name.
  statement {
    sid       = "FindIdentifiers"
    actions   = ["comprehendmedical:DetectPHI"]
    resources = ["*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.data_key, var.messages_key]
  }
}

data "aws_iam_policy_document" "inference" {
  statement {
    sid       = "ReadModels"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["models"]}/released/*"]
  }

  statement {
    sid       = "ReadFeatures"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["features"]}/*"]
  }

  statement {
    sid       = "SecondReader"
    actions   = ["sagemaker:InvokeEndpoint"]
    resources = [var.endpoint_arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt"]
    resources = [var.data_key]
  }
}

data "aws_iam_policy_document" "trainer" {
  statement {
    sid       = "ReadFeatures"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["features"]}/*", "${var.bucket_arns["deidentified"]}/*"]
  }

  statement {
    sid       = "WriteModels"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arns["models"]}/candidates/*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.data_key]
  }
}

data "aws_iam_policy_document" "report_api" {
  statement {
    sid       = "Reports"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["${var.bucket_arns["reports"]}/reports/*"]
  }

  statement {
    sid       = "Records"
    actions   = ["healthlake:ReadResource", "healthlake:SearchWithGet", "healthlake:CreateResource"]
    resources = [var.datastore_arn]
  }

  statement {
    sid       = "Studies"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
    resources = [var.table_arns["studies"]]
  }

  statement {
    sid       = "Events"
    actions   = ["sns:Publish"]
    resources = [var.topic_arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = [var.data_key, var.messages_key]
  }
}

data "aws_iam_policy_document" "worklist_sync" {
  statement {
    sid       = "Login"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [var.database_secret]
  }

  statement {
    sid       = "Studies"
    actions   = ["dynamodb:Query"]
    resources = [var.table_arns["studies"]]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt"]
    resources = [var.secrets_key, var.data_key]
  }
}

data "aws_iam_policy_document" "external_secrets" {
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [var.database_secret, var.signing_secret]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt"]
    resources = [var.secrets_key]
  }
}
