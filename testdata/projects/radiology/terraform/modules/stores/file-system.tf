# Scratch space that training jobs share.

resource "aws_security_group" "file_system" {
  name        = "${var.name}-file-system"
  description = "Mount targets of the scratch file system"
  vpc_id      = var.vpc_id

  tags = {
    Name = "${var.name}-file-system"
  }
}

resource "aws_vpc_security_group_ingress_rule" "file_system" {
  security_group_id            = aws_security_group.file_system.id
  description                  = "NFS from the nodes"
  ip_protocol                  = "tcp"
  from_port                    = 2049
  to_port                      = 2049
  referenced_security_group_id = var.client_groups["nodes"]
}

resource "aws_efs_file_system" "scratch" {
  creation_token   = "${var.name}-scratch"
  encrypted        = true
  kms_key_id       = var.data_key
  performance_mode = "generalPurpose"
  throughput_mode  = "elastic"

  lifecycle_policy {
    transition_to_ia = "AFTER_30_DAYS"
  }

  tags = {
    Name                = "${var.name}-scratch"
    data-classification = "phi"
    backup              = "daily"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_efs_mount_target" "scratch" {
  count = length(var.subnet_ids)

  file_system_id  = aws_efs_file_system.scratch.id
  subnet_id       = var.subnet_ids[count.index]
  security_groups = [aws_security_group.file_system.id]
}

resource "aws_efs_access_point" "training" {
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

data "aws_iam_policy_document" "file_system" {
  statement {
    sid       = "Training"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [aws_efs_file_system.scratch.arn]

    principals {
      type        = "AWS"
      identifiers = [var.file_system_client]
    }

    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:AccessPointArn"
      values   = [aws_efs_access_point.training.arn]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["*"]
    resources = [aws_efs_file_system.scratch.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_efs_file_system_policy" "scratch" {
  file_system_id = aws_efs_file_system.scratch.id
  policy         = data.aws_iam_policy_document.file_system.json
}
