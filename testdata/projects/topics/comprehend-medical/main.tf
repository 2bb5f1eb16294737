data "aws_region" "here" {}

resource "aws_vpc" "clinic" {
  cidr_block = "10.20.0.0/16"
}

resource "aws_subnet" "private" {
  vpc_id     = aws_vpc.clinic.id
  cidr_block = "10.20.1.0/24"
}

resource "aws_security_group" "notes" {
  name   = "notes"
  vpc_id = aws_vpc.clinic.id
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "notes" {
  name               = "notes"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

# The service has no resources to name: the actions are what can be narrow.
resource "aws_iam_role_policy" "notes" {
  role = aws_iam_role.notes.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["comprehendmedical:DetectEntitiesV2", "comprehendmedical:DetectPHI"], Resource = "*" }]
  })
}

resource "aws_iam_role" "research" {
  name               = "research"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy" "research" {
  role = aws_iam_role.research.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "comprehendmedical:*", Resource = "*" }]
  })
}

# In a VPC without an endpoint of the service: notes leave by the internet, or not at all.
resource "aws_lambda_function" "notes" {
  function_name = "notes"
  role          = aws_iam_role.notes.arn
  runtime       = "python3.13"
  handler       = "notes.handle"
  filename      = "notes.zip"
  vpc_config {
    subnet_ids         = [aws_subnet.private.id]
    security_group_ids = [aws_security_group.notes.id]
  }
}

resource "aws_vpc" "research" {
  cidr_block = "10.21.0.0/16"
}

resource "aws_subnet" "research" {
  vpc_id     = aws_vpc.research.id
  cidr_block = "10.21.1.0/24"
}

resource "aws_vpc_endpoint" "comprehend_medical" {
  vpc_id              = aws_vpc.research.id
  service_name        = "com.amazonaws.${data.aws_region.here.region}.comprehendmedical"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = [aws_subnet.research.id]
  private_dns_enabled = true
}

resource "aws_security_group" "research" {
  name   = "research"
  vpc_id = aws_vpc.research.id
}

resource "aws_lambda_function" "research" {
  function_name = "research"
  role          = aws_iam_role.research.arn
  runtime       = "python3.13"
  handler       = "research.handle"
  filename      = "research.zip"
  vpc_config {
    subnet_ids         = [aws_subnet.research.id]
    security_group_ids = [aws_security_group.research.id]
  }
}
