output "table_arns" {
  value = { for purpose, table in aws_dynamodb_table.this : purpose => table.arn }
}

output "database_secret_arn" {
  value = aws_secretsmanager_secret.database.arn
}

output "signing_secret_arn" {
  value = aws_secretsmanager_secret.signing.arn
}

output "database_endpoint" {
  value = aws_rds_cluster.worklist.endpoint
}

output "datastore_arn" {
  value = awscc_healthlake_fhir_datastore.reports.datastore_arn
}
