resource "aws_eks_node_group" "this" {
  for_each = var.node_groups

  cluster_name    = aws_eks_cluster.this.name
  node_group_name = each.key
  node_role_arn   = aws_iam_role.nodes.arn
  subnet_ids      = var.subnet_ids
  capacity_type   = each.value.capacity_type
  instance_types  = each.value.instance_types
  ami_type        = each.value.ami_type

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    desired_size = each.value.desired
    min_size     = each.value.desired
    max_size     = each.value.max
  }

  update_config {
    max_unavailable_percentage = 33
  }

  node_repair_config {
    enabled = true
  }

  labels = {
    "radiology.example.org/pool" = each.key
  }

  dynamic "taint" {
    for_each = each.key == "system" ? [] : [each.key]

    content {
      key    = "radiology.example.org/pool"
      value  = taint.value
      effect = "NO_SCHEDULE"
    }
  }

  tags = {
    data-classification = "phi"
  }

  lifecycle {
    ignore_changes = [scaling_config[0].desired_size]
  }

  depends_on = [aws_iam_role_policy_attachment.nodes]
}

resource "aws_launch_template" "nodes" {
  name                   = "${var.name}-nodes"
  update_default_version = true
  vpc_security_group_ids = [aws_security_group.nodes.id]

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_size           = 100
      volume_type           = "gp3"
      encrypted             = true
      kms_key_id            = var.key_arn
      delete_on_termination = true
    }
  }

  monitoring {
    enabled = true
  }

  tag_specifications {
    resource_type = "instance"

    tags = {
      Name                = "${var.name}-node"
      data-classification = "phi"
    }
  }

  tag_specifications {
    resource_type = "volume"

    tags = {
      data-classification = "phi"
    }
  }
}

data "aws_iam_policy_document" "nodes_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "nodes" {
  name               = "${var.name}-nodes"
  assume_role_policy = data.aws_iam_policy_document.nodes_trust.json
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = toset(["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.nodes.name
  policy_arn = "arn:aws:iam::aws:policy/${each.value}"
}

resource "aws_security_group" "nodes" {
  name        = "${var.name}-nodes"
  description = "Worker nodes and their pods"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-nodes"
  }
}

resource "aws_vpc_security_group_ingress_rule" "nodes_from_control_plane" {
  for_each = {
    kubelet  = 10250
    webhooks = 9443
    mesh     = 15017
  }

  security_group_id            = aws_security_group.nodes.id
  description                  = "From the control plane: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
  referenced_security_group_id = aws_security_group.control_plane.id
}

resource "aws_vpc_security_group_ingress_rule" "nodes_between" {
  for_each = {
    dns-tcp  = { protocol = "tcp", from = 53, to = 53 }
    dns-udp  = { protocol = "udp", from = 53, to = 53 }
    services = { protocol = "tcp", from = 1025, to = 65535 }
  }

  security_group_id            = aws_security_group.nodes.id
  description                  = "Between pods: ${each.key}"
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_vpc_security_group_egress_rule" "nodes_between" {
  for_each = {
    dns-tcp  = { protocol = "tcp", from = 53, to = 53 }
    dns-udp  = { protocol = "udp", from = 53, to = 53 }
    services = { protocol = "tcp", from = 1025, to = 65535 }
  }

  security_group_id            = aws_security_group.nodes.id
  description                  = "Between pods: ${each.key}"
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.from
  to_port                      = each.value.to
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_vpc_security_group_egress_rule" "nodes_https" {
  security_group_id = aws_security_group.nodes.id
  description       = "Interface endpoints and the control plane"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = var.cidr
}

resource "aws_vpc_security_group_egress_rule" "nodes_gateway" {
  for_each = var.gateway_prefix_lists

  security_group_id = aws_security_group.nodes.id
  description       = "Gateway endpoint of ${each.key}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = each.value
}

resource "aws_vpc_security_group_egress_rule" "nodes_stores" {
  for_each = {
    postgresql = 5432
    nfs        = 2049
  }

  security_group_id = aws_security_group.nodes.id
  description       = "To the stores: ${each.key}"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  cidr_ipv4         = var.cidr
}

