resource "aws_s3_bucket" "b" { bucket = "b" }
# hipaalint:ignore HL-S3-010 reason="scratch data"
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Suspended" }
}
