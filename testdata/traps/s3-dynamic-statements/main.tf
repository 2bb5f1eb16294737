variable "which" { type = list(string) }
resource "aws_s3_bucket" "known" { bucket = "known" }
resource "aws_s3_bucket" "open" { bucket = "open" }
data "aws_iam_policy_document" "known" {
  dynamic "statement" {
    for_each = ["known"]
    content {
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = ["arn:aws:s3:::${statement.value}", "arn:aws:s3:::${statement.value}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }
}
data "aws_iam_policy_document" "open" {
  dynamic "statement" {
    for_each = var.which
    content {
      effect    = "Deny"
      actions   = ["s3:*"]
      resources = ["arn:aws:s3:::${statement.value}", "arn:aws:s3:::${statement.value}/*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      condition {
        test     = "Bool"
        variable = "aws:SecureTransport"
        values   = ["false"]
      }
    }
  }
}
resource "aws_s3_bucket_policy" "known" {
  bucket = aws_s3_bucket.known.id
  policy = data.aws_iam_policy_document.known.json
}
resource "aws_s3_bucket_policy" "open" {
  bucket = aws_s3_bucket.open.id
  policy = data.aws_iam_policy_document.open.json
}
