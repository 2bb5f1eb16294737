resource "aws_iam_policy" "fine" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Resource = "*",
    Action = ["ecr:GetAuthorizationToken", "logs:DescribeLogGroups", "ec2:DescribeInstances", "s3:ListAllMyBuckets"] }]
  })
}
resource "aws_iam_policy" "bad" {
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Resource = "*", Action = ["ecr:GetAuthorizationToken", "s3:PutObject"] }]
  })
}
