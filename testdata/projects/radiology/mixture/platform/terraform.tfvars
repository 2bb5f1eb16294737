account_id = "123456789012"
region     = "us-east-1"
cidr       = "10.40.0.0/16"
zones      = ["us-east-1a", "us-east-1b", "us-east-1c"]
