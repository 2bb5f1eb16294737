resource "aws_codestarconnections_connection" "source" {
  name          = var.name
  provider_type = "GitHub"
}

resource "aws_codepipeline" "this" {
  name          = var.name
  role_arn      = module.pipeline_role.arn
  pipeline_type = "V2"

  artifact_store {
    type     = "S3"
    location = var.artifact_bucket

    encryption_key {
      type = "KMS"
      id   = var.data_key
    }
  }

  stage {
    name = "Source"

    action {
      name             = "Source"
      category         = "Source"
      owner            = "AWS"
      provider         = "CodeStarSourceConnection"
      version          = "1"
      output_artifacts = ["source"]

      configuration = {
        ConnectionArn    = aws_codestarconnections_connection.source.arn
        FullRepositoryId = var.repository
        BranchName       = "main"
      }
    }
  }

  stage {
    name = "Check"

    action {
      name            = "Lint"
      category        = "Test"
      owner           = "AWS"
      provider        = "CodeBuild"
      version         = "1"
      input_artifacts = ["source"]

      configuration = {
        ProjectName = aws_codebuild_project.this["lint"].name
      }
    }
  }

  stage {
    name = "Build"

    action {
      name             = "Images"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      input_artifacts  = ["source"]
      output_artifacts = ["images"]

      configuration = {
        ProjectName = aws_codebuild_project.this["images"].name
      }
    }
  }

  stage {
    name = "Approve"

    action {
      name     = "Approval"
      category = "Approval"
      owner    = "AWS"
      provider = "Manual"
      version  = "1"
    }
  }

  stage {
    name = "Deploy"

    action {
      name             = "Render"
      category         = "Build"
      owner            = "AWS"
      provider         = "CodeBuild"
      version          = "1"
      run_order        = 1
      input_artifacts  = ["images"]
      output_artifacts = ["manifests"]

      configuration = {
        ProjectName = aws_codebuild_project.this["deploy"].name
      }
    }

    action {
      name            = "Deploy"
      category        = "Deploy"
      owner           = "AWS"
      provider        = "EKS"
      version         = "1"
      run_order       = 2
      input_artifacts = ["manifests"]

      configuration = {
        ClusterName   = var.name
        ManifestFiles = "manifests/*.yaml"
      }
    }
  }
}

data "aws_iam_policy_document" "pipeline" {
  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
    resources = ["${var.artifact_arn}/*"]
  }

  statement {
    sid       = "Builds"
    actions   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
    resources = [for project in aws_codebuild_project.this : project.arn]
  }

  statement {
    sid       = "Cluster"
    actions   = ["eks:DescribeCluster"]
    resources = [var.cluster_arn]
  }

  statement {
    sid       = "Source"
    actions   = ["codestar-connections:UseConnection"]
    resources = [aws_codestarconnections_connection.source.arn]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.data_key]
  }
}

module "pipeline_role" {
  source = "../role"

  name         = "${var.name}-pipeline"
  account_id   = var.account_id
  services     = ["codepipeline.amazonaws.com"]
  policy       = data.aws_iam_policy_document.pipeline.json
  boundary_arn = var.boundary_arn
}
