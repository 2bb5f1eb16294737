# Buckets with their companions, a key, a trail, disks and file systems: some well set, some not.
resource "aws_kms_key" "records_key" {
  description         = "records"
  enable_key_rotation = true
}

resource "aws_kms_key" "old_key" {
  description             = "no rotation, everybody"
  deletion_window_in_days = 7
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Everybody"
      Effect    = "Allow"
      Principal = "*"
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_s3_bucket" "records" {
  bucket = "twin-patient-records"
  tags   = { DataClassification = "phi", Owner = "clinic" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "records" {
  bucket = aws_s3_bucket.records.id
  rule {
    bucket_key_enabled = true
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.records_key.arn
    }
  }
}

resource "aws_s3_bucket_versioning" "records" {
  bucket = aws_s3_bucket.records.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_public_access_block" "records" {
  bucket                  = aws_s3_bucket.records.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_logging" "records" {
  bucket        = aws_s3_bucket.records.id
  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "records/"
}

resource "aws_s3_bucket_lifecycle_configuration" "records" {
  bucket = aws_s3_bucket.records.id
  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration { noncurrent_days = 30 }
    abort_incomplete_multipart_upload { days_after_initiation = 7 }
  }
}

resource "aws_s3_bucket_policy" "records" {
  bucket = aws_s3_bucket.records.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::twin-patient-records", "arn:aws:s3:::twin-patient-records/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_s3_bucket" "access_logs" {
  bucket = "twin-access-logs"
}

resource "aws_s3_bucket_versioning" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id
  versioning_configuration { status = "Suspended" }
}

resource "aws_s3_bucket" "open_site" {
  bucket = "twin-open-site"
}

resource "aws_s3_bucket_ownership_controls" "open_site" {
  bucket = aws_s3_bucket.open_site.id
  rule { object_ownership = "ObjectWriter" }
}

resource "aws_s3_bucket_acl" "open_site" {
  bucket = aws_s3_bucket.open_site.id
  acl    = "public-read"
}

resource "aws_s3_bucket_website_configuration" "open_site" {
  bucket = aws_s3_bucket.open_site.id
  index_document { suffix = "index.html" }
}

resource "aws_cloudtrail" "audit" {
  name                          = "audit"
  s3_bucket_name                = aws_s3_bucket.access_logs.id
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = false
  enable_logging                = true
  kms_key_id                    = aws_kms_key.records_key.arn
}

resource "aws_cloudwatch_log_group" "app_logs" {
  name              = "/twin/app"
  retention_in_days = 7
}

resource "aws_cloudwatch_log_group" "audit_logs" {
  name              = "/twin/audit"
  retention_in_days = 2192
  kms_key_id        = aws_kms_key.records_key.arn
}

resource "aws_ebs_volume" "good_disk" {
  availability_zone = "eu-central-1a"
  size              = 20
  encrypted         = true
  kms_key_id        = aws_kms_key.records_key.arn
}

resource "aws_ebs_volume" "bad_disk" {
  availability_zone = "eu-central-1a"
  size              = 20
  encrypted         = false
}

resource "aws_efs_file_system" "good_files" {
  encrypted  = true
  kms_key_id = aws_kms_key.records_key.arn
}

resource "aws_efs_backup_policy" "good_files" {
  file_system_id = aws_efs_file_system.good_files.id
  backup_policy { status = "ENABLED" }
}

resource "aws_efs_file_system" "bad_files" {
  encrypted = false
}

resource "aws_efs_access_point" "home_dir" {
  file_system_id = aws_efs_file_system.bad_files.id
  posix_user {
    uid = 0
    gid = 0
  }
  root_directory { path = "/" }
}

resource "aws_ecr_repository" "good_images" {
  name                 = "good"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration { scan_on_push = true }
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.records_key.arn
  }
}

resource "aws_ecr_repository" "bad_images" {
  name = "bad"
}

resource "aws_backup_vault" "vault" {
  name        = "vault"
  kms_key_arn = aws_kms_key.records_key.arn
}

resource "aws_backup_plan" "nightly" {
  name = "nightly"
  rule {
    rule_name         = "nightly"
    target_vault_name = aws_backup_vault.vault.name
    schedule          = "cron(0 3 * * ? *)"
    lifecycle { delete_after = 14 }
  }
}
