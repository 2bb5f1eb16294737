#!/usr/bin/env python3
"""Bad input of many kinds, made here: bad-inputs.py PROGRAM [--only GLOB] [--keep DIR] [--sanitized]

Each kind is a directory with one bad file and good neighbours. Asked of every run: no crash, under 5 s of processor
time and 512 MiB; the good neighbours still have their findings; and, as the kind says,
    error    exit status 3 and an error that names the file, and a line where there is one
    said     a diagnostic of any severity that names the file
    fine     odd, but right: exit status 0 or 1
Last line: N passed, N failed."""
import argparse, fnmatch, json, os, re, resource, shutil, socket, subprocess, sys, tempfile
sys.dont_write_bytecode = True
from badinputs import cloudformation, kubernetes, other, terraform
from badinputs.common import FIFO, GOOD_CFN, GOOD_K8S, GOOD_TF, KINDS, SOCKET

CPU_SECONDS, MEMORY = 5, 512 << 20
SANITIZED = False  # such programs take several times as much


def make(root, files, links):
    for name, text in files.items():
        path = os.path.join(os.fsencode(root), os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    for name, target in links:
        path = os.path.join(root, name)
        if target == FIFO:
            os.mkfifo(path)
        elif target == SOCKET:
            here = os.getcwd()
            os.chdir(os.path.dirname(path))
            socket.socket(socket.AF_UNIX).bind(os.path.basename(path))
            os.chdir(here)
        elif isinstance(target, int):
            with open(path, "wb") as f:
                f.truncate(target)
        else:
            os.symlink(target, path)
    for name, text in (("good/main.tf", GOOD_TF), ("good/template.yaml", GOOD_CFN), ("good/pod.yaml", GOOD_K8S)):
        os.makedirs(os.path.join(root, "good"), exist_ok=True)
        with open(os.path.join(root, name), "w") as f:
            f.write(text)


def limit():
    seconds = CPU_SECONDS * (10 if SANITIZED else 1)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(program, root, arguments):
    out = open(os.path.join(os.path.dirname(root), "out"), "w+b")
    p = subprocess.Popen([program, "check", "-v", "-j2", "--format", "json", *(a.replace("ROOT", root) for a in arguments), root], stdin=subprocess.DEVNULL, stdout=out,
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
            os.path.join(root, os.fsdecode(bad))) and not any("line" in d or d["id"] == "too-large" for d in errors):
        return "no line: %s" % errors[:1]
    return None


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program"), p.add_argument("--only", default="*"), p.add_argument("--keep")
    p.add_argument("--sanitized", action="store_true")
    o = p.parse_args()
    global SANITIZED
    SANITIZED = o.sanitized
    for part in (terraform, cloudformation, kubernetes, other):
        part.kinds()
        part.more_kinds()
    tmp = o.keep or tempfile.mkdtemp(prefix="hipaalint-bad-")
    passed = failed = 0
    slowest = (0, "")
    for name, expect, files, bad, links, arguments in KINDS:
        if not fnmatch.fnmatch(name, o.only):
            continue
        root = os.path.join(tmp, name)
        make(root, files, links)
        code, output, usage = run(os.path.abspath(o.program), root, arguments)
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
