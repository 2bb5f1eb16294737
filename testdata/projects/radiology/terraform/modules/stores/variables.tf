variable "name" {
  type = string
}

variable "account_id" {
  type = string
}

variable "region" {
  type = string
}

variable "stage" {
  type = string
}

variable "vpc_id" {
  type = string
}

variable "subnet_ids" {
  description = "Subnets without a way out."
  type        = list(string)
}

variable "client_groups" {
  description = "Security groups that reach the stores."
  type        = map(string)
}

variable "data_key" {
  type = string
}

variable "ml_key" {
  type = string
}

variable "secrets_key" {
  type = string
}

variable "logs_key" {
  type = string
}

variable "instance_class" {
  type = string
}

variable "rotation_function" {
  description = "ARN of the function that changes passwords."
  type        = string
}

variable "file_system_client" {
  description = "ARN of the role that mounts the file system."
  type        = string
}

variable "authorizer_function" {
  description = "ARN of the function that checks the tokens of FHIR clients."
  type        = string
}

variable "domain" {
  type = string
}
