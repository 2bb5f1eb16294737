stage            = "dev"
account_id       = "111122223333"
domain           = "dev.radiology.example.org"
security_contact = "security@radiology.example.org"

node_groups = {
  system = {
    instance_types = ["m6i.large"]
    capacity_type  = "ON_DEMAND"
    ami_type       = "AL2023_x86_64_STANDARD"
    desired        = 1
    max            = 2
  }
  inference = {
    instance_types = ["g5.xlarge"]
    capacity_type  = "ON_DEMAND"
    ami_type       = "AL2023_x86_64_NVIDIA"
    desired        = 1
    max            = 2
  }
  training = {
    instance_types = ["g5.4xlarge", "g5.8xlarge"]
    capacity_type  = "SPOT"
    ami_type       = "AL2023_x86_64_NVIDIA"
    desired        = 1
    max            = 2
  }
}

partner_networks = {
  hospital-north    = "192.0.2.0/25"
  hospital-south    = "198.51.100.0/25"
  identity-provider = "203.0.113.16/28"
}
