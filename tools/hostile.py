#!/usr/bin/env python3
"""Hostile file names and values in every output format: each report is well-formed, and nothing of the input is more in it
than text. Then outputs that cannot be written: a clear message, and never half a report under the final name.
Usage: hostile.py PROGRAM. Last line: N passed, N failed."""
import html.parser
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

PROGRAM = os.path.abspath(sys.argv[1])
RULES = os.path.abspath("testdata/golden-rules")
FORMATS = ("text", "sarif", "junit", "json", "jsonl", "github", "gitlab", "markdown", "html")
PIECES = [b"a\"b'c`d", b"</script><script>alert(1)</script>", b"]]>", b"<!--", b"&lt;&#10;", b"\x1b[31mred\x1b]0;title\x07",
          "\u202eoverride\u2066".encode(), b"two\nlines", b"\r\n::error file=x::injected", b"##[error]injected", b"| cell | **bold** @someone",
          b"[link](http://evil.example)", b"{0} {1}", b"%0A::warning::x", b"$(touch owned)", b"\xff\xfe\x80 bytes", "\U0001f600 \u0301".encode(),
          b"..\\..\\x", b"\x7f\x08\x00"[:2]]
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED: %s %s" % (name, str(detail)[:400]))


def file_name(piece):
    return piece.replace(b"/", b"_").replace(b"\x00", b"")


def in_yaml(piece):
    """The bytes as one double-quoted YAML scalar; what is no UTF-8 stays as it is."""
    out = b""
    for c in piece.decode("utf-8", "surrogateescape"):
        if c in '"\\':
            out += b"\\" + c.encode()
        elif ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0:
            out += b"\\x%02x" % ord(c)
        else:
            out += c.encode("utf-8", "surrogateescape")
    return b'"' + out + b'"'


def make_tree(root):
    os.makedirs(os.path.join(root, ".git"))
    root = os.fsencode(root)
    for i, piece in enumerate(PIECES):
        name = os.path.join(root, b"%02d " % i + file_name(piece))
        with open(name + b".tf", "wb") as f:
            f.write(b'resource "aws_db_instance" "f%d" {\n  publicly_accessible = true\n  storage_encrypted = true\n}\n' % i)
        text = in_yaml(piece)
        with open(name + b".yaml", "wb") as f:
            f.write(b"apiVersion: v1\nkind: Pod\nmetadata:\n  name: " + text + b"\n  namespace: " + text +
                    b"\n  annotations: {hipaalint.io/ignore: \"T-X-" + text[1:-1] + b"; until=x\"}\n" +
                    b"spec: {containers: [{name: " + text + b", image: " + text + b"}]}\n")
        with open(name + b".json", "wb") as f:
            key = json.dumps(piece.decode("utf-8", "replace")).encode()
            f.write(b'{"Resources": {' + key + b': {"Type": "AWS::RDS::DBInstance", "Properties": {"PubliclyAccessible": true}},'
                    b'"S' + b'%d": {"Type": "AWS::RDS::DBInstance", "Metadata": {"hipaalint": {"ignore": {"rule": "T-DB-*", "reason": ' % i + key +
                    b'}}}, "Properties": {"PubliclyAccessible": true}}}}')
        with open(name + b" broken.tf", "wb") as f:
            f.write(b'resource "' + piece + b'" {\n')


def run(arguments, cwd, **more):
    return subprocess.run([PROGRAM, "check", "--no-config", "--rules", RULES, "--no-builtin-rules", "--today", "2026-11-24"] + arguments,
                          cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **more)


class Page(html.parser.HTMLParser):
    KNOWN = set("html head meta link title style body a header h1 h2 h3 p main ul li b div section table tr th td span form label "
                "input select option button output article code pre mark details summary svg defs marker path g rect text script".split())

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.wrong, self.scripts, self.open = [], 0, []

    def handle_starttag(self, tag, attrs):
        if tag not in self.KNOWN:
            self.wrong.append("<%s>" % tag)
        self.scripts += tag == "script"
        for name, value in attrs:
            if name.startswith("on") or (name in ("href", "src") and not (value or "").startswith(("#", "data:,"))):
                self.wrong.append("%s=%s" % (name, value))
        if tag not in ("meta", "link", "input", "path", "rect") and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in ("path", "rect"):
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append("</%s>" % tag)


def strings_of(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield from strings_of(k)
            yield from strings_of(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings_of(v)


def check_text(name, text):
    check(name + ": no control characters", not FORBIDDEN.search(text), FORBIDDEN.findall(text)[:5])


def check_json(name, text, lines):
    try:
        values = [json.loads(line) for line in text.splitlines()] if lines else [json.loads(text)]
        check(name + ": JSON", bool(values))
        check_text(name, text)
        return values
    except ValueError as e:
        check(name + ": JSON", False, e)
        return []


def check_github(text):
    commands = [line for line in text.split("\n") if line.lstrip().startswith("::")]
    good = re.compile(r"::(error|warning|notice) (file=[^:,\r\n]*,(line=\d+,endLine=\d+,(col=\d+,endColumn=\d+,)?)?)?title=[^:\r\n]*::[^\r\n]*")
    wrong = [c for c in commands if not good.fullmatch(c)]
    check("github: commands", commands and not wrong, wrong[:2])
    check("github: no old commands", "##[" not in text)
    check("github: at most ten of a kind", all(sum(c.startswith("::" + k) for c in commands) <= 10 for k in ("error", "warning", "notice")))
    check("github: nothing injected", not any(c.startswith(("::error file=x::", "::warning::x")) for c in commands))
    check_text("github", text)


def check_markdown(text):
    rows = [line for line in text.split("\n") if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)\|", row)) for row in rows}
    check("markdown: cells", rows and cells <= {3, 5, 9}, cells)
    check("markdown: no markup of the input", not re.search(r"<(?!/?(details|summary)>)[a-zA-Z!/]", text), re.findall(r"<[^>]*>", text)[:3])
    check("markdown: no links and no names", not re.search(r"(?<!\\)\]\(|http://|(?<![\\\w])@\w|\*\*bold", text))
    check_text("markdown", text)


def check_format(name, data):
    try:
        text = data.decode("utf-8")
        check(name + ": UTF-8", True)
    except UnicodeDecodeError as e:
        check(name + ": UTF-8", False, e)
        return
    if name == "text":
        check_text(name, text)
    elif name in ("sarif", "json", "gitlab", "jsonl"):
        for value in check_json(name, text, name == "jsonl"):
            if name == "sarif":
                uris = [u for u in re.findall(r'"uri":"([^"]*)"', text)]
                check("sarif: URIs", uris and all(re.fullmatch(r"[A-Za-z0-9._~/%-]+", u) for u in uris), uris[:3])
                messages = [r["message"]["text"] for run in value["runs"] for r in run["results"]]
                check("sarif: no links but its own", not any(re.search(r"(?<!\\)\]\((?!\d+\))", m) for m in messages))
            if name == "gitlab":
                check("gitlab: fingerprints", len({x["fingerprint"] for x in value}) == len(value))
                check("gitlab: shape", all(set(x) == {"description", "check_name", "fingerprint", "severity", "location"} and
                                           x["severity"] in ("info", "minor", "major", "critical", "blocker") for x in value))
    elif name == "junit":
        try:
            root = xml.fromstring(data)
            check("junit: XML", True)
            check_text("junit", text)
            names = [(c.get("classname"), c.get("name")) for c in root.iter("testcase")]
            check("junit: unique names", len(set(names)) == len(names), len(names))
            check("junit: counts", int(root.get("tests")) == len(names))
        except xml.ParseError as e:
            check("junit: XML", False, e)
        schema = os.path.join(os.environ.get("HIPAALINT_SHARED", "../shared"), "schemas/jenkins-junit.xsd")
        if os.path.exists(schema) and not subprocess.call("command -v xmllint >/dev/null", shell=True):
            done = subprocess.run(["xmllint", "--noout", "--schema", schema, "-"], input=data, stderr=subprocess.PIPE, check=False)
            check("junit: schema", done.returncode == 0, done.stderr[:300])
    elif name == "github":
        check_github(text)
    elif name == "markdown":
        check_markdown(text)
    elif name == "html":
        page = Page()
        page.feed(text)
        page.close()
        check("html: tags", not page.wrong and not page.open, (page.wrong[:5], page.open[:5]))
        check("html: one script", page.scripts == 1, page.scripts)
        check_text("html", text)


def check_outputs(tree, tmp):
    full = os.path.exists("/dev/full")
    for name in FORMATS:
        target = os.path.join(tmp, "missing", "report")
        done = run(["--format", "%s=%s" % (name, target), "."], tree)
        check(name + ": no directory", done.returncode == 3 and b"cannot write" in done.stderr, done.stderr)
        # A file that may not grow: what stood there stays, nothing is left beside it.
        target = os.path.join(tmp, "report." + name)
        with open(target, "wb") as f:
            f.write(b"the report of yesterday")
        done = run(["--format", "%s=%s" % (name, target), "."], tree,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000)))
        with open(target, "rb") as f:
            kept = f.read()
        check(name + ": a full disk", done.returncode == 3 and b"cannot write" in done.stderr, (done.returncode, done.stderr))
        check(name + ": the old report stays", kept == b"the report of yesterday", kept[:50])
        check(name + ": nothing is left", os.listdir(tmp).count("report." + name) == 1 and not [n for n in os.listdir(tmp) if ".tmp." in n],
              os.listdir(tmp))
        if full:
            with open("/dev/full", "wb") as out:
                done = subprocess.run([PROGRAM, "--no-config", "--rules", RULES, "--no-builtin-rules", "--format", name, "."], cwd=tree, stdout=out,
                                      stderr=subprocess.PIPE, check=False)
            check(name + ": /dev/full", done.returncode == 3 and b"cannot write standard output" in done.stderr, done.stderr)
            done = run(["--format", "%s=/dev/full" % name, "."], tree)
            check(name + ": =/dev/full", done.returncode == 3 and b"cannot write /dev/full" in done.stderr, done.stderr)
        # A reader that goes away: no message, no signal, and not a clean exit.
        child = subprocess.Popen([PROGRAM, "--no-config", "--rules", RULES, "--no-builtin-rules", "--format", name, "."], cwd=tree,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdout.close()
        said = child.stderr.read()
        check(name + ": a broken pipe", child.wait() == 3 and not said, (child.returncode, said))
        # In place of another: the file is whole, and readable as others are.
        done = run(["--format", "%s=%s" % (name, target), "."], tree)
        with open(target, "rb") as f:
            kept = f.read()
        check(name + ": replaces the old one", kept != b"the report of yesterday" and len(kept) > 2000 and os.stat(target).st_mode & 0o777 == 0o644 & ~UMASK)
    if os.geteuid():
        os.chmod(tmp, 0o500)
        done = run(["--format", "json=%s" % os.path.join(tmp, "new.json"), "."], tree)
        check("a directory that is read-only", done.returncode == 3 and b"cannot write" in done.stderr, done.stderr)
        os.chmod(tmp, 0o700)
    else:
        done = run(["--format", "json=/proc/new.json", "."], tree)
        check("a directory that is read-only", done.returncode == 3 and b"cannot write" in done.stderr, done.stderr)
    done = run(["--format", "json=x\x1b[31m/y", "."], tree)
    check("the message is safe", b"\x1b" not in done.stderr and b"x\\x1b[31m" in done.stderr, done.stderr)


def check_inputs(tree, tmp):
    """Baselines and configurations that are of another version, cut, or no such file."""
    whole = os.path.join(tmp, "baseline.json")
    subprocess.run([PROGRAM, "baseline", "--no-config", "--rules", RULES, "--no-builtin-rules", "-o", whole, "."], cwd=tree, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    with open(whole, "rb") as f:
        data = f.read()
    check("baseline: written", data.startswith(b'{"hipaalint-baseline": 1'), data[:40])
    for step in range(1, 40):
        cut = os.path.join(tmp, "cut.json")
        with open(cut, "wb") as f:
            f.write(data[:len(data) * step // 40])
        done = run(["--baseline", cut, "--format", "json=%s" % os.path.join(tmp, "never.json"), "."], tree)
        if done.returncode != 2 or b"baseline" not in done.stderr or os.path.exists(os.path.join(tmp, "never.json")):
            check("baseline: cut at %d/40" % step, False, (done.returncode, done.stderr[:200]))
            return
    check("baseline: cut anywhere", True)
    done = run(["--baseline", whole, "--skip", "T-DB-004", "."], tree)
    check("baseline: whole", b"in the baseline" not in done.stderr and b"0 findings" in done.stdout, done.stdout[-200:])
    config = b"profile: base\nexceptions:\n  - {rule: T-DB-001, reason: \"because\"}\nseverity: {T-DB-002: {severity: low, reason: x}}\n"
    for step in range(len(config)):
        path = os.path.join(tmp, "c.yaml")
        with open(path, "wb") as f:
            f.write(config[:step])
        done = subprocess.run([PROGRAM, "--config", path, "--rules", RULES, "--no-builtin-rules", "--quiet", "."], cwd=tree, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        if done.returncode not in (1, 2, 3) or (done.returncode == 2 and b"c.yaml" not in done.stderr):
            check("config: cut at %d" % step, False, (done.returncode, done.stderr[:200]))
            return
    check("config: cut anywhere", True)


def main():
    with tempfile.TemporaryDirectory() as tmp:
        tree = os.path.join(tmp, "tree")
        make_tree(tree)
        before = sorted(os.listdir(os.fsencode(tree)))
        for name in FORMATS:
            for more in ([], ["--verbose"]):
                done = run(["--format", name] + more + ["."], tree)
                check("%s: exit status" % name, done.returncode == 3 and len(done.stdout) > 2000, (done.returncode, len(done.stdout)))
                check("%s: standard error is safe" % name, not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stderr))
                check_format(name, done.stdout)
        done = run(["--format", "sarif=s", "--format", "html=h", "--format", "junit=j", "--format", "text", "."], tree)
        for name, path in (("sarif", "s"), ("html", "h"), ("junit", "j")):
            with open(os.path.join(tree, path), "rb") as f:
                check_format(name, f.read())
            os.remove(os.path.join(tree, path))
        check("nothing of the input was run", sorted(os.listdir(os.fsencode(tree))) == before)
        out = os.path.join(tmp, "out")
        os.mkdir(out)
        check_outputs(tree, out)
        check_inputs(tree, out)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    UMASK = os.umask(0o022)
    sys.exit(main())
