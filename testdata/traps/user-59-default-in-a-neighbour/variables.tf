variable "encrypted" { default = true }
