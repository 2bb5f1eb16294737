variable "live" { type = bool }
resource "aws_cloudwatch_log_group" "good" {
  name              = "a"
  retention_in_days = var.live ? 2557 : 731
}
resource "aws_cloudwatch_log_group" "bad" {
  name              = "b"
  retention_in_days = var.live ? 7 : 1
}
resource "aws_cloudwatch_log_group" "mixed" {
  name              = "c"
  retention_in_days = var.live ? 2557 : 1
}
