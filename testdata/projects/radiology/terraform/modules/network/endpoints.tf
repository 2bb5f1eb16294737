# The services of AWS, reached without the internet.

locals {
  interface_services = [
    "ecr.api", "ecr.dkr", "sts", "logs", "kms", "secretsmanager", "sagemaker.api", "sagemaker.runtime", "notebook", "glue", "states", "sqs",
    "sns", "comprehendmedical", "ec2", "eks", "elasticfilesystem", "monitoring",
  ]

  # Names of services as SageMaker spells them.
  service_names = { notebook = "aws.sagemaker.${var.region}.notebook" }

  # What of each service the VPC may use.
  service_actions = {
    "ecr.api"           = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    "ecr.dkr"           = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    "sts"               = ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity"]
    "logs"              = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    "kms"               = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
    "secretsmanager"    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    "sagemaker.api"     = ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob", "sagemaker:DescribeEndpoint", "sagemaker:ListTags"]
    "sagemaker.runtime" = ["sagemaker:InvokeEndpoint"]
    "notebook"          = ["sagemaker:CreatePresignedNotebookInstanceUrl"]
    "glue"              = ["glue:GetTable", "glue:GetPartitions", "glue:StartJobRun", "glue:GetJobRun", "glue:GetConnection"]
    "states"            = ["states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure"]
    "sqs"               = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    "sns"               = ["sns:Publish"]
    "comprehendmedical" = ["comprehendmedical:DetectPHI", "comprehendmedical:DetectEntitiesV2"]
    "ec2"               = ["ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces", "ec2:CreateNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:AttachVolume", "ec2:DetachVolume"]
    "eks"               = ["eks:DescribeCluster"]
    "elasticfilesystem" = ["elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeMountTargets", "elasticfilesystem:DescribeAccessPoints"]
    "monitoring"        = ["cloudwatch:PutMetricData"]
  }
}

data "aws_iam_policy_document" "interface" {
  for_each = toset(local.interface_services)

  statement {
    sid       = "AccountOnly"
    actions   = local.service_actions[each.key]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(local.interface_services)

  vpc_id              = aws_vpc.this.id
  service_name        = lookup(local.service_names, each.key, "com.amazonaws.${var.region}.${each.key}")
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.data : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  policy              = data.aws_iam_policy_document.interface[each.key].json

  tags = {
    Name = "${var.name}-${each.key}"
  }
}

data "aws_iam_policy_document" "s3" {
  statement {
    sid       = "PlatformBuckets"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:AbortMultipartUpload"]
    resources = concat(var.buckets, [for arn in var.buckets : "${arn}/*"])

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }

  # Layers of images lie in buckets of ECR.
  statement {
    sid       = "ImageLayers"
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::prod-${var.region}-starport-layer-bucket/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat([for table in aws_route_table.app : table.id], [aws_route_table.data.id])
  policy            = data.aws_iam_policy_document.s3.json

  tags = {
    Name = "${var.name}-s3"
  }
}

data "aws_iam_policy_document" "dynamodb" {
  statement {
    sid       = "PlatformTables"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DescribeTable"]
    resources = ["arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.name}-*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat([for table in aws_route_table.app : table.id], [aws_route_table.data.id])
  policy            = data.aws_iam_policy_document.dynamodb.json

  tags = {
    Name = "${var.name}-dynamodb"
  }
}

resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "Interface endpoints of the VPC"
  vpc_id      = aws_vpc.this.id

  tags = {
    Name = "${var.name}-endpoints"
  }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_https" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from the VPC"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.cidr
}
