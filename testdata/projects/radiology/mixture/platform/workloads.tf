# One role a service account. The accounts are manifests, the buckets, tables, queues and secrets are stacks.
locals {
  issuer  = replace(aws_eks_cluster.this.identity[0].oidc[0].issuer, "https://", "")
  account = var.account_id

  bucket = { for name in ["intake", "deidentified", "features", "models", "reports"] : name => "arn:aws:s3:::radiology-${name}-${var.account_id}" }
  table  = { for name in ["studies", "consents"] : name => "arn:aws:dynamodb:${var.region}:${var.account_id}:table/radiology-${name}" }
  queue  = "arn:aws:sqs:${var.region}:${var.account_id}:radiology-studies"
  topic  = "arn:aws:sns:${var.region}:${var.account_id}:radiology-study-events"
  secret = { for name in ["worklist-database", "report-signing"] : name => "arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:radiology/${name}-*" }

  workloads = {
    dicom-intake = {
      namespace = "intake"
      keys      = ["data", "messages"]
      grants = [
        { actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = ["${local.bucket.intake}/*"] },
        { actions = ["dynamodb:PutItem", "dynamodb:UpdateItem"], resources = [local.table.studies] },
        { actions = ["sqs:SendMessage"], resources = [local.queue] },
      ]
    }
    deidentifier = {
      namespace = "intake"
      keys      = ["data", "messages"]
      grants = [
        { actions = ["s3:GetObject"], resources = ["${local.bucket.intake}/*"] },
        { actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = ["${local.bucket.deidentified}/*"] },
        { actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources = [local.queue] },
        { actions = ["dynamodb:GetItem"], resources = [local.table.consents] },
        { actions = ["comprehendmedical:DetectPHI"], resources = ["*"] },
      ]
    }
    trainer = {
      namespace = "models"
      keys      = ["data"]
      grants = [
        { actions = ["s3:GetObject"], resources = ["${local.bucket.deidentified}/*", "${local.bucket.features}/*"] },
        { actions = ["s3:PutObject", "s3:AbortMultipartUpload"], resources = ["${local.bucket.models}/*"] },
      ]
    }
    inference = {
      namespace = "models"
      keys      = ["data"]
      grants = [
        { actions = ["s3:GetObject"], resources = ["${local.bucket.models}/*", "${local.bucket.deidentified}/*"] },
      ]
    }
    report-api = {
      namespace = "reporting"
      keys      = ["data", "messages", "secrets"]
      grants = [
        { actions = ["s3:GetObject", "s3:PutObject"], resources = ["${local.bucket.reports}/*"] },
        { actions = ["dynamodb:GetItem", "dynamodb:Query"], resources = [local.table.studies, local.table.consents] },
        { actions = ["sns:Publish"], resources = [local.topic] },
        { actions = ["secretsmanager:GetSecretValue"], resources = [local.secret.worklist-database, local.secret.report-signing] },
      ]
    }
    external-secrets = {
      namespace = "platform"
      keys      = ["secrets"]
      grants = [
        { actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], resources = [local.secret.worklist-database, local.secret.report-signing] },
      ]
    }
  }
}

resource "aws_iam_role" "workload" {
  for_each = local.workloads

  name                 = "radiology-${each.key}"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.this.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "system:serviceaccount:${each.value.namespace}:${each.key}"
        }
      }
    }]
  })

  tags = {
    data-classification = "phi"
  }
}

resource "aws_iam_policy" "workload" {
  for_each = local.workloads

  name = "radiology-${each.key}"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for grant in each.value.grants : { Effect = "Allow", Action = grant.actions, Resource = grant.resources }],
      [{ Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [for key in each.value.keys : aws_kms_key.this[key].arn] }],
    )
  })
}

resource "aws_iam_role_policy_attachment" "workload" {
  for_each = local.workloads

  role       = aws_iam_role.workload[each.key].name
  policy_arn = aws_iam_policy.workload[each.key].arn
}

# worklist-sync has a Pod Identity.
resource "aws_iam_role" "worklist_sync" {
  name = "radiology-worklist-sync"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "pods.eks.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession"]
      Condition = {
        StringEquals = {
          "aws:SourceAccount"                         = var.account_id
          "aws:RequestTag/kubernetes-namespace"       = "reporting"
          "aws:RequestTag/kubernetes-service-account" = "worklist-sync"
        }
        ArnEquals = { "aws:SourceArn" = aws_eks_cluster.this.arn }
      }
    }]
  })

  tags = {
    data-classification = "phi"
  }
}

resource "aws_iam_policy" "worklist_sync" {
  name = "radiology-worklist-sync"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "dynamodb:Query", Resource = local.table.studies },
      { Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = local.secret.worklist-database },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = [aws_kms_key.this["data"].arn, aws_kms_key.this["secrets"].arn] },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "worklist_sync" {
  role       = aws_iam_role.worklist_sync.name
  policy_arn = aws_iam_policy.worklist_sync.arn
}

resource "aws_eks_pod_identity_association" "worklist_sync" {
  cluster_name    = aws_eks_cluster.this.name
  namespace       = "reporting"
  service_account = "worklist-sync"
  role_arn        = aws_iam_role.worklist_sync.arn
}
