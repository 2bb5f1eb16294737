# A function, an interface, a table and a state machine.
resource "aws_iam_role" "runner" {
  name = "runner"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["lambda.amazonaws.com", "states.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_lambda_function" "handler" {
  function_name = "handler"
  role          = aws_iam_role.runner.arn
  runtime       = "python3.8"
  handler       = "app.main"
  s3_bucket     = "one"
  s3_key        = "app.zip"
  environment { variables = { DB_PASSWORD = "Zk82hq0LmW" } }
}

resource "aws_lambda_function" "traced" {
  function_name = "traced"
  role          = aws_iam_role.runner.arn
  runtime       = "python3.13"
  handler       = "app.main"
  s3_bucket     = "one"
  s3_key        = "app.zip"
  kms_key_arn   = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  tracing_config { mode = "Active" }
  reserved_concurrent_executions = 5
}

resource "aws_lambda_function_url" "open_door" {
  function_name      = aws_lambda_function.handler.function_name
  authorization_type = "NONE"
}

resource "aws_dynamodb_table" "state" {
  name     = "state"
  hash_key = "id"
  attribute {
    name = "id"
    type = "S"
  }
  read_capacity  = 1
  write_capacity = 1
  server_side_encryption { enabled = true }
}

resource "aws_sfn_state_machine" "flow" {
  name     = "flow"
  role_arn = aws_iam_role.runner.arn
  definition = jsonencode({
    StartAt = "End"
    States  = { End = { Type = "Succeed" } }
  })
  tracing_configuration { enabled = false }
}
