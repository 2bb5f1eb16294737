# Service control policies of the organization: guard rails for every account of the platform.

locals {
  guard_rails = {
    audit = {
      description = "Trails, Config and GuardDuty stay on"
      document    = data.aws_iam_policy_document.guard_audit.json
    }
    encryption = {
      description = "No store without encryption, no public bucket"
      document    = data.aws_iam_policy_document.guard_encryption.json
    }
    regions = {
      description = "Patient data stay in the United States"
      document    = data.aws_iam_policy_document.guard_regions.json
    }
  }
}

resource "aws_organizations_policy" "this" {
  for_each = local.guard_rails

  name        = "${var.name}-${each.key}"
  description = each.value.description
  type        = "SERVICE_CONTROL_POLICY"
  content     = each.value.document
}

resource "aws_organizations_policy_attachment" "this" {
  for_each = local.guard_rails

  policy_id = aws_organizations_policy.this[each.key].id
  target_id = var.account_id
}

data "aws_iam_policy_document" "guard_audit" {
  statement {
    sid    = "AuditStaysOn"
    effect = "Deny"
    actions = [
      "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "config:StopConfigurationRecorder",
      "config:DeleteDeliveryChannel", "guardduty:DeleteDetector", "guardduty:UpdateDetector", "securityhub:DisableSecurityHub",
      "macie2:DisableMacie", "access-analyzer:DeleteAnalyzer",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "guard_encryption" {
  statement {
    sid       = "VolumesEncrypted"
    effect    = "Deny"
    actions   = ["ec2:CreateVolume", "ec2:RunInstances"]
    resources = ["arn:aws:ec2:*:*:volume/*"]

    condition {
      test     = "Bool"
      variable = "ec2:Encrypted"
      values   = ["false"]
    }
  }

  statement {
    sid       = "DatabasesEncrypted"
    effect    = "Deny"
    actions   = ["rds:CreateDBInstance", "rds:CreateDBCluster"]
    resources = ["*"]

    condition {
      test     = "Bool"
      variable = "rds:StorageEncrypted"
      values   = ["false"]
    }
  }

  statement {
    sid       = "BucketsPrivate"
    effect    = "Deny"
    actions   = ["s3:PutAccountPublicAccessBlock", "s3:PutBucketPublicAccessBlock"]
    resources = ["*"]

    condition {
      test     = "ArnNotLike"
      variable = "aws:PrincipalArn"
      values   = ["arn:aws:iam::*:role/${var.name}-deploy"]
    }
  }
}

data "aws_iam_policy_document" "guard_regions" {
  statement {
    sid         = "Regions"
    effect      = "Deny"
    not_actions = ["iam:*", "organizations:*", "route53:*", "budgets:*", "support:*", "sts:*", "cloudfront:*"]
    resources   = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "aws:RequestedRegion"
      values   = ["us-east-1", "us-west-2"]
    }
  }
}
