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

variable "cidr" {
  type = string
}

variable "boundary_arn" {
  type = string
}

variable "buckets" {
  type = map(string)
}

variable "bucket_arns" {
  type = map(string)
}

variable "key_arn" {
  description = "Key of volumes and of Studio's file system."
  type        = string
}

variable "data_key" {
  type = string
}

variable "image" {
  description = "The repository of the inference image."
  type        = string
}

variable "image_digest" {
  type    = string
  default = "sha256:0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c"
}

variable "repository" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "gateway_prefix_lists" {
  description = "Services with a gateway endpoint: name to prefix list."
  type        = map(string)
}
