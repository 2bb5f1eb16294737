variable "name" {}
variable "encrypted" { type = bool }

locals {
  files = fileset(path.module, "files/*.json")
}

resource "aws_s3_bucket" "records" {
  bucket = trimspace(file("${path.module}/files/name.txt"))
}

resource "aws_s3_bucket_policy" "records" {
  bucket = aws_s3_bucket.records.id
  policy = templatefile("${path.module}/files/policy.json", { bucket = aws_s3_bucket.records.arn })
}

resource "aws_db_instance" "records" {
  identifier        = var.name
  storage_encrypted = var.encrypted
}

module "m" {
  source = "./m"
  topic  = "${var.name}-${length(local.files)}"
}

module "remote" {
  source  = "terraform-aws-modules/sqs/aws"
  version = "4.0.0"
}
