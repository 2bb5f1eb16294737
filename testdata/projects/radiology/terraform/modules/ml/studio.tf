# Where data scientists work: Studio and one notebook, in the VPC, without a way to the internet of their own.

resource "aws_sagemaker_domain" "this" {
  domain_name                   = var.name
  auth_mode                     = "SSO"
  vpc_id                        = var.vpc_id
  subnet_ids                    = var.subnet_ids
  app_network_access_type       = "VpcOnly"
  app_security_group_management = "Customer"
  kms_key_id                    = var.key_arn

  domain_settings {
    execution_role_identity_config = "USER_PROFILE_NAME"

    security_group_ids = [aws_security_group.studio.id]
  }

  default_user_settings {
    execution_role  = module.studio_role.arn
    security_groups = [aws_security_group.studio.id]

    sharing_settings {
      notebook_output_option = "Disabled"
    }

    jupyter_lab_app_settings {
      app_lifecycle_management {
        idle_settings {
          lifecycle_management    = "ENABLED"
          idle_timeout_in_minutes = 60
        }
      }
    }
  }

  retention_policy {
    home_efs_file_system = "Retain"
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_sagemaker_user_profile" "research" {
  domain_id                      = aws_sagemaker_domain.this.id
  user_profile_name              = "research"
  single_sign_on_user_identifier = "UserName"
  single_sign_on_user_value      = "research@radiology.example.org"

  user_settings {
    execution_role  = module.studio_role.arn
    security_groups = [aws_security_group.studio.id]
  }
}

resource "aws_sagemaker_notebook_instance_lifecycle_configuration" "idle" {
  name = "${var.name}-stop-idle"

  on_start = base64encode(<<-EOT
    #!/bin/bash
    set -eu
    (crontab -l 2>/dev/null; echo "*/5 * * * * /usr/bin/python3 /opt/idle/stop.py --minutes 60") | crontab -
  EOT
  )
}

resource "aws_sagemaker_notebook_instance" "exploration" {
  name                   = "${var.name}-exploration"
  role_arn               = module.studio_role.arn
  instance_type          = "ml.t3.xlarge"
  platform_identifier    = "notebook-al2023-v1"
  subnet_id              = var.subnet_ids[0]
  security_groups        = [aws_security_group.studio.id]
  direct_internet_access = "Disabled"
  root_access            = "Disabled"
  kms_key_id             = var.key_arn
  lifecycle_config_name  = aws_sagemaker_notebook_instance_lifecycle_configuration.idle.name
  volume_size            = 50

  instance_metadata_service_configuration {
    minimum_instance_metadata_service_version = "2"
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_security_group" "studio" {
  name        = "${var.name}-studio"
  description = "Studio, notebooks and model containers"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-studio"
  }
}

resource "aws_vpc_security_group_ingress_rule" "studio_self" {
  for_each = {
    kernels = { from = 8192, to = 65535 }
    home    = { from = 2049, to = 2049 }
  }

  security_group_id            = aws_security_group.studio.id
  description                  = "Between apps: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = aws_security_group.studio.id
}

resource "aws_vpc_security_group_egress_rule" "studio_self" {
  for_each = {
    kernels = { from = 8192, to = 65535 }
    home    = { from = 2049, to = 2049 }
  }

  security_group_id            = aws_security_group.studio.id
  description                  = "Between apps: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = aws_security_group.studio.id
}

resource "aws_vpc_security_group_egress_rule" "studio_https" {
  security_group_id = aws_security_group.studio.id
  description       = "Endpoints of the VPC"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.cidr
}

resource "aws_vpc_security_group_egress_rule" "studio_gateway" {
  security_group_id = aws_security_group.studio.id
  description       = "Gateway endpoint of S3"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.gateway_prefix_lists["s3"]
}

data "aws_iam_policy_document" "studio" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["deidentified"]}/*", "${var.bucket_arns["features"]}/*"]
  }

  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arns["features"]}/experiments/*"]
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arns["deidentified"], var.bucket_arns["features"]]
  }

  statement {
    sid       = "Apps"
    actions   = ["sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp", "sagemaker:DescribeDomain", "sagemaker:DescribeUserProfile"]
    resources = ["arn:aws:sagemaker:${var.region}:${var.account_id}:app/*", "arn:aws:sagemaker:${var.region}:${var.account_id}:domain/*", "arn:aws:sagemaker:${var.region}:${var.account_id}:user-profile/*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/sagemaker/*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arn, var.data_key]
  }
}

module "studio_role" {
  source = "../role"

  name           = "${var.name}-studio"
  account_id     = var.account_id
  services       = ["sagemaker.amazonaws.com"]
  policy         = data.aws_iam_policy_document.studio.json
  boundary_arn   = var.boundary_arn
  classification = "phi"
}
