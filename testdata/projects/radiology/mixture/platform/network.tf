locals {
  zones = { for index, zone in var.zones : zone => index }

  # tier => where its addresses begin, in /20 blocks of the VPC
  tiers = { firewall = 0, public = 3, data = 6, app = 9 }

  firewall_endpoints = {
    for state in aws_networkfirewall_firewall.this.firewall_status[0].sync_states :
    state.availability_zone => state.attachment[0].endpoint_id
  }

  subnets = merge([for tier, first in local.tiers : {
    for zone, index in local.zones : "${tier}-${zone}" => { tier = tier, zone = zone, block = first + index }
  }]...)
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true

  tags = {
    Name                = "radiology"
    data-classification = "phi"
  }
}

resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_subnet" "this" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.value.zone
  cidr_block              = cidrsubnet(var.cidr, 4, each.value.block)
  map_public_ip_on_launch = false

  tags = merge({ Name = "radiology-${each.key}" }, each.value.tier == "app" ? { "kubernetes.io/role/internal-elb" = "1" } : {})
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
}

resource "aws_eip" "nat" {
  for_each = local.zones

  domain = "vpc"
}

resource "aws_nat_gateway" "this" {
  for_each = local.zones

  allocation_id = aws_eip.nat[each.key].id
  subnet_id     = aws_subnet.this["public-${each.key}"].id
}

resource "aws_route_table" "this" {
  for_each = local.subnets

  vpc_id = aws_vpc.this.id

  tags = {
    Name = "radiology-${each.key}"
  }
}

resource "aws_route_table_association" "this" {
  for_each = local.subnets

  subnet_id      = aws_subnet.this[each.key].id
  route_table_id = aws_route_table.this[each.key].id
}

resource "aws_route" "public" {
  for_each = local.zones

  route_table_id         = aws_route_table.this["public-${each.key}"].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

# What leaves the app subnets passes the firewall of their zone, then the NAT gateway; so do the answers.
resource "aws_route" "app" {
  for_each = local.zones

  route_table_id         = aws_route_table.this["app-${each.key}"].id
  destination_cidr_block = "0.0.0.0/0"
  vpc_endpoint_id        = local.firewall_endpoints[each.key]
}

resource "aws_route" "firewall" {
  for_each = local.zones

  route_table_id         = aws_route_table.this["firewall-${each.key}"].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[each.key].id
}

resource "aws_route" "answers" {
  for_each = local.zones

  route_table_id         = aws_route_table.this["public-${each.key}"].id
  destination_cidr_block = aws_subnet.this["app-${each.key}"].cidr_block
  vpc_endpoint_id        = local.firewall_endpoints[each.key]
}

resource "aws_networkfirewall_rule_group" "egress" {
  name     = "radiology-egress"
  type     = "STATEFUL"
  capacity = 100

  rule_group {
    rules_source {
      rules_source_list {
        generated_rules_type = "ALLOWLIST"
        target_types         = ["TLS_SNI"]
        targets              = [".amazonaws.com"]
      }
    }
  }
}

resource "aws_networkfirewall_firewall_policy" "this" {
  name = "radiology"

  firewall_policy {
    stateless_default_actions          = ["aws:forward_to_sfe"]
    stateless_fragment_default_actions = ["aws:drop"]

    stateful_rule_group_reference {
      resource_arn = aws_networkfirewall_rule_group.egress.arn
    }
  }
}

resource "aws_networkfirewall_firewall" "this" {
  name                = "radiology"
  vpc_id              = aws_vpc.this.id
  firewall_policy_arn = aws_networkfirewall_firewall_policy.this.arn
  delete_protection   = true

  dynamic "subnet_mapping" {
    for_each = local.zones

    content {
      subnet_id = aws_subnet.this["firewall-${subnet_mapping.key}"].id
    }
  }
}

resource "aws_network_acl" "data" {
  vpc_id     = aws_vpc.this.id
  subnet_ids = [for zone in var.zones : aws_subnet.this["data-${zone}"].id]

  dynamic "ingress" {
    for_each = { 100 = 5432, 110 = 2049, 120 = 443 }

    content {
      rule_no    = ingress.key
      action     = "allow"
      protocol   = "tcp"
      cidr_block = var.cidr
      from_port  = ingress.value
      to_port    = ingress.value
    }
  }

  egress {
    rule_no    = 100
    action     = "allow"
    protocol   = "tcp"
    cidr_block = var.cidr
    from_port  = 1024
    to_port    = 65535
  }
}

resource "aws_cloudwatch_log_group" "flow_logs" {
  name              = "/radiology/flow"
  retention_in_days = 2192
  kms_key_id        = aws_kms_key.this["logs"].arn
}

resource "aws_cloudwatch_log_account_policy" "masked" {
  policy_name = "radiology-masked-identities"
  policy_type = "DATA_PROTECTION_POLICY"

  policy_document = jsonencode({
    Name    = "masked-identities"
    Version = "2021-06-01"
    Statement = [
      { Sid = "audit", DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/Name"], Operation = { Audit = { FindingsDestination = {} } } },
      { Sid = "mask", DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/Name"], Operation = { Deidentify = { MaskConfig = {} } } },
    ]
  })
}

resource "aws_flow_log" "this" {
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flow_logs.arn
  iam_role_arn         = aws_iam_role.flow_logs.arn
}

resource "aws_iam_role" "flow_logs" {
  name = "radiology-flow-logs"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_policy" "flow_logs" {
  name = "radiology-flow-logs"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = "${aws_cloudwatch_log_group.flow_logs.arn}:*"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "flow_logs" {
  role       = aws_iam_role.flow_logs.name
  policy_arn = aws_iam_policy.flow_logs.arn
}

resource "aws_accessanalyzer_analyzer" "this" {
  analyzer_name = "radiology"
  type          = "ACCOUNT"
}
