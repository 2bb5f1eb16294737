#!/usr/bin/env python3
"""Twins: the same infrastructure in several formats must get the same findings.

Usage: twins.py HIPAALINT. Every folder of testdata/twins holds one form a file or a folder; each is linted alone, and the
sets (rule, status, attribute, name of the resource without case and punctuation) are compared with the first form's. A difference
that providers really have stands in allowed.tsv: folder, rule, name, reason. Last line: N passed, N failed.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = "testdata/twins"


def fold(address):
    """The logical name: the last part of an address, without case and punctuation."""
    last = re.sub(r"\[.*?\]", "", address.split("/")[-1]).split(".")[-1]
    return re.sub(r"[^a-z0-9]", "", last.lower())


def findings(linter, form):
    """What the linter says about a copy of the form that stands alone."""
    with tempfile.TemporaryDirectory() as alone:
        target = os.path.join(alone, os.path.basename(form))
        (shutil.copytree if os.path.isdir(form) else shutil.copy)(form, target)
        run = subprocess.run([linter, "check", "--no-config", "--verbose", "--format", "json", target], capture_output=True, text=True,
                             check=False)
    report = json.loads(run.stdout)
    if not report["summary"]["resources"]:
        raise ValueError(form + ": no resources: " + run.stderr)
    return {(f["rule"], f["status"], f.get("attribute", ""), fold(f["address"])) for f in report["findings"]}


def allowed_differences():
    """(folder, rule, name) of allowed.tsv, each with a mark whether it was needed."""
    table = {}
    with open(os.path.join(ROOT, "allowed.tsv"), encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and not line.startswith("#"):
                folder, rule, name, _reason = line.rstrip("\n").split("\t")
                table[folder, rule, name] = False
    return table


def main():
    linter, allowed, passed, failed = sys.argv[1], allowed_differences(), 0, 0
    for folder in sorted(d for d in os.listdir(ROOT) if os.path.isdir(os.path.join(ROOT, d))):
        forms = sorted(os.listdir(os.path.join(ROOT, folder)))
        first = findings(linter, os.path.join(ROOT, folder, forms[0]))
        for form in forms[1:]:
            other = findings(linter, os.path.join(ROOT, folder, form))
            wrong = []
            for finding in sorted(first ^ other):
                key = (folder, finding[0], finding[3])
                if key in allowed:
                    allowed[key] = True
                else:
                    wrong.append("only %s: %s %s %s (%s)" % (form if finding in other else forms[0], finding[0],
                                                             finding[3], finding[1], finding[2]))
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print("%s %s/%s: %d answers like %s" % ("FAILED" if wrong else "ok", folder, form, len(other), forms[0]))
            for text in wrong:
                print("    " + text)
    for key, needed in sorted(allowed.items()):
        if not needed:
            print("FAILED allowed.tsv: %s %s %s is no difference any more" % key)
            failed += 1
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
