variable "name" {
  type = string
}

variable "domain" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Public subnets."
  type        = list(string)
}

variable "node_group_id" {
  description = "The security group of the nodes, where the targets run."
  type        = string
}

variable "access_logs_bucket" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "partners_prefix_list" {
  description = "Networks of the hospitals and of their identity provider."
  type        = string
}

resource "aws_route53_zone" "this" {
  name = var.domain
}

resource "aws_route53_record" "portal" {
  zone_id = aws_route53_zone.this.zone_id
  name    = "portal.${var.domain}"
  type    = "A"

  alias {
    name                   = aws_lb.portal.dns_name
    zone_id                = aws_lb.portal.zone_id
    evaluate_target_health = true
  }
}

resource "aws_acm_certificate" "portal" {
  domain_name       = "portal.${var.domain}"
  validation_method = "DNS"
  key_algorithm     = "EC_prime256v1"

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "validation" {
  for_each = {
    for option in aws_acm_certificate.portal.domain_validation_options : option.domain_name => option
  }

  zone_id = aws_route53_zone.this.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "portal" {
  certificate_arn         = aws_acm_certificate.portal.arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_lb" "portal" {
  name                       = "${var.name}-portal"
  load_balancer_type         = "application"
  internal                   = false
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.portal.id]
  drop_invalid_header_fields = true
  enable_deletion_protection = true
  desync_mitigation_mode     = "strictest"

  access_logs {
    bucket  = var.access_logs_bucket
    prefix  = "alb"
    enabled = true
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.portal.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = aws_acm_certificate_validation.portal.certificate_arn

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.portal.arn
  }
}

resource "aws_lb_listener" "redirect" {
  load_balancer_arn = aws_lb.portal.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_target_group" "portal" {
  name        = "${var.name}-portal"
  target_type = "ip"
  vpc_id      = var.vpc_id
  port        = 8443
  protocol    = "HTTPS"

  health_check {
    path     = "/healthz"
    protocol = "HTTPS"
    matcher  = "200"
  }
}

resource "aws_security_group" "portal" {
  name        = "${var.name}-portal"
  description = "The load balancer that radiologists reach"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-portal"
  }
}

resource "aws_vpc_security_group_ingress_rule" "portal_https" {
  security_group_id = aws_security_group.portal.id
  description       = "HTTPS for the hospitals"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  prefix_list_id    = var.partners_prefix_list
}

resource "aws_vpc_security_group_egress_rule" "portal_targets" {
  security_group_id            = aws_security_group.portal.id
  description                  = "The report API"
  ip_protocol                  = "tcp"
  from_port                    = 8443
  to_port                      = 8443
  referenced_security_group_id = var.node_group_id
}

resource "aws_vpc_security_group_ingress_rule" "nodes_from_portal" {
  security_group_id            = var.node_group_id
  description                  = "The report API for the load balancer"
  ip_protocol                  = "tcp"
  from_port                    = 8443
  to_port                      = 8443
  referenced_security_group_id = aws_security_group.portal.id
}
