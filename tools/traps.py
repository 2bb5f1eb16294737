#!/usr/bin/env python3
"""Traps: small cases in which linters are known to be wrong.

Usage: traps.py HIPAALINT [NAME...]. A folder of testdata/traps or testdata/projects/topics is one case, linted as a whole; its expect.tsv has a comment
that tells the trap and lines
    RULE  ADDRESS  STATUS  [TEXT]   pass, fail, unknown, suppressed or absent (`|` between alternatives; a pattern for
                                    RULE; of several answers the worst counts); TEXT is in a message
    diagnostic  ID  present|absent
    arguments  ...                  of the command line
    paths  ...                      instead of the whole folder
A case named in KNOWN.md (`- NAME: reason`) is expected to fail; it is printed, and an error when it passes after all.
Last line: N passed, N failed.
"""
import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOTS = ("testdata/traps", "testdata/projects/topics")
WORST_FIRST = ["fail", "suppressed", "unknown", "pass"]


def lint(linter, case, arguments, paths):
    """The report about a copy of the case."""
    with tempfile.TemporaryDirectory() as alone:
        target = os.path.join(alone, "case")
        shutil.copytree(case, target, ignore=shutil.ignore_patterns("expect.tsv"))
        run = subprocess.run([linter, "check", "--no-config", "--verbose", "--format", "json", *arguments, *paths], cwd=target,
                             capture_output=True, text=True, check=False)
    return json.loads(run.stdout)


def mistake(report, rule, address, wanted, text):
    """What is wrong with the answers about one rule and address; empty when nothing."""
    if rule == "diagnostic":
        there = any(fnmatch.fnmatch(d["id"], address) for d in report["diagnostics"])
        return "" if there == (wanted == "present") else "diagnostic %s is not %s" % (address, wanted)
    found = [f for f in report["findings"] if fnmatch.fnmatch(f["rule"], rule) and f["address"] in address.split("|")]
    wanted = wanted.split("|")
    if not found:
        return "" if "absent" in wanted else "%s %s: absent, not %s" % (rule, address, "|".join(wanted))
    worst = min(found, key=lambda f: WORST_FIRST.index(f["status"]))
    if worst["status"] not in wanted:
        return "%s %s: %s, not %s (%s)" % (worst["rule"], address, worst["status"], "|".join(wanted), worst["message"])
    if text and not any(text in f["message"] for f in found):
        return "%s %s: no %r in the message: %s" % (rule, address, text, found[0]["message"])
    return ""


def mistakes(linter, case):
    """All that is wrong with one case."""
    arguments, paths, expected = [], ["."], []
    with open(os.path.join(case, "expect.tsv"), encoding="utf-8") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if row[0] == "arguments":
                arguments = row[1].split()
            elif row[0] == "paths":
                paths = row[1].split()
            elif row[0] and not row[0].startswith("#"):
                expected.append((row + [""])[:4])
    report = lint(linter, case, arguments, paths)
    return [m for m in (mistake(report, *row) for row in expected) if m]


def known_cases():
    """Names in KNOWN.md."""
    with open(os.path.join(ROOTS[0], "KNOWN.md"), encoding="utf-8") as text:
        return set(re.findall(r"^- ([a-z0-9-]+):", text.read(), re.M))


def cases(names):
    """Folders of the cases that are named, or of all."""
    found = [os.path.join(root, d) for root in ROOTS for d in sorted(os.listdir(root))]
    return [d for d in found if os.path.isdir(d) and (not names or os.path.basename(d) in names)]


def main():
    linter, known, passed, failed = os.path.abspath(sys.argv[1]), known_cases(), 0, 0
    for case in cases(sys.argv[2:]):
        name, wrong = os.path.basename(case), mistakes(linter, case)
        if bool(wrong) == (name in known):
            passed += 1
            if wrong:
                print("known: " + name)
        else:
            failed += 1
            print("FAILED " + name + ("" if wrong else ": passes, but is in KNOWN.md"))
        for text in wrong:
            print("    " + text)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
