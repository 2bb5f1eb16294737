locals {
  projects = {
    lint   = { description = "Lints infrastructure and manifests", image = "aws/codebuild/amazonlinux-x86_64-standard:5.0", role = module.build_role.arn }
    images = { description = "Builds images without root and pushes them", image = "aws/codebuild/amazonlinux-x86_64-standard:5.0", role = module.build_role.arn }
    deploy = { description = "Renders the overlay of the stage", image = "aws/codebuild/amazonlinux-x86_64-standard:5.0", role = module.deploy_role.arn }
  }
}

resource "aws_codebuild_project" "this" {
  for_each = local.projects

  name           = "${var.name}-${each.key}"
  description    = each.value.description
  service_role   = each.value.role
  encryption_key = var.data_key
  build_timeout  = 60

  source {
    type      = "CODEPIPELINE"
    buildspec = "delivery/${each.key}.yaml"
  }

  artifacts {
    type = "CODEPIPELINE"
  }

  environment {
    type            = "LINUX_CONTAINER"
    compute_type    = "BUILD_GENERAL1_MEDIUM"
    image           = each.value.image
    privileged_mode = false

    environment_variable {
      name  = "REGISTRY"
      value = "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com"
    }

    environment_variable {
      name  = "CLUSTER"
      value = var.name
    }
  }

  vpc_config {
    vpc_id             = var.vpc_id
    subnets            = var.subnet_ids
    security_group_ids = [aws_security_group.build.id]
  }

  logs_config {
    cloudwatch_logs {
      status     = "ENABLED"
      group_name = aws_cloudwatch_log_group.build.name
    }
  }
}

resource "aws_cloudwatch_log_group" "build" {
  name              = "/aws/codebuild/${var.name}"
  retention_in_days = 2192
  kms_key_id        = var.logs_key
}

resource "aws_security_group" "build" {
  name        = "${var.name}-build"
  description = "Builds"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-build"
  }
}

resource "aws_vpc_security_group_egress_rule" "build_https" {
  security_group_id = aws_security_group.build.id
  description       = "Interface endpoints"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.cidr
}

resource "aws_vpc_security_group_egress_rule" "build_gateway" {
  for_each = var.gateway_prefix_lists

  security_group_id = aws_security_group.build.id
  description       = "Gateway endpoint of ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value
}

data "aws_iam_policy_document" "build" {
  source_policy_documents = [data.aws_iam_policy_document.build_common.json]

  statement {
    sid     = "Push"
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage", "ecr:BatchGetImage"]

    resources = [for repository in aws_ecr_repository.this : repository.arn]
  }

  statement {
    sid       = "Registry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "build_common" {
  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${var.artifact_arn}/*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build.arn}:*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.data_key]
  }

  # Builds in a VPC make network interfaces; EC2 has no resources to name for these.
  statement {
    sid       = "Interfaces"
    actions   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcs", "ec2:DescribeDhcpOptions"]
    resources = ["*"]
  }

  statement {
    sid       = "MakeInterfaces"
    actions   = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]
    resources = ["arn:aws:ec2:${var.region}:${var.account_id}:*/*"]
  }

  statement {
    sid       = "LendInterfaces"
    actions   = ["ec2:CreateNetworkInterfacePermission"]
    resources = ["arn:aws:ec2:${var.region}:${var.account_id}:network-interface/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:AuthorizedService"
      values   = ["codebuild.amazonaws.com"]
    }
  }
}

module "build_role" {
  source = "../role"

  name         = "${var.name}-build"
  account_id   = var.account_id
  services     = ["codebuild.amazonaws.com"]
  policy       = data.aws_iam_policy_document.build.json
  boundary_arn = var.boundary_arn
}

data "aws_iam_policy_document" "deploy" {
  source_policy_documents = [data.aws_iam_policy_document.build_common.json]

  statement {
    sid       = "Cluster"
    actions   = ["eks:DescribeCluster"]
    resources = [var.cluster_arn]
  }
}

module "deploy_role" {
  source = "../role"

  name         = "${var.name}-deploy"
  account_id   = var.account_id
  services     = ["codebuild.amazonaws.com"]
  policy       = data.aws_iam_policy_document.deploy.json
  boundary_arn = var.boundary_arn
}

output "deploy_role_arn" {
  value = module.deploy_role.arn
}
