variable "stage" {
  description = "dev, test or prod: one AWS account each."
  type        = string

  validation {
    condition     = contains(["dev", "test", "prod"], var.stage)
    error_message = "stage is dev, test or prod."
  }
}

variable "account_id" {
  description = "The account of the stage."
  type        = string
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "replica_region" {
  description = "Where copies of buckets and backups go."
  type        = string
  default     = "us-west-2"
}

variable "domain" {
  description = "The DNS domain under which radiologists reach the platform."
  type        = string
}

variable "cidr" {
  type    = string
  default = "10.40.0.0/16"
}

variable "zones" {
  type    = list(string)
  default = ["us-east-1a", "us-east-1b", "us-east-1c"]
}

variable "node_groups" {
  description = "EKS node groups: instance types, capacity and size of each."
  type = map(object({
    instance_types = list(string)
    capacity_type  = string
    ami_type       = string
    desired        = number
    max            = number
  }))
}

variable "database_class" {
  type    = string
  default = "db.r6g.large"
}

variable "repository" {
  description = "The source repository, owner/name."
  type        = string
  default     = "example-radiology/platform"
}

variable "security_contact" {
  description = "Who gets the alarms."
  type        = string
}

variable "partner_networks" {
  description = "Networks of the hospitals and of their identity provider: name to CIDR."
  type        = map(string)
}
