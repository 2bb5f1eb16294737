resource "aws_kms_key" "k" { policy = "{ \"Statement\": [ this is not JSON" }
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = "{ \"Statement\": [ nor is this"
}
