variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "data_key" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "replica_key" {
  description = "Key of the replicas, in their region."
  type        = string
}

variable "vpc_id" {
  type = string
}
