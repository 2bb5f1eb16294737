#!/usr/bin/env python3
"""Mutations: single edits of a clean project, each of which exactly the expected rules must notice, at the place of the edit.

Usage: mutations.py HIPAALINT [--only GLOB] [--variant NAME] [--verbose]. The format of mutations.yaml is described in
testdata/projects/radiology/README.md. Each variant must be clean to begin with. Last line: N passed, N failed.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile

PROJECT = "testdata/projects/radiology"
CONFIG = ".hipaalint.yaml"
PROFILES = ("base", "strict")


class BadEdit(Exception):
    """A mutation that cannot be applied as written."""


def read_yaml(linter, path):
    """The file as data, read by the linter's own yamldecode(): no YAML package is needed."""
    directory, name = os.path.split(path)
    run = subprocess.run([linter, "eval", "-C", directory, f'yamldecode(file("{name}"))'], capture_output=True, text=True, check=False)
    data = json.loads(run.stdout) if run.stdout else None
    if not data or "unknown" in data:
        raise ValueError(f"{path}: {run.stderr or run.stdout}")
    return data


def as_list(value):
    return value if isinstance(value, list) else [value]


def lint(linter, where, variant, profile, without=()):
    command = [linter, "check", "--config", CONFIG, "--jobs", "1", "--profile", profile, "--format", "json"]
    command += [word for path in without for word in ("--exclude", path)]
    run = subprocess.run(command + variant["paths"], cwd=where, capture_output=True, text=True, check=False)
    report = json.loads(run.stdout)
    return [f for f in report["findings"] if f["status"] == "fail"], report["diagnostics"], run


class Edit:
    """One edit of one file: the new text, and the lines in which a finding may lie."""

    def __init__(self, root, edit):
        self.path = os.path.join(root, edit["file"])
        self.name = os.path.join(os.path.basename(root), edit["file"])
        self.names = (self.name, edit["file"])  # as shown beside other directories, and alone
        with open(self.path, encoding="utf-8") as file:
            self.old = file.read()
        self.new = None
        self.lines = (0, 0)
        if edit.get("delete"):
            return
        if "append" in edit:
            self.new = self.old + edit["append"]
            start, end = len(self.old), len(self.new)
        else:
            find, replacement = edit["find"], edit.get("replace", "")
            count = self.old.count(find)
            if count != 1 and not 1 <= edit.get("nth", 0) <= count:
                raise BadEdit(f"{self.name}: {count} occurrences of {find!r}")
            start = -1
            for _ in range(int(edit.get("nth", 1))):
                start = self.old.index(find, start + 1)
            self.new = self.old[:start] + replacement + self.old[start + len(find):]
            end = start + len(replacement)
        self.lines = self.surroundings(start, end)

    def surroundings(self, start, end):
        """First and last line (from 1) of the blocks, documents or template entries that the edit touches."""
        text = self.new.split("\n")
        first, last = self.new.count("\n", 0, start), self.new.count("\n", 0, max(start, end - 1))
        if self.path.endswith(".tf"):
            begins, ends = (lambda s: s[:1].isalpha()), (lambda s: s[:1] == "}")
        elif any(line.startswith(("Resources:", '  "Resources"')) for line in text):
            begins, ends = (lambda s: s[:2] == "  " and s[2:3].strip()), None
        else:
            begins, ends = (lambda s: s == "---"), None
        while first > 0 and not begins(text[first]):
            first -= 1
        if ends:
            while last < len(text) - 1 and not ends(text[last]):
                last += 1
        else:
            last += 1
            while last < len(text) and not begins(text[last]):
                last += 1
        return first + 1, last + 1

    def apply(self):
        if self.new is None:
            os.remove(self.path)
        else:
            with open(self.path, "w", encoding="utf-8") as file:
                file.write(self.new)

    def undo(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.old)

    def holds(self, place):
        return place.get("file") in self.names and self.lines[0] <= place.get("line", 0) <= self.lines[1]


def misplaced(finding, edits, addresses):
    """Whether a finding neither is at the edit, nor comes from there, nor is on a resource that the mutation names."""
    if any(fnmatch.fnmatchcase(finding["address"], glob) for glob in addresses):
        return False
    places = [finding] + finding.get("trail", []) + finding.get("related", [])
    return not any(edit.holds(place) for edit in edits for place in places)


def judge(mutation, edit, edits, findings, diagnostics):
    """What is wrong with the answer to a mutation: a list of sentences, and the number of collateral findings."""
    expected = set(as_list(edit.get("expect", mutation["expect"])))
    found = {f["rule"] for f in findings}
    wrong = [f"not detected: {rule}" for rule in sorted(expected - found)]
    collateral = [f for f in findings if f["rule"] not in expected]
    wrong += [f"collateral: {f['rule']} {f['address']} {f['file']}:{f['line']}: {f['message']}" for f in collateral]
    wrong += [f"elsewhere: {f['rule']} {f['address']} {f['file']}:{f['line']}" for f in findings
              if f["rule"] in expected and misplaced(f, edits, as_list(edit.get("on", [])))]
    wrong += [f"diagnostic: {d['file']}:{d['line']}: {d['message']}" for d in diagnostics]
    return wrong, len(collateral)


class Runner:
    def __init__(self, linter, variants, work):
        self.linter, self.variants = os.path.abspath(linter), variants
        self.copies = queue.Queue()
        directories = sorted({path for variant in variants.values() for path in variant["paths"]})
        for number in range(os.cpu_count() or 1):
            copy = os.path.join(work, str(number))
            for directory in directories:
                shutil.copytree(os.path.join(PROJECT, directory), os.path.join(copy, directory))
            shutil.copy(os.path.join(PROJECT, CONFIG), copy)
            self.copies.put(copy)

    def baseline(self, name, profile):
        copy = self.copies.get()
        try:
            findings, diagnostics, run = lint(self.linter, copy, self.variants[name], profile)
        finally:
            self.copies.put(copy)
        wrong = [f"finding: {f['rule']} {f['address']} {f['file']}:{f['line']}: {f['message']}" for f in findings]
        wrong += [f"diagnostic: {d['file']}:{d['line']}: {d['message']}" for d in diagnostics]
        if not wrong and run.returncode:
            wrong = [f"exit status {run.returncode}: {run.stderr}"]
        return wrong

    def mutate(self, mutation, directory, name):
        copy = self.copies.get()
        edits = []
        try:
            edit = mutation[directory]
            for one in [edit] + edit.get("also", []):
                made = Edit(os.path.join(copy, directory), one)
                made.apply()
                edits.append(made)
            without = [path for path in self.variants[name].get("without", [])
                       if not any(e.name.startswith(path + "/") for e in edits)]
            findings, diagnostics, _ = lint(self.linter, copy, self.variants[name], mutation.get("profile", "base"), without)
            return judge(mutation, edit, edits, findings, diagnostics)
        except (BadEdit, OSError, KeyError, ValueError) as problem:
            return [f"cannot be applied: {problem}"], 0
        finally:
            for made in reversed(edits):
                made.undo()
            self.copies.put(copy)


def check_form(mutations, directories):
    """Mistakes in the file itself."""
    known = {"id", "what", "section", "service", "expect", "profile"} | directories
    seen = set()
    for mutation in mutations:
        name = mutation.get("id", "?")
        if name in seen:
            yield f"{name}: twice"
        seen.add(name)
        missing = {"id", "what", "section", "service", "expect"} - set(mutation)
        if missing or not set(mutation) <= known or not set(mutation) & directories:
            yield f"{name}: missing {sorted(missing)}, not known {sorted(set(mutation) - known)}, or no edit"
        elif mutation.get("profile", "base") not in PROFILES:
            yield f"{name}: profile {mutation['profile']}"


def print_table(title, cells, columns):
    """Detected of tried, by row and variant."""
    print(f"{title:24}" + "".join(f"{column:>18}" for column in columns))
    for row in sorted({row for row, _ in cells}):
        parts = []
        for column in columns:
            good, tried = cells.get((row, column), (0, 0))
            parts.append(f"{f'{good}/{tried}' if tried else '-':>18}")
        print(f"{row:24}" + "".join(parts))


def tally(results, key):
    cells = collections.defaultdict(lambda: [0, 0])
    for mutation, variant, wrong in results:
        for row in (mutation[key], "all"):
            cells[row, variant][0] += not wrong
            cells[row, variant][1] += 1
    return cells


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("linter")
    parser.add_argument("--only", default="*", help="ids of mutations, a glob")
    parser.add_argument("--variant", help="one variant")
    parser.add_argument("--verbose", action="store_true", help="passed mutations too")
    arguments = parser.parse_args()
    plan = read_yaml(arguments.linter, os.path.join(PROJECT, "mutations.yaml"))
    variants = {name: v for name, v in plan["variants"].items() if arguments.variant in (None, name)}
    directories = {path for variant in plan["variants"].values() for path in variant["paths"]}
    problems = list(check_form(plan["mutations"], directories))
    mutations = [m for m in plan["mutations"] if fnmatch.fnmatchcase(m.get("id", ""), arguments.only)]
    passed, collateral, results = 0, 0, []
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as work, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        runner = Runner(arguments.linter, variants, work)
        clean = [(name, profile, pool.submit(runner.baseline, name, profile)) for name in variants for profile in PROFILES]
        tried = [(m, d, v, pool.submit(runner.mutate, m, d, v)) for m in mutations for v in variants
                 for d in variants[v]["paths"] if d in m and "skip" not in m[d]]
        for name, profile, job in clean:
            wrong = job.result()
            passed += not wrong
            problems += [f"{name} ({profile}): {sentence}" for sentence in wrong[:20]]
        for mutation, directory, name, job in tried:
            wrong, noise = job.result()
            passed += not wrong
            collateral += noise
            results.append((mutation, name, wrong))
            if wrong or arguments.verbose:
                print(f"{'FAILED' if wrong else 'passed'}: {mutation['id']} ({name}, {directory}): {mutation['what']}")
            for sentence in wrong:
                print("    " + sentence)
    for problem in problems:
        print("FAILED: " + problem)
    failed = len({p.split(":")[0] for p in problems}) + sum(1 for _, _, wrong in results if wrong)
    print_table("section", tally(results, "section"), list(variants))
    print_table("service", tally(results, "service"), list(variants))
    print(f"{len(mutations)} mutations, {len(results)} tried in {len(variants)} variants, {collateral} collateral findings")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
