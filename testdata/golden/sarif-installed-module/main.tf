module "db" {
  source  = "example/db/aws"
  version = "1.0.0"
}
