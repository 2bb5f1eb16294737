# Identities, a cluster, notebooks, jobs, queues and topics.
resource "aws_iam_role" "worker" {
  name = "worker"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role" "anybody" {
  name                 = "anybody"
  max_session_duration = 43200
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }]
  })
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}

resource "aws_iam_policy" "too_much" {
  name = "too-much"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = "*", Resource = "*" },
      { Effect = "Allow", Action = ["s3:*", "iam:PassRole"], Resource = "*" },
    ]
  })
}

resource "aws_iam_policy" "little" {
  name = "little"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::one/*" }]
  })
}

resource "aws_eks_cluster" "cluster" {
  name     = "cluster"
  version  = "1.33"
  role_arn = aws_iam_role.worker.arn
  vpc_config {
    subnet_ids              = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]
    endpoint_public_access  = true
    endpoint_private_access = true
    public_access_cidrs     = ["0.0.0.0/0"]
  }
  enabled_cluster_log_types = ["api", "audit"]
}

resource "aws_sagemaker_notebook_instance" "bench" {
  name          = "bench"
  instance_type = "ml.t3.medium"
  role_arn      = aws_iam_role.worker.arn
}

resource "aws_sagemaker_model" "predictor" {
  name               = "predictor"
  execution_role_arn = aws_iam_role.worker.arn
  primary_container { image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/model:1" }
}

resource "aws_sagemaker_endpoint_configuration" "serving" {
  name = "serving"
  production_variants {
    variant_name           = "all"
    model_name             = aws_sagemaker_model.predictor.name
    initial_instance_count = 1
    instance_type          = "ml.m5.large"
  }
}

resource "aws_glue_job" "import_job" {
  name     = "import"
  role_arn = aws_iam_role.worker.arn
  command { script_location = "s3://one/import.py" }
  default_arguments = { "--enable-continuous-cloudwatch-log" = "false" }
}

resource "aws_glue_security_configuration" "half" {
  name = "half"
  encryption_configuration {
    cloudwatch_encryption { cloudwatch_encryption_mode = "DISABLED" }
    job_bookmarks_encryption { job_bookmarks_encryption_mode = "DISABLED" }
    s3_encryption { s3_encryption_mode = "SSE-S3" }
  }
}

resource "aws_sqs_queue" "good_queue" {
  name                    = "good"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "bad_queue" {
  name                    = "bad"
  sqs_managed_sse_enabled = false
}

resource "aws_sqs_queue_policy" "bad_queue_policy" {
  queue_url = aws_sqs_queue.bad_queue.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = "*", Action = "sqs:SendMessage", Resource = "*" }]
  })
}

resource "aws_sns_topic" "good_topic" {
  name              = "good"
  kms_master_key_id = "alias/clinic"
}

resource "aws_sns_topic" "bad_topic" {
  name = "bad"
}

resource "aws_sns_topic_subscription" "plain_mail" {
  topic_arn = aws_sns_topic.bad_topic.arn
  protocol  = "http"
  endpoint  = "http://hooks.example.org/in"
}

resource "aws_athena_workgroup" "queries" {
  name = "queries"
  configuration {
    enforce_workgroup_configuration = false
    result_configuration { output_location = "s3://one/results/" }
  }
}

resource "aws_ecs_task_definition" "task" {
  family       = "task"
  network_mode = "host"
  container_definitions = jsonencode([{
    name        = "app"
    image       = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/app:1"
    privileged  = true
    environment = [{ name = "DB_PASSWORD", value = "Zk82hq0LmW" }]
  }])
}

resource "aws_codebuild_project" "build" {
  name         = "build"
  service_role = aws_iam_role.worker.arn
  artifacts { type = "NO_ARTIFACTS" }
  environment {
    compute_type    = "BUILD_GENERAL1_SMALL"
    image           = "aws/codebuild/standard:7.0"
    type            = "LINUX_CONTAINER"
    privileged_mode = true
  }
  source {
    type     = "GITHUB"
    location = "https://github.com/example/one.git"
  }
}

resource "aws_cognito_identity_pool" "guests" {
  identity_pool_name               = "guests"
  allow_unauthenticated_identities = true
}

resource "aws_guardduty_detector" "watch" {
  enable = false
}

resource "aws_fsx_windows_file_system" "share" {
  storage_capacity    = 32
  subnet_ids          = ["subnet-0aaaaaaaaaaaaaaa1"]
  throughput_capacity = 8
}

resource "aws_msk_cluster" "stream" {
  cluster_name           = "stream"
  kafka_version          = "3.6.0"
  number_of_broker_nodes = 2
  broker_node_group_info {
    instance_type   = "kafka.m5.large"
    client_subnets  = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"]
    security_groups = ["sg-0aaaaaaaaaaaaaaa1"]
  }
  encryption_info {
    encryption_in_transit {
      client_broker = "TLS_PLAINTEXT"
      in_cluster    = true
    }
  }
}

resource "aws_launch_template" "nodes" {
  name = "nodes"
  metadata_options {
    http_tokens                 = "optional"
    http_put_response_hop_limit = 2
  }
  block_device_mappings {
    device_name = "/dev/xvda"
    ebs { encrypted = false }
  }
}

resource "aws_iam_user" "robot" {
  name = "robot"
}

resource "aws_iam_access_key" "robot_key" {
  user = aws_iam_user.robot.name
}

resource "aws_ssm_parameter" "plain" {
  name  = "/clinic/db-password"
  type  = "String"
  value = "Zk82hq0LmW"
}

resource "aws_ecs_service" "service" {
  name = "service"
  network_configuration {
    subnets          = ["subnet-0aaaaaaaaaaaaaaa1"]
    assign_public_ip = true
  }
}

resource "aws_kinesis_firehose_delivery_stream" "hose" {
  name        = "hose"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn   = aws_iam_role.worker.arn
    bucket_arn = "arn:aws:s3:::one"
  }
}

resource "aws_api_gateway_rest_api" "api" {
  name = "api"
}

resource "aws_api_gateway_resource" "path" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "records"
}

resource "aws_api_gateway_method" "open_method" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.path.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_stage" "stage" {
  rest_api_id           = aws_api_gateway_rest_api.api.id
  deployment_id         = "abc123"
  stage_name            = "live"
  cache_cluster_enabled = true
  cache_cluster_size    = "0.5"
}

resource "aws_apigatewayv2_api" "http_api" {
  name          = "http"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_route" "open_route" {
  api_id             = aws_apigatewayv2_api.http_api.id
  route_key          = "GET /records"
  authorization_type = "NONE"
}
