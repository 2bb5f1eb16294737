# A role of a service of AWS, with one policy of its own.

variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "services" {
  description = "The services that assume the role, on behalf of this account."
  type        = list(string)
}

variable "policy" {
  description = "What the role may do, as a document."
  type        = string
}

variable "boundary_arn" {
  description = "The permissions boundary."
  type        = string
  default     = null
}

variable "classification" {
  description = "phi for roles that reach patient data."
  type        = string
  default     = "internal"
}

variable "managed_policies" {
  description = "Further policies: name to ARN."
  type        = map(string)
  default     = {}
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = var.services
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = var.name
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.boundary_arn
  max_session_duration = 3600

  tags = {
    data-classification = var.classification
  }
}

resource "aws_iam_policy" "this" {
  name   = var.name
  policy = var.policy
}

resource "aws_iam_role_policy_attachment" "this" {
  role       = aws_iam_role.this.name
  policy_arn = aws_iam_policy.this.arn
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = var.managed_policies

  role       = aws_iam_role.this.name
  policy_arn = each.value
}

output "arn" {
  value = aws_iam_role.this.arn
}

output "name" {
  value = aws_iam_role.this.name
}
