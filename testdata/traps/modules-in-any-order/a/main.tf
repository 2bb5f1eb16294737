variable "key" {}
variable "days" {}
resource "aws_cloudwatch_log_group" "g" {
  name              = "g"
  kms_key_id        = var.key
  retention_in_days = var.days
}
