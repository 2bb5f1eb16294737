resource "aws_kms_key" "own" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Decrypt", Resource = "*",
    Condition = { StringEquals = { "kms:CallerAccount" = "111122223333" } } }]
  })
}
resource "aws_kms_key" "not_limited" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Decrypt", Resource = "*",
    Condition = { StringLike = { "kms:CallerAccount" = "*" } } }]
  })
}
