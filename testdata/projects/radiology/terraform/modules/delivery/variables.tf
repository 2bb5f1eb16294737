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

variable "boundary_arn" {
  type = string
}

variable "artifact_bucket" {
  type = string
}

variable "artifact_arn" {
  type = string
}

variable "cluster_arn" {
  type = string
}

variable "cluster_key" {
  type = string
}

variable "data_key" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "repository" {
  description = "The source repository, owner/name."
  type        = string
}

variable "gateway_prefix_lists" {
  description = "Services with a gateway endpoint: name to prefix list."
  type        = map(string)
}

variable "cidr" {
  description = "Addresses of the VPC."
  type        = string
}
