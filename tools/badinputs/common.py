"""What the kinds of bad input are written with: a kind is a directory with one bad file. See bad-inputs.py."""
import os

GOOD_TF = 'resource "aws_s3_bucket" "neighbour" {\n  bucket = "neighbour"\n}\n'
GOOD_CFN = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  Neighbour:\n    Type: AWS::SNS::Topic\n'
GOOD_K8S = ("apiVersion: v1\nkind: Pod\nmetadata: {name: neighbour}\nspec:\n  hostNetwork: true\n"
            "  containers: [{name: c, image: i:1}]\n")
CFN = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  B:\n    Type: AWS::S3::Bucket\n'
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: i:1}]\n"
BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = %s\n}\n'
DEPLOYMENT = ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: "
              "[{name: c, image: i}]}}}\n")
FIFO, SOCKET = "<fifo>", "<socket>"
KINDS = []


def kind(name, expect, files, bad=None, links=(), arguments=()):
    """`files`: name to text or bytes; the first is the bad one. `links`: name and what it leads to; FIFO and SOCKET make
    one there, a number a file with a hole of that many bytes. `arguments` of the program, where ROOT stands for the directory."""
    KINDS.append((name, expect, files, os.fsdecode(bad or next(iter(files))), links, arguments))


def tf(name, expect, text, bad=None, **more):
    kind("tf-" + name, expect, {"main.tf": text, **more}, bad)


def cfn(name, expect, text, file="template.yaml", bad=None, **more):
    kind("cfn-" + name, expect, {file: text, **more}, bad)


def k8s(name, expect, text, file="manifest.yaml", bad=None, **more):
    kind("k8s-" + name, expect, {file: text, **more}, bad)


def kustomize(name, expect, text, bad=None, **more):
    kind("kustomize-" + name, expect, {"o/kustomization.yaml": text, **more}, bad)


def plan(name, expect, text, bad=None, **more):
    kind("plan-" + name, expect, {"plan.json": text, **more}, bad)


def nested(open_, shut, n, middle=""):
    return open_ * n + middle + shut * n
