resource "aws_glue_security_configuration" "this" {
  name = var.name

  encryption_configuration {
    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.data_key
    }

    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = var.logs_key
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = var.data_key
    }
  }
}

resource "aws_glue_data_catalog_encryption_settings" "this" {
  data_catalog_encryption_settings {
    connection_password_encryption {
      return_connection_password_encrypted = true
      aws_kms_key_id                       = var.secrets_key
    }

    encryption_at_rest {
      catalog_encryption_mode = "SSE-KMS"
      sse_aws_kms_key_id      = var.data_key
    }
  }
}

resource "aws_glue_catalog_database" "lake" {
  name        = "${var.name}_lake"
  description = "Tables over the data lake"
}

resource "aws_glue_crawler" "lake" {
  for_each = toset(["deidentified", "features"])

  name                   = "${var.name}-${each.key}"
  database_name          = aws_glue_catalog_database.lake.name
  role                   = module.glue_role.arn
  security_configuration = aws_glue_security_configuration.this.name
  schedule               = "cron(15 2 * * ? *)"

  s3_target {
    path            = "s3://${var.buckets[each.key]}/"
    connection_name = aws_glue_connection.lake.name
  }

  schema_change_policy {
    delete_behavior = "LOG"
    update_behavior = "UPDATE_IN_DATABASE"
  }

  tags = {
    data-classification = "phi"
  }
}

resource "aws_glue_job" "this" {
  for_each = {
    features = "Cuts studies into features"
    quality  = "Counts what is missing in studies and reports"
  }

  name                   = "${var.name}-${each.key}"
  description            = each.value
  role_arn               = module.glue_role.arn
  glue_version           = "5.0"
  worker_type            = "G.1X"
  number_of_workers      = 10
  timeout                = 120
  max_retries            = 1
  security_configuration = aws_glue_security_configuration.this.name
  connections            = [aws_glue_connection.lake.name]

  command {
    script_location = "s3://${var.buckets["artifacts"]}/glue/${each.key}.py"
    python_version  = "3"
  }

  default_arguments = {
    "--enable-continuous-cloudwatch-log" = "true"
    "--continuous-log-logGroup"          = aws_cloudwatch_log_group.this["glue"].name
    "--enable-metrics"                   = "true"
    "--job-bookmark-option"              = "job-bookmark-enable"
    "--TempDir"                          = "s3://${var.buckets["features"]}/tmp/"
    "--target"                           = "s3://${var.buckets["features"]}/${each.key}/"
  }

  tags = {
    data-classification = "phi"
  }
}

# Puts jobs and crawlers into the VPC.
resource "aws_glue_connection" "lake" {
  name            = "${var.name}-lake"
  connection_type = "NETWORK"

  physical_connection_requirements {
    availability_zone      = var.zone
    subnet_id              = var.subnet_ids[0]
    security_group_id_list = [aws_security_group.functions.id]
  }
}

# The worklist as a source: the login is in Secrets Manager.
resource "aws_glue_connection" "worklist" {
  name            = "${var.name}-worklist"
  connection_type = "JDBC"

  connection_properties = {
    JDBC_CONNECTION_URL = "jdbc:postgresql://${var.database_host}:5432/worklist"
    JDBC_ENFORCE_SSL    = "true"
    SECRET_ID           = var.database_secret
  }

  physical_connection_requirements {
    availability_zone      = var.zone
    subnet_id              = var.subnet_ids[0]
    security_group_id_list = [aws_security_group.functions.id]
  }
}

data "aws_iam_policy_document" "glue" {
  statement {
    sid       = "Read"
    actions   = ["s3:GetObject"]
    resources = ["${var.bucket_arns["deidentified"]}/*", "${var.bucket_arns["features"]}/*", "${var.bucket_arns["artifacts"]}/glue/*"]
  }

  statement {
    sid       = "Write"
    actions   = ["s3:PutObject", "s3:DeleteObject"]
    resources = ["${var.bucket_arns["features"]}/*"]
  }

  statement {
    sid       = "List"
    actions   = ["s3:ListBucket"]
    resources = [var.bucket_arns["deidentified"], var.bucket_arns["features"]]
  }

  statement {
    sid     = "Catalog"
    actions = ["glue:GetDatabase", "glue:GetTable", "glue:GetPartitions", "glue:CreateTable", "glue:UpdateTable", "glue:BatchCreatePartition", "glue:GetConnection"]
    resources = [
      "arn:aws:glue:${var.region}:${var.account_id}:catalog",
      "arn:aws:glue:${var.region}:${var.account_id}:database/${var.name}_lake",
      "arn:aws:glue:${var.region}:${var.account_id}:table/${var.name}_lake/*",
      "arn:aws:glue:${var.region}:${var.account_id}:connection/${var.name}-*",
    ]
  }

  statement {
    sid       = "Login"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.database_secret]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.this["glue"].arn}:*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.data_key, var.secrets_key]
  }
}

module "glue_role" {
  source = "../role"

  name           = "${var.name}-glue"
  account_id     = var.account_id
  services       = ["glue.amazonaws.com"]
  policy         = data.aws_iam_policy_document.glue.json
  boundary_arn   = var.boundary_arn
  classification = "phi"
}
