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

variable "node_groups" {
  type = map(object({
    instance_types = list(string)
    capacity_type  = string
    ami_type       = string
    desired        = number
    max            = number
  }))
}

variable "kubernetes_version" {
  type    = string
  default = "1.34"
}

variable "key_arn" {
  description = "Key of secrets and node volumes."
  type        = string
}

variable "logs_key" {
  type = string
}

variable "operators" {
  description = "ARN of the role of those who operate the cluster."
  type        = string
}

variable "deployers" {
  description = "ARN of the role that deploys."
  type        = string
}

variable "cidr" {
  description = "Addresses of the VPC."
  type        = string
}

variable "gateway_prefix_lists" {
  description = "Services with a gateway endpoint: name to prefix list."
  type        = map(string)
}
