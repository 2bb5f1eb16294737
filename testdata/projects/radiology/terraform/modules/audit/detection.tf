resource "aws_config_configuration_recorder" "this" {
  name     = var.name
  role_arn = aws_iam_service_linked_role.config.arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }
}

resource "aws_config_configuration_recorder_status" "this" {
  name       = aws_config_configuration_recorder.this.name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_delivery_channel" "this" {
  name           = var.name
  s3_bucket_name = var.audit_bucket
  s3_key_prefix  = "config"
  s3_kms_key_arn = var.logs_key

  snapshot_delivery_properties {
    delivery_frequency = "TwentyFour_Hours"
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_iam_service_linked_role" "config" {
  aws_service_name = "config.amazonaws.com"
}

resource "aws_config_config_rule" "this" {
  for_each = {
    encrypted-volumes        = "ENCRYPTED_VOLUMES"
    rds-storage-encrypted    = "RDS_STORAGE_ENCRYPTED"
    s3-bucket-ssl-requests   = "S3_BUCKET_SSL_REQUESTS_ONLY"
    cloud-trail-enabled      = "CLOUD_TRAIL_ENABLED"
    root-account-mfa-enabled = "ROOT_ACCOUNT_MFA_ENABLED"
    iam-user-mfa-enabled     = "IAM_USER_MFA_ENABLED"
    eks-secrets-encrypted    = "EKS_SECRETS_ENCRYPTED"
    vpc-flow-logs-enabled    = "VPC_FLOW_LOGS_ENABLED"
  }

  name = "${var.name}-${each.key}"

  source {
    owner             = "AWS"
    source_identifier = each.value
  }

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_guardduty_detector" "this" {
  enable                       = true
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_guardduty_detector_feature" "this" {
  for_each = toset(["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS", "LAMBDA_NETWORK_LOGS"])

  detector_id = aws_guardduty_detector.this.id
  name        = each.value
  status      = "ENABLED"
}

resource "aws_securityhub_account" "this" {
  enable_default_standards = false
  auto_enable_controls     = true
}

resource "aws_securityhub_standards_subscription" "this" {
  for_each = toset(["aws-foundational-security-best-practices/v/1.0.0", "nist-800-53/v/5.0.0"])

  standards_arn = "arn:aws:securityhub:${var.region}::standards/${each.value}"

  depends_on = [aws_securityhub_account.this]
}

resource "aws_macie2_account" "this" {
  status                       = "ENABLED"
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}

resource "aws_macie2_classification_job" "deidentified" {
  name     = "${var.name}-deidentified"
  job_type = "SCHEDULED"

  s3_job_definition {
    bucket_definitions {
      account_id = var.account_id
      buckets    = ["${var.name}-deidentified-${var.account_id}", "${var.name}-artifacts-${var.account_id}"]
    }
  }

  schedule_frequency {
    weekly_schedule = "MONDAY"
  }

  depends_on = [aws_macie2_account.this]
}

resource "aws_accessanalyzer_analyzer" "this" {
  analyzer_name = var.name
  type          = "ACCOUNT"
}

resource "aws_inspector2_enabler" "this" {
  account_ids    = [var.account_id]
  resource_types = ["ECR", "EC2", "LAMBDA"]
}

# Evidence for the auditors, collected by AWS.
resource "aws_auditmanager_account_registration" "this" {
  kms_key = var.logs_key
}

data "aws_auditmanager_framework" "hipaa" {
  name           = "HIPAA Security Rule 2003"
  framework_type = "Standard"
}

resource "aws_auditmanager_assessment" "hipaa" {
  name         = "${var.name}-hipaa"
  description  = "Evidence for the HIPAA Security Rule"
  framework_id = data.aws_auditmanager_framework.hipaa.id

  assessment_reports_destination {
    destination      = "s3://${var.audit_bucket}/audit-manager"
    destination_type = "S3"
  }

  roles {
    role_arn  = "arn:aws:iam::${var.account_id}:role/${var.name}-auditor"
    role_type = "PROCESS_OWNER"
  }

  scope {
    aws_accounts {
      id = var.account_id
    }
  }

  depends_on = [aws_auditmanager_account_registration.this]
}
