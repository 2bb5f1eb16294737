resource "aws_cloudwatch_log_group" "cluster" {
  name              = "/aws/eks/radiology/cluster"
  retention_in_days = 2192
  kms_key_id        = aws_kms_key.this["logs"].arn
}

resource "aws_iam_role" "cluster" {
  name = "radiology-cluster"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "eks.amazonaws.com" }, Action = "sts:AssumeRole", Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } } }]
  })
}

resource "aws_iam_role_policy_attachment" "cluster" {
  role       = aws_iam_role.cluster.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"
}

resource "aws_eks_cluster" "this" {
  name     = "radiology"
  version  = "1.34"
  role_arn = aws_iam_role.cluster.arn

  deletion_protection           = true
  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false

  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = aws_kms_key.this["cluster"].arn
    }
  }

  vpc_config {
    subnet_ids              = [for zone in var.zones : aws_subnet.this["app-${zone}"].id]
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  depends_on = [aws_cloudwatch_log_group.cluster, aws_iam_role_policy_attachment.cluster]

  tags = {
    data-classification = "phi"
  }
}

resource "aws_iam_openid_connect_provider" "this" {
  url            = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_security_group" "nodes" {
  name        = "radiology-nodes"
  description = "Nodes and pods"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "nodes" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "pods among themselves; network policies decide"
  ip_protocol                  = "-1"
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_vpc_security_group_ingress_rule" "control_plane" {
  security_group_id            = aws_security_group.nodes.id
  description                  = "kubelets and webhooks"
  ip_protocol                  = "tcp"
  from_port                    = 1025
  to_port                      = 65535
  referenced_security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

resource "aws_vpc_security_group_egress_rule" "nodes" {
  for_each = {
    pods      = { protocol = "-1", group = aws_security_group.nodes.id }
    endpoints = { protocol = "tcp", port = 443, cidr = var.cidr }
    s3        = { protocol = "tcp", port = 443, list = aws_vpc_endpoint.s3.prefix_list_id }
    database  = { protocol = "tcp", port = 5432, cidr = var.cidr }
    scratch   = { protocol = "tcp", port = 2049, cidr = var.cidr }
  }

  security_group_id            = aws_security_group.nodes.id
  description                  = each.key
  ip_protocol                  = each.value.protocol
  from_port                    = lookup(each.value, "port", null)
  to_port                      = lookup(each.value, "port", null)
  cidr_ipv4                    = lookup(each.value, "cidr", null)
  prefix_list_id               = lookup(each.value, "list", null)
  referenced_security_group_id = lookup(each.value, "group", null)
}

resource "aws_iam_role" "node" {
  name = "radiology-node"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/${each.key}"
}

resource "aws_launch_template" "node" {
  name                   = "radiology-node"
  vpc_security_group_ids = [aws_security_group.nodes.id]

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  monitoring {
    enabled = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type = "gp3"
      volume_size = 100
      encrypted   = true
      kms_key_id  = aws_kms_key.this["cluster"].arn
    }
  }
}

resource "aws_eks_node_group" "this" {
  for_each = {
    system    = { types = ["m7i.xlarge"], capacity = "ON_DEMAND", min = 2, max = 6 }
    inference = { types = ["g6.xlarge"], capacity = "ON_DEMAND", min = 1, max = 8 }
    training  = { types = ["g6.2xlarge", "g5.2xlarge"], capacity = "SPOT", min = 0, max = 10 }
  }

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.node.arn
  subnet_ids      = [for zone in var.zones : aws_subnet.this["app-${zone}"].id]
  capacity_type   = each.value.capacity
  instance_types  = each.value.types
  labels          = { workload = each.key }

  launch_template {
    id      = aws_launch_template.node.id
    version = aws_launch_template.node.latest_version
  }

  scaling_config {
    min_size     = each.value.min
    max_size     = each.value.max
    desired_size = each.value.min
  }
}

resource "aws_eks_addon" "this" {
  for_each = {
    vpc-cni                = jsonencode({ enableNetworkPolicy = "true" })
    coredns                = null
    kube-proxy             = null
    aws-ebs-csi-driver     = null
    aws-efs-csi-driver     = null
    eks-pod-identity-agent = null
  }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  configuration_values        = each.value
  resolve_conflicts_on_update = "OVERWRITE"
}

resource "kubernetes_storage_class_v1" "encrypted" {
  metadata {
    name = "encrypted"
  }

  storage_provisioner    = "ebs.csi.aws.com"
  reclaim_policy         = "Retain"
  volume_binding_mode    = "WaitForFirstConsumer"
  allow_volume_expansion = true

  parameters = {
    type      = "gp3"
    encrypted = "true"
    kmsKeyId  = aws_kms_key.this["cluster"].arn
  }
}
