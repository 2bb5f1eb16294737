resource "aws_kms_key" "records" {
  enable_key_rotation = true
}

resource "aws_db_instance" "records" {
  identifier        = "records"
  engine            = "postgres"
  instance_class    = "db.m6g.large"
  storage_encrypted = false
  kms_key_id        = aws_kms_key.records.arn
}
