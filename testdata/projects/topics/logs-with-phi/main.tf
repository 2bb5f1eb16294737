resource "aws_api_gateway_rest_api" "records" {
  name = "records"
}

resource "aws_api_gateway_deployment" "records" {
  rest_api_id = aws_api_gateway_rest_api.records.id
}

resource "aws_api_gateway_stage" "live" {
  rest_api_id   = aws_api_gateway_rest_api.records.id
  deployment_id = aws_api_gateway_deployment.records.id
  stage_name    = "live"
}

# Bodies and headers of every request are copied into the log.
resource "aws_api_gateway_method_settings" "live" {
  rest_api_id = aws_api_gateway_rest_api.records.id
  stage_name  = aws_api_gateway_stage.live.stage_name
  method_path = "*/*"
  settings {
    logging_level      = "INFO"
    data_trace_enabled = true
  }
}

resource "aws_api_gateway_stage" "careful" {
  rest_api_id   = aws_api_gateway_rest_api.records.id
  deployment_id = aws_api_gateway_deployment.records.id
  stage_name    = "careful"
}

resource "aws_api_gateway_method_settings" "careful" {
  rest_api_id = aws_api_gateway_rest_api.records.id
  stage_name  = aws_api_gateway_stage.careful.stage_name
  method_path = "*/*"
  settings {
    logging_level      = "INFO"
    data_trace_enabled = false
  }
}
