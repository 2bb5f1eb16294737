# Only what is required: the defaults of the providers decide.
resource "aws_db_instance" "db" {
  engine         = "postgres"
  instance_class = "db.t4g.medium"
}
resource "aws_rds_cluster" "cluster" { engine = "aurora-mysql" }
resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier = "w"
  node_type          = "ra3.large"
}
resource "aws_elasticache_replication_group" "cache" {
  replication_group_id = "c"
  description          = "c"
}
resource "aws_opensearch_domain" "search" { domain_name = "s" }
resource "aws_docdb_cluster" "documents" {}
resource "aws_neptune_cluster" "graph" {}
resource "aws_kinesis_stream" "events" { name = "e" }
resource "aws_sqs_queue" "queue" {}
resource "aws_lb" "balancer" { subnets = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"] }
resource "aws_ebs_volume" "disk" {
  availability_zone = "eu-central-1a"
  size              = 1
}
resource "aws_efs_file_system" "files" {}
resource "aws_s3_bucket" "bucket" {}
resource "aws_kms_key" "key" {}
resource "aws_ecr_repository" "images" { name = "i" }
resource "aws_cloudwatch_log_group" "logs" {}
resource "aws_cloudtrail" "trail" {
  name           = "t"
  s3_bucket_name = aws_s3_bucket.bucket.id
}
resource "aws_vpc" "net" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "part" {
  vpc_id     = aws_vpc.net.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_eks_cluster" "k8s" {
  name     = "k"
  role_arn = "arn:aws:iam::111122223333:role/r"
  vpc_config { subnet_ids = [aws_subnet.part.id] }
}
resource "aws_secretsmanager_secret" "secret" {}
resource "aws_instance" "server" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.small"
  subnet_id     = aws_subnet.part.id
}
