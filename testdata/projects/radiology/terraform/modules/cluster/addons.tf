resource "aws_eks_addon" "this" {
  for_each = {
    coredns                = "v1.12.1-eksbuild.2"
    kube-proxy             = "v1.34.0-eksbuild.2"
    aws-efs-csi-driver     = "v2.1.8-eksbuild.1"
    eks-pod-identity-agent = "v1.3.7-eksbuild.2"
  }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = each.value
  resolve_conflicts_on_update = "OVERWRITE"
}

# Network policies are enforced by the network add-on.
resource "aws_eks_addon" "vpc_cni" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "vpc-cni"
  addon_version               = "v1.19.5-eksbuild.1"
  resolve_conflicts_on_update = "OVERWRITE"

  configuration_values = jsonencode({
    enableNetworkPolicy = "true"
    env = {
      ENABLE_PREFIX_DELEGATION = "true"
    }
  })

  pod_identity_association {
    service_account = "aws-node"
    role_arn        = aws_iam_role.addon["vpc-cni"].arn
  }
}

resource "aws_eks_addon" "ebs_csi" {
  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = "aws-ebs-csi-driver"
  addon_version               = "v1.44.0-eksbuild.1"
  resolve_conflicts_on_update = "OVERWRITE"

  pod_identity_association {
    service_account = "ebs-csi-controller-sa"
    role_arn        = aws_iam_role.addon["aws-ebs-csi-driver"].arn
  }
}

data "aws_iam_policy_document" "addon_trust" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_eks_cluster.this.arn]
    }
  }
}

resource "aws_iam_role" "addon" {
  for_each = toset(["vpc-cni", "aws-ebs-csi-driver"])

  name               = "${var.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.addon_trust.json
}

resource "aws_iam_role_policy_attachment" "addon" {
  for_each = {
    vpc-cni            = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
    aws-ebs-csi-driver = "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"
  }

  role       = aws_iam_role.addon[each.key].name
  policy_arn = each.value
}
