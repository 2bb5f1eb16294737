data "aws_iam_policy_document" "d" {
  count = 1
  statement {
    actions   = ["*"]
    resources = ["*"]
  }
}
resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.d[0].json }
