locals {
  images = toset(["dicom-intake", "deidentifier", "trainer", "inference", "report-api", "cache"])
}

resource "aws_ecr_repository" "this" {
  for_each = local.images

  name                 = "${var.name}/${each.key}"
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.cluster_key
  }
}

resource "aws_ecr_lifecycle_policy" "this" {
  for_each = local.images

  repository = aws_ecr_repository.this[each.key].name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "The last fifty images"
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = 50
      }
      action = { type = "expire" }
    }]
  })
}

data "aws_iam_policy_document" "pull" {
  statement {
    sid     = "Pull"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${var.account_id}:role/${var.name}-nodes"]
    }
  }
}

resource "aws_ecr_repository_policy" "this" {
  for_each = local.images

  repository = aws_ecr_repository.this[each.key].name
  policy     = data.aws_iam_policy_document.pull.json
}

output "repository_urls" {
  value = { for image, repository in aws_ecr_repository.this : image => repository.repository_url }
}

output "repository_arns" {
  value = { for image, repository in aws_ecr_repository.this : image => repository.arn }
}
