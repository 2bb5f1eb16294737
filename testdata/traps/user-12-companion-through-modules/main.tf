resource "aws_s3_bucket" "b" {
  count  = 1
  bucket = "b"
}
module "closed" {
  source = "./closed"
  bucket = one(aws_s3_bucket.b[*].id)
}
