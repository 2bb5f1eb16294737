resource "aws_security_group" "service" { description = "s" }
resource "aws_security_group" "source" { description = "s" }
resource "aws_security_group" "passed" { description = "p" }
resource "aws_vpc_security_group_ingress_rule" "r" {
  security_group_id            = aws_security_group.service.id
  referenced_security_group_id = aws_security_group.source.id
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
}
resource "aws_ecs_service" "s" {
  name = "s"
  network_configuration {
    subnets         = ["subnet-0aaaaaaaaaaaaaaa1"]
    security_groups = [aws_security_group.service.id]
  }
}
module "foreign" {
  source          = "example/foreign/aws"
  version         = "1.0.0"
  security_groups = [aws_security_group.passed.id]
}
