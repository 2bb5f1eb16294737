resource "aws_cloudwatch_log_group" "trail" {
  name              = "/aws/cloudtrail/${var.name}"
  retention_in_days = 2192
  kms_key_id        = var.logs_key
}

resource "aws_cloudtrail" "this" {
  name                          = var.name
  s3_bucket_name                = var.audit_bucket
  s3_key_prefix                 = "trail"
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  enable_logging                = true
  kms_key_id                    = var.logs_key
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn     = module.trail_role.arn

  advanced_event_selector {
    name = "management"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "objects"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }

  advanced_event_selector {
    name = "tables"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }

    field_selector {
      field  = "resources.type"
      equals = ["AWS::DynamoDB::Table"]
    }
  }

  insight_selector {
    insight_type = "ApiCallRateInsight"
  }
}

data "aws_iam_policy_document" "trail" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.trail.arn}:*"]
  }
}

module "trail_role" {
  source = "../role"

  name         = "${var.name}-trail"
  account_id   = var.account_id
  services     = ["cloudtrail.amazonaws.com"]
  policy       = data.aws_iam_policy_document.trail.json
  boundary_arn = var.boundary_arn
}

# What looks like patient data in any log is masked.
resource "aws_cloudwatch_log_account_policy" "masking" {
  policy_name = "${var.name}-masking"
  policy_type = "DATA_PROTECTION_POLICY"

  policy_document = jsonencode({
    Name    = "${var.name}-masking"
    Version = "2021-06-01"

    Statement = [
      {
        Sid            = "Audit"
        DataIdentifier = local.masked
        Operation = {
          Audit = { FindingsDestination = {} }
        }
      },
      {
        Sid            = "Mask"
        DataIdentifier = local.masked
        Operation = {
          Deidentify = { MaskConfig = {} }
        }
      },
    ]
  })
}

locals {
  masked = [
    "arn:aws:dataprotection::aws:data-identifier/Name",
    "arn:aws:dataprotection::aws:data-identifier/Address",
    "arn:aws:dataprotection::aws:data-identifier/EmailAddress",
    "arn:aws:dataprotection::aws:data-identifier/PhoneNumber-US",
    "arn:aws:dataprotection::aws:data-identifier/Ssn-US",
    "arn:aws:dataprotection::aws:data-identifier/HealthInsuranceNumber-US",
  ]
}
