#!/usr/bin/env python3
"""Packs a table of IAM actions into rules/data/iam-actions.txt.

    tools/iam-actions.py TABLE > rules/data/iam-actions.txt

TABLE is tab-separated: action ("s3:GetObject"), access level, the resource types that the action can be limited to.
The format of the output is described in its first lines. A maintainer's tool: nothing of the build uses it."""
import sys
from collections import defaultdict

LETTERS = {"Read": "r", "Write": "w", "List": "l", "Tagging": "t", "Permissions management": "p", "": "w"}
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
HEAD = """\
# IAM actions by service, from the AWS service authorization reference.
# A line is a service and groups. A group starts with its letter: r read, w write, l list, t tagging, p permissions
# management; in upper case when the actions can be limited to resources. Names are sorted; each begins with one digit of
# base 62: how many letters it shares with the name before it in the group.
"""


def shared(a, b):
    n = 0
    while n < min(len(a), len(b), len(DIGITS) - 1) and a[n] == b[n]:
        n += 1
    return n


def group_text(names):
    words, before = [], ""
    for name in sorted(names):
        n = shared(before, name)
        words.append(DIGITS[n] + name[n:])
        before = name
    return " ".join(words)


def main():
    services = defaultdict(lambda: defaultdict(set))
    with open(sys.argv[1], encoding="utf-8") as table:
        for line in table:
            if line.startswith("#") or not line.strip():
                continue
            action, level, resources = (line.rstrip("\n").split("\t") + ["", ""])[:3]
            service, _, name = action.partition(":")
            letter = LETTERS[level]
            limitable = resources.strip() not in ("", "*")
            services[service.lower()][letter.upper() if limitable else letter].add(name)
    sys.stdout.write(HEAD)
    for service in sorted(services):
        groups = " ".join("%s %s" % (letter, group_text(names)) for letter, names in sorted(services[service].items()))
        sys.stdout.write("%s %s\n" % (service, groups))


main()
