variable "encryption" {
  type    = list(any)
  default = []
}
resource "aws_eks_cluster" "c" {
  name     = "c"
  role_arn = "arn:aws:iam::111122223333:role/r"
  vpc_config { subnet_ids = ["subnet-0aaaaaaaaaaaaaaa1"] }
  dynamic "encryption_config" {
    for_each = var.encryption
    content {
      provider { key_arn = encryption_config.value.key }
      resources = encryption_config.value.resources
    }
  }
}
