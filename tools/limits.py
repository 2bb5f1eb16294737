#!/usr/bin/env python3
"""Every limit of base/limits.h, tested on both sides: limits.py PROGRAM

The table of `hipaalint limits` drives: a limit without a test here is an error, and so is one that the manual does not
list. A test makes an input that is just inside the limit and one that is just outside; inside, nothing is said of a
limit; outside, a diagnostic says so and the exit status is 3, or what the test says instead. Limits that no input of
bearable size reaches name the unit test that reaches them.
Last line: N passed, N failed."""
import json, os, re, shutil, subprocess, sys, tempfile

PROGRAM = os.path.abspath(sys.argv[1])
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TESTS = {}


def limit(*names):
    def add(f):
        for name in names:
            TESTS[name] = f
        return f
    return add


def lint(files, arguments=("check",), sparse=None):
    root = tempfile.mkdtemp(prefix="hipaalint-limit-")
    try:
        for name, text in files.items():
            path = os.path.join(root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(text)
        if sparse:
            with open(os.path.join(root, sparse[0]), "w") as f:
                f.truncate(sparse[1])
        p = subprocess.run([PROGRAM, *arguments, "--format", "json", root] if arguments[0] == "check" else
                           [PROGRAM, *arguments, root], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, timeout=120)
        try:
            report = json.loads(p.stdout)
        except ValueError:
            report = {"diagnostics": [], "findings": []}
        return p.returncode, {d["id"] for d in report["diagnostics"]}, report
    finally:
        subprocess.run(["rm", "-rf", root])


def written(files, *arguments):
    root = tempfile.mkdtemp(prefix="hipaalint-limit-")
    try:
        for name, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
            with open(os.path.join(root, name), "w") as f:
                f.write(text)
        return subprocess.run([PROGRAM, *arguments, root], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=120)
    finally:
        shutil.rmtree(root)


HIT = {"limit", "too-large", "regex-limit"}


def sides(inside, outside, **more):
    """Files inside and outside: True when both behave."""
    a, b = lint(inside, **more), lint(outside, **more)
    if a[1] & HIT:
        return "inside: %s" % sorted(a[1])
    if not b[1] & HIT or b[0] != 3:
        return "outside: exit %d, %s" % (b[0], sorted(b[1]))
    return None


def unit(path):
    def test(name, value):
        with open(os.path.join(HERE, path)) as f:
            return None if re.search(r"\bLIMIT_%s\b" % name, f.read()) else "%s does not test it" % path
    return test


def tf(text):
    return {"main.tf": text}


def bucket(expression):
    return tf('resource "aws_s3_bucket" "b" {\n  bucket = %s\n}\n' % expression)


@limit("FILE_BYTES")
def _(name, value):
    a, b = lint({}, sparse=("main.tf", value)), lint({}, sparse=("main.tf", value + 1))
    return None if "too-large" not in a[1] and "too-large" in b[1] and b[0] == 3 else "%s %s" % (a, b)


@limit("DEPTH")
def _(name, value):
    deep = lambda n: {"t.json": '{"Resources": {"B": {"Type": "AWS::S3::Bucket", "Metadata": %s1%s}}}' % (
        '{"a":' * n, "}" * n)}
    return sides(deep(value - 10), deep(value + 10))


@limit("DIR_DEPTH")
def _(name, value):
    deep = lambda n: {"d/" * n + "main.tf": 'resource "aws_s3_bucket" "b" {}\n'}
    return sides(deep(value), deep(value + 1))


@limit("PATH_BYTES")
def _(name, value):
    def run(n):
        path = "/tmp/" + "x/" * ((n - 5) // 2)
        p = subprocess.run([PROGRAM, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return p.returncode == 3 and b"no such file or directory" in p.stdout
    return None if run(value - 10) and run(value + 1000) else "a long path is not said to be missing"


@limit("HCL_ITEM_BYTES")
def _(name, value):
    return sides(bucket('"%s"' % ("x" * (value // 2))), bucket('"%s"' % ("x" * (value + 10))))


@limit("ALIAS_NODES")
def _(name, value):
    def bomb(levels):
        return {"t.yaml": "Resources: {B: {Type: AWS::S3::Bucket}}\nMetadata:\n  a0: &a0 [%s]\n" % ",".join("x" * 10) + "".join(
            "  a%d: &a%d [%s]\n" % (i, i, ", ".join(["*a%d" % (i - 1)] * 10)) for i in range(1, levels))}
    return sides(bomb(4), bomb(7))


@limit("FILE_DIAGNOSTICS")
def _(name, value):
    def count(n):
        return len(lint({"t.json": '{"Resources": {"B": {"Type": "AWS::S3::Bucket"%s}}}' % (', "Type": 1' * n)})[2]["diagnostics"])
    few, many = count(value - 10), count(value * 3)
    return None if few >= value - 10 and many <= value + 2 else "%d and %d diagnostics" % (few, many)


@limit("EVAL_STEPS")
def _(name, value):
    loop = lambda n: bucket('"${length(flatten([for i in range(1000) : [for j in range(1000) : [for k in range(%d) : k]]]))}"' % n)
    return sides(bucket('"${length([for i in range(1000) : i])}"'), loop(200))


@limit("TEMPLATE_STEPS")
def _(name, value):
    def text(n):
        return {"t.yaml": "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: " + (
            '{"Fn::Sub": ["${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}", {"X": ' * n + '"xxxxxxxxxx"' + "}]}" * n) + "\n"}
    return sides(text(3), text(10))


@limit("COLLECTION")
def _(name, value):
    over = lambda n: bucket('"${length([for p in setproduct(range(1000), range(%d)) : p])}"' % n)
    return sides(over(50), over(200))


@limit("STRING_BYTES")
def _(name, value):
    doubled = lambda n: {"main.tf": 'locals {\n  s0 = "%s"\n' % ("x" * 1024) + "".join(
        '  s%d = "${local.s%d}${local.s%d}"\n' % (i, i - 1, i - 1) for i in range(1, n + 1)) +
        '}\nresource "aws_s3_bucket" "b" {\n  bucket = "${length(local.s%d)}"\n}\n' % n}
    n = (value // 1024).bit_length() - 1
    return sides(doubled(n - 1), doubled(n + 1))


@limit("INSTANCES")
def _(name, value):
    count = lambda n: tf('resource "null_resource" "b" {\n  count = %d\n}\n' % n)
    return sides(count(value), count(value + 1))


@limit("MODULE_DEPTH")
def _(name, value):
    def chain(n):
        files = {"m" * 1 + "/" * 0 + "ain.tf": 'module "m" {\n  source = "./m1"\n}\n'}
        for i in range(1, n):
            files["m1/" + "m/" * (i - 1) + "main.tf"] = 'module "m" {\n  source = "./m"\n}\n'
        files["m1/" + "m/" * (n - 1) + "main.tf"] = 'resource "aws_s3_bucket" "b" {}\n'
        return files
    return sides(chain(value - 2), chain(value + 2))


@limit("MODULE_CALLS")
def _(name, value):
    calls = lambda n, k: {"main.tf": 'module "m" {\n  source = "./m"\n  count = %d\n}\n' % n,
                          "m/main.tf": 'module "n" {\n  source = "./n"\n  count = %d\n}\n' % k,
                          "m/n/main.tf": "locals {\n  a = 1\n}\n"}
    return sides(calls(10, 10), calls(200, value // 100))


@limit("RESOURCE_VALUES")
def _(name, value):
    def said(n):
        rules = ", ".join(['{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2}'] * n)
        root = tempfile.mkdtemp()
        with open(root + "/t.json", "w") as f:
            f.write('{"Resources": {"G": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"SecurityGroupIngress": [%s]}}}}' % rules)
        p = subprocess.run([PROGRAM, "graph", "-o", "/dev/null", root], stderr=subprocess.PIPE)
        shutil.rmtree(root)
        return p.returncode == 3 and b"too many values" in p.stderr
    return None if not said(value // 20) and said(value // 4 + 30000) else "%s %s" % (said(value // 20), said(value // 4 + 30000))


def choice_template(n):
    return {"t.yaml": "Parameters:\n  P: {Type: String, AllowedValues: [%s]}\nResources:\n  D:\n    Type: AWS::RDS::DBInstance\n"
                      "    Properties: {Engine: !Ref P, StorageEncrypted: true, DBInstanceClass: db.t3.micro}\n" % ", ".join(
                          "e%d" % i for i in range(n))}


@limit("ALTERNATIVES")
def _(name, value):
    def of(n):
        root = tempfile.mkdtemp()
        with open(root + "/t.yaml", "w") as f:
            f.write(choice_template(n)["t.yaml"])
        p = subprocess.run([PROGRAM, "graph", root], stdout=subprocess.PIPE)
        shutil.rmtree(root)
        return b'"choice":"P"' in p.stdout.replace(b" ", b"")
    return None if of(value) and not of(value + 1) else "%s %s" % (of(value), of(value + 1))


@limit("WORLDS")
def _(name, value):
    def answers(n):
        p = "".join("  P%d: {Type: String, AllowedValues: ['true', 'false']}\n" % i for i in range(n))
        c = "".join("  C%d: !Equals [!Ref P%d, 'true']\n" % (i, i) for i in range(n))
        nest = "true"
        for i in range(n):
            nest = "!If [C%d, %s, false]" % (i, nest)
        files = {"t.yaml": "Parameters:\n%sConditions:\n%sResources:\n  D:\n    Type: AWS::RDS::DBInstance\n    Properties:\n"
                           "      StorageEncrypted: %s\n" % (p, c, nest)}
        root = tempfile.mkdtemp()
        with open(root + "/t.yaml", "w") as f:
            f.write(files["t.yaml"])
        out = json.loads(subprocess.run([PROGRAM, "-v", "--format", "json", "--only", "HL-RDS-001", root],
                                        stdout=subprocess.PIPE).stdout)
        shutil.rmtree(root)
        return {f["status"] for f in out["findings"]}
    few, many = answers(3), answers(40)
    return None if few == {"fail"} and "pass" not in many and many else "%s and %s" % (few, many)


def rule(condition):
    """Exit status of a run with one rule of that condition."""
    root = tempfile.mkdtemp()
    with open(root + "/r.yaml", "w") as f:
        f.write("id: X-LIM-001\nname: x\ntitle: X\nseverity: low\ncategory: logging\nhipaa: [\"164.312(b)\"]\nresource: "
                "aws.s3.bucket\nassert: %s\nmessage: m\nwhy: w\nfix: {terraform: a = 1, cloudformation: 'A: 1'}\n" % json.dumps(condition))
    p = subprocess.run([PROGRAM, "eval", "--cel", condition], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    shutil.rmtree(root)
    return p.returncode, p.stderr.decode()


@limit("CEL_DEPTH")
def _(name, value):
    a, b = rule("(" * (value // 4) + "true" + ")" * (value // 4)), rule("(" * (value * 2) + "true" + ")" * (value * 2))
    return None if a[0] == 0 and b[0] == 2 else "%s %s" % (a, b)


@limit("CEL_COST")
def _(name, value):
    many = "[" + ",".join("0123456789" * 20) + "]"
    a, b = rule("[1, 2].all(a, a > 0)"), rule("%s.all(a, %s.all(b, %s.all(c, %s.all(d, a + b + c + d >= 0))))" % ((many,) * 4))
    return None if a[0] == 0 and b[0] == 2 else "%s %s" % (a, b)


@limit("REGEX_MATCH", "REGEX_DEPTH")
def _(name, value):
    text = lambda n: bucket('regex("^(a+)+$", "%s!")' % ("a" * n))
    a, b = lint(text(5)), lint(text(60))
    return None if not a[1] & HIT and b[1] & HIT and b[0] == 3 else "%s %s" % (a[:2], b[:2])


@limit("FINDINGS")
def _(name, value):
    many = lambda n: tf("".join('resource "aws_sns_topic" "d%d" {\n}\n' % i for i in range(n)))
    return sides(many(100), many(value + 10))


@limit("SELECTIONS")
def _(name, value):
    def many(n):
        pods = ["apiVersion: v1\nkind: Pod\nmetadata: {name: p%d, labels: {a: b, c: d}}\nspec: {containers: [{name: c, image: i}]}\n"
                % i for i in range(n)]
        policies = ["apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: n%d}\nspec: {podSelector: {matchExpressions: "
                    "[{key: a, operator: NotIn, values: [x%d]}]}}\n" % (i, i) for i in range(n)]
        return {"k.yaml": "---\n".join(pods + policies)}
    return sides(many(20), many(int(value ** 0.5) + 20))


@limit("FIX_RESOURCES")
def _(name, value):
    def run(n):
        root = tempfile.mkdtemp()
        with open(root + "/main.tf", "w") as f:
            f.write('resource "aws_ebs_volume" "v" {\n  encrypted = false\n}\n')
            f.write("".join('resource "aws_eip" "e%d" {}\n' % i for i in range(n - 1)))
        p = subprocess.run([PROGRAM, "check", "--verbose", "--only", "HL-EBS-001", "--format", "sarif", root], stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT)
        shutil.rmtree(root)
        return b"fixes are left out" in p.stdout
    return None if not run(3) and run(value + 1) else "%s %s" % (run(3), run(value + 1))


@limit("NEIGHBOURS")
def _(name, value):
    def joined(n):
        files = {"hub/main.tf": 'resource "aws_s3_bucket" "hub" {\n  bucket = "hub-of-all"\n}\n'}
        for i in range(n):
            files["s%02d/t.yaml" % i] = ("Resources:\n  P:\n    Type: AWS::S3::BucketPolicy\n    Properties: {Bucket: hub-of-all, "
                                         "PolicyDocument: {Statement: []}}\n")
            files["s%02d/t.yaml" % i] += "  T: {Type: AWS::SNS::Topic}\n"
        # Of as many units as this the hub sees the topics, of one more none.
        return written(files, "query", 'resource.kind == "aws.s3.bucket" && size(resources("aws.sns.topic")) == %d' % n).stdout
    few, many = joined(value), joined(value + 1)
    return None if b"aws_s3_bucket.hub" in few and b"aws_s3_bucket.hub" not in many else "%s %s" % (few, many)


@limit("THREADS")
def _(name, value):
    def run(n):
        p = subprocess.run([PROGRAM, "-j%d" % n, os.path.join(HERE, "testdata/projects/clinic")], stdout=subprocess.PIPE)
        return p.returncode, p.stdout
    return None if run(value) == run(1) == run(value + 1) else "another answer"


@limit("SNIPPET_BYTES")
def _(name, value):
    def longest(n):
        root = tempfile.mkdtemp()
        with open(root + "/main.tf", "w") as f:
            f.write('resource "aws_db_instance" "d" { storage_encrypted = false } # %s\n' % ("x" * n))
        out = subprocess.run([PROGRAM, "--format", "html", root], stdout=subprocess.PIPE).stdout
        shutil.rmtree(root)
        return max((len(m) for m in re.findall(rb"x{20,}", out)), default=0)
    few, many = longest(value // 2), longest(value * 10)
    return None if few == value // 2 and few < many <= value else "%d and %d bytes" % (few, many)


TESTS["FILES"] = unit("src/frontend/input_test.c")
TESTS["NODES"] = unit("src/syntax/node_test.c")
TESTS["MODEL_PROPERTIES"] = unit("src/graph/model_test.c")
TESTS["REGEX_HEAP_KB"] = unit("src/base/regex_test.c")


def of_the_run():
    """--timeout and --max-memory: what stays inside is whole; what is stopped says by which, leaves no half of a report
    and is never clean."""
    small = bucket('"x"')
    slow = {"d%d/main.tf" % i: bucket('length([for i in range(1000) : [for j in range(1000) : upper("%s${j}")]])' % ("x" * 20000))
            ["main.tf"] for i in range(40)}
    plain = written(small, "check", "--format", "json")
    for option, inside, outside, files in (("--timeout", "100", "1", slow), ("--max-memory", "1G", "20M", slow)):
        a = written(small, "check", option, inside, "--format", "json")
        b = written(files, "check", "-j1", option, outside, "--format", "json")
        if a.returncode != plain.returncode or len(a.stdout) != len(plain.stdout) or a.stderr:
            yield "%s %s: exit %d, %s" % (option, inside, a.returncode, a.stderr)
        elif b.returncode != 3 or option.encode() not in b.stderr or b.stdout:
            yield "%s %s: exit %d, %s" % (option, outside, b.returncode, b.stderr)
        else:
            yield None


def main():
    passed = failed = 0
    for wrong in of_the_run():
        passed += not wrong
        failed += bool(wrong)
        if wrong:
            print(wrong[:300])
    with open(os.path.join(HERE, "man/hipaalint.1")) as f:
        manual = f.read()
    table = subprocess.run([PROGRAM, "limits"], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    names = {}
    for line in table:
        name, value = line.split()[:2]
        names[name] = int(value)
    for name, value in names.items():
        wrong = TESTS[name](name, value) if name in TESTS else "no test"
        if name not in manual:
            wrong = (wrong or "") + " not in the manual"
        passed += not wrong
        failed += bool(wrong)
        if wrong:
            print("%s: %s" % (name, wrong[:300]))
    for name in TESTS:
        if name not in names:
            failed += 1
            print("%s: there is no such limit" % name)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
