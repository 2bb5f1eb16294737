# Who may reach the portal and whom the platform may reach: the hospitals and their identity provider.

resource "aws_ec2_managed_prefix_list" "partners" {
  name           = "${var.name}-partners"
  address_family = "IPv4"
  max_entries    = 20

  dynamic "entry" {
    for_each = var.partner_networks

    content {
      cidr        = entry.value
      description = entry.key
    }
  }
}

# Addresses of the services that gateway endpoints serve.
data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${var.region}.s3"
}

data "aws_ec2_managed_prefix_list" "dynamodb" {
  name = "com.amazonaws.${var.region}.dynamodb"
}

output "partners_prefix_list" {
  value = aws_ec2_managed_prefix_list.partners.id
}

output "gateway_prefix_lists" {
  description = "Services with a gateway endpoint: name to prefix list."

  value = {
    s3       = data.aws_ec2_managed_prefix_list.s3.id
    dynamodb = data.aws_ec2_managed_prefix_list.dynamodb.id
  }
}
