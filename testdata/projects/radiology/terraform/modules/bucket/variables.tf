terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "name" {
  type = string
}

variable "classification" {
  description = "phi or internal."
  type        = string
}

variable "kms_key_arn" {
  description = "The key that encrypts objects."
  type        = string
}

variable "logging_bucket" {
  description = "Where access logs go."
  type        = string
}

variable "vpc_id" {
  description = "The only VPC from which objects of patient data are reached; null for buckets that services write to."
  type        = string
  default     = null
}

variable "lock_days" {
  description = "Days for which no version can be deleted."
  type        = number
  default     = 30
}

variable "noncurrent_days" {
  description = "Days that old versions are kept."
  type        = number
  default     = 365
}

variable "archive_days" {
  description = "Days after which objects move to a colder class."
  type        = number
  default     = 90
}

variable "expiration_days" {
  description = "Days after which objects are deleted; null: never."
  type        = number
  default     = null
}

variable "writers" {
  description = "Services that write to the bucket: principal, key prefix."
  type = list(object({
    service = string
    prefix  = string
  }))
  default = []
}

variable "account_id" {
  type = string
}

variable "replica_bucket_arn" {
  description = "Where objects are replicated to; null: nowhere."
  type        = string
  default     = null
}

variable "replica_key_arn" {
  type    = string
  default = null
}

variable "replication_role_arn" {
  type    = string
  default = null
}

variable "events" {
  description = "Whether EventBridge gets events of the bucket."
  type        = bool
  default     = true
}
