resource "aws_cloudwatch_log_group" "cluster_default" {
  name              = "/aws/eks/research/cluster"
  retention_in_days = 90
}

resource "aws_eks_cluster" "research" {
  name                      = "research"
  role_arn                  = "arn:aws:iam::123456789012:role/cluster"
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
  depends_on = [aws_cloudwatch_log_group.cluster_default]
}

resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/clinic/cluster"
  retention_in_days = 2192
}

resource "aws_eks_cluster" "clinic" {
  name                      = "clinic"
  role_arn                  = "arn:aws:iam::123456789012:role/cluster"
  enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
  depends_on = [aws_cloudwatch_log_group.cluster]
}
