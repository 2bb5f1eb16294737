module "m" {
  source    = "./m"
  encrypted = false
}
