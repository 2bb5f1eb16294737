# The worklist: Aurora PostgreSQL, in subnets without a way out.

resource "aws_db_subnet_group" "worklist" {
  name       = "${var.name}-worklist"
  subnet_ids = var.subnet_ids
}

resource "aws_security_group" "database" {
  name        = "${var.name}-database"
  description = "The worklist database"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-database"
  }
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  for_each = var.client_groups

  security_group_id            = aws_security_group.database.id
  description                  = "PostgreSQL from ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = each.value
}

resource "aws_rds_cluster_parameter_group" "worklist" {
  name   = "${var.name}-worklist"
  family = "aurora-postgresql16"

  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "5000"
  }

  parameter {
    name         = "shared_preload_libraries"
    value        = "pgaudit"
    apply_method = "pending-reboot"
  }

  parameter {
    name  = "pgaudit.log"
    value = "all"
  }
}

resource "aws_cloudwatch_log_group" "database" {
  name              = "/aws/rds/cluster/${var.name}-worklist/postgresql"
  retention_in_days = 2192
  kms_key_id        = var.logs_key
}

resource "aws_rds_cluster" "worklist" {
  cluster_identifier                  = "${var.name}-worklist"
  engine                              = "aurora-postgresql"
  engine_version                      = "16.6"
  database_name                       = "worklist"
  master_username                     = "worklist_admin"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = var.secrets_key
  storage_encrypted                   = true
  kms_key_id                          = var.data_key
  db_subnet_group_name                = aws_db_subnet_group.worklist.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.worklist.name
  iam_database_authentication_enabled = true
  backup_retention_period             = 35
  preferred_backup_window             = "03:00-04:00"
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "${var.name}-worklist-final"
  enabled_cloudwatch_logs_exports     = ["postgresql"]

  tags = {
    data-classification = "phi"
    backup              = "daily"
  }

  lifecycle {
    prevent_destroy = true
  }

  depends_on = [aws_cloudwatch_log_group.database]
}

resource "aws_rds_cluster_instance" "worklist" {
  count = 2

  identifier                      = "${var.name}-worklist-${count.index}"
  cluster_identifier              = aws_rds_cluster.worklist.id
  engine                          = aws_rds_cluster.worklist.engine
  engine_version                  = aws_rds_cluster.worklist.engine_version
  instance_class                  = var.instance_class
  db_subnet_group_name            = aws_db_subnet_group.worklist.name
  publicly_accessible             = false
  ca_cert_identifier              = "rds-ca-rsa2048-g1"
  auto_minor_version_upgrade      = true
  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.data_key
  monitoring_interval             = 60
  monitoring_role_arn             = module.monitoring_role.arn

  tags = {
    data-classification = "phi"
  }
}

data "aws_iam_policy_document" "monitoring" {
  statement {
    actions   = ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:RDSOSMetrics*"]
  }
}

module "monitoring_role" {
  source = "../role"

  name       = "${var.name}-database-monitoring"
  account_id = var.account_id
  services   = ["monitoring.rds.amazonaws.com"]
  policy     = data.aws_iam_policy_document.monitoring.json
}
