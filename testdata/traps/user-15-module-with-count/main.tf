variable "on" { type = bool }
module "one" {
  source = "./m"
  count  = 1
}
module "two" {
  source = "./m"
  count  = 2
}
module "none" {
  source = "./m"
  count  = 0
}
module "open" {
  source = "./m"
  count  = var.on ? 1 : 0
}
