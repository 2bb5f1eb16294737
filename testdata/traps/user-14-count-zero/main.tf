resource "aws_ebs_volume" "v" {
  count             = 0
  availability_zone = "eu-central-1a"
  size              = 1
  encrypted         = false
}
