#!/usr/bin/env python3
"""Carries out the Terraform fixes of the rules and asks the rule again. Needs yaml. Usage: fixes.py PROGRAM [--update]

A fix that is a snippet of attributes goes into each block of an example that fails, in place of what it names; one that is whole
resources takes the place of those of the same type and name. One of these must pass, without errors. Rules in
testdata/authoring/fixes-by-hand.txt (the fix is prose, or needs more than that) are left out and counted; --update writes the list anew.
Last line: N passed, N failed."""
import glob
import os
import re
import subprocess
import sys
import tempfile

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BY_HAND = "testdata/authoring/fixes-by-hand.txt"
RESOURCE = re.compile(r'^(?:resource|data)\s+"([^"]+)"\s+"([^"]+)"\s*\{', re.M)
ATTRIBUTE = re.compile(r"[ \t]*(\w+)\s*(=|\{)")
DEPTH = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


def block_end(text, start):
    """The offset of the brace that closes what was opened before start."""
    depth = 1
    while start < len(text):
        depth += {"{": 1, "}": -1}.get(text[start], 0)
        if not depth:
            return start
        start += 1
    return start


def without_resources(text, names):
    for m in reversed(list(RESOURCE.finditer(text))):
        if m.groups() in names:
            text = text[:m.start()] + text[block_end(text, m.end()) + 1:]
    return text


def without_attributes(body, names):
    kept, i = [], 0
    while i < len(body):
        m = ATTRIBUTE.match(body, i)
        end, depth = i, 0
        while end < len(body) and (body[end] != "\n" or depth):
            depth += DEPTH.get(body[end], 0)
            end += 1
        end += 1
        if not (m and m.group(1) in names):
            kept.append(body[i:end])
        i = end
    return "".join(kept)


def candidates(fix, example):
    names = {m.groups() for m in RESOURCE.finditer(fix)}
    if names:
        yield without_resources(example, names) + "\n" + fix
        renamed = fix
        for kind, name in (m.groups() for m in RESOURCE.finditer(example)):
            for other_kind, other in names:
                if kind == other_kind:
                    renamed = renamed.replace('"%s" "%s"' % (kind, other), '"%s" "%s"' % (kind, name))
                    renamed = renamed.replace("%s.%s" % (kind, other), "%s.%s" % (kind, name))
        yield without_resources(example, {m.groups() for m in RESOURCE.finditer(renamed)}) + "\n" + renamed
        return
    attributes = set(re.findall(r"^(\w+)\s*[={]", fix, re.M))
    for m in re.finditer(r"\{", example):
        end = block_end(example, m.end())
        body = without_attributes(example[m.end():end], attributes)
        yield example[:m.end()] + "\n" + fix + "\n" + body + "\n" + example[end:]


def passes(program, rule, text):
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "main.tf"), "w", encoding="utf-8") as f:
            f.write(text)
        done = subprocess.run([program, "--no-config", "--only", rule["id"], "--profile", rule.get("profile", "base"), directory],
                              capture_output=True, text=True, check=False)
    # 3: what the fix refers to (a key, a log bucket) is not in the example.
    answers = re.search(r"(\d+) pass, 0 fail, 0 unknown", done.stdout)
    broken = "[syntax]" in done.stdout + done.stderr
    return done.returncode in (0, 3) and not broken and answers and int(answers.group(1)) > 0


def rules():
    for path in sorted(glob.glob("rules/hipaa/*/*.yaml")):
        with open(path, encoding="utf-8") as f:
            for rule in yaml.load_all(f, Loader):
                fix = (rule.get("fix") or {}).get("terraform")
                fix = fix.get("text") if isinstance(fix, dict) else fix
                if fix:
                    yield rule, fix


def main():
    program = os.path.abspath(sys.argv[1])
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    update = "--update" in sys.argv
    by_hand = set()
    if not update and os.path.exists(BY_HAND):
        with open(BY_HAND, encoding="utf-8") as f:
            by_hand = set(f.read().split())
    passed, failed = 0, []
    for rule, fix in rules():
        if rule["id"] in by_hand:
            continue
        examples = [e["source"] for e in rule["examples"] if e["format"] == "terraform" and e["expect"] == "fail"]
        if any(passes(program, rule, text) for e in examples for text in candidates(fix, e)):
            passed += 1
        else:
            failed.append(rule["id"])
    if update:
        with open(BY_HAND, "w", encoding="utf-8") as f:
            f.write("".join(i + "\n" for i in sorted(failed)))
    for i in failed:
        print("FAILED: the fix of %s does not pass it" % i)
    print("skipped: %d fixes that are carried out by hand" % len(by_hand))
    print("%d passed, %d failed" % (passed, len(failed)))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
