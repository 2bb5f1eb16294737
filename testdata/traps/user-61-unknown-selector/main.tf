variable "kind" { type = string }
resource "aws_api_gateway_rest_api" "a" {
  name = "a"
  endpoint_configuration { types = [var.kind] }
}
