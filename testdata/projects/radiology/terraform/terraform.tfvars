stage            = "prod"
account_id       = "123456789012"
domain           = "radiology.example.org"
security_contact = "security@radiology.example.org"

node_groups = {
  system = {
    instance_types = ["m6i.large"]
    capacity_type  = "ON_DEMAND"
    ami_type       = "AL2023_x86_64_STANDARD"
    desired        = 3
    max            = 6
  }
  inference = {
    instance_types = ["g5.xlarge"]
    capacity_type  = "ON_DEMAND"
    ami_type       = "AL2023_x86_64_NVIDIA"
    desired        = 2
    max            = 8
  }
  training = {
    instance_types = ["g5.4xlarge", "g5.8xlarge"]
    capacity_type  = "SPOT"
    ami_type       = "AL2023_x86_64_NVIDIA"
    desired        = 1
    max            = 4
  }
}

partner_networks = {
  hospital-north    = "192.0.2.0/25"
  hospital-south    = "198.51.100.0/25"
  identity-provider = "203.0.113.16/28"
}
