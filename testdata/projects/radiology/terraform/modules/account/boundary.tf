# No role of the platform may do more than this, whatever its policies say.

data "aws_iam_policy_document" "boundary" {
  statement {
    sid = "Platform"
    actions = [
      "auditmanager:Get*", "cloudwatch:PutMetricData", "codebuild:BatchGetBuilds", "codebuild:StartBuild", "codestar-connections:UseConnection",
      "comprehendmedical:Detect*", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem", "ec2:*NetworkInterface*",
      "ec2:Describe*", "ecr:*", "eks:Describe*", "eks:List*", "events:DescribeRule", "events:PutRule", "events:PutTargets", "glue:*",
      "healthlake:*Resource", "healthlake:Search*", "kms:*", "lambda:InvokeFunction", "logs:*", "s3:*", "sagemaker:*", "secretsmanager:*",
      "sns:Publish", "sqs:*", "states:StartExecution", "xray:Put*", "iam:PassRole",
    ]
    resources = ["*"]
  }

  statement {
    sid    = "NeverThese"
    effect = "Deny"
    actions = [
      "kms:ScheduleKeyDeletion", "kms:DisableKey", "s3:DeleteBucket", "s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:BypassGovernanceRetention",
      "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "secretsmanager:DeleteSecret",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "boundary" {
  name   = "${var.name}-boundary"
  policy = data.aws_iam_policy_document.boundary.json
}

output "boundary_arn" {
  value = aws_iam_policy.boundary.arn
}

output "operator_role_arn" {
  value = aws_iam_role.people["operator"].arn
}
