# What each service account of the cluster may do in AWS: one role each.

locals {
  # service account => namespace
  service_accounts = {
    dicom-intake     = "intake"
    deidentifier     = "intake"
    inference        = "models"
    trainer          = "models"
    report-api       = "reporting"
    external-secrets = "platform"
  }

  policies = {
    dicom-intake     = data.aws_iam_policy_document.dicom_intake.json
    deidentifier     = data.aws_iam_policy_document.deidentifier.json
    inference        = data.aws_iam_policy_document.inference.json
    trainer          = data.aws_iam_policy_document.trainer.json
    report-api       = data.aws_iam_policy_document.report_api.json
    external-secrets = data.aws_iam_policy_document.external_secrets.json
    worklist-sync    = data.aws_iam_policy_document.worklist_sync.json
  }
}

data "aws_iam_policy_document" "irsa" {
  for_each = local.service_accounts

  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = [var.oidc_provider_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:sub"
      values   = ["system:serviceaccount:${each.value}:${each.key}"]
    }

    condition {
      test     = "StringEquals"
      variable = "${var.oidc_issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "irsa" {
  for_each = local.service_accounts

  name                 = "${var.name}-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.irsa[each.key].json
  permissions_boundary = var.boundary_arn
  max_session_duration = 3600

  tags = {
    data-classification = "phi"
  }
}

resource "aws_iam_role_policy_attachment" "irsa" {
  for_each = local.service_accounts

  role       = aws_iam_role.irsa[each.key].name
  policy_arn = aws_iam_policy.this[each.key].arn
}

resource "aws_iam_policy" "this" {
  for_each = local.policies

  name   = "${var.name}-${each.key}"
  policy = each.value
}

# The synchronisation with the hospital's worklist gets its role by Pod Identity.
data "aws_iam_policy_document" "pod_identity" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = ["arn:aws:eks:${var.region}:${var.account_id}:cluster/${var.cluster_name}"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/kubernetes-namespace"
      values   = ["reporting"]
    }
  }
}

resource "aws_iam_role" "worklist_sync" {
  name                 = "${var.name}-worklist-sync"
  assume_role_policy   = data.aws_iam_policy_document.pod_identity.json
  permissions_boundary = var.boundary_arn
  max_session_duration = 3600

  tags = {
    data-classification = "phi"
  }
}

resource "aws_iam_role_policy_attachment" "worklist_sync" {
  role       = aws_iam_role.worklist_sync.name
  policy_arn = aws_iam_policy.this["worklist-sync"].arn
}

resource "aws_eks_pod_identity_association" "worklist_sync" {
  cluster_name    = var.cluster_name
  namespace       = "reporting"
  service_account = "worklist-sync"
  role_arn        = aws_iam_role.worklist_sync.arn
}

output "role_arns" {
  value = merge({ for account, role in aws_iam_role.irsa : account => role.arn }, { worklist-sync = aws_iam_role.worklist_sync.arn })
}
