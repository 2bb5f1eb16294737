locals {
  buckets = {
    intake       = module.intake
    deidentified = module.deidentified
    features     = module.features
    models       = module.models
    reports      = module.reports
    artifacts    = module.artifacts
  }
}

output "bucket_names" {
  value = { for purpose, bucket in local.buckets : purpose => bucket.id }
}

output "bucket_arns" {
  value = { for purpose, bucket in local.buckets : purpose => bucket.arn }
}

output "all_bucket_arns" {
  value = [for bucket in local.buckets : bucket.arn]
}

output "audit_bucket" {
  value = module.audit.id
}

output "access_logs_bucket" {
  value = aws_s3_bucket.access_logs.id
}
