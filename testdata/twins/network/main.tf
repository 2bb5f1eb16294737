# A network with an open side: routes, groups, lists, load balancers.
resource "aws_vpc" "main_net" {
  cidr_block           = "10.0.0.0/16"
  enable_dns_support   = true
  enable_dns_hostnames = true
}

resource "aws_internet_gateway" "gate" {
  vpc_id = aws_vpc.main_net.id
}

resource "aws_subnet" "public_a" {
  vpc_id                  = aws_vpc.main_net.id
  cidr_block              = "10.0.1.0/24"
  availability_zone       = "eu-central-1a"
  map_public_ip_on_launch = true
}

resource "aws_subnet" "private_a" {
  vpc_id                  = aws_vpc.main_net.id
  cidr_block              = "10.0.2.0/24"
  availability_zone       = "eu-central-1b"
  map_public_ip_on_launch = false
}

resource "aws_route_table" "outward" {
  vpc_id = aws_vpc.main_net.id
}

resource "aws_route" "to_internet" {
  route_table_id         = aws_route_table.outward.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.gate.id
}

resource "aws_route_table_association" "public_a_table" {
  subnet_id      = aws_subnet.public_a.id
  route_table_id = aws_route_table.outward.id
}

resource "aws_security_group" "web_sg" {
  description = "web"
  vpc_id      = aws_vpc.main_net.id
  ingress {
    description = "https"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    description = "inside"
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}

resource "aws_security_group" "db_sg" {
  description = "db"
  vpc_id      = aws_vpc.main_net.id
  egress {
    description = "inside"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}

resource "aws_vpc_security_group_ingress_rule" "db_from_web" {
  security_group_id            = aws_security_group.db_sg.id
  referenced_security_group_id = aws_security_group.web_sg.id
  description                  = "web"
  from_port                    = 5432
  to_port                      = 5432
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "db_from_all" {
  security_group_id = aws_security_group.db_sg.id
  cidr_ipv6         = "::/0"
  description       = "all"
  from_port         = 3306
  to_port           = 3306
  ip_protocol       = "tcp"
}

resource "aws_network_acl" "wide_acl" {
  vpc_id = aws_vpc.main_net.id
}

resource "aws_network_acl_rule" "wide_acl_in" {
  network_acl_id = aws_network_acl.wide_acl.id
  rule_number    = 100
  egress         = false
  protocol       = "-1"
  rule_action    = "allow"
  cidr_block     = "0.0.0.0/0"
}

resource "aws_lb" "front" {
  internal                   = false
  load_balancer_type         = "application"
  subnets                    = [aws_subnet.public_a.id, aws_subnet.private_a.id]
  security_groups            = [aws_security_group.web_sg.id]
  drop_invalid_header_fields = false
  enable_deletion_protection = false
}

resource "aws_lb_listener" "plain" {
  load_balancer_arn = aws_lb.front.arn
  port              = 80
  protocol          = "HTTP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.backend.arn
  }
}

resource "aws_lb_listener" "tls" {
  load_balancer_arn = aws_lb.front.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-2016-08"
  certificate_arn   = "arn:aws:acm:eu-central-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.backend.arn
  }
}

resource "aws_lb_target_group" "backend" {
  port     = 8080
  protocol = "HTTP"
  vpc_id   = aws_vpc.main_net.id
}

resource "aws_elb" "classic" {
  subnets         = [aws_subnet.public_a.id]
  security_groups = [aws_security_group.web_sg.id]
  listener {
    instance_port     = 80
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
}

resource "aws_instance" "bastion" {
  ami                         = "ami-0123456789abcdef0"
  instance_type               = "t3.small"
  subnet_id                   = aws_subnet.public_a.id
  vpc_security_group_ids      = [aws_security_group.web_sg.id]
  user_data                   = "#!/bin/sh\nexport DB_PASSWORD=Zk82hq0LmW\n"
}

resource "aws_vpc_endpoint" "s3_door" {
  vpc_id            = aws_vpc.main_net.id
  service_name      = "com.amazonaws.eu-central-1.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.outward.id]
}

resource "aws_flow_log" "flow" {
  vpc_id               = aws_vpc.main_net.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = "arn:aws:s3:::twin-flow"
}

resource "aws_cloudfront_distribution" "edge" {
  enabled = true
  origin {
    domain_name = "origin.example.org"
    origin_id   = "o"
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "http-only"
      origin_ssl_protocols   = ["TLSv1", "TLSv1.2"]
    }
  }
  default_cache_behavior {
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    target_origin_id       = "o"
    viewer_protocol_policy = "allow-all"
    cache_policy_id        = "658327ea-f89d-4fab-a63d-7e88639e58f6"
  }
  restrictions {
    geo_restriction { restriction_type = "none" }
  }
  viewer_certificate { cloudfront_default_certificate = true }
}
