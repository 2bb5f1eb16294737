locals {
  sources = [module.intake.arn, module.deidentified.arn, module.features.arn, module.models.arn, module.reports.arn]
}

data "aws_iam_policy_document" "replication_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "replication" {
  name               = "${var.name}-bucket-replication"
  assume_role_policy = data.aws_iam_policy_document.replication_trust.json

  tags = {
    data-classification = "phi"
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = local.sources
  }

  statement {
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention"]
    resources = [for arn in local.sources : "${arn}/*"]
  }

  statement {
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags"]
    resources = [for bucket in module.replica : "${bucket.arn}/*"]
  }

  statement {
    actions   = ["kms:Decrypt"]
    resources = [var.data_key]
  }

  statement {
    actions   = ["kms:Encrypt"]
    resources = [var.replica_key]
  }
}

resource "aws_iam_policy" "replication" {
  name   = "${var.name}-bucket-replication"
  policy = data.aws_iam_policy_document.replication.json
}

resource "aws_iam_role_policy_attachment" "replication" {
  role       = aws_iam_role.replication.name
  policy_arn = aws_iam_policy.replication.arn
}
