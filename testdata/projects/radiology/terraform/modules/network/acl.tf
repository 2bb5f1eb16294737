# Network ACLs: a second fence around the subnets, coarser than the security groups.

resource "aws_network_acl" "public" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for subnet in aws_subnet.public : subnet.id]

  tags = {
    Name = "${var.name}-public"
  }
}

resource "aws_network_acl_rule" "public_in" {
  for_each = {
    https    = { number = 100, from = 443, to = 443, cidr = "0.0.0.0/0" }
    redirect = { number = 110, from = 80, to = 80, cidr = "0.0.0.0/0" }
    answers  = { number = 120, from = 32768, to = 65535, cidr = "0.0.0.0/0" }
  }

  network_acl_id = aws_network_acl.public.id
  rule_number    = each.value.number
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

resource "aws_network_acl_rule" "public_out" {
  for_each = {
    https   = { number = 100, from = 443, to = 443, cidr = "0.0.0.0/0" }
    targets = { number = 110, from = 8443, to = 8443, cidr = var.cidr }
    answers = { number = 120, from = 1024, to = 65535, cidr = "0.0.0.0/0" }
  }

  network_acl_id = aws_network_acl.public.id
  rule_number    = each.value.number
  egress         = true
  protocol       = "tcp"
  rule_action    = "allow"
  cidr_block     = each.value.cidr
  from_port      = each.value.from
  to_port        = each.value.to
}

resource "aws_network_acl" "app" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = concat([for subnet in aws_subnet.app : subnet.id], [for subnet in aws_subnet.firewall : subnet.id])

  ingress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 443
    to_port    = 65535
  }

  ingress {
    rule_no    = 110
    protocol   = "udp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 53
    to_port    = 53
  }

  ingress {
    rule_no    = 120
    protocol   = "tcp"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 32768
    to_port    = 65535
  }

  egress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = "0.0.0.0/0"
    from_port  = 443
    to_port    = 443
  }

  egress {
    rule_no    = 110
    protocol   = "tcp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 1024
    to_port    = 65535
  }

  egress {
    rule_no    = 120
    protocol   = "udp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 53
    to_port    = 53
  }

  tags = {
    Name = "${var.name}-app"
  }
}

resource "aws_network_acl" "data" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for subnet in aws_subnet.data : subnet.id]

  ingress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 5432
    to_port    = 5432
  }

  ingress {
    rule_no    = 110
    protocol   = "tcp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 2049
    to_port    = 2049
  }

  ingress {
    rule_no    = 120
    protocol   = "tcp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 443
    to_port    = 443
  }

  egress {
    rule_no    = 100
    protocol   = "tcp"
    action     = "allow"
    cidr_block = var.cidr
    from_port  = 1024
    to_port    = 65535
  }

  tags = {
    Name = "${var.name}-data"
  }
}
