#!/usr/bin/env python3
"""Bad input of many kinds, made here: bad-inputs.py PROGRAM [--only GLOB] [--keep DIR] [--sanitized]

Each kind is a directory with one bad file and good neighbours. Asked of every run: no crash, under 10 s of processor
time and 512 MiB; the good neighbours still have their findings; and, as the kind says,
    error    exit status 3 and an error that names the file, and a line where there is one
    said     a diagnostic of any severity that names the file
    fine     odd, but right: exit status 0 or 1
Last line: N passed, N failed."""
import argparse, fnmatch, json, os, re, resource, shutil, subprocess, sys, tempfile

CPU_SECONDS, MEMORY = 10, 512 << 20
SANITIZED = False  # such programs take several times as much

GOOD_TF = 'resource "aws_s3_bucket" "neighbour" {\n  bucket = "neighbour"\n}\n'
GOOD_CFN = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  Neighbour:\n    Type: AWS::SNS::Topic\n'
GOOD_K8S = ("apiVersion: v1\nkind: Pod\nmetadata: {name: neighbour}\nspec:\n  hostNetwork: true\n"
            "  containers: [{name: c, image: i:1}]\n")
CFN = 'AWSTemplateFormatVersion: "2010-09-09"\nResources:\n  B:\n    Type: AWS::S3::Bucket\n'
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: i:1}]\n"
BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = %s\n}\n'
DEPLOYMENT = ("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {template: {spec: {containers: "
              "[{name: c, image: i}]}}}\n")
KINDS = []


def kind(name, expect, files, bad=None, links=(), arguments=()):
    """`files`: name to text or bytes; the first is the bad one."""
    KINDS.append((name, expect, files, os.fsdecode(bad or next(iter(files))), links, arguments))


def tf(name, expect, text, **more):
    kind("tf-" + name, expect, {"main.tf": text, **more})


def cfn(name, expect, text, file="template.yaml", **more):
    kind("cfn-" + name, expect, {file: text, **more})


def k8s(name, expect, text, file="manifest.yaml", **more):
    kind("k8s-" + name, expect, {file: text, **more})


def kustomize(name, expect, text, **more):
    kind("kustomize-" + name, expect, {"o/kustomization.yaml": text, **more})


def plan(name, expect, text, **more):
    kind("plan-" + name, expect, {"plan.json": text, **more})


def nested(open_, shut, n, middle=""):
    return open_ * n + middle + shut * n


def terraform_kinds():
    many = "".join("l%d = [%s]\n" % (i, ", ".join(["local.l%d" % (i - 1)] * 9)) for i in range(1, 12))
    tf("unclosed-heredoc", "error", 'resource "aws_s3_bucket" "b" {\n  bucket = <<EOT\nabc\n}\n')
    tf("heredoc-without-name", "error", 'resource "aws_s3_bucket" "b" {\n  bucket = <<\n}\n')
    tf("unclosed-quote", "error", 'resource "aws_s3_bucket" "b" {\n  bucket = "abc\n}\n')
    tf("unclosed-interpolation", "error", 'resource "aws_s3_bucket" "b" {\n  bucket = "${var.x\n}\n')
    tf("unclosed-directive", "error", BUCKET % '"%{ if true }x"')
    tf("unclosed-comment", "error", BUCKET % '"x"' + "/* and so on\n")
    tf("unclosed-brace", "error", 'resource "aws_s3_bucket" "b" {\n  tags = {\n')
    tf("extra-brace", "error", BUCKET % '"x"' + "}\n}\n")
    tf("json-in-tf", "error", '{"resource": {"aws_s3_bucket": {"b": {}}}}')
    tf("yaml-in-tf", "error", CFN)
    tf("two-equals", "error", BUCKET % '= "x"')
    tf("no-value", "error", BUCKET % "")
    tf("bad-escape", "error", BUCKET % r'"\q\u12"')
    tf("duplicate-argument", "error", 'resource "aws_s3_bucket" "b" {\n  bucket = "a"\n  bucket = "b"\n}\n')
    tf("nul", "error", BUCKET % '"a\0b"')
    tf("invalid-utf8", "error", b'resource "aws_s3_bucket" "b" {\n  bucket = "\xff\xfe\xc3"\n}\n')
    tf("overlong-utf8", "error", b'resource "aws_s3_bucket" "b" {\n  bucket = "\xc0\xaf"\n}\n')
    tf("surrogate-utf8", "error", b'resource "aws_s3_bucket" "b" {\n  bucket = "\xed\xa0\x80"\n}\n')
    tf("utf16-without-mark", "error", (BUCKET % '"x"').encode("utf-16-le"))
    tf("utf16-cut", "error", b"\xff\xfe" + (BUCKET % '"x"').encode("utf-16-le") + b"x")
    tf("utf32-mark", "error", b"\xff\xfe\0\0" + (BUCKET % '"x"').encode("utf-32-le"))
    tf("elf", "error", b"\x7fELF\2\1\1" + bytes(range(256)) * 8)
    tf("gzip", "error", b"\x1f\x8b\x08\0" + bytes(range(256)))
    tf("lone-cr", "fine", 'resource "aws_s3_bucket" "b" {\r  bucket = "x"\r}\r')
    tf("self-module", "error", 'module "m" {\n  source = "./"\n}\n' + BUCKET % '"x"')
    tf("module-through-link", "error", 'module "m" {\n  source = "./m"\n}\n', **{"m/main.tf": 'module "n" {\n  source = "../m/."\n}\n'})
    tf("module-missing", "error", 'module "m" {\n  source = "./nowhere"\n}\n')
    tf("module-source-unknown", "said", 'variable "s" {}\nmodule "m" {\n  source = var.s\n}\n')
    tf("locals-cycle", "error", "locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n" + BUCKET % "local.a")
    tf("self-local", "error", "locals {\n  a = \"${local.a}x\"\n}\n" + BUCKET % "local.a")
    tf("for-each-million", "error", 'resource "aws_s3_bucket" "b" {\n  for_each = toset([for i in range(1000000) : tostring(i)])\n}\n')
    tf("for-each-product", "error", 'resource "aws_s3_bucket" "b" {\n  for_each = toset([for p in setproduct(range(9999), range(9999)) : "${p[0]}"])\n}\n')
    tf("count-huge", "error", 'resource "aws_s3_bucket" "b" {\n  count = 1e300\n}\n')
    tf("count-negative", "said", 'resource "aws_s3_bucket" "b" {\n  count = -1\n}\n')
    tf("count-fraction", "said", 'resource "aws_s3_bucket" "b" {\n  count = 1.5\n}\n')
    tf("count-of-itself", "error", 'resource "aws_s3_bucket" "b" {\n  count = length(aws_s3_bucket.b)\n}\n')
    tf("cidrsubnets", "said", BUCKET % 'join(",", cidrsubnets("10.0.0.0/8", [for i in range(100000) : 24]...))')
    tf("cidrsubnet-huge", "said", BUCKET % 'cidrsubnet("10.0.0.0/8", 1e9, 1e9)')
    tf("format-width", "said", BUCKET % 'format("%99999999d", 1)')
    tf("format-precision", "fine", BUCKET % 'format("%.99999999f", 1)')
    tf("format-index", "said", BUCKET % 'format("%[99999999]d", 1)')
    tf("regex-backtracking", "error", BUCKET % ('regex("(a+)+(a+)+$", "%sb")' % ("a" * 4000)))
    tf("regex-repeated", "said", BUCKET % 'regex("((((a{1,100}){1,100}){1,100}){1,100}){1,100}", "a")')
    tf("regex-wrong", "said", BUCKET % 'regex("(", "a")')
    tf("range-huge", "error", BUCKET % "length(range(0, 1e12))")
    tf("range-zero-step", "said", BUCKET % "length(range(1, 5, 0))")
    tf("local-explosion", "error", "locals {\n  l0 = [\"x\", \"x\", \"x\"]\n" + many + "}\n" + BUCKET % "jsonencode(local.l11)")
    tf("string-explosion", "error", "locals {\n  s0 = \"%s\"\n" % ("x" * 100) + "".join(
        '  s%d = "%s"\n' % (i, "".join("${local.s%d}" % (i - 1) for _ in range(10))) for i in range(1, 10)) + "}\n" + BUCKET % "local.s9")
    tf("replace-explosion", "error", "locals {\n  s0 = \"aa\"\n" + "".join(
        '  s%d = replace(local.s%d, "a", "aaaaaaaaaaaaaaaaaaaa")\n' % (i, i - 1) for i in range(1, 9)) + "}\n" + BUCKET % "local.s8")
    tf("pow-explosion", "fine", BUCKET % "tostring(pow(9999999, 9999999))")
    tf("number-digits", "fine", BUCKET % ("tostring(%s)" % ("9" * 100000)))
    tf("number-exponent", "fine", BUCKET % "tostring(1e999999999)")
    tf("deep-parens", "error", BUCKET % nested("(", ")", 20000, "1"))
    tf("deep-lists", "error", BUCKET % nested("[", "]", 20000))
    tf("deep-objects", "error", BUCKET % nested("{ a = ", "}", 20000, "1"))
    tf("deep-templates", "error", BUCKET % nested('"${', '}"', 5000, "1"))
    tf("deep-not", "error", BUCKET % ("!" * 20000 + "true"))
    tf("deep-conditional", "error", BUCKET % ("true ? 1 : " * 20000 + "2"))
    tf("deep-index", "error", BUCKET % ("a" + "[a" * 10000 + "]" * 10000))
    tf("long-chain", "said", BUCKET % ("local.a" + ".b" * 20000))
    tf("long-sum", "fine", BUCKET % ("tostring(" + "1 + " * 300 + "1)"))
    tf("deep-blocks", "error", 'resource "aws_s3_bucket" "b" {\n' + nested("a {\n", "}\n", 20000) + "}\n")
    tf("wide-list", "fine", BUCKET % ("length([" + "1," * 200000 + "])"))
    tf("long-line", "fine", BUCKET % ('"' + "x" * 3000000 + '"'))
    tf("many-errors", "error", "= = =\n" * 50000)
    tf("many-braces", "error", "}" * 200000)
    tf("many-quotes", "error", '"' * 200001)
    tf("many-heredocs", "error", 'locals {\n' + "a = <<A\n" * 20000)
    tf("dynamic-in-dynamic", "error", 'resource "aws_s3_bucket" "b" {\n' + "".join(
        'dynamic "d%d" {\n for_each = range(10)\n content {\n' % i for i in range(6)) + "}\n}\n" * 6 + "}\n")
    tf("dynamic-huge", "error", 'resource "aws_s3_bucket" "b" {\n dynamic "d" {\n  for_each = range(99999)\n  content {\n   dynamic "e" {\n    for_each = range(99999)\n    content {\n     x = e.value\n    }\n   }\n  }\n }\n}\n')
    tf("file-outside", "error", BUCKET % 'file("../../../../../../etc/passwd")')
    tf("file-absolute", "error", BUCKET % 'file("/etc/passwd")')
    tf("file-device", "error", BUCKET % 'file("/dev/zero")')
    tf("file-directory", "error", BUCKET % 'file(".")')
    kind("tf-template-recursion", "error", {"main.tf": BUCKET % 'templatefile("t.tpl", {})', "t.tpl": '${templatefile("t.tpl", {})}'}, bad="t.tpl")
    tf("templatestring-recursion", "said", 'locals {\n  t = "$${templatestring(local.t, {})}"\n}\n' + BUCKET % "templatestring(local.t, {})")
    tf("jsondecode-deep", "said", BUCKET % ('jsondecode("%s")' % nested("[", "]", 20000)))
    tf("jsondecode-cut", "said", BUCKET % r'jsondecode("{\"a\": [1, ")')
    tf("yamldecode-bomb", "said", BUCKET % ("jsonencode(yamldecode(<<E\na0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        "a%d: &a%d [%s]\n" % (i, i, ",".join(["*a%d" % (i - 1)] * 9)) for i in range(1, 10)) + "E\n))"))
    tf("base64gunzip-bomb", "said", BUCKET % 'base64gunzip("H4sIAAAAAAAC/+3BMQEAAADCoPVPbQsvoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")')
    tf("unknown-function", "fine", BUCKET % "provider::x::y(nothing())")
    tf("block-names", "said", 'resource {}\nresource "a" {}\nmodule {}\nvariable {}\noutput {}\nlocals "x" {}\n')
    kind("tf-json-cut", "error", {"main.tf.json": '{"resource": {"aws_s3_bucket": {"b": {"bucket": "x"'})
    kind("tf-json-1e999", "fine", {"main.tf.json": '{"resource": {"aws_s3_bucket": {"b": {"count": 1, "bucket": "x", "size": 1e999}}}}'})
    kind("tf-json-shape", "said", {"main.tf.json": '{"resource": [1, "x", {"aws_s3_bucket": 7}]}'})
    kind("tf-json-deep", "error", {"main.tf.json": '{"locals": {"a": ' + nested("[", "]", 20000) + "}}"})
    kind("tf-json-duplicate", "error", {"main.tf.json": '{"resource": {"aws_s3_bucket": {"b": {"bucket": "x", "bucket": "y"}}}}'})
    kind("tf-json-trailing", "error", {"main.tf.json": '{"resource": {}} {"resource": {}}'})
    kind("tf-tfvars-broken", "error", {"terraform.tfvars": 'x = [\n', "main.tf": 'variable "x" {}\n' + BUCKET % "var.x"})
    kind("tf-modules-json-broken", "error", {".terraform/modules/modules.json": '{"Modules": [{"Key"', "main.tf": 'module "m" {\n  source = "a/b/c"\n}\n'})
    kind("tf-module-outside-by-link", "error", {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/x.txt": ""}, bad="m/evil.tf", links=[("m/evil.tf", "/etc/hostname")])


def template_kinds():
    deep_if = nested('{"Fn::If": ["C", ', ', "x"]}', 10000, '"y"')
    cfn("tab", "error", "Resources:\n\tB:\n\t\tType: AWS::S3::Bucket\n")
    cfn("bad-indent", "error", CFN + "   Properties:\n      BucketName: x\n")
    cfn("unclosed-flow", "error", CFN + "    Properties: {BucketName: [a, b\n")
    cfn("unclosed-quote", "error", CFN + '    Properties: {BucketName: "a}\n')
    cfn("undefined-alias", "error", CFN + "    Properties: *nothing\n")
    cfn("self-alias", "error", CFN + "    Metadata: &a {x: *a}\n")
    cfn("alias-laughs", "error", 'AWSTemplateFormatVersion: "2010-09-09"\nMetadata:\n  a0: &a0 {k: lol}\n' + "".join(
        "  a%d: &a%d {%s}\n" % (i, i, ", ".join("k%d: *a%d" % (j, i - 1) for j in range(9))) for i in range(1, 10)) + CFN.split("\n", 1)[1])
    cfn("merge-laughs", "error", 'AWSTemplateFormatVersion: "2010-09-09"\nMetadata:\n  a0: &a0 {k: lol}\n' + "".join(
        "  a%d: &a%d {%s, <<: [*a%d, *a%d]}\n" % (i, i, ", ".join("k%d_%d: *a%d" % (i, j, i - 1) for j in range(9)), i - 1, i - 1) for i in range(1, 10)) + CFN.split("\n", 1)[1])
    cfn("duplicate-key", "error", CFN + "    Properties: {BucketName: a, BucketName: b}\n")
    cfn("duplicate-resource", "error", CFN + "  B:\n    Type: AWS::SNS::Topic\n")
    cfn("nul", "error", CFN + '    Properties: {BucketName: "a\0b"}\n')
    cfn("invalid-utf8", "error", (CFN + "    # ").encode() + b"\xe9\xff\n")
    cfn("utf16-without-mark", "error", CFN.encode("utf-16-be"))
    cfn("utf32", "error", b"\0\0\xfe\xff" + CFN.encode("utf-32-be"))
    cfn("utf16-lone-surrogate", "error", b"\xfe\xff" + CFN.encode("utf-16-be") + b"\xd8\x00\0\n")
    cfn("deep-flow", "error", CFN + "    Metadata: " + nested("[", "]", 20000) + "\n")
    cfn("deep-block", "error", CFN + "    Metadata:\n" + "".join(" " * (6 + i) + "a:\n" for i in range(2000)))
    cfn("deep-sequence", "error", CFN + "    Metadata:\n      " + "- " * 5000 + "x\n")
    cfn("deep-if", "error", '{"Conditions": {"C": {"Fn::Equals": ["a", {"Ref": "AWS::Region"}]}}, "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": ' + deep_if + "}}}}", file="template.json")
    cfn("deep-join", "error", CFN + "    Properties: {BucketName: " + nested('{"Fn::Join": ["", [', "]]}", 5000, "x") + "}\n")
    cfn("conditions-cycle", "said", CFN + "    Condition: A\nConditions:\n  A: !Not [{Condition: B}]\n  B: !Not [{Condition: A}]\n")
    cfn("condition-self", "said", CFN + "    Condition: A\nConditions:\n  A: !And [{Condition: A}, {Condition: A}]\n")
    cfn("conditions-many", "fine", CFN + "    Properties:\n      BucketName: !Join ['', [" + ", ".join("!If [C%d, a, b]" % i for i in range(60)) + "]]\nParameters:\n" + "".join("  P%d: {Type: String}\n" % i for i in range(60)) + "Conditions:\n" + "".join("  C%d: !Equals [!Ref P%d, a]\n" % (i, i) for i in range(60)))
    cfn("ref-loop", "fine", 'Resources:\n  A: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref B}}\n  B: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref A}}\n')
    cfn("ref-nothing", "said", CFN + "    Properties: {BucketName: !Ref Nothing}\n")
    cfn("ref-shape", "said", CFN + "    Properties: {BucketName: !Ref [a, b], Tags: !GetAtt 7}\n")
    cfn("foreach-explosion", "error", "Transform: AWS::LanguageExtensions\nResources:\n" + "".join(
        "  " * i + "  Fn::ForEach::L%d:\n" % i + "  " * i + "    - X%d\n" % i + "  " * i + "    - [%s]\n" % ",".join("a%d" % j for j in range(50)) + "  " * i + "    -\n    " for i in range(0)) + "  Fn::ForEach::A: [A, [%s], {\"Fn::ForEach::B\": [B, [%s], {\"Fn::ForEach::C\": [C, [%s], {\"T${A}${B}${C}\": {Type: AWS::SNS::Topic}}]}]}]\n" % ((",".join("a%d" % i for i in range(200)),) * 3))
    cfn("foreach-shape", "said", "Transform: AWS::LanguageExtensions\n" + CFN + "  Fn::ForEach::A: [1, 2]\n  Fn::ForEach::B: x\n")
    cfn("findinmap-nothing", "said", CFN + "    Properties: {BucketName: !FindInMap [A, B, C]}\n")
    cfn("select-index", "said", CFN + "    Properties: {BucketName: !Select [99999999999, [a]]}\n")
    cfn("split-explosion", "fine", CFN + "    Properties: {BucketName: !Select [5, !Split [a, '%s']]}\n" % ("a" * 50000))
    cfn("cidr-explosion", "said", CFN + "    Properties: {Tags: !Cidr [10.0.0.0/8, 99999999, 1]}\n")
    cfn("sub-unclosed", "fine", CFN + '    Properties: {BucketName: !Sub "a${B"}\n')
    cfn("sub-explosion", "error", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: " + nested('{"Fn::Sub": ["${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}", {"X": ', "}]}", 12, '"xxxxxxxxxx"') + "\n")
    cfn("nested-self", "error", "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: template.yaml}\n")
    cfn("nested-loop", "error", "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: other.yaml}\n", **{"other.yaml": "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: template.yaml}\n"})
    cfn("nested-missing", "error", "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: nothing.yaml}\n")
    cfn("nested-outside", "error", "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ../../../../etc/hostname}\n")
    cfn("include-outside", "error", CFN + "    Properties:\n      Fn::Transform: {Name: AWS::Include, Parameters: {Location: /etc/passwd}}\n")
    cfn("include-self", "said", CFN + "    Properties:\n      Fn::Transform: {Name: AWS::Include, Parameters: {Location: template.yaml}}\n")
    cfn("type-shape", "said", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: {Type: [AWS::S3::Bucket]}\n  B: 7\n  C: {Type: {Ref: X}}\n")
    cfn("resources-list", "said", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  - Type: AWS::S3::Bucket\n")
    cfn("two-documents", "fine", CFN + "---\n" + CFN)
    cfn("key-shapes", "said", CFN + "    Properties: {[a, b]: c, {d: e}: f, ? g : h}\n")
    cfn("json-1e999", "fine", '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"Size": 1e999, "Low": -1e999, "Many": %s}}}}' % ("9" * 5000), file="template.json")
    cfn("json-cut", "error", '{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"B": {"Type": "AWS::S3::Bucket", "Prop', file="template.json")
    cfn("json-duplicate", "error", '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Type": "AWS::SNS::Topic"}}}', file="template.json")
    cfn("json-comment", "error", '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}} /* no */, // no\n}', file="template.json")
    cfn("json-trailing-comma", "error", '{"Resources": {"B": {"Type": "AWS::S3::Bucket",}}}', file="template.json")
    cfn("json-single-quotes", "error", "{'Resources': {'B': {'Type': 'AWS::S3::Bucket'}}}", file="template.json")
    cfn("json-lone-surrogate", "fine", '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "\\ud800"}}}}', file="template.json")
    cfn("json-control-character", "error", '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "a\x01\n"}}}}', file="template.json")
    cfn("json-deep", "error", '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Metadata": ' + nested('{"a":', "}", 30000, "1") + "}}}", file="template.json")
    cfn("json-garbage-after", "error", '{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}} x', file="template.json")
    cfn("huge-scalar", "fine", CFN + "    Properties: {BucketName: " + "x" * 3000000 + "}\n")
    cfn("many-errors", "error", CFN + "    Properties: {BucketName: a, BucketName: a}\n" + "".join("  C%d: {Type: AWS::SNS::Topic, Type: x}\n" % i for i in range(5000)))
    cfn("zip-file-huge", "fine", CFN + "  F:\n    Type: AWS::Lambda::Function\n    Properties: {Code: {ZipFile: '%s'}}\n" % ("password = 1 " * 100000))
    cfn("octal-and-friends", "fine", CFN + "    Properties: {A: 0777, B: 0o17, C: 0x_F, D: 1_000, E: .inf, F: .NaN, G: 1:30, H: 2001-01-01, I: yes, J: ~}\n")
    cfn("tags-unknown", "said", CFN + "    Properties: {BucketName: !Nothing x, A: !<tag:x> y}\n")


def manifest_kinds():
    k8s("tab", "error", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: x\n")
    k8s("cut", "error", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x\n")
    k8s("second-document-broken", "error", POD + "---\napiVersion: v1\nkind: [\n---\n" + POD.replace("p}", "q}"))
    k8s("duplicate-key", "error", POD + "  hostNetwork: true\n  hostNetwork: false\n")
    k8s("nul", "error", POD.replace("i:1", "i\0:1"))
    k8s("invalid-utf8", "error", POD.encode() + b"  x: \xff\n")
    k8s("alias-bomb", "error", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\na0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        "a%d: &a%d [%s]\n" % (i, i, ",".join(["*a%d" % (i - 1)] * 9)) for i in range(1, 10)) + "data: *a9\n")
    k8s("list-in-list", "fine", nested("apiVersion: v1\nkind: List\nitems: [", "", 1) + nested("{apiVersion: v1, kind: List, items: [", "]}", 60, "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: []}}") + "]\n")
    k8s("list-very-deep", "error", "apiVersion: v1\nkind: List\nitems: [" + nested("{apiVersion: v1, kind: List, items: [", "]}", 5000) + "]\n")
    k8s("list-shape", "said", "apiVersion: v1\nkind: List\nitems: {a: 1}\n")
    k8s("spec-shape", "said", "apiVersion: v1\nkind: Pod\nmetadata: [x]\nspec: 7\n")
    k8s("containers-shape", "said", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: {name: x}}\n")
    k8s("kind-shape", "said", "apiVersion: v1\nkind: {a: b}\nmetadata: {name: x}\nspec: {containers: []}\n")
    k8s("no-name", "fine", "apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containers: [{image: i:1}]}\n")
    k8s("crd-wild", "fine", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {versions: [{schema: {openAPIV3Schema: " + nested("{properties: {a: ", "}}", 100, "{type: string}") + "}}]}\n")
    k8s("crd-very-deep", "error", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\nspec: {schema: " + nested("{properties: {a: ", "}}", 5000, "{}") + "}\n")
    k8s("many-documents", "fine", "---\n".join("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c%d}\n" % i for i in range(20000)))
    k8s("many-empty-documents", "fine", "---\n" * 100000 + POD)
    k8s("same-object-twice", "fine", POD + "---\n" + POD)
    k8s("selectors-many", "fine", "---\n".join(POD.replace("{name: p}", "{name: p%d, labels: {a: b}}" % i) for i in range(600)) + "---\n" + "---\n".join(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n%d}\nspec: {podSelector: {}, ingress: [{}]}\n" % i for i in range(600)))
    k8s("helm-template-alone", "error", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\nspec: {{- toYaml .Values.spec | nindent 2 }}\n")
    k8s("block-scalar-indent", "error", POD + "  command: |9\n   x\n")
    k8s("json-cut", "error", '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {', file="pod.json")
    k8s("rbac-wild", "error", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r}\naggregationRule: {clusterRoleSelectors: [{}]}\nrules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}, 7, {verbs: x}]\n")
    k8s("quantities", "fine", POD.replace("image: i:1", "image: i:1, resources: {limits: {memory: 1e999Gi, cpu: -1m}}"))
    kustomize("self", "error", "resources: [.]\n")
    kustomize("own-file", "said", "resources: [kustomization.yaml]\n")
    kustomize("parent", "error", "resources: [..]\n", **{"kustomization.yaml": "resources: [o]\n"})
    kustomize("loop", "error", "resources: [../p]\n", **{"p/kustomization.yaml": "resources: [../o]\n"})
    kustomize("missing", "error", "resources: [nothing.yaml, nowhere]\n")
    kustomize("outside", "error", "resources: [../../../../../etc]\nconfigMapGenerator: [{name: c, files: [/etc/passwd]}]\n")
    kustomize("shape", "said", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: {a: b}\npatches: x\nimages: [7]\nreplacements: {}\n")
    kustomize("patch-target", "said", "resources: [d.yaml]\npatches: [{patch: '[{\"op\": \"remove\", \"path\": \"/a/b/c\"}]', target: {kind: Nothing}}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("patch-path", "said", "resources: [d.yaml]\npatches: [{patch: '[{\"op\": \"replace\", \"path\": \"/spec/x/99/y\", \"value\": 1}]', target: {kind: Deployment}}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("patch-index", "said", "resources: [d.yaml]\npatches: [{patch: '[{\"op\": \"add\", \"path\": \"/spec/template/spec/containers/99999999999\", \"value\": 1}]', target: {kind: Deployment}}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("patch-broken", "error", "resources: [d.yaml]\npatches: [{patch: '[{\"op\": ', target: {kind: Deployment}}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("patch-regex", "said", "resources: [d.yaml]\npatches: [{patch: '[]', target: {kind: '((((('}}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("replacement-wild", "said", "resources: [d.yaml]\nreplacements: [{source: {kind: Deployment, fieldPath: 'spec.*.*'}, targets: [{select: {kind: Deployment}, fieldPaths: ['*.*.*.*.*', 'a.[b=c].d', '...', '']}]}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("image-shape", "fine", "resources: [d.yaml]\nimages: [{name: '', newTag: x}, {name: i, newName: '', digest: ''}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("replicas-huge", "fine", "resources: [d.yaml]\nreplicas: [{name: d, count: 99999999999999999999}]\n", **{"o/d.yaml": DEPLOYMENT})
    kustomize("wide-tree", "error-elsewhere", "resources: [%s]\n" % ", ".join("../b%d" % i for i in range(8)), **{"b%d/kustomization.yaml" % i: "resources: [%s]\n" % ", ".join("../c%d" % j for j in range(8)) for i in range(8)}, **{"c%d/kustomization.yaml" % i: "resources: [%s]\n" % ", ".join("../d%d" % j for j in range(8)) for i in range(8)}, **{"d%d/kustomization.yaml" % i: "resources: [x.yaml, missing.yaml]\n" for i in range(8)}, **{"d%d/x.yaml" % i: DEPLOYMENT for i in range(8)})
    kind("k8s-chart-broken", "said", {"c/Chart.yaml": "name: [\n", "c/templates/x.yaml": "{{ if }}\n"})


def other_kinds():
    head = '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": '
    resource_ = '{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"bucket": "x"}}'
    plan("cut", "error", head + '{"resources": [' + resource_)
    plan("version", "said", (head + '{"resources": [' + resource_ + "]}}}").replace("1.2", "99.0"))
    plan("shape", "said", head + '{"resources": {"a": 1}, "child_modules": 7}}}')
    plan("addresses", "fine", head + '{"resources": [' + ", ".join(resource_.replace("aws_s3_bucket.b", a) for a in ("", "...", "module.", "a[", "a[\\\"", "module.m[\\\"x\\\"].a.b[0]")) + "]}}}")
    plan("deep-modules", "error", head + nested('{"child_modules": [', "]}", 3000) + "}}")
    plan("same-address", "fine", head + '{"resources": [' + ", ".join([resource_] * 3000) + "]}}}")
    plan("duplicate-key", "error", head + '{"resources": [' + resource_[:-1] + ', "name": "c"}]}}}')
    kind("names-newline", "error", {"a\nb.tf": "x = [\n"})
    kind("names-escape", "error", {"a\x1b[31mred.tf": "x = [\n"})
    kind("names-not-utf8", "error", {b"a\xff\xfe.tf": "x = [\n"})
    kind("names-quote", "error", {"a'\"$(x)`y`.tf": "x = [\n"})
    kind("names-bidi", "error", {"a\u202egnp.tf": "x = [\n"})
    kind("names-dash", "error", {"-rf.tf": "x = [\n"})
    kind("names-case", "fine", {"Main.tf": BUCKET % '"x"', "main.tf": (BUCKET % '"x"').replace('"b"', '"c"')})
    kind("fs-link-outside", "error", {"x.txt": ""}, bad="out.tf", links=[("out.tf", "/etc/hostname")])
    kind("fs-link-loop", "error", {"x.txt": ""}, bad="loop.tf", links=[("loop.tf", "loop.tf")])
    kind("fs-link-two", "error", {"x.txt": ""}, bad="a.yaml", links=[("a.yaml", "b.yaml"), ("b.yaml", "a.yaml")])
    kind("fs-link-nowhere", "error", {"x.txt": ""}, bad="n.json", links=[("n.json", "nothing")])
    kind("fs-link-device", "error", {"x.txt": ""}, bad="zero.tf", links=[("zero.tf", "/dev/zero")])
    kind("fs-link-proc", "error", {"x.txt": ""}, bad="mem.tf", links=[("mem.tf", "/proc/self/mem")])
    kind("fs-link-directory-outside", "said", {"x.txt": ""}, bad="etc", links=[("etc", "/etc")])
    kind("fs-link-up", "said", {"d/x.tf": BUCKET % '"x"'}, bad="d/up", links=[("d/up", "..")])
    kind("fs-fifo", "error", {"x.txt": ""}, bad="pipe.tf")
    kind("fs-directory-as-file", "fine", {"dir.tf/x.txt": ""})
    kind("fs-socket", "error", {"x.txt": ""}, bad="socket.yaml")
    kind("fs-gitignore-fifo", "error", {"x.txt": "", ".git/HEAD": "ref: refs/heads/main\n"}, bad=".gitignore")
    kind("fs-deep-directories", "error", {"/".join(["d"] * 200) + "/main.tf": BUCKET % '"x"'}, bad="d")
    kind("fs-empty-files", "said", {"main.tf": "", "template.yaml": "", "x.json": ""})
    kind("config-broken", "usage", {".hipaalint.yaml": "profile: [\n"})
    kind("config-bomb", "usage", {".hipaalint.yaml": "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join("a%d: &a%d [%s]\n" % (i, i, ",".join(["*a%d" % (i - 1)] * 9)) for i in range(1, 10))})
    kind("config-link-outside", "usage", {"x.txt": ""}, bad=".hipaalint.yaml", links=[(".hipaalint.yaml", "/etc/passwd")])
    kind("config-rules-loop", "usage-or-fine", {".hipaalint.yaml": "rules: [r]\n", "r/x.txt": ""}, links=[("r/a", "."), ("r/b", "."), ("r/c", ".")])
    kind("config-rule-bomb", "usage", {".hipaalint.yaml": "rules: [r]\n", "r/a.yaml": "id: X-1\nassert: " + nested("(", ")", 5000, "true") + "\n"})
    kind("policy-wild", "error", {"main.tf": 'resource "aws_iam_policy" "p" {\n  policy = jsonencode({Statement = [for i in range(3000) : {Effect = "Allow", Action = "s3:${"*a".x}*", Resource = "*"}]})\n}\n'.replace('${"*a".x}', "*?" * 20)})
    kind("policy-cut", "said", {"main.tf": 'resource "aws_iam_policy" "p" {\n  policy = "{\\"Statement\\": [{\\"Effect\\""\n}\n'})
    kind("policy-deep", "said", {"main.tf": 'resource "aws_iam_policy" "p" {\n  policy = "%s"\n}\n' % nested("[", "]", 5000)})
    kind("suppression-wild", "said", {"main.tf": "# hipaalint:ignore\n# hipaalint:ignore ,,, until=2026-99-99 reason=\"\n# hipaalint:ignore-file\n" + BUCKET % '"x"'})
    kind("suppression-many", "said", {"main.tf": BUCKET % '"x"' + "# hipaalint:ignore X-1\n" * 50000})


def make(root, files, links, bad):
    for name, text in files.items():
        path = os.path.join(os.fsencode(root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    for name, target in links:
        os.symlink(target, os.path.join(root, name))
    if bad in ("pipe.tf", ".gitignore"):
        os.mkfifo(os.path.join(root, bad))
    if bad == "socket.yaml":
        import socket
        here = os.getcwd()
        os.chdir(root)
        socket.socket(socket.AF_UNIX).bind(bad)
        os.chdir(here)
    for name, text in (("good/main.tf", GOOD_TF), ("good/template.yaml", GOOD_CFN), ("good/pod.yaml", GOOD_K8S)):
        os.makedirs(os.path.join(root, "good"), exist_ok=True)
        with open(os.path.join(root, name), "w") as f:
            f.write(text)


def limit():
    seconds = CPU_SECONDS * (10 if SANITIZED else 1)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(program, root):
    out = open(os.path.join(os.path.dirname(root), "out"), "w+b")
    p = subprocess.Popen([program, "check", "-v", "-j2", "--format", "json", root], stdin=subprocess.DEVNULL, stdout=out,
                         stderr=subprocess.STDOUT, preexec_fn=limit)
    _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    out.seek(0)
    return p.returncode, out.read(), usage


def judge(root, expect, bad, code, output, usage):
    if usage.ru_maxrss * 1024 > MEMORY and not SANITIZED:
        return "%d MiB" % (usage.ru_maxrss // 1024)
    if code < 0:
        return "signal %d" % -code
    if expect == "usage":
        said = os.path.basename(os.fsdecode(bad)) in output.decode(errors="replace")
        return None if code == 2 and (said or b".yaml:" in output) else "exit %d instead of 2: %r" % (code, output[:200])
    if expect == "usage-or-fine" and code == 2:
        return None
    try:
        report = json.loads(output.decode("utf-8"))
    except ValueError as e:
        return "no report: exit %d: %s: %r" % (code, e, output[:300])
    addresses = {f["address"] for f in report["findings"]}
    for neighbour in ("aws_s3_bucket.neighbour", "Neighbour", "Pod/neighbour"):
        if not any(a.endswith(neighbour) for a in addresses):
            return "the neighbour %s has no answers" % neighbour
    diagnostics = [d for d in report["diagnostics"] if not d.get("file", "").startswith(root + "/good/")]
    plain = re.sub(rb"[^A-Za-z0-9._/-].*", b"", os.fsencode(bad)).decode()
    named = [d for d in diagnostics if plain in d.get("file", "") or plain in d["message"]]
    if expect == "fine" or expect == "usage-or-fine":
        return None if code in (0, 1) else "exit %d: %s" % (code, diagnostics[:2])
    if expect == "said":
        return None if named else "nothing said of it (exit %d): %s" % (code, diagnostics[:2])
    if expect == "error-elsewhere":
        named = diagnostics
    errors = [d for d in named if d["severity"] == "error"]
    if code != 3 or not errors:
        return "exit %d, errors about it: %d; said: %s" % (code, len(errors), diagnostics[:2])
    if expect == "error" and not bad.startswith(".") and os.path.isfile(os.path.join(root, os.fsdecode(bad))) and not os.path.islink(
            os.path.join(root, os.fsdecode(bad))) and not any("line" in d for d in errors):
        return "no line: %s" % errors[:1]
    return None


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program"), p.add_argument("--only", default="*"), p.add_argument("--keep")
    p.add_argument("--sanitized", action="store_true")
    o = p.parse_args()
    global SANITIZED
    SANITIZED = o.sanitized
    for make_kinds in (terraform_kinds, template_kinds, manifest_kinds, other_kinds):
        make_kinds()
    tmp = o.keep or tempfile.mkdtemp(prefix="hipaalint-bad-")
    passed = failed = 0
    slowest = (0, "")
    for name, expect, files, bad, links, arguments in KINDS:
        if not fnmatch.fnmatch(name, o.only):
            continue
        root = os.path.join(tmp, name)
        make(root, files, links, bad)
        code, output, usage = run(os.path.abspath(o.program), root)
        slowest = max(slowest, (usage.ru_utime + usage.ru_stime, name, usage.ru_maxrss // 1024))
        wrong = judge(root, expect, bad, code, output, usage)
        passed += not wrong
        failed += bool(wrong)
        if wrong:
            print("%s (%s): %s" % (name, expect, wrong[:400]))
        if not o.keep:
            shutil.rmtree(root)
    if not o.keep:
        shutil.rmtree(tmp)
    print("%d kinds; the slowest: %s, %.1f s, %d MiB" % (passed + failed, slowest[1], slowest[0], slowest[2] if passed + failed else 0))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
