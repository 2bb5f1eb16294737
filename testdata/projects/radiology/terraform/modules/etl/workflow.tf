resource "aws_cloudwatch_log_group" "this" {
  for_each = {
    workflow = "/aws/vendedlogs/states/${var.name}-study-pipeline"
    glue     = "/radiology/glue"
  }

  name              = each.value
  retention_in_days = 2192
  kms_key_id        = var.logs_key
}

resource "aws_sfn_state_machine" "study_pipeline" {
  name     = "${var.name}-study-pipeline"
  role_arn = module.workflow_role.arn
  type     = "STANDARD"

  definition = jsonencode({
    Comment = "From a study to features and, once a week, a new model"
    StartAt = "DetectIdentifiers"
    States = {
      DetectIdentifiers = {
        Type     = "Task"
        Resource = "arn:aws:states:::lambda:invoke"
        Parameters = {
          FunctionName = aws_lambda_function.this["phi-detector"].arn
          "Payload.$"  = "$"
        }
        Retry = [{ ErrorEquals = ["States.TaskFailed"], MaxAttempts = 2, IntervalSeconds = 10, BackoffRate = 2 }]
        Next  = "Features"
      }
      Features = {
        Type     = "Task"
        Resource = "arn:aws:states:::glue:startJobRun.sync"
        Parameters = {
          JobName = aws_glue_job.this["features"].name
        }
        Next = "TrainingDue"
      }
      TrainingDue = {
        Type = "Choice"
        Choices = [{
          Variable      = "$.train"
          BooleanEquals = true
          Next          = "Train"
        }]
        Default = "Announce"
      }
      Train = {
        Type     = "Task"
        Resource = "arn:aws:states:::sagemaker:createTrainingJob.sync"
        Parameters = {
          "TrainingJobName.$" = "$.job"
          RoleArn             = module.training_role.arn
          AlgorithmSpecification = {
            TrainingImage     = "${var.training_image}@${var.training_image_digest}"
            TrainingInputMode = "File"
          }
          InputDataConfig = [{
            ChannelName = "features"
            DataSource = {
              S3DataSource = {
                S3DataType             = "S3Prefix"
                S3Uri                  = "s3://${var.buckets["features"]}/features/"
                S3DataDistributionType = "FullyReplicated"
              }
            }
          }]
          OutputDataConfig = {
            S3OutputPath = "s3://${var.buckets["models"]}/candidates/"
            KmsKeyId     = var.data_key
          }
          ResourceConfig = {
            InstanceCount  = 2
            InstanceType   = "ml.g5.4xlarge"
            VolumeSizeInGB = 200
            VolumeKmsKeyId = var.ml_key
          }
          VpcConfig = {
            Subnets          = var.subnet_ids
            SecurityGroupIds = [aws_security_group.functions.id]
          }
          EnableNetworkIsolation                = true
          EnableInterContainerTrafficEncryption = true
          StoppingCondition = {
            MaxRuntimeInSeconds = 86400
          }
        }
        Next = "Announce"
      }
      Announce = {
        Type     = "Task"
        Resource = "arn:aws:states:::sns:publish"
        Parameters = {
          TopicArn    = aws_sns_topic.events.arn
          "Message.$" = "$.study"
        }
        End = true
      }
    }
  })

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = var.data_key
    kms_data_key_reuse_period_seconds = 300
  }

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.this["workflow"].arn}:*"
    include_execution_data = false
    level                  = "ALL"
  }

  tracing_configuration {
    enabled = true
  }

  tags = {
    data-classification = "phi"
  }
}

data "aws_iam_policy_document" "workflow" {
  statement {
    sid       = "Functions"
    actions   = ["lambda:InvokeFunction"]
    resources = [aws_lambda_function.this["phi-detector"].arn]
  }

  statement {
    sid       = "Jobs"
    actions   = ["glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"]
    resources = ["arn:aws:glue:${var.region}:${var.account_id}:job/${var.name}-features"]
  }

  # Training only inside the VPC, isolated, with the platform's keys.
  statement {
    sid       = "Train"
    actions   = ["sagemaker:CreateTrainingJob"]
    resources = ["arn:aws:sagemaker:${var.region}:${var.account_id}:training-job/${var.name}-*"]

    condition {
      test     = "ForAllValues:StringEquals"
      variable = "sagemaker:VpcSubnets"
      values   = var.subnet_ids
    }

    condition {
      test     = "Null"
      variable = "sagemaker:VpcSubnets"
      values   = ["false"]
    }

    condition {
      test     = "Bool"
      variable = "sagemaker:NetworkIsolation"
      values   = ["true"]
    }

    condition {
      test     = "Bool"
      variable = "sagemaker:InterContainerTrafficEncryption"
      values   = ["true"]
    }

    condition {
      test     = "ArnEquals"
      variable = "sagemaker:VolumeKmsKey"
      values   = [var.ml_key]
    }
  }

  statement {
    sid       = "Watch"
    actions   = ["sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"]
    resources = ["arn:aws:sagemaker:${var.region}:${var.account_id}:training-job/${var.name}-*"]
  }

  statement {
    sid       = "PassTrainingRole"
    actions   = ["iam:PassRole"]
    resources = [module.training_role.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["sagemaker.amazonaws.com"]
    }
  }

  statement {
    sid       = "Announce"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.events.arn]
  }

  statement {
    sid       = "FollowJobs"
    actions   = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
    resources = ["arn:aws:events:${var.region}:${var.account_id}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.data_key, var.messages_key]
  }

  # Delivery of logs and traces has no resources to name.
  statement {
    sid = "LogDelivery"
    actions = [
      "logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery", "logs:ListLogDeliveries",
      "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
    ]
    resources = ["*"]
  }
}

module "workflow_role" {
  source = "../role"

  name           = "${var.name}-study-pipeline"
  account_id     = var.account_id
  services       = ["states.amazonaws.com"]
  policy         = data.aws_iam_policy_document.workflow.json
  boundary_arn   = var.boundary_arn
  classification = "phi"
}

data "aws_iam_policy_document" "training" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["features"]}/*"]
  }

  statement {
    sid       = "Write"
    actions   = ["s3:PutObject"]
    resources = ["${var.bucket_arns["models"]}/candidates/*"]
  }

  statement {
    sid       = "Images"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
    resources = ["arn:aws:ecr:${var.region}:${var.account_id}:repository/${var.name}/trainer"]
  }

  statement {
    sid       = "Registry"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/sagemaker/TrainingJobs:*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.data_key]
  }

  statement {
    sid       = "VolumeKey"
    actions   = ["kms:CreateGrant"]
    resources = [var.ml_key]

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

module "training_role" {
  source = "../role"

  name           = "${var.name}-training"
  account_id     = var.account_id
  services       = ["sagemaker.amazonaws.com"]
  policy         = data.aws_iam_policy_document.training.json
  boundary_arn   = var.boundary_arn
  classification = "phi"
}
