locals {
  name = "radiology"

  tags = {
    project = local.name
    stage   = var.stage
  }
}

module "keys" {
  source = "./modules/keys"

  name       = local.name
  account_id = var.account_id
  region     = var.region
}

module "replica_key" {
  source = "./modules/keys"

  providers = {
    aws = aws.replica
  }

  name       = local.name
  account_id = var.account_id
  region     = var.replica_region
  purposes   = ["data", "backup"]
}

module "account" {
  source = "./modules/account"

  name       = local.name
  account_id = var.account_id
  key_arn    = module.keys.arns["cluster"]
}

module "network" {
  source = "./modules/network"

  name             = local.name
  account_id       = var.account_id
  region           = var.region
  cidr             = var.cidr
  zones            = var.zones
  logs_key         = module.keys.arns["logs"]
  buckets          = module.lake.all_bucket_arns
  partner_networks = var.partner_networks
}

module "lake" {
  source = "./modules/lake"

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  name        = local.name
  account_id  = var.account_id
  region      = var.region
  data_key    = module.keys.arns["data"]
  logs_key    = module.keys.arns["logs"]
  replica_key = module.replica_key.arns["data"]
  vpc_id      = module.network.vpc_id
}

module "stores" {
  source = "./modules/stores"

  name                = local.name
  account_id          = var.account_id
  region              = var.region
  stage               = var.stage
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.data_subnet_ids
  client_groups       = { nodes = module.cluster.node_security_group_id, rotation = module.etl.function_security_group_id }
  data_key            = module.keys.arns["data"]
  ml_key              = module.keys.arns["ml"]
  secrets_key         = module.keys.arns["secrets"]
  logs_key            = module.keys.arns["logs"]
  instance_class      = var.database_class
  rotation_function   = module.etl.rotation_function_arn
  file_system_client  = module.workloads.role_arns["trainer"]
  authorizer_function = module.etl.authorizer_function_arn
  domain              = var.domain
}

module "cluster" {
  source = "./modules/cluster"

  name                 = local.name
  account_id           = var.account_id
  region               = var.region
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.app_subnet_ids
  cidr                 = var.cidr
  node_groups          = var.node_groups
  key_arn              = module.keys.arns["cluster"]
  logs_key             = module.keys.arns["logs"]
  operators            = module.account.operator_role_arn
  deployers            = module.delivery.deploy_role_arn
  gateway_prefix_lists = module.network.gateway_prefix_lists
}

module "workloads" {
  source = "./modules/workloads"

  name              = local.name
  account_id        = var.account_id
  region            = var.region
  cluster_name      = module.cluster.name
  oidc_provider_arn = module.cluster.oidc_provider_arn
  oidc_issuer       = module.cluster.oidc_issuer
  boundary_arn      = module.account.boundary_arn
  bucket_arns       = module.lake.bucket_arns
  data_key          = module.keys.arns["data"]
  messages_key      = module.keys.arns["messages"]
  secrets_key       = module.keys.arns["secrets"]
  queue_arn         = module.etl.queue_arn
  topic_arn         = module.etl.events_topic_arn
  table_arns        = module.stores.table_arns
  database_secret   = module.stores.database_secret_arn
  signing_secret    = module.stores.signing_secret_arn
  datastore_arn     = module.stores.datastore_arn
  endpoint_arn      = module.ml.endpoint_arn
}

module "etl" {
  source = "./modules/etl"

  name                 = local.name
  account_id           = var.account_id
  region               = var.region
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.app_subnet_ids
  zone                 = var.zones[0]
  boundary_arn         = module.account.boundary_arn
  buckets              = module.lake.bucket_names
  bucket_arns          = module.lake.bucket_arns
  data_key             = module.keys.arns["data"]
  logs_key             = module.keys.arns["logs"]
  messages_key         = module.keys.arns["messages"]
  secrets_key          = module.keys.arns["secrets"]
  ml_key               = module.keys.arns["ml"]
  training_image       = module.delivery.repository_urls["trainer"]
  contact              = var.security_contact
  database_secret      = module.stores.database_secret_arn
  database_host        = module.stores.database_endpoint
  cidr                 = var.cidr
  domain               = var.domain
  gateway_prefix_lists = module.network.gateway_prefix_lists
  partners_prefix_list = module.network.partners_prefix_list
}

module "ml" {
  source = "./modules/ml"

  name                 = local.name
  account_id           = var.account_id
  region               = var.region
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.app_subnet_ids
  boundary_arn         = module.account.boundary_arn
  buckets              = module.lake.bucket_names
  bucket_arns          = module.lake.bucket_arns
  key_arn              = module.keys.arns["ml"]
  data_key             = module.keys.arns["data"]
  image                = module.delivery.repository_urls["inference"]
  repository           = module.delivery.repository_arns["inference"]
  logs_key             = module.keys.arns["logs"]
  cidr                 = var.cidr
  gateway_prefix_lists = module.network.gateway_prefix_lists
}

module "delivery" {
  source = "./modules/delivery"

  name                 = local.name
  account_id           = var.account_id
  region               = var.region
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.app_subnet_ids
  boundary_arn         = module.account.boundary_arn
  artifact_bucket      = module.lake.bucket_names["artifacts"]
  artifact_arn         = module.lake.bucket_arns["artifacts"]
  cluster_arn          = module.cluster.arn
  cluster_key          = module.keys.arns["cluster"]
  data_key             = module.keys.arns["data"]
  logs_key             = module.keys.arns["logs"]
  repository           = var.repository
  gateway_prefix_lists = module.network.gateway_prefix_lists
  cidr                 = var.cidr
}

module "edge" {
  source = "./modules/edge"

  name                 = local.name
  domain               = var.domain
  vpc_id               = module.network.vpc_id
  subnet_ids           = module.network.public_subnet_ids
  node_group_id        = module.cluster.node_security_group_id
  access_logs_bucket   = module.lake.access_logs_bucket
  logs_key             = module.keys.arns["logs"]
  partners_prefix_list = module.network.partners_prefix_list
}

module "audit" {
  source = "./modules/audit"

  name         = local.name
  account_id   = var.account_id
  region       = var.region
  logs_key     = module.keys.arns["logs"]
  audit_bucket = module.lake.audit_bucket
  alarms_topic = module.etl.alarms_topic_arn
  boundary_arn = module.account.boundary_arn
}

module "backup" {
  source = "./modules/backup"

  providers = {
    aws         = aws
    aws.replica = aws.replica
  }

  name         = local.name
  account_id   = var.account_id
  key_arn      = module.keys.arns["backup"]
  replica_key  = module.replica_key.arns["backup"]
  alarms_topic = module.etl.alarms_topic_arn
  contact      = var.security_contact
}
