variable "retention" { default = 3 }
resource "aws_cloudwatch_log_group" "g" {
  name              = "g"
  retention_in_days = var.retention
}
