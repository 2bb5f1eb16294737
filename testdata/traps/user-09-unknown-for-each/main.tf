variable "zones" { type = set(string) }
data "aws_ssm_parameter" "encrypt" { name = "encrypt" }
resource "aws_ebs_volume" "v" {
  for_each          = var.zones
  availability_zone = each.key
  size              = 1
  encrypted         = false
}
resource "aws_ebs_volume" "data" {
  availability_zone = "eu-central-1a"
  size              = 1
  encrypted         = data.aws_ssm_parameter.encrypt.value
}
