#!/usr/bin/env python3
"""Prints the `properties:` text of the model for resource types, from tables of provider schemas.

    tools/properties.py [--depth N] [--width N] SCHEMA_DIR TYPE...
    tools/properties.py --list SCHEMA_DIR WORD     type names that contain WORD

SCHEMA_DIR holds terraform-aws.tsv, terraform-kubernetes.tsv and cloudformation.tsv: tab-separated lines of
resource type, property path, type, flags. In paths of CloudFormation `*` marks a list. What is nested deeper
than --depth (default 6) becomes `name:any`. Left out: read-only properties, `id`, `tags_all`, `timeouts`.
A maintainer's tool: nothing of the build or of the program uses it."""
import argparse
import os
import re
import sys
import textwrap

FILES = ("terraform-aws.tsv", "cloudformation.tsv", "terraform-kubernetes.tsv")
DOCUMENT = re.compile(
    r"(((assume_?role|access|resource|resource_?based|repository|registry|key|bucket|file_?system|inline|session|"
    r"trust|vault|endpoint|delivery|redrive|redrive_?allow|permissions?|s3|queue|topic|secret)_?)?"
    r"polic(y|ies)(_?(document|json|body|text))?|(container_?|job_?)?definitions?)$", re.I)
LEFT_OUT = {"id", "tags_all", "timeouts"}  # at top level


class Node:
    def __init__(self):
        self.type = None
        self.flags = ""
        self.is_list = False
        self.children = {}


def lines_of(path):
    """Table lines; a type that was broken over several lines is joined again."""
    pending = ""
    with open(path, encoding="utf-8") as table:
        for line in table:
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if pending:
                line, pending = pending + line.strip(), ""
            elif line.endswith("\t{"):
                pending = line
                continue
            cells = line.split("\t")
            if len(cells) >= 3:
                yield cells[0], cells[1], cells[2], cells[3] if len(cells) > 3 else ""


def load(directory, wanted):
    trees = {}
    for name in FILES:
        path = os.path.join(directory, name)
        if not os.path.exists(path):
            continue
        for kind, prop, shape, flags in lines_of(path):
            if kind in wanted:
                add(trees.setdefault(kind, Node()), prop, shape, flags)
    return trees


def add(root, path, shape, flags):
    node = root
    for step in path.split("."):
        name = step.rstrip("*")
        node = node.children.setdefault(name, Node())
        node.is_list = node.is_list or step.endswith("*")
    node.type = shape
    node.flags = flags


def is_document(name, shape):
    """Policies and definitions are JSON. Of a Terraform argument that is plain text the name has to say so."""
    if "string" not in shape and shape not in ("object", "any"):
        return False
    return bool(DOCUMENT.match(name))


def scalar(name, node):
    shape = node.type or "any"
    document = is_document(name, shape)
    if shape == "object/string" or shape == "string/object":
        return ":json[]" if node.is_list else ":json"
    if node.is_list or shape == "array" or shape.startswith("list("):
        return ":list" if "object" not in shape and shape != "any" else ":any"
    if document and shape in ("string", "object", "any"):
        return ":json"
    if shape.startswith("map(") or shape.startswith("{") or shape == "object":
        return ":map"
    if "bool" in shape:
        return ":bool"
    if shape in ("number", "integer"):
        return ":number"
    return "" if shape == "string" else ":any"


def render(name, node, depth):
    if not node.children:
        mark = scalar(name, node)
        return name + (":list" if mark == ":json[]" else mark)
    repeated = node.is_list or node.type == "block*"
    if depth == 0:
        return name + ":any"
    if repeated and set(node.children) == {"Key", "Value"}:
        return name + "[Key Value]"
    inner = " ".join(render_all(node, depth - 1))
    return f"{name}[{inner}]" if repeated else f"{name}{{{inner}}}"


def is_settable(node):
    """Not read-only, and not an object of which every part is."""
    if "read-only" in node.flags:
        return False
    return not node.children or any(is_settable(child) for child in node.children.values())


def render_all(node, depth):
    return [render(name, child, depth) for name, child in node.children.items()
            if is_settable(child) and not (node.type is None and name in LEFT_OUT)]


def list_types(directory, word):
    seen = {}
    for name in FILES:
        path = os.path.join(directory, name)
        if os.path.exists(path):
            for kind, *_ in lines_of(path):
                if word.lower() in kind.lower():
                    seen.setdefault(kind)
    print("\n".join(seen))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("schema")
    parser.add_argument("type", nargs="+")
    options = parser.parse_args()
    if options.list:
        list_types(options.schema, options.type[0])
        return 0
    trees = load(options.schema, set(options.type))
    for kind in options.type:
        if kind not in trees:
            print(f"properties.py: no type {kind} in {options.schema}", file=sys.stderr)
            continue
        print(f"  {kind}:")
        text = "properties: " + " ".join(render_all(trees[kind], options.depth))
        print("\n".join(textwrap.wrap(text, options.width, initial_indent=" " * 4, subsequent_indent=" " * 6,
                                      break_long_words=False, break_on_hyphens=False)))
    return 0 if len(trees) == len(set(options.type)) else 1


if __name__ == "__main__":
    sys.exit(main())
