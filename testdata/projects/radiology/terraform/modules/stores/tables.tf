# Where each study is on its way, and what patients agreed to.

locals {
  tables = {
    studies  = { key = "study_uid", sort = null }
    consents = { key = "patient_pseudonym", sort = "given_at" }
  }
}

resource "aws_dynamodb_table" "this" {
  for_each = local.tables

  name                        = "${var.name}-${each.key}"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = each.value.key
  range_key                   = each.value.sort
  deletion_protection_enabled = true

  attribute {
    name = each.value.key
    type = "S"
  }

  dynamic "attribute" {
    for_each = each.value.sort == null ? [] : [each.value.sort]

    content {
      name = attribute.value
      type = "S"
    }
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.data_key
  }

  point_in_time_recovery {
    enabled = true
  }

  tags = {
    data-classification = "phi"
    backup              = "daily"
  }

  lifecycle {
    prevent_destroy = true
  }
}
