"""Bad input of many kinds: plans, names, the file system, configuration, policies and suppressions."""
from badinputs.common import BUCKET, CFN, FIFO, kind, nested, plan, SOCKET


def kinds():
    head = '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": '
    resource_ = '{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"bucket": "x"}}'
    plan("cut", "error", head + '{"resources": [' + resource_)
    plan("version", "said", (head + '{"resources": [' + resource_ + "]}}}").replace("1.2", "99.0"))
    plan("shape", "said", head + '{"resources": {"a": 1}, "child_modules": 7}}}')
    plan("addresses", "error", head + '{"resources": [' + ", ".join(resource_.replace("aws_s3_bucket.b", a) for a in ("", "...", "module.", "a[", "a[\\\"", "module.m[\\\"x\\\"].a.b[0]")) + "]}}}")
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
    kind("fs-fifo", "error", {"x.txt": ""}, bad="pipe.tf", links=[("pipe.tf", FIFO)])
    kind("fs-directory-as-file", "fine", {"dir.tf/x.txt": ""})
    kind("fs-socket", "error", {"x.txt": ""}, bad="socket.yaml", links=[("socket.yaml", SOCKET)])
    kind("fs-gitignore-fifo", "error", {"x.txt": "", ".git/HEAD": "ref: refs/heads/main\n"}, bad=".gitignore", links=[(".gitignore", FIFO)])
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


def more_kinds():
    head = '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": '
    resource_ = '{"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"bucket": "x"}}'
    plan("modules-list", "error", head + '{"child_modules": [7, "x"]}}}')
    plan("values-list", "error", head + '{"resources": [' + resource_.replace('{"bucket": "x"}', "[1]") + "]}}}")
    plan("resource-text", "error", head + '{"resources": ["x"]}}}')
    plan("address-number", "error", head + '{"resources": [' + resource_.replace('"aws_s3_bucket.b"', "7") + "]}}}")
    plan("root-list", "error", '{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": []}}')
    plan("version-number", "said", (head + '{"resources": [' + resource_ + "]}}}").replace('"1.2"', "12"))
    plan("nan", "error", head + '{"resources": [' + resource_.replace('"x"', "NaN") + "]}}}")
    plan("binary-tail", "error", (head + '{"resources": [' + resource_ + "]}}}").encode() + b"\x80\x81\x82")
    plan("huge-value", "fine", head + '{"resources": [' + resource_.replace('"x"', '"%s"' % ("x" * 5000000)) + "]}}}")
    plan("value-depth", "error", head + '{"resources": [' + resource_.replace('"x"', nested("[", "]", 2000)) + "]}}}")
    plan("many-modules", "fine", head + '{"child_modules": [%s]}}}' % ", ".join('{"address": "module.m%d", "resources": []}' % i for i in range(20000)))
    for name, text in {
            "list": "[a]\n", "number": "7\n", "text": "strict\n", "key-unknown": "profil: strict\n", "profile-unknown": "profile: nothing\n",
            "profile-list": "profile: [a]\n", "rules-map": "rules: {a: b}\n", 
            "severity-shape": "severity: [a]\n", "severity-unknown": "severity: {HL-S3-001: {severity: worst, reason: x}}\n",
            "exceptions-text": "exceptions: x\n", "exception-empty": "exceptions: [{}]\n", "exception-no-reason": "exceptions: [{rule: HL-S3-001}]\n",
            "exception-regex": "exceptions: [{rule: HL-S3-001, reason: x, files: 7}]\n",
            "tab": "profile:\n\tstrict\n", "duplicate": "profile: strict\nprofile: base\n", "alias": "profile: *x\n", "cycle": "a: &a [*a]\n",
            "deep": "a: " + nested("[", "]", 5000) + "\n", "merge": "<<: 7\n", "utf8": b"profile: \xff\n", "nul": "profile: \0\n", "binary": bytes(range(256)),
            "utf16-cut": b"\xff\xfep\0r", "documents": "profile: strict\n---\nprofile: base\n", "tag": "profile: !!python/name:os x\n",
            "json-cut": "{\"profile\": ", "parameters-list": "parameters: [a]\n", "escape": "profile: \"\\q\"\n",
            "assume-shape": "assume: 7\n", "format-unknown": "format: [sarf]\n", "fail-on-unknown": "fail-on: worst\n"}.items():
        kind("config-" + name, "usage", {".hipaalint.yaml": text})
    rule = "id: X-1\nname: x\ntitle: x\nseverity: low\ncategory: logging\nhipaa: ['164.312(b)']\nresource: aws.s3.bucket\nassert: %s\nmessage: m\nwhy: w\nfix: {terraform: a = 1, cloudformation: 'A: 1'}\n"
    for name, text in {
            "cut": "id: [\n", "list": "[a]\n", "empty-map": "{}\n", "expression-cut": rule % "'1 +'", "expression-unknown": rule % "nothing(resource)",
            "expression-list": rule % "[a]", "severity": (rule % "'true'").replace("low", "worst"), "resource": (rule % "'true'").replace("aws.s3.bucket", "no.such.kind"),
            "section": (rule % "'true'").replace("164.312(b)", "164.999"), "key-unknown": rule % "'true'" + "nonsense: 1\n", "id-twice": (rule % "'true'") + "---\n" + (rule % "'true'"),
            "placeholder-cut": (rule % "'true'").replace("message: m", "message: '{address'"), "deep-lists": rule % ("'%s'" % nested("[", "]", 3000)),
            "type-error": rule % "'1'", "regex": rule % "'\"a\".matches(\"(\")'"}.items():
        kind("rule-" + name, "usage", {"r/a.yaml": text}, arguments=("--rules", "ROOT/r"))
    for name, text in {"cut": '{"hipaalint-baseline": 1, "findings": [', "list": "[]", "number": "7", "version": '{"hipaalint-baseline": 99, "findings": []}',
                       "shape": '{"hipaalint-baseline": 1, "findings": {"a": 1}}', "entry": '{"hipaalint-baseline": 1, "findings": [7]}', "nul": "\0", "empty": "",
                       "deep": nested("[", "]", 5000), "sarif": '{"version": "2.1.0", "runs": []}', "binary": bytes(range(256))}.items():
        kind("baseline-" + name, "usage", {"baseline.json": text}, arguments=("--baseline", "ROOT/baseline.json"))
    kind("config-rules-missing", "usage", {".hipaalint.yaml": "rules: [nowhere]\n"}, bad="nowhere")
    kind("config-exception-date", "said", {".hipaalint.yaml": "exceptions: [{rule: HL-S3-001, reason: x, until: 2026-02-30}]\n"})
    kind("rule-binary", "error", {"r/a.yaml": bytes(range(256))}, arguments=("--rules", "ROOT/r"))
    kind("baseline-missing", "usage", {"x.txt": ""}, bad="nothing.json", arguments=("--baseline", "ROOT/nothing.json"))
    kind("rules-missing", "usage", {"x.txt": ""}, bad="nowhere", arguments=("--rules", "ROOT/nowhere"))
    kind("var-file-missing", "error", {"x.txt": "", "main.tf": 'variable "x" {}\n' + BUCKET % "var.x"}, bad="none.tfvars", arguments=("--var-file", "ROOT/none.tfvars"))
    kind("var-file-broken", "error", {"own.tfvars": "x = [\n", "main.tf": 'variable "x" {}\n' + BUCKET % "var.x"}, arguments=("--var-file", "ROOT/own.tfvars"))
    kind("parameter-file-broken", "error", {"own.json": "[{", "t.yaml": CFN + "Parameters: {P: {Type: String}}\n"}, arguments=("--parameters", "ROOT/own.json"))
    kind("gitignore-stars", "fine", {".gitignore": "**/" * 2000 + "x\n" + "*a" * 1000 + "\n" + "[" * 1000 + "\n", ".git/HEAD": "ref: refs/heads/main\n", "a" * 200 + ".tf": BUCKET % '"x"'})
    kind("gitignore-binary", "fine", {".gitignore": bytes(range(256)) * 100, ".git/HEAD": "ref: refs/heads/main\n", "main.tf": BUCKET % '"x"'})
    kind("gitignore-long", "fine", {".gitignore": "x" * 500000 + "\n" + "!y\n" * 20000, ".git/HEAD": "ref: refs/heads/main\n", "main.tf": BUCKET % '"x"'})
    kind("names-long", "error", {"a" * 251 + ".tf": "x = [\n"})
    kind("names-only-extension", "fine", {".tf": "x = [\n"})
    kind("names-backslash", "error", {"a\\b.tf": "x = [\n"})
    kind("names-surrogate", "error", {b"a\xed\xa0\x80.yaml": CFN + "    x: [\n"})
    kind("names-control", "error", {"a\x01\x7f\x9b.tf": "x = [\n"})
    kind("names-tab", "error", {"a\tb.tf": "x = [\n"})
    kind("names-colon", "error", {"a:1:2: error.tf": "x = [\n"})
    kind("fs-hole", "error", {"x.txt": ""}, bad="hole.tf", links=[("hole.tf", 10 << 30)])
    kind("fs-hole-of-yaml", "error", {"x.txt": ""}, bad="hole.yaml", links=[("hole.yaml", 200 << 20)])
    kind("fs-fifo-in-module", "error", {"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/main.tf": BUCKET % '"x"'}, bad="m/pipe.tf", links=[("m/pipe.tf", FIFO)])
    kind("fs-fifo-as-file", "error", {"main.tf": BUCKET % 'file("pipe")'}, links=[("pipe", FIFO)])
    kind("fs-fifo-as-resource", "error", {"o/kustomization.yaml": "resources: [pipe.yaml]\n"}, bad="pipe.yaml", links=[("o/pipe.yaml", FIFO)])
    kind("fs-fifo-as-template", "error", {"t.yaml": "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: pipe}\n"}, bad="pipe", links=[("pipe", FIFO)])
    kind("fs-fifo-as-modules-json", "error", {".terraform/modules/x.txt": "", "main.tf": 'module "m" {\n  source = "a/b/c"\n}\n'}, bad="modules.json", links=[(".terraform/modules/modules.json", FIFO)])
    kind("fs-link-to-parent-as-file", "error", {"main.tf": BUCKET % 'file("up")'}, links=[("up", "..")])
    kind("fs-link-chain", "error", {"x.txt": ""}, bad="l0.tf", links=[("l%d.tf" % i, "l%d.tf" % (i + 1)) for i in range(60)])
    kind("fs-link-fd", "error", {"x.txt": ""}, bad="fd.tf", links=[("fd.tf", "/dev/fd/0")])
    kind("fs-link-tty", "error", {"x.txt": ""}, bad="tty.yaml", links=[("tty.yaml", "/dev/tty")])
    kind("fs-config-directory", "usage", {".hipaalint.yaml/x.txt": ""}, bad=".hipaalint.yaml")
    kind("policy-number", "said", {"main.tf": 'resource "aws_iam_policy" "p" {\n  policy = "7"\n}\n'})
    kind("policy-statement-shape", "fine", {"main.tf": 'resource "aws_iam_policy" "p" {\n  policy = jsonencode({Statement = [1, "x", {Action = {a = 1}}]})\n}\n'})
    kind("suppression-newline", "said", {"main.tf": "# hipaalint:ignore HL-S3-001 reason=\"a\\nb\" until=9999-99-99\n" + BUCKET % '"x"'})
    kind("suppression-huge", "said", {"main.tf": "# hipaalint:ignore " + "X-1," * 100000 + "\n" + BUCKET % '"x"'})
