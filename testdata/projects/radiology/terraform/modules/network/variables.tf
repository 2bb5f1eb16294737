variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "cidr" {
  type = string
}

variable "zones" {
  type = list(string)
}

variable "logs_key" {
  description = "KMS key of the log groups."
  type        = string
}

variable "buckets" {
  description = "ARNs of the platform's buckets, for the policy of the S3 endpoint."
  type        = list(string)
}

variable "partner_networks" {
  description = "Networks of the hospitals and of their identity provider: name to CIDR."
  type        = map(string)
}
