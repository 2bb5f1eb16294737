variable "bucket" { default = "records" }
variable "unknown" {}
resource "aws_iam_policy" "a" {
  name   = "a"
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}
      ]
    }
  EOF
}
resource "aws_iam_policy" "b" {
  name   = "b"
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::${var.bucket}/*"},
    {"Effect": "Allow", "Action": "*", "Resource": "*"}
  ]
}
EOF
}
resource "aws_iam_policy" "c" {
  name   = "c"
  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::${var.unknown}/*"},
    {"Effect": "Allow", "Action": "*", "Resource": "*"}
  ]
}
EOF
}
resource "aws_iam_policy" "d" {
  name   = "d"
  policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]}"
}
resource "aws_iam_policy" "e" {
  name   = "e"
  policy = file("p.json")
}
resource "aws_iam_policy" "f" {
  name   = "f"
  policy = templatefile("p.tpl", { b = var.unknown })
}
locals {
  p = <<EOF
{"Version": "2012-10-17",
 "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
EOF
}
resource "aws_iam_policy" "g" {
  name   = "g"
  policy = local.p
}
resource "aws_iam_policy" "h" {
  for_each = toset(["x", "y"])
  name     = each.key
  policy   = <<EOF
{"Version": "2012-10-17", "Statement": [{"Sid": "${each.key}", "Effect": "Allow",
  "Action": ["s3:GetObject", "*"], "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/a": "$${aws:username}"}}}]}
EOF
}
