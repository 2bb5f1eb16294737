variable "encrypted" { default = true }
resource "aws_ebs_volume" "root" {
  availability_zone = "eu-central-1a"
  size              = 1
  encrypted         = var.encrypted
}
module "m" { source = "./m" }
