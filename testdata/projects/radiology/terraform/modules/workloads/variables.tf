variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "cluster_name" {
  type = string
}

variable "oidc_provider_arn" {
  type = string
}

variable "oidc_issuer" {
  type = string
}

variable "boundary_arn" {
  type = string
}

variable "bucket_arns" {
  type = map(string)
}

variable "data_key" {
  type = string
}

variable "messages_key" {
  type = string
}

variable "secrets_key" {
  type = string
}

variable "queue_arn" {
  type = string
}

variable "topic_arn" {
  type = string
}

variable "table_arns" {
  type = map(string)
}

variable "database_secret" {
  type = string
}

variable "signing_secret" {
  type = string
}

variable "datastore_arn" {
  type = string
}

variable "endpoint_arn" {
  type = string
}
