#!/usr/bin/env python3
"""A repository of N resources in Terraform, CloudFormation and Kubernetes. Usage: generate.py N DIRECTORY

The same N gives the same bytes. A tenth of the files are violations; the rest is as it should be, as
in a repository that people look after. Terraform calls a module, refers across resources and writes
policies; CloudFormation has parameters, conditions and intrinsics; Kubernetes has several documents a file."""
import os
import sys

TERRAFORM = 10  # resources that one round of each format makes
CLOUDFORMATION = 5
KUBERNETES = 5
ROUNDS_PER_FILE = 20

MODULE = '''variable "name" { type = string }
variable "key" { type = string }
resource "aws_s3_bucket" "this" {
  bucket = "clinic-${var.name}"
}
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.key
    }
  }
}
resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
'''

TF = '''resource "aws_kms_key" "k%(i)d" {
  description             = "records of ward %(i)d"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}
module "records%(i)d" {
  source = "%(module)s"
  name   = "ward-%(i)d"
  key    = aws_kms_key.k%(i)d.arn
}
resource "aws_iam_role" "r%(i)d" {
  name = "ward-%(i)d"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policy" "p%(i)d" {
  role = aws_iam_role.r%(i)d.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "arn:aws:s3:::clinic-ward-%(i)d/*" }]
  })
}
resource "aws_ebs_volume" "v%(i)d" {
  availability_zone = "us-east-1a"
  size              = 40
  encrypted         = %(good)s
  kms_key_id        = aws_kms_key.k%(i)d.arn
}
resource "aws_sqs_queue" "q%(i)d" {
  name              = "ward-%(i)d"
  kms_master_key_id = aws_kms_key.k%(i)d.id
}
resource "aws_cloudwatch_log_group" "l%(i)d" {
  name              = "/clinic/ward-%(i)d"
  retention_in_days = 2557
  kms_key_id        = aws_kms_key.k%(i)d.arn
}
resource "aws_sns_topic" "t%(i)d" {
  name              = "ward-%(i)d"
  kms_master_key_id = aws_kms_key.k%(i)d.id
}
'''

CFN_HEAD = '''AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {Type: String, Default: prod, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
'''
CFN = '''  Key%(i)d:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}
  Queue%(i)d:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "${Stage}-ward-%(i)d"
      KmsMasterKeyId: !GetAtt Key%(i)d.Arn
  Topic%(i)d:
    Type: AWS::SNS::Topic
    Properties:
      KmsMasterKeyId: !Ref Key%(i)d
  Log%(i)d:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: !If [IsProd, 2557, 2557]
      KmsKeyId: !GetAtt Key%(i)d.Arn
  Volume%(i)d:
    Type: AWS::EC2::Volume
    Properties:
      AvailabilityZone: us-east-1a
      Size: 40
      Encrypted: %(good)s
      KmsKeyId: !Ref Key%(i)d
'''

K8S = '''apiVersion: v1
kind: ServiceAccount
metadata: {name: ward-%(i)d, namespace: clinic-%(space)d}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: ward-%(i)d, namespace: clinic-%(space)d}
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ward-%(i)d, namespace: clinic-%(space)d}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: ward-%(i)d}
subjects:
  - {kind: ServiceAccount, name: ward-%(i)d, namespace: clinic-%(space)d}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ward-%(i)d, namespace: clinic-%(space)d}
spec:
  replicas: 2
  selector: {matchLabels: {app: ward-%(i)d}}
  template:
    metadata: {labels: {app: ward-%(i)d}}
    spec:
      serviceAccountName: ward-%(i)d
      automountServiceAccountToken: false
      containers:
        - name: web
          image: registry.example/clinic@sha256:%(digest)s
          resources: {limits: {cpu: 500m, memory: 256Mi}, requests: {cpu: 100m, memory: 128Mi}}
          securityContext:
            runAsNonRoot: %(good)s
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {drop: [ALL]}
---
apiVersion: v1
kind: Service
metadata: {name: ward-%(i)d, namespace: clinic-%(space)d}
spec:
  selector: {app: ward-%(i)d}
  ports: [{port: 443, targetPort: 8443}]
'''


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as out:
        out.write(text)


def values(i):
    return {
        "i": i,
        "space": i // 50,
        "good": "false" if i % 10 == 0 else "true",
        "digest": "%064x" % (i * 2654435761),
        "module": "../../modules/records",
    }


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    total, top = int(sys.argv[1]), sys.argv[2]
    rounds = max(1, total // (TERRAFORM + CLOUDFORMATION + KUBERNETES))
    write(top + "/modules/records/main.tf", MODULE)
    for first in range(0, rounds, ROUNDS_PER_FILE):
        part = [values(i) for i in range(first, min(first + ROUNDS_PER_FILE, rounds))]
        name = "part%06d" % (first // ROUNDS_PER_FILE)
        write("%s/terraform/%s/main.tf" % (top, name), "\n".join(TF % v for v in part))
        write("%s/cloudformation/%s.yaml" % (top, name), CFN_HEAD + "".join(CFN % v for v in part))
        write("%s/kubernetes/%s.yaml" % (top, name), "---\n".join(K8S % v for v in part))


main()
