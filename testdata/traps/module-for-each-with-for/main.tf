locals { groups = [{ name = "app", days = 3 }, { name = "audit", days = 2557 }] }
module "logs" {
  source   = "./logs"
  for_each = { for g in local.groups : g.name => g }
  days     = each.value.days
}
