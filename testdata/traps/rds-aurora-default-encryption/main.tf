resource "aws_rds_cluster" "silent" { engine = "aurora-postgresql" }
resource "aws_rds_cluster" "off" {
  engine            = "aurora-postgresql"
  storage_encrypted = false
}
