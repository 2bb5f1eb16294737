# The names lie: "private_b" has a route to the internet gateway, "workers" has none.
resource "aws_vpc" "cluster" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_internet_gateway" "cluster" {
  vpc_id = aws_vpc.cluster.id
}

resource "aws_subnet" "public" {
  vpc_id     = aws_vpc.cluster.id
  cidr_block = "10.30.0.0/24"
}

resource "aws_subnet" "private_b" {
  vpc_id     = aws_vpc.cluster.id
  cidr_block = "10.30.1.0/24"
}

resource "aws_subnet" "workers" {
  vpc_id     = aws_vpc.cluster.id
  cidr_block = "10.30.2.0/24"
}

resource "aws_eip" "nat" {
  domain = "vpc"
}

resource "aws_nat_gateway" "nat" {
  subnet_id     = aws_subnet.public.id
  allocation_id = aws_eip.nat.id
}

# The main table of the VPC leads to the internet; whoever has no table of its own uses it.
resource "aws_default_route_table" "main" {
  default_route_table_id = aws_vpc.cluster.default_route_table_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.cluster.id
  }
}

resource "aws_route_table" "workers" {
  vpc_id = aws_vpc.cluster.id
}

resource "aws_route" "workers_out" {
  route_table_id         = aws_route_table.workers.id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.nat.id
}

resource "aws_route_table_association" "workers" {
  subnet_id      = aws_subnet.workers.id
  route_table_id = aws_route_table.workers.id
}

data "aws_iam_policy_document" "nodes" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "nodes" {
  name               = "nodes"
  assume_role_policy = data.aws_iam_policy_document.nodes.json
}

resource "aws_eks_cluster" "clinic" {
  name     = "clinic"
  role_arn = "arn:aws:iam::123456789012:role/cluster"
  vpc_config {
    subnet_ids              = [aws_subnet.workers.id]
    endpoint_public_access  = false
    endpoint_private_access = true
  }
}

resource "aws_eks_node_group" "training" {
  cluster_name  = aws_eks_cluster.clinic.name
  node_role_arn = aws_iam_role.nodes.arn
  subnet_ids    = [aws_subnet.workers.id]
  scaling_config {
    desired_size = 2
    max_size     = 4
    min_size     = 1
  }
}

resource "aws_eks_node_group" "viewer" {
  cluster_name  = aws_eks_cluster.clinic.name
  node_role_arn = aws_iam_role.nodes.arn
  subnet_ids    = [aws_subnet.workers.id, aws_subnet.private_b.id]
  scaling_config {
    desired_size = 2
    max_size     = 4
    min_size     = 1
  }
}
