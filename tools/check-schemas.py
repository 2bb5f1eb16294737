#!/usr/bin/env python3
"""Checks every rule and model file of rules/ against share/schema; the files with mistakes of a shape must not pass.
Run in the root of the repository. Needs jsonschema and yaml."""
import glob
import json
import os
import sys

import jsonschema
import yaml


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML's JSON types only: a date is text."""


Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: node.value)
# Mistakes that a schema can see; the others are the program's.
REFUSED = ("key-unknown severity-bad severity-missing category-bad profile-bad id-small-letters name-capitals hipaa-not-list "
           "hipaa-other-law citation-key equivalent-source on-unknown-bad absent-incomplete absent-pass fix-format "
           "example-format example-expect examples-empty model-key model-default-without-source model-policy-use "
           "model-companion model-no-properties model-map-operation").split()


def validator(name):
    with open("share/schema/%s.schema.json" % name, encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def documents(path):
    with open(path, encoding="utf-8") as f:
        return [d for d in yaml.load_all(f, Loader) if d is not None]


def main():
    validators = {"rule": validator("rule"), "model": validator("model")}
    wrong, count = [], 0
    files = [("model", p) for p in glob.glob("rules/model/*.yaml")]
    files += [("rule", p) for p in glob.glob("rules/hipaa/*/*.yaml")]
    for name, path in sorted(files):
        for document in documents(path):
            count += 1
            for error in validators[name].iter_errors(document):
                wrong.append("%s: %s: %s" % (path, "/".join(map(str, error.absolute_path)), error.message[:200]))
    for name in REFUSED:
        path = os.path.join("testdata/authoring/mistakes", name + ".yaml")
        check = validators["model" if name.startswith("model-") else "rule"]
        if all(check.is_valid(d) for d in documents(path)):
            wrong.append("%s: the schema accepts it" % path)
    print("\n".join(wrong[:20]))
    print("%d documents, %d wrong" % (count, len(wrong)))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
