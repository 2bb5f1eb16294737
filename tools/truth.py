#!/usr/bin/env python3
"""What a partial failure must never do to the answers, as randomised properties over projects.

    truth.py PROGRAM [--seed N] [--runs N] [--every-byte] [--property NAME]... PROJECT...

  unrelated   a file that is no infrastructure as code, or stands for itself, changes nothing
  removed     without a file no unknown becomes a pass, unless the unknown was in that file
  broken      a file that cannot be read makes exit status 3 (unless nothing was in it), and no fail or unknown elsewhere becomes a pass
  truncated   a file cut at any byte: never exit status 0 with fewer findings and without a further diagnostic;
              JSON and HCL that are cut inside a value or a block give exit status 3
  shuffled    files, documents, keys and blocks in another order: the same answers

The seed is printed; a run with it repeats the choices. Last line: N passed, N failed."""
import argparse, collections, json, os, random, re, shutil, subprocess, sys, tempfile

SKIPPED = {".git", "node_modules"}
OURS = (".tf", ".tofu", ".tf.json", ".tfvars", ".yaml", ".yml", ".json", ".template")


class Answers:
    """One run with every answer: passes and unknowns, too."""

    def __init__(self, program, root):
        p = subprocess.run([program, "check", "-v", "-j1", "--format", "json", "."], cwd=root, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        self.status = p.returncode
        try:
            report = json.loads(p.stdout)
        except ValueError:
            report = {"findings": [], "diagnostics": []}
            if self.status in (0, 1):
                self.status = -1
        self.findings = report["findings"]
        self.diagnostics = report["diagnostics"]
        self.by_key = collections.defaultdict(list)
        for f in self.findings:
            self.by_key[(f["rule"], f["address"], unit_of(f["file"]))].append(f)

    def fails(self):
        return [f for f in self.findings if f["status"] == "fail"]

    def plain(self):
        """What does not depend on positions."""
        return collections.Counter(
            (f["rule"], f["address"], f["status"], f["severity"], f.get("attribute"), json.dumps(sorted_all(f.get("actual")), sort_keys=True))
            for f in self.findings)


def sorted_all(v):
    """Lists of a value follow the source; here order is none of our business."""
    if isinstance(v, list):
        return sorted((sorted_all(x) for x in v), key=lambda x: json.dumps(x, sort_keys=True))
    return {k: sorted_all(x) for k, x in v.items()} if isinstance(v, dict) else v


def unit_of(path):
    return os.path.dirname(path)


def files_of(f):
    places = f.get("trail", []) + f.get("related", [])
    return {f["file"]} | {p.get("file") for p in places}


class Properties:
    def __init__(self, o):
        self.o, self.passed, self.failed = o, 0, 0
        self.random = random.Random(o.seed)
        self.tmp = tempfile.mkdtemp(prefix="hipaalint-truth-")
        self.root = os.path.join(self.tmp, "p")

    def fresh(self):
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.project, self.root, symlinks=True, ignore=lambda d, names: SKIPPED & set(names))

    def run(self):
        return Answers(self.o.program, self.root)

    def check(self, name, what, good, detail):
        if good:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= 20:
            print("%s: %s: %s (seed %d)" % (self.project, name, what, self.o.seed))
            for line in detail[:4]:
                print("    " + str(line)[:220])

    def files(self):
        found = []
        for d, dirs, names in os.walk(self.root):
            dirs[:] = sorted(set(dirs) - SKIPPED)
            found += [os.path.relpath(os.path.join(d, n), self.root) for n in names
                      if n.endswith(OURS) and not os.path.islink(os.path.join(d, n))]
        return sorted(f for f in found if os.path.basename(f) != ".hipaalint.yaml")

    def read(self, path):
        with open(os.path.join(self.root, path), "rb") as f:
            return f.read()

    def write(self, path, data):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)

    def project_of(self, project):
        self.project = project
        self.fresh()
        self.base = self.run()
        self.names = self.files()
        return bool(self.names)

    # ---------------------------------------------------------------- the properties

    def unrelated(self):
        strangers = {
            "README.md": b"# Notes\nresource, kind: Pod, AWSTemplateFormatVersion\n",
            "photo.png": bytes(self.random.randrange(256) for _ in range(300)),
            "package.json": b'{"name": "x", "version": "1.0.0", "Resources": []}',
            "docs/list.yaml": b"- a\n- b: {c: [1, 2]}\n",
            "docs/settings.yml": b"kind: of blue\nversion: 3\nservices: {web: {image: nginx}}\n",
            ".github/workflows/ci.yml": b"on: push\njobs: {a: {runs-on: x, steps: [{run: make}]}}\n",
            "empty.txt": b"",
            "zz-other/main.tf": b'resource "null_resource" "stranger" {\n  triggers = { a = "b" }\n}\n',
            "aa-other/main.tf": b'output "stranger" {\n  value = 1\n}\n',
        }
        name = self.random.choice(sorted(strangers))
        self.fresh()
        if os.path.exists(os.path.join(self.root, name)):
            return
        self.write(name, strangers[name])
        got = self.run()
        change = list(((got.plain() - self.base.plain()) + (self.base.plain() - got.plain())).items())
        more = [d for d in got.diagnostics if d not in self.base.diagnostics]
        self.check("unrelated", name, not change and not more and got.status == self.base.status,
                   change + more + [got.status])

    def removed(self):
        name = self.random.choice(self.names)
        self.fresh()
        os.remove(os.path.join(self.root, name))
        got = self.run()
        bad = []
        for key, before in self.base.by_key.items():
            if not all(f["status"] == "unknown" and name not in files_of(f) for f in before):
                continue
            after = got.by_key.get(key)
            if after and all(f["status"] == "pass" for f in after) and not self.decided_by(name, key):
                bad.append((key, before[0]["message"]))
        self.check("removed", name, not bad, bad)

    def decided_by(self, name, key):
        """Terraform's variable files decide nothing that stays unknown without them, but a removed file that declares
        the only companion of a resource leaves nothing to be unknown about: its text names the resource."""
        if ".tfvars" in name:
            return False
        address = key[1].split("/")[-1].split(".")[-1].split("[")[0]
        with open(os.path.join(self.project, name), "rb") as f:
            code = re.sub(rb"(?m)^\s*(#|//).*$", b"", f.read())
        return re.search(rb"(?<![\w-])" + re.escape(address.encode()) + rb"(?![\w-])", code) is not None

    def broken(self):
        name = self.random.choice(self.names)
        how = self.random.choice(["missing", "loop", "binary", "syntax"])
        self.fresh()
        path = os.path.join(self.root, name)
        data = self.read(name)
        os.remove(path)
        if how == "missing":
            os.symlink("/nonexistent/x", path)
        elif how == "loop":
            os.symlink(os.path.basename(path), path)
        elif how == "binary":
            self.write(name, b"\x7fELF\x00\x00" + bytes(100))
        else:
            self.write(name, data + b"\n}}{[: \"\n\t- x:\n")
        got = self.run()
        same = got.plain() == self.base.plain()
        bad = [] if got.status == 3 or (same and got.status == self.base.status) else ["exit status %d" % got.status]
        for key, before in self.base.by_key.items():
            after = got.by_key.get(key)
            if not after or any(f["file"] == name for f in before):
                continue
            if all(f["status"] in ("fail", "unknown") for f in before) and all(f["status"] == "pass" for f in after):
                bad.append((key, before[0]["status"], "is now a pass"))
        self.check("broken", "%s: %s" % (name, how), not bad, bad)

    def truncated_at(self, name, data, n):
        self.write(name, data[:n])
        got = self.run()
        fewer = len(got.fails()) < len(self.base.fails())
        bad = []
        if got.status == 0 and fewer and len(got.diagnostics) <= len(self.base.diagnostics):
            if not at_boundary(name, data, n):
                bad.append("exit status 0, %d findings instead of %d" % (len(got.fails()), len(self.base.fails())))
        if got.status not in (0, 1, 2, 3):
            bad.append("exit status %d" % got.status)
        same = got.plain() == self.base.plain() and got.status == self.base.status
        if is_open(name, data, n) and got.status != 3 and not same:
            bad.append("exit status %d, though a value or a block is open" % got.status)
        self.check("truncated", "%s at %d" % (name, n), not bad, bad + [data[max(0, n - 40):n]])

    def truncated(self):
        name = self.random.choice(self.names)
        self.fresh()
        data = self.read(name)
        if data:
            self.truncated_at(name, data, self.random.randrange(len(data)))

    def every_byte(self):
        for name in self.names:
            self.fresh()
            data = self.read(name)
            for n in range(len(data)):
                self.truncated_at(name, data, n)

    def shuffled(self):
        self.fresh()
        done = []
        for name in self.names:
            data = self.read(name)
            try:
                text = data.decode()
            except UnicodeDecodeError:
                continue
            if name.endswith((".tf", ".tofu")):
                new = shuffle_hcl(text, self.random)
            elif name.endswith(".json") and not name.endswith("modules.json"):
                new = shuffle_json(text, self.random)
            elif name.endswith((".yaml", ".yml")):
                new = shuffle_yaml(text, self.random, "ustomization" not in name)
            else:
                continue
            if new is not None and new != text:
                self.write(name, new.encode())
                done.append(name)
            if name.endswith(".tf") and "override" not in name and self.random.random() < 0.5:
                to = os.path.join(os.path.dirname(name), "%s%d.tf" % (self.random.choice("amz"), len(done)))
                if not os.path.exists(os.path.join(self.root, to)):
                    os.rename(os.path.join(self.root, name), os.path.join(self.root, to))
        got = self.run()
        change = sorted(((got.plain() - self.base.plain()) + (self.base.plain() - got.plain())).items(), key=str)
        self.check("shuffled", " ".join(done)[:200], not change and got.status == self.base.status,
                   change + [got.status])

    def all(self):
        names = self.o.property or ["unrelated", "removed", "broken", "truncated", "shuffled"]
        for project in self.o.project:
            if not self.project_of(project):
                print("%s: skipped: no files of ours" % project)
                continue
            for name in names:
                for _ in range(self.o.runs * (4 if name == "truncated" else 1)):
                    getattr(self, name)()
            if self.o.every_byte:
                self.every_byte()
        shutil.rmtree(self.tmp)


# ---------------------------------------------------------------- text


def hcl_state(text):
    """Depth of brackets and whether a quote, heredoc or comment is open at the end; rough, for files without
    quotes inside interpolations of one line."""
    depth = 0
    lines = text.split("\n")
    i = 0
    while i < len(lines):
        line = re.sub(r"(#|//).*", "", lines[i]) if '"' not in lines[i] else lines[i]
        here = re.search(r"<<[-~]?(\w+)\s*$", line)
        bare = re.sub(r'"(\\.|\$\{[^{}]*\}|[^"\\])*"', "", line)
        if '"' in bare:
            return depth, True
        depth += len(re.findall(r"[\[({]", bare)) - len(re.findall(r"[\])}]", bare))
        if here:
            end = next((j for j in range(i + 1, len(lines)) if lines[j].strip() == here.group(1)), None)
            if end is None:
                return depth, True
            i = end
        i += 1
    return depth, False


def is_open(name, data, n):
    """Certainly cut inside of something: no prefix like that is a whole file."""
    text = data[:n].decode(errors="ignore")
    if "files/" in name:
        return False  # read by functions only
    if name.endswith(".json"):
        return text.strip() != "" and data[n:].strip() != b""
    if name.endswith((".tf", ".tofu")):
        if "/*" in text:
            return False
        depth, quote = hcl_state(text)
        return depth > 0 or quote
    return False


def at_boundary(name, data, n):
    """Between documents or top-level blocks: what is left is a whole file."""
    before, after = data[:n].rstrip(b" "), data[n:]
    if name.endswith((".tf", ".tofu", ".tfvars")):
        return not is_open(name, data, n)
    if name.endswith((".yaml", ".yml", ".template")):
        return before.rstrip().endswith(b"---") or re.match(rb"\s*-{1,3}", after) is not None or before.strip() == b""
    return before.strip() == b""


def shuffle_hcl(text, rng):
    blocks, current, depth = [], [], 0
    if "<<" in text or "/*" in text or "hipaalint:" in text:
        return None
    for line in text.split("\n"):
        current.append(line)
        depth, quote = hcl_state("\n".join(current))
        if quote:
            return None
        if depth == 0 and line.strip():
            if line.lstrip().startswith(("#", "//")):
                continue
            blocks.append("\n".join(current))
            current = []
    rng.shuffle(blocks)
    return "\n".join(blocks + current) + "\n"


def shuffle_json(text, rng):
    def mix(v):
        if isinstance(v, dict):
            pairs = [(k, mix(x)) for k, x in v.items()]
            rng.shuffle(pairs)
            return dict(pairs)
        return [mix(x) for x in v] if isinstance(v, list) else v
    try:
        return json.dumps(mix(json.loads(text)), indent=1)
    except ValueError:
        return None


def shuffle_yaml(text, rng, may_reorder_documents):
    if re.search(r"[&*][A-Za-z]|hipaalint|<<|ForEach", text) or "\t" in text or "{{" in text:
        return None
    documents = re.split(r"(?m)^---.*\n", text)
    documents = [d for d in (shuffle_block(d.split("\n"), rng) for d in documents) if d.strip()]
    if may_reorder_documents:
        rng.shuffle(documents)
    return "---\n" + "---\n".join(d if d.endswith("\n") else d + "\n" for d in documents)


def shuffle_block(lines, rng):
    """Shuffles the keys of block mappings, recursively; leaves everything else as it is."""
    filled = [l for l in lines if l.strip() and not l.lstrip().startswith("#")]
    if not filled:
        return "\n".join(lines)
    indent = min(len(l) - len(l.lstrip()) for l in filled)
    groups, opaque = [], False
    for line in lines:
        starts = line.strip() and len(line) - len(line.lstrip()) == indent and not line.lstrip().startswith("#")
        if starts and not re.match(r"""\s*("[^"]*"|'[^']*'|[\w./:$-]+)\s*:(\s|$)""", line):
            if not line.lstrip().startswith("- ") or not groups:
                opaque = True
            elif groups:
                groups[-1].append(line)
                continue
        if starts and not opaque:
            groups.append([line])
        elif groups:
            groups[-1].append(line)
        elif line.strip():
            groups.append([line])
    if opaque or any(not re.match(r"\s*[^#\s]", g[0]) for g in groups):
        return "\n".join(lines)
    mixed = []
    for g in groups:
        head, body = g[0], g[1:]
        plain = re.search(r":\s*(#.*)?$", head) and body
        is_list = next((l.lstrip().startswith("-") for l in body if l.strip() and not l.lstrip().startswith("#")), True)
        mixed.append("\n".join([head, shuffle_block(body, rng)] if plain and not is_list else g))
    rng.shuffle(mixed)
    return "\n".join(m.rstrip("\n") for m in mixed) + "\n"


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program"), p.add_argument("--seed", type=int, default=None)
    p.add_argument("--runs", type=int, default=6), p.add_argument("--every-byte", action="store_true")
    p.add_argument("--property", action="append"), p.add_argument("project", nargs="+")
    o = p.parse_args()
    o.program = os.path.abspath(o.program)
    if o.seed is None:
        o.seed = random.SystemRandom().randrange(1 << 31)
    print("seed %d" % o.seed)
    properties = Properties(o)
    properties.all()
    print("%d passed, %d failed" % (properties.passed, properties.failed))
    return properties.failed > 0


sys.exit(main())
