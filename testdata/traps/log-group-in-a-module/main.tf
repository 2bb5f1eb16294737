module "logs" {
  source    = "./logs"
  retention = 2557
}
