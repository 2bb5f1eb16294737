module "a" {
  source = "./a"
  key    = module.z.key
  days   = module.z.days
}
module "z" { source = "./z" }
