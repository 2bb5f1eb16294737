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
