variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "key_arn" {
  description = "Default key of EBS."
  type        = string
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = 16
  require_lowercase_characters   = true
  require_uppercase_characters   = true
  require_numbers                = true
  require_symbols                = true
  allow_users_to_change_password = true
  max_password_age               = 90
  password_reuse_prevention      = 24
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = true
}

resource "aws_ebs_default_kms_key" "this" {
  key_arn = var.key_arn
}

resource "aws_ebs_snapshot_block_public_access" "this" {
  state = "block-all-sharing"
}

resource "aws_ec2_instance_metadata_defaults" "this" {
  http_tokens                 = "required"
  http_put_response_hop_limit = 1
  http_endpoint               = "enabled"
}

# People come through the identity provider and need a second factor for each of these roles.
locals {
  people = {
    operator          = { description = "Looks after the cluster", policy = data.aws_iam_policy_document.operator.json }
    key-administrator = { description = "Administers keys and uses none", policy = data.aws_iam_policy_document.key_administrator.json }
    auditor           = { description = "Reads the evidence", policy = data.aws_iam_policy_document.auditor.json }
  }
}

data "aws_iam_policy_document" "people_trust" {
  for_each = local.people

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:root"]
    }

    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/radiology-role"
      values   = [each.key]
    }
  }
}

resource "aws_iam_role" "people" {
  for_each = local.people

  name                 = "${var.name}-${each.key}"
  description          = each.value.description
  assume_role_policy   = data.aws_iam_policy_document.people_trust[each.key].json
  permissions_boundary = aws_iam_policy.boundary.arn
  max_session_duration = 3600
}

resource "aws_iam_policy" "people" {
  for_each = local.people

  name   = "${var.name}-${each.key}"
  policy = each.value.policy
}

resource "aws_iam_role_policy_attachment" "people" {
  for_each = local.people

  role       = aws_iam_role.people[each.key].name
  policy_arn = aws_iam_policy.people[each.key].arn
}

data "aws_iam_policy_document" "operator" {
  statement {
    sid       = "Look"
    actions   = ["eks:DescribeCluster", "eks:ListNodegroups", "eks:DescribeNodegroup"]
    resources = ["arn:aws:eks:*:${var.account_id}:cluster/${var.name}", "arn:aws:eks:*:${var.account_id}:nodegroup/${var.name}/*/*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:StartQuery", "logs:GetLogEvents", "logs:FilterLogEvents"]
    resources = ["arn:aws:logs:*:${var.account_id}:log-group:/radiology/*", "arn:aws:logs:*:${var.account_id}:log-group:/aws/eks/*"]
  }
}

data "aws_iam_policy_document" "key_administrator" {
  statement {
    sid       = "Administer"
    actions   = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:EnableKey", "kms:EnableKeyRotation", "kms:TagResource"]
    resources = ["arn:aws:kms:*:${var.account_id}:key/*"]
  }
}

data "aws_iam_policy_document" "auditor" {
  statement {
    sid       = "Evidence"
    actions   = ["auditmanager:GetAssessment", "auditmanager:GetEvidence", "auditmanager:GetEvidenceFolder"]
    resources = ["arn:aws:auditmanager:*:${var.account_id}:assessment/*"]
  }
}
