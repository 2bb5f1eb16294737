resource "aws_eks_cluster" "open" {
  name     = "open"
  role_arn = "arn:aws:iam::111122223333:role/r"
  vpc_config {
    subnet_ids              = ["subnet-0aaaaaaaaaaaaaaa1"]
    endpoint_private_access = true
    endpoint_public_access  = true
  }
}
resource "aws_eks_cluster" "named" {
  name     = "named"
  role_arn = "arn:aws:iam::111122223333:role/r"
  vpc_config {
    subnet_ids              = ["subnet-0aaaaaaaaaaaaaaa1"]
    endpoint_private_access = true
    endpoint_public_access  = true
    public_access_cidrs     = ["198.51.100.0/29"]
  }
}
