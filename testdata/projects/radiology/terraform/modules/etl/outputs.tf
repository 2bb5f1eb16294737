output "queue_arn" {
  value = aws_sqs_queue.studies.arn
}

output "events_topic_arn" {
  value = aws_sns_topic.events.arn
}

output "alarms_topic_arn" {
  value = aws_sns_topic.alarms.arn
}

output "rotation_function_arn" {
  value = aws_lambda_function.this["secret-rotation"].arn
}

output "authorizer_function_arn" {
  value = aws_lambda_function.this["fhir-authorizer"].arn
}

output "function_security_group_id" {
  value = aws_security_group.functions.id
}
