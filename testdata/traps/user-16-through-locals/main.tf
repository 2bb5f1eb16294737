locals {
  settings = { disk = { encrypted = false } }
  disk     = local.settings.disk
}
resource "aws_ebs_volume" "v" {
  availability_zone = "eu-central-1a"
  size              = 1
  encrypted         = local.disk.encrypted
}
