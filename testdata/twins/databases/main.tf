# Databases and caches: one well set and one badly set of each.
resource "aws_db_instance" "good_db" {
  identifier                      = "good-db"
  engine                          = "postgres"
  engine_version                  = "16.3"
  instance_class                  = "db.t4g.medium"
  allocated_storage               = 20
  storage_encrypted               = true
  kms_key_id                      = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  backup_retention_period         = 14
  deletion_protection             = true
  multi_az                        = true
  publicly_accessible             = false
  manage_master_user_password     = true
  username                        = "clinic"
  auto_minor_version_upgrade      = true
  copy_tags_to_snapshot           = true
  enabled_cloudwatch_logs_exports = ["postgresql"]
}

resource "aws_db_instance" "bad_db" {
  identifier              = "bad-db"
  engine                  = "mysql"
  engine_version          = "8.0"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 20
  storage_encrypted       = false
  backup_retention_period = 0
  publicly_accessible     = true
  username                = "admin"
  password                = "Xk29vb71pqLm"
}

resource "aws_rds_cluster" "aurora" {
  cluster_identifier      = "aurora"
  engine                  = "aurora-postgresql"
  storage_encrypted       = true
  backup_retention_period = 1
  master_username         = "clinic"
  manage_master_user_password = true
}

resource "aws_rds_cluster_instance" "member" {
  identifier          = "member"
  cluster_identifier  = aws_rds_cluster.aurora.id
  engine              = "aurora-postgresql"
  instance_class      = "db.r6g.large"
  publicly_accessible = false
}

resource "aws_dynamodb_table" "good_table" {
  name         = "good"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery { enabled = true }
  server_side_encryption {
    enabled     = true
    kms_key_arn = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  }
  deletion_protection_enabled = true
}

resource "aws_dynamodb_table" "bad_table" {
  name         = "bad"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_redshift_cluster" "bad_warehouse" {
  cluster_identifier  = "bad-warehouse"
  node_type           = "ra3.xlplus"
  cluster_type        = "single-node"
  database_name       = "dwh"
  master_username     = "dwh"
  master_password     = "Qz81mnTr55ab"
  encrypted           = false
  publicly_accessible = true
}

resource "aws_redshift_cluster" "good_warehouse" {
  cluster_identifier                  = "good-warehouse"
  node_type                           = "ra3.xlplus"
  cluster_type                        = "single-node"
  database_name                       = "dwh"
  master_username                     = "dwh"
  manage_master_password              = true
  encrypted                           = true
  publicly_accessible                 = false
  enhanced_vpc_routing                = true
  automated_snapshot_retention_period = 14
}

resource "aws_elasticache_replication_group" "good_cache" {
  replication_group_id       = "good-cache"
  description                = "good"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  at_rest_encryption_enabled = true
  transit_encryption_enabled = true
  automatic_failover_enabled = true
  multi_az_enabled           = true
  num_cache_clusters         = 2
  snapshot_retention_limit   = 14
}

resource "aws_elasticache_replication_group" "bad_cache" {
  replication_group_id       = "bad-cache"
  description                = "bad"
  engine                     = "redis"
  node_type                  = "cache.t4g.small"
  at_rest_encryption_enabled = false
  transit_encryption_enabled = false
}

resource "aws_opensearch_domain" "good_search" {
  domain_name    = "good"
  engine_version = "OpenSearch_2.11"
  encrypt_at_rest { enabled = true }
  node_to_node_encryption { enabled = true }
  domain_endpoint_options {
    enforce_https       = true
    tls_security_policy = "Policy-Min-TLS-1-2-2019-07"
  }
}

resource "aws_opensearch_domain" "bad_search" {
  domain_name    = "bad"
  engine_version = "OpenSearch_2.11"
  encrypt_at_rest { enabled = false }
  domain_endpoint_options { enforce_https = false }
}

resource "aws_docdb_cluster" "documents" {
  cluster_identifier = "documents"
  storage_encrypted  = false
  master_username    = "docs"
  manage_master_user_password = true
}

resource "aws_neptune_cluster" "graph_db" {
  cluster_identifier = "graph"
  storage_encrypted  = true
}

resource "aws_kinesis_stream" "events" {
  name            = "events"
  shard_count     = 1
  encryption_type = "KMS"
  kms_key_id      = "alias/aws/kinesis"
}

resource "aws_secretsmanager_secret" "login" {
  name = "login"
}
