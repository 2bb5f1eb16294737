#!/usr/bin/env python3
"""Draws the findings that testdata/AUDIT.md judges. Usage: audit-sample.py PROGRAM [SEED [COUNT]]

Lints the well-kept public modules among the shared corpora, each as a root, and draws COUNT failed findings without replacement.
Prints tab-separated rows: number, corpus, place, rule, severity, address, message."""
import json
import os
import random
import subprocess
import sys

CORPORA = ("terraform-aws-eks", "terraform-aws-rds", "terraform-aws-s3-bucket", "terraform-aws-vpc", "kube-prometheus")


def failed(program, directory):
    out = subprocess.run([program, "--format", "jsonl", directory], capture_output=True, text=True, check=False).stdout
    rows = (json.loads(line) for line in out.splitlines())
    return [row["finding"] for row in rows if row.get("finding", {}).get("status") == "fail"]


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 20261124
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 100
    shared = os.environ.get("HIPAALINT_SHARED", "../shared")
    found = [(c, f) for c in CORPORA for f in failed(program, f"{shared}/corpora/{c}")]
    found.sort(key=lambda x: (x[0], x[1]["file"], x[1]["line"], x[1]["rule"], x[1]["address"]))
    print(f"{len(found)} findings, {min(count, len(found))} drawn, seed {seed}", file=sys.stderr)
    drawn = random.Random(seed).sample(found, min(count, len(found)))
    drawn.sort(key=lambda x: (x[0], x[1]["file"], x[1]["line"]))
    for i, (corpus, f) in enumerate(drawn, 1):
        print(i, corpus, f"{f['file']}:{f['line']}", f["rule"], f["severity"], f["address"], f["message"], sep="\t")


main()
