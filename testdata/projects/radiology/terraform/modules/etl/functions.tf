locals {
  functions = {
    study-trigger   = { description = "Starts the pipeline for a study", timeout = 30, policy = data.aws_iam_policy_document.study_trigger.json }
    phi-detector    = { description = "Looks for identifiers in texts", timeout = 300, policy = data.aws_iam_policy_document.phi_detector.json }
    secret-rotation = { description = "Changes the passwords of the worklist", timeout = 120, policy = data.aws_iam_policy_document.secret_rotation.json }
    fhir-authorizer = { description = "Checks the tokens of FHIR clients", timeout = 10, policy = data.aws_iam_policy_document.fhir_authorizer.json }
  }
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name                  = "${var.name}-${each.key}"
  description                    = each.value.description
  role                           = module.function_role[each.key].arn
  runtime                        = "python3.13"
  handler                        = "main.handler"
  architectures                  = ["arm64"]
  memory_size                    = 512
  timeout                        = each.value.timeout
  reserved_concurrent_executions = 20
  s3_bucket                      = var.buckets["artifacts"]
  s3_key                         = "functions/${each.key}.zip"
  source_kms_key_arn             = var.data_key
  kms_key_arn                    = var.data_key
  code_signing_config_arn        = aws_lambda_code_signing_config.this.arn

  environment {
    variables = {
      LOG_LEVEL = "INFO"
      PIPELINE  = "arn:aws:states:${var.region}:${var.account_id}:stateMachine:${var.name}-study-pipeline"
    }
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.functions.id]
  }

  dead_letter_config {
    target_arn = aws_sqs_queue.failed.arn
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  tracing_config {
    mode = "Active"
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = 2192
  kms_key_id        = var.logs_key
}

resource "aws_signer_signing_profile" "functions" {
  platform_id = "AWSLambda-SHA384-ECDSA"
  name        = "${var.name}functions"

  signature_validity_period {
    value = 12
    type  = "MONTHS"
  }
}

resource "aws_lambda_code_signing_config" "this" {
  description = "Only code that the pipeline signed"

  allowed_publishers {
    signing_profile_version_arns = [aws_signer_signing_profile.functions.version_arn]
  }

  policies {
    untrusted_artifact_on_deployment = "Enforce"
  }
}

resource "aws_lambda_event_source_mapping" "studies" {
  event_source_arn        = aws_sqs_queue.studies.arn
  function_name           = aws_lambda_function.this["study-trigger"].arn
  batch_size              = 5
  function_response_types = ["ReportBatchItemFailures"]
}

resource "aws_lambda_permission" "rotation" {
  statement_id   = "SecretsManager"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this["secret-rotation"].function_name
  principal      = "secretsmanager.amazonaws.com"
  source_account = var.account_id
}

resource "aws_lambda_permission" "authorizer" {
  statement_id   = "HealthLake"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this["fhir-authorizer"].function_name
  principal      = "healthlake.amazonaws.com"
  source_account = var.account_id
}

resource "aws_security_group" "functions" {
  name        = "${var.name}-functions"
  description = "Functions and Glue jobs"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-functions"
  }
}

# Workers of a Glue job talk to each other.
resource "aws_vpc_security_group_ingress_rule" "functions_self" {
  security_group_id            = aws_security_group.functions.id
  description                  = "Between workers of a job"
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
  referenced_security_group_id = aws_security_group.functions.id
}

resource "aws_vpc_security_group_egress_rule" "functions_self" {
  security_group_id            = aws_security_group.functions.id
  description                  = "Between workers of a job"
  ip_protocol                  = "tcp"
  from_port                    = 0
  to_port                      = 65535
  referenced_security_group_id = aws_security_group.functions.id
}

resource "aws_vpc_security_group_egress_rule" "functions" {
  for_each = {
    https      = { port = 443, cidr = var.cidr }
    postgresql = { port = 5432, cidr = var.cidr }
  }

  security_group_id = aws_security_group.functions.id
  description       = "From functions: ${each.key}"
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port
  cidr_ipv4         = each.value.cidr
}

module "function_role" {
  source   = "../role"
  for_each = local.functions

  name           = "${var.name}-${each.key}"
  account_id     = var.account_id
  services       = ["lambda.amazonaws.com"]
  policy         = each.value.policy
  boundary_arn   = var.boundary_arn
  classification = "phi"

  managed_policies = {
    vpc     = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
    tracing = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
  }
}

resource "aws_vpc_security_group_egress_rule" "functions_gateway" {
  for_each = var.gateway_prefix_lists

  security_group_id = aws_security_group.functions.id
  description       = "Gateway endpoint of ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value
}

# The authorizer asks the identity provider for its keys, by the firewall.
resource "aws_vpc_security_group_egress_rule" "functions_partners" {
  security_group_id = aws_security_group.functions.id
  description       = "The identity provider"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.partners_prefix_list
}
