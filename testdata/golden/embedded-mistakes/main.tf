variable "unknown" {}
resource "aws_iam_policy" "a" {
  name   = "a"
  policy = <<-EOF
    {
      "Version": "2012-10-17",
      "Statement": [
        {"Effect": "Allow" "Action": "*", "Resource": "*"}
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
    {"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::${var.unknown}/*"}
    {"Effect": "Allow", "Action": "*", "Resource": "*"}
  ]
}
EOF
}
resource "aws_iam_policy" "d" {
  name   = "d"
  policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*}]}"
}
resource "aws_iam_policy" "e" {
  name   = "e"
  policy = file("p.json")
}
