variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  type = list(string)
}

variable "zone" {
  description = "Where the Glue connection lives."
  type        = string
}

variable "boundary_arn" {
  type = string
}

variable "buckets" {
  description = "Bucket names by purpose."
  type        = map(string)
}

variable "bucket_arns" {
  type = map(string)
}

variable "data_key" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "messages_key" {
  type = string
}

variable "secrets_key" {
  type = string
}

variable "ml_key" {
  type = string
}

variable "training_image" {
  type = string
}

variable "contact" {
  description = "Address that gets the alarms."
  type        = string
}

variable "database_secret" {
  type = string
}

variable "database_host" {
  type = string
}

variable "cidr" {
  description = "Addresses of the VPC."
  type        = string
}

variable "domain" {
  type = string
}

variable "training_image_digest" {
  description = "The released training image."
  type        = string
  default     = "sha256:6f1d3e0f5d2a8c1b7e49c0a35b8d4f6e2a917c3b5d8e0f1a2b3c4d5e6f708192"
}

variable "gateway_prefix_lists" {
  description = "Services with a gateway endpoint: name to prefix list."
  type        = map(string)
}

variable "partners_prefix_list" {
  description = "Networks of the hospitals and of their identity provider."
  type        = string
}
