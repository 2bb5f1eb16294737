#!/usr/bin/env python3
"""What the file system may do to a run, and what a run may do to the file system: filesystem.py PROGRAM [LAUNCHER]

With LAUNCHER (tools/confine.c) once more, as far as it is about the root, on a kernel without openat2.

Links out of the root by every way of including, races with somebody who swaps and truncates files, paths of 4,096
bytes, permissions, and reports: a full disk, a broken pipe, a missing directory, links where the report goes.
Last line: N passed, N failed."""
import json, os, resource, shutil, signal, subprocess, sys, tempfile, threading

PROGRAM = os.path.abspath(sys.argv[1])
LAUNCHER = [os.path.abspath(sys.argv[2]), "--old"] if len(sys.argv) > 2 else []
prefix = []
SECRET = "TOP-SECRET-OF-SOMEBODY"
passed = failed = 0


def check(what, good, *detail):
    global passed, failed
    passed += bool(good)
    failed += not good
    if not good:
        print("FAILED: %s: %s" % (what, " ".join(str(d)[:300] for d in detail)))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def lint(root, *arguments, **more):
    return subprocess.run([*prefix, PROGRAM, *(arguments or ("check", "-v", root))], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, **more)


def case(name):
    root = os.path.join(tmp, *prefix[1:], name, "root")
    os.makedirs(root)
    outside = os.path.join(tmp, *prefix[1:], name, "outside")
    os.makedirs(outside)
    return root, outside


def links_out_of_the_root():
    ways = {
        "file": ("main.tf", 'resource "aws_sns_topic" "t" {\n  name = file("link")\n}\n'),
        "templatefile": ("main.tf", 'resource "aws_sns_topic" "t" {\n  name = templatefile("link", {})\n}\n'),
        "filebase64": ("main.tf", 'resource "aws_sns_topic" "t" {\n  name = base64decode(filebase64("link"))\n}\n'),
        "filesha256": ("main.tf", 'resource "aws_sns_topic" "t" {\n  name = filesha256("link")\n}\n'),
        "include": ("t.yaml", "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      Fn::Transform: "
                              "{Name: AWS::Include, Parameters: {Location: link}}\n"),
        "nested": ("t.yaml", "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties: "
                             "{TemplateURL: link}\n"),
        "embed": ("t.yaml", "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: "
                            "!Rain::Embed link}\n"),
        "resource": ("kustomization.yaml", "resources: [link]\n"),
        "patch": ("kustomization.yaml", "resources: [p.yaml]\npatches: [{path: link}]\n"),
        "generator": ("kustomization.yaml", "configMapGenerator: [{name: c, files: [a=link]}]\n"),
        "environment": ("kustomization.yaml", "configMapGenerator: [{name: c, envs: [link]}]\n"),
    }
    text = "TopicName: %s\nkind: %s\napiVersion: v1\nmetadata: {name: %s}\n" % (SECRET, SECRET, SECRET)
    for target in ("file", "through a directory"):
        for way, (name, content) in ways.items():
            root, outside = case("link %s %s" % (way, target))
            write(outside + "/secret", text)
            if target == "file":
                os.symlink(outside + "/secret", root + "/link")
            else:
                os.symlink(outside, root + "/d")
                content = content.replace("link", "d/secret")
            write(root + "/p.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n")
            write(root + "/" + name, content)
            for command in (("check", "-v", root), ("graph", root)):
                p = lint(root, *command)
                check("%s: %s: says nothing of it" % (way, command[0]), SECRET.encode() not in p.stdout, p.stdout)
            check("%s: is said" % way, b"outside" in p.stdout or b"leaves" in lint(root).stdout
                  or b"outside" in lint(root).stdout, lint(root).stdout)
    root, outside = case("dots")
    write(outside + "/secret", SECRET)
    write(root + "/main.tf", 'resource "aws_sns_topic" "t" {\n  name = file("../outside/secret")\n}\n')
    check("../: says nothing of it", SECRET.encode() not in lint(root).stdout + lint(root, "graph", root).stdout)


def races():
    """While somebody swaps a file with a link to the outside, and another is truncated and filled again."""
    root, outside = case("races")
    write(outside + "/x.tf", 'resource "aws_sns_topic" "%s" {}\n' % SECRET)
    inside = 'resource "aws_sns_topic" "inside" {}\n' * 1
    write(root + "/keep.tf", inside)
    write(root + "/d/x.tf", "locals {}\n")
    long_text = "".join('resource "aws_sns_topic" "t%d" {\n  name = "x"\n}\n' % i for i in range(300))
    stop = threading.Event()

    def swap():
        n = 0
        while not stop.is_set():
            for make in (lambda p: os.symlink(outside + "/x.tf", p), lambda p: write(p, 'locals {\n  a = 1\n}\n')):
                temporary = root + "/.swap%d" % n
                make(temporary)
                os.rename(temporary, root + "/swapped.tf")
                n += 1
            os.rename(root + "/d", root + "/.venv")
            os.symlink(outside, root + "/d")
            os.remove(root + "/d")
            os.rename(root + "/.venv", root + "/d")
            with open(root + "/grows.tf", "w") as f:
                f.write(long_text[:len(long_text) // 2])
                f.flush()
                f.write(long_text[len(long_text) // 2:])
            try:
                os.remove(root + "/vanishes.tf")
            except OSError:
                write(root + "/vanishes.tf", "locals {\n  b = 1\n}\n")

    thread = threading.Thread(target=swap)
    thread.start()
    leaked = crashed = half = 0
    for _ in range(40):
        p = lint(root, "check", "-v", "-j4", "--format", "json", root)
        leaked += SECRET.encode() in p.stdout
        crashed += p.returncode not in (0, 1, 3)
        try:
            report = json.loads(p.stdout)
            seen = {f["address"] for f in report["findings"]}
            n = sum(a.startswith("aws_sns_topic.t") for a in seen)
            half += 0 < n < 300 and p.returncode != 3
        except ValueError:
            crashed += 1
    stop.set()
    thread.join()
    check("races: nothing from outside", leaked == 0, leaked)
    check("races: no crash", crashed == 0, crashed)
    check("races: half a file is never taken for a whole one", half == 0, half)


def long_paths():
    root, _ = case("long")
    here = os.getcwd()
    os.chdir(root)
    depth = 0
    while depth < 20:
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
        depth += 1
    with open("main.tf", "w") as f:
        f.write('resource "aws_sns_topic" "far" {}\n')
    os.chdir(here)
    write(root + "/near.tf", 'resource "aws_sns_topic" "near" {}\n')
    p = lint(root)
    check("4,096 bytes: exit 3", p.returncode == 3, p.returncode)
    check("4,096 bytes: the near file is linted", b"aws_sns_topic.near" in p.stdout, p.stdout)
    p = lint(root, "check", root + "/" + "x" * 5000)
    check("a named path of 5,000 bytes: exit 3", p.returncode == 3 and b"no such" in p.stdout, p.stdout)


def nobody():
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)


def permissions():
    root, _ = case("permissions")
    for d in (tmp, os.path.dirname(root), root):
        os.chmod(d, 0o755)
    write(root + "/good.tf", 'resource "aws_sns_topic" "good" {}\n')
    write(root + "/secret.tf", 'resource "aws_sns_topic" "secret" {}\n')
    write(root + "/closed/x.tf", "locals {}\n")
    os.chmod(root + "/secret.tf", 0)
    os.chmod(root + "/closed", 0)
    p = lint(root, preexec_fn=nobody)
    check("no permission: exit 3", p.returncode == 3, p.stdout)
    for name in (b"secret.tf", b"closed"):
        check("no permission: %s is named" % name.decode(), name + b": error: " in p.stdout, p.stdout)
    check("no permission: the others are linted", b"aws_sns_topic.good" in p.stdout, p.stdout)
    os.chmod(root + "/closed", 0o755)
    os.chmod(root + "/secret.tf", 0o644)
    config = root + "/.hipaalint.yaml"
    write(config, "profile: strict\n")
    os.chmod(config, 0)
    p = lint(root, preexec_fn=nobody)
    check("a configuration that cannot be read: exit 2", p.returncode == 2, p.stdout)
    os.remove(config)


def report_to(root, path, **more):
    return lint(root, "check", "--format", "json=" + path, root, **more)


def reports():
    root, outside = case("reports")
    write(root + "/main.tf", 'resource "aws_sns_topic" "t" {}\n')
    out = os.path.join(os.path.dirname(root), "out")
    os.mkdir(out)
    report = out + "/r.json"
    write(report, "old")
    p = report_to(root, report)
    check("a report replaces the old one", p.returncode == 1 and json.load(open(report))["findings"], p.stdout)
    check("no temporary is left", os.listdir(out) == ["r.json"], os.listdir(out))

    def small_disk():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    write(report, "old")
    p = report_to(root, report, preexec_fn=small_disk)
    check("a disk that is full: exit 3", p.returncode == 3 and b"cannot write" in p.stdout, p.returncode, p.stdout)
    check("a disk that is full: the old report stays", open(report).read() == "old" and os.listdir(out) == ["r.json"])
    p = report_to(root, "/dev/full")
    check("/dev/full: exit 3", p.returncode == 3 and b"cannot write" in p.stdout, p.returncode, p.stdout)
    p = report_to(root, "/dev/null")
    check("/dev/null is a report like any", p.returncode == 1, p.stdout)
    with open("/dev/full", "w") as full:
        p = subprocess.run([PROGRAM, root], stdout=full, stderr=subprocess.PIPE)
        check("standard output is full: exit 3", p.returncode == 3 and b"cannot write" in p.stderr, p)
        p = subprocess.run([PROGRAM, "rules"], stdout=full, stderr=subprocess.PIPE)
        check("rules to a full disk: exit 3", p.returncode == 3 and b"cannot write" in p.stderr, p)
        p = subprocess.run([PROGRAM, root], stdout=subprocess.PIPE, stderr=full)
        check("standard error is full: the answer stays", p.returncode == 1, p)
    p = report_to(root, out + "/none/r.json")
    check("a missing directory: exit 3", p.returncode == 3 and b"cannot write" in p.stdout, p.stdout)
    p = report_to(root, out)
    check("a directory as report: exit 3", p.returncode == 3, p.stdout)
    write(outside + "/victim", "precious")
    os.symlink(outside + "/victim", out + "/l.json")
    p = report_to(root, out + "/l.json")
    check("a link where the report goes: what it leads to stays", open(outside + "/victim").read() == "precious")
    check("a link where the report goes: the report is there", json.load(open(out + "/l.json"))["findings"])
    os.chmod(out, 0o555)
    os.chmod(os.path.dirname(root), 0o755)
    p = report_to(root, out + "/ro.json", preexec_fn=nobody)
    check("a directory that is read-only: exit 3", p.returncode == 3 and b"cannot write" in p.stdout, p.stdout)
    for arguments in ((root,), ("rules",), ("graph", root), ("--format", "sarif", root)):
        r, w = os.pipe()
        os.close(r)
        p = subprocess.Popen([PROGRAM, *arguments], stdout=w, stderr=subprocess.PIPE,
                             preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        os.close(w)
        said = p.communicate()[1]
        check("a broken pipe: %s" % " ".join(arguments[:2]), p.returncode in (3, -signal.SIGPIPE), p.returncode, said)
    p = subprocess.run("exec <&- >&- 2>&-; exec '%s' '%s'" % (PROGRAM, root), shell=True)
    check("nothing open: exit 3, not a clean one", p.returncode in (1, 3), p.returncode)
    check("nothing open: the input is whole", open(root + "/main.tf").read() == 'resource "aws_sns_topic" "t" {}\n')


tmp = tempfile.mkdtemp(prefix="hipaalint-fs-")
try:
    for part in (links_out_of_the_root, races, long_paths, permissions, reports):
        part()
    if LAUNCHER and subprocess.run([*LAUNCHER, PROGRAM, "--version"], stdout=subprocess.DEVNULL).returncode == 0:
        prefix = LAUNCHER
        links_out_of_the_root()
        races()
finally:
    subprocess.run(["chmod", "-R", "u+rwx", tmp])
    subprocess.run(["rm", "-rf", tmp])
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
