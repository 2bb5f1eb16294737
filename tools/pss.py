#!/usr/bin/env python3
"""The Pod Security Standards as a table: pss.py HIPAALINT. Reads testdata/kubernetes/pss.tsv; each row changes one field of a pod
that passes every control. Last line: N passed, N failed."""
import copy
import json
import os
import subprocess
import sys
import tempfile


def container(name):
    return {"name": name, "image": "registry.example.org/x@sha256:" + "0" * 64,
            "securityContext": {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                                "capabilities": {"drop": ["ALL"]}}}


BASE = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "namespace": "n"},
        "spec": {"securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"},
                                     "appArmorProfile": {"type": "RuntimeDefault"}},
                 "containers": [container("c")], "initContainers": [container("i")]}}


def changed(path, value):
    pod = copy.deepcopy(BASE)
    first, *steps = path.split(".")
    roots = {"C": pod["spec"]["containers"][0], "I": pod["spec"]["initContainers"][0], "S": pod["spec"]["securityContext"],
             "spec": pod["spec"]}
    at = roots[first]
    for step in steps[:-1]:
        at = at.setdefault(step, {})
    if value == "absent":
        at.pop(steps[-1], None)
    else:
        at[steps[-1]] = json.loads(value)
    return pod


def main():
    program = os.path.abspath(sys.argv[1])
    rows = [line.rstrip("\n").split("\t") for line in open("testdata/kubernetes/pss.tsv", encoding="utf-8")
            if line.strip() and not line.startswith("#")]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        for number, (_, _, path, value, _) in enumerate(rows):
            pod = changed(path, value)
            pod["metadata"] = {"name": "p%d" % number, "namespace": "n%d" % number}
            with open(os.path.join(directory, "row-%03d.json" % number), "w", encoding="utf-8") as out:
                json.dump(pod, out)
        run = subprocess.run([program, "check", "--no-config", "--only", "HL-POD-*", "--format", "json", directory],
                             capture_output=True, text=True, check=False)
        findings = {(os.path.basename(f["file"]), f["rule"]) for f in json.loads(run.stdout)["findings"]}
    for number, (level, rule, path, value, want) in enumerate(rows):
        got = "fail" if ("row-%03d.json" % number, rule) in findings else "pass"
        if got == want:
            passed += 1
        else:
            failed += 1
            print("%s %s: %s = %s: %s, expected %s" % (level, rule, path, value, got, want))
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


sys.exit(main())
