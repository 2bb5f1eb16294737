resource "aws_security_group" "database" {
  name        = "radiology-database"
  description = "The work list"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.database.id
  description                  = "applications"
  ip_protocol                  = "tcp"
  from_port                    = 5432
  to_port                      = 5432
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_db_subnet_group" "this" {
  name       = "radiology"
  subnet_ids = [for zone in var.zones : aws_subnet.this["data-${zone}"].id]
}

resource "aws_rds_cluster_parameter_group" "worklist" {
  name   = "radiology-worklist"
  family = "aurora-postgresql16"

  dynamic "parameter" {
    for_each = {
      "rds.force_ssl"              = "1"
      "pgaudit.log"                = "all"
      "log_statement"              = "ddl"
      "log_min_duration_statement" = "1000"
    }

    content {
      name  = parameter.key
      value = parameter.value
    }
  }
}

resource "aws_iam_role" "database_monitoring" {
  name = "radiology-database-monitoring"

  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "monitoring.rds.amazonaws.com" }, Action = "sts:AssumeRole", Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } } }]
  })
}

resource "aws_iam_role_policy_attachment" "database_monitoring" {
  role       = aws_iam_role.database_monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_cloudwatch_log_group" "worklist" {
  name              = "/aws/rds/cluster/radiology-worklist/postgresql"
  retention_in_days = 2192
  kms_key_id        = aws_kms_key.this["logs"].arn
}

resource "aws_rds_cluster" "worklist" {
  cluster_identifier                  = "radiology-worklist"
  engine                              = "aurora-postgresql"
  engine_version                      = "16.8"
  database_name                       = "worklist"
  master_username                     = "worklist_admin"
  manage_master_user_password         = true
  master_user_secret_kms_key_id       = aws_kms_key.this["secrets"].arn
  iam_database_authentication_enabled = true
  storage_encrypted                   = true
  kms_key_id                          = aws_kms_key.this["data"].arn
  db_subnet_group_name                = aws_db_subnet_group.this.name
  vpc_security_group_ids              = [aws_security_group.database.id]
  db_cluster_parameter_group_name     = aws_rds_cluster_parameter_group.worklist.name
  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  final_snapshot_identifier           = "radiology-worklist-last"
  enabled_cloudwatch_logs_exports     = ["postgresql"]

  tags = {
    data-classification = "phi"
    backup              = "daily"
  }

  depends_on = [aws_cloudwatch_log_group.worklist]
}

resource "aws_rds_cluster_instance" "worklist" {
  count = 2

  identifier                      = "radiology-worklist-${count.index + 1}"
  cluster_identifier              = aws_rds_cluster.worklist.id
  engine                          = aws_rds_cluster.worklist.engine
  instance_class                  = "db.r6g.xlarge"
  publicly_accessible             = false
  auto_minor_version_upgrade      = true
  ca_cert_identifier              = "rds-ca-rsa2048-g1"
  performance_insights_enabled    = true
  performance_insights_kms_key_id = aws_kms_key.this["data"].arn
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.database_monitoring.arn

  tags = {
    data-classification = "phi"
  }
}

resource "aws_security_group" "scratch" {
  name        = "radiology-scratch"
  description = "Mount targets of the scratch file system"
  vpc_id      = aws_vpc.this.id
}

resource "aws_vpc_security_group_ingress_rule" "scratch" {
  security_group_id            = aws_security_group.scratch.id
  description                  = "training pods"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = aws_security_group.nodes.id
}

resource "aws_efs_file_system" "scratch" {
  encrypted  = true
  kms_key_id = aws_kms_key.this["data"].arn

  tags = {
    Name                = "radiology-scratch"
    data-classification = "phi"
    backup              = "daily"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_efs_backup_policy" "scratch" {
  file_system_id = aws_efs_file_system.scratch.id

  backup_policy {
    status = "ENABLED"
  }
}

resource "aws_efs_file_system_policy" "scratch" {
  file_system_id = aws_efs_file_system.scratch.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "*"
        Resource  = "*"
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.workload["trainer"].arn }
        Action    = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
        Resource  = "*"
        Condition = { Bool = { "elasticfilesystem:AccessedViaMountTarget" = "true" } }
      },
    ]
  })
}

resource "aws_efs_mount_target" "scratch" {
  for_each = local.zones

  file_system_id  = aws_efs_file_system.scratch.id
  subnet_id       = aws_subnet.this["data-${each.key}"].id
  security_groups = [aws_security_group.scratch.id]
}

resource "aws_efs_access_point" "scratch" {
  file_system_id = aws_efs_file_system.scratch.id

  posix_user {
    uid = 10001
    gid = 10001
  }

  root_directory {
    path = "/training"

    creation_info {
      owner_uid   = 10001
      owner_gid   = 10001
      permissions = "0750"
    }
  }
}
