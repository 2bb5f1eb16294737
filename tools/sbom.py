#!/usr/bin/env python3
"""The software bill of materials of a build as SPDX 2.3 JSON: sbom.py PROGRAM VERSION >FILE

What is in the program: its own sources and the generated HCL parser (in the tree), and the libraries it is linked with,
at the versions that pkg-config names. The document depends on nothing but these: no time of day unless
SOURCE_DATE_EPOCH gives one."""
import datetime, hashlib, json, os, subprocess, sys

program, version = sys.argv[1:3]
LIBRARIES = [("yaml-0.1", "libyaml", "MIT"), ("tree-sitter", "tree-sitter", "MIT"),
             ("libpcre2-8", "PCRE2", "BSD-3-Clause")]


def version_of(package):
    p = subprocess.run(["pkg-config", "--modversion", package], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return p.stdout.decode().strip() or "NOASSERTION"


def digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def package(identifier, name, number, licence, **more):
    return {"SPDXID": "SPDXRef-" + identifier, "name": name, "versionInfo": number, "licenseConcluded": licence,
            "licenseDeclared": licence, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "copyrightText": "NOASSERTION", **more}


checksum = digest(program)
packages = [package("hipaalint", "hipaalint", version, "MIT", checksums=[{"algorithm": "SHA256", "checksumValue": checksum}],
                    primaryPackagePurpose="APPLICATION"),
            package("hcl-grammar", "hcl grammar (in the tree)", version, "MIT",
                    checksums=[{"algorithm": "SHA256", "checksumValue": digest("grammars/hcl/src/parser.c")}],
                    primaryPackagePurpose="SOURCE")]
relations = [("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-hipaalint"), ("SPDXRef-hipaalint", "CONTAINS", "SPDXRef-hcl-grammar")]
for config, name, licence in LIBRARIES:
    packages.append(package(config.replace("_", "-"), name, version_of(config), licence, primaryPackagePurpose="LIBRARY"))
    relations.append(("SPDXRef-hipaalint", "DEPENDS_ON", "SPDXRef-" + config.replace("_", "-")))
created = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.timezone.utc)
json.dump({"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "hipaalint-" + version,
           "documentNamespace": "https://spdx.org/spdxdocs/hipaalint-%s-%s" % (version, checksum[:16]),
           "creationInfo": {"created": created.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: hipaalint-sbom"]},
           "packages": packages,
           "relationships": [{"spdxElementId": a, "relationshipType": t, "relatedSpdxElement": b} for a, t, b in relations]},
          sys.stdout, indent=2)
print()
