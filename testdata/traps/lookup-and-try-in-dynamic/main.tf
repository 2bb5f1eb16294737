module "t" {
  source = "./t"
  disks  = [{ name = "/dev/xvda", ebs = { encrypted = true } }]
}
