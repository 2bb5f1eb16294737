variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "audit_bucket" {
  description = "Where the trail and Config write."
  type        = string
}

variable "alarms_topic" {
  type = string
}

variable "boundary_arn" {
  type = string
}
