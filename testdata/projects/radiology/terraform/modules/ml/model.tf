# The second reader: a model behind a SageMaker endpoint.

resource "aws_sagemaker_model" "second_reader" {
  name                     = "${var.name}-second-reader"
  execution_role_arn       = module.model_role.arn
  enable_network_isolation = true

  primary_container {
    image          = "${var.image}@${var.image_digest}"
    model_data_url = "s3://${var.buckets["models"]}/released/second-reader/model.tar.gz"
  }

  vpc_config {
    subnets            = var.subnet_ids
    security_group_ids = [aws_security_group.studio.id]
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_sagemaker_endpoint_configuration" "second_reader" {
  name        = "${var.name}-second-reader"
  kms_key_arn = var.key_arn

  production_variants {
    variant_name           = "main"
    model_name             = aws_sagemaker_model.second_reader.name
    instance_type          = "ml.m6i.xlarge"
    initial_instance_count = 2
    initial_variant_weight = 1
  }

  data_capture_config {
    enable_capture              = true
    initial_sampling_percentage = 10
    destination_s3_uri          = "s3://${var.buckets["features"]}/capture/"
    kms_key_id                  = var.data_key

    capture_options {
      capture_mode = "Input"
    }

    capture_options {
      capture_mode = "Output"
    }
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_sagemaker_endpoint" "second_reader" {
  name                 = "${var.name}-second-reader"
  endpoint_config_name = aws_sagemaker_endpoint_configuration.second_reader.name

  deployment_config {
    auto_rollback_configuration {
      alarms {
        alarm_name = "${var.name}-second-reader-errors"
      }
    }

    blue_green_update_policy {
      termination_wait_in_seconds = 600

      traffic_routing_configuration {
        type                     = "ALL_AT_ONCE"
        wait_interval_in_seconds = 300
      }
    }
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_appautoscaling_target" "second_reader" {
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${aws_sagemaker_endpoint.second_reader.name}/variant/main"
  min_capacity       = 2
  max_capacity       = 6
}

resource "aws_appautoscaling_policy" "second_reader" {
  name               = "${var.name}-second-reader"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.second_reader.service_namespace
  scalable_dimension = aws_appautoscaling_target.second_reader.scalable_dimension
  resource_id        = aws_appautoscaling_target.second_reader.resource_id

  target_tracking_scaling_policy_configuration {
    target_value = 50

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}

resource "aws_sagemaker_model_package_group" "second_reader" {
  model_package_group_name        = "${var.name}-second-reader"
  model_package_group_description = "Versions of the second reader and their approval"
}

resource "aws_sagemaker_feature_group" "studies" {
  feature_group_name             = "${var.name}-studies"
  record_identifier_feature_name = "study_pseudonym"
  event_time_feature_name        = "taken_at"
  role_arn                       = module.model_role.arn

  feature_definition {
    feature_name = "study_pseudonym"
    feature_type = "String"
  }

  feature_definition {
    feature_name = "taken_at"
    feature_type = "String"
  }

  feature_definition {
    feature_name = "density"
    feature_type = "Fractional"
  }

  online_store_config {
    enable_online_store = true

    security_config {
      kms_key_id = var.key_arn
    }
  }

  offline_store_config {
    s3_storage_config {
      s3_uri     = "s3://${var.buckets["features"]}/store/"
      kms_key_id = var.data_key
    }
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_sagemaker_data_quality_job_definition" "second_reader" {
  name     = "${var.name}-second-reader-drift"
  role_arn = module.model_role.arn

  data_quality_app_specification {
    image_uri = "156813124566.dkr.ecr.${var.region}.amazonaws.com/sagemaker-model-monitor-analyzer"
  }

  data_quality_job_input {
    endpoint_input {
      endpoint_name = aws_sagemaker_endpoint.second_reader.name
    }
  }

  data_quality_job_output_config {
    kms_key_id = var.data_key

    monitoring_outputs {
      s3_output {
        s3_uri = "s3://${var.buckets["features"]}/drift/"
      }
    }
  }

  job_resources {
    cluster_config {
      instance_count    = 2
      instance_type     = "ml.m5.xlarge"
      volume_size_in_gb = 20
      volume_kms_key_id = var.key_arn
    }
  }

  network_config {
    enable_network_isolation                  = true
    enable_inter_container_traffic_encryption = true

    vpc_config {
      subnets            = var.subnet_ids
      security_group_ids = [aws_security_group.studio.id]
    }
  }
}

resource "aws_sagemaker_monitoring_schedule" "second_reader" {
  name = "${var.name}-second-reader"

  monitoring_schedule_config {
    monitoring_job_definition_name = aws_sagemaker_data_quality_job_definition.second_reader.name
    monitoring_type                = "DataQuality"

    schedule_config {
      schedule_expression = "cron(0 * ? * * *)"
    }
  }
}

data "aws_iam_policy_document" "model" {
  statement {
    sid       = "Models"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["models"]}/released/*"]
  }

  statement {
    sid       = "Capture"
    actions   = ["s3:PutObject", "s3:GetObject"]
    resources = ["${var.bucket_arns["features"]}/capture/*", "${var.bucket_arns["features"]}/drift/*", "${var.bucket_arns["features"]}/store/*"]
  }

  statement {
    sid       = "Image"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
    resources = [var.repository]
  }

  statement {
    sid       = "Registry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
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

module "model_role" {
  source = "../role"

  name           = "${var.name}-model"
  account_id     = var.account_id
  services       = ["sagemaker.amazonaws.com"]
  policy         = data.aws_iam_policy_document.model.json
  boundary_arn   = var.boundary_arn
  classification = "phi"
}

resource "aws_cloudwatch_log_group" "sagemaker" {
  for_each = toset(["Endpoints/${var.name}-second-reader", "NotebookInstances", "TrainingJobs", "studio"])

  name              = "/aws/sagemaker/${each.value}"
  retention_in_days = 2192
  kms_key_id        = var.logs_key
}

output "endpoint_arn" {
  value = aws_sagemaker_endpoint.second_reader.arn
}
