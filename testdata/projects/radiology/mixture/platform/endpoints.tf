locals {
  interface_actions = {
    "ecr.api"           = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    "ecr.dkr"           = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    "sts"               = ["sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity"]
    "logs"              = ["logs:CreateLogStream", "logs:PutLogEvents"]
    "kms"               = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
    "secretsmanager"    = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"]
    "sagemaker.api"     = ["sagemaker:CreateTrainingJob", "sagemaker:DescribeTrainingJob"]
    "sagemaker.runtime" = ["sagemaker:InvokeEndpoint"]
    "glue"              = ["glue:GetTable", "glue:GetPartitions", "glue:GetConnection"]
    "states"            = ["states:StartExecution", "states:SendTaskSuccess", "states:SendTaskFailure"]
    "sqs"               = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    "sns"               = ["sns:Publish"]
    "comprehendmedical" = ["comprehendmedical:DetectPHI", "comprehendmedical:DetectEntitiesV2"]
    "ec2"               = ["ec2:DescribeInstances", "ec2:CreateNetworkInterface", "ec2:AttachVolume", "ec2:DetachVolume"]
    "eks"               = ["eks:DescribeCluster"]
    "elasticfilesystem" = ["elasticfilesystem:DescribeAccessPoints", "elasticfilesystem:DescribeMountTargets"]
    "monitoring"        = ["cloudwatch:PutMetricData"]
  }

  account_only = { StringEquals = { "aws:PrincipalAccount" = var.account_id } }
}

resource "aws_security_group" "endpoints" {
  name        = "radiology-endpoints"
  description = "Interface endpoints of AWS services"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  security_group_id = aws_security_group.endpoints.id
  description       = "AWS API calls of what runs in the VPC"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.cidr
}

resource "aws_vpc_endpoint" "interface" {
  for_each = local.interface_actions

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for zone in var.zones : aws_subnet.this["data-${zone}"].id]
  security_group_ids  = [aws_security_group.endpoints.id]

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = each.value, Resource = "*", Condition = local.account_only }]
  })
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for key, subnet in local.subnets : aws_route_table.this[key].id if contains(["app", "data"], subnet.tier)]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListBucket"]
        Resource  = ["arn:aws:s3:::radiology-*", "arn:aws:s3:::radiology-*/*"]
        Condition = local.account_only
      },
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::prod-${var.region}-starport-layer-bucket/*"
      },
    ]
  })
}

resource "aws_vpc_endpoint" "dynamodb" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for zone in var.zones : aws_route_table.this["app-${zone}"].id]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = "*"
      Action    = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"]
      Resource  = "arn:aws:dynamodb:${var.region}:${var.account_id}:table/radiology-*"
    }]
  })
}
