module "eks" {
  source     = "./eks"
  encryption = [{ key = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555", resources = ["secrets"] }]
}
