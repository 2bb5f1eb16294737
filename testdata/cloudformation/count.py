#!/usr/bin/env python3
"""Counts the resources of CloudFormation templates with nothing but json and yaml, and compares with hipaalint.

usage: count.py HIPAALINT FILE...

A maintainers' check: each file is linted alone with `hipaalint graph --format json`, and the logical ids of its Resources
(loops left out) must be those of the graph; what SAM makes of one resource is reported under other names as well.
Resources whose condition is surely false are not in the graph: they are listed, and are no failure."""
import json
import subprocess
import sys

import yaml


class Loader(yaml.SafeLoader):
    pass


def tagged(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        return {"!" + suffix: node.value}
    if isinstance(node, yaml.SequenceNode):
        return {"!" + suffix: loader.construct_sequence(node, True)}
    return {"!" + suffix: loader.construct_mapping(node, True)}


Loader.add_multi_constructor("!", tagged)


def declared(path):
    with open(path, encoding="utf-8-sig") as f:
        text = f.read()
    try:
        template = json.loads(text)
    except ValueError:
        template = yaml.load(text, Loader)
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        return {}
    return {k: v for k, v in template["Resources"].items() if not k.startswith("Fn::") and isinstance(v, dict) and "Type" in v}


def main():
    program, files = sys.argv[1], sys.argv[2:]
    wrong = total = 0
    for path in files:
        try:
            want = declared(path)
        except Exception as e:  # noqa: BLE001 - a broken file is hipaalint's to report
            print(f"{path}: not readable here: {type(e).__name__}")
            continue
        if not want:
            continue
        run = subprocess.run([program, "graph", "--format", "json", path], capture_output=True, text=True, check=False)
        try:
            # A template that a neighbour nests stands under the stack's name.
            have = {r["address"].split(".")[-1] for r in json.loads(run.stdout)["resources"]}
        except ValueError:
            have = set()
        total += len(want)
        missing = [k for k in want if k not in have]
        absent = [k for k in missing if "Condition" in want[k]]
        if absent:
            print(f"{path}: absent by condition: {' '.join(absent)}")
        if len(missing) > len(absent):
            wrong += 1
            print(f"{path}: missing: {' '.join(k for k in missing if k not in absent)}")
    print(f"{len(files)} files, {total} resources, {wrong} files with another count")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
