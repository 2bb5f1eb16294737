#!/usr/bin/env python3
"""What a terminal is shown: colour by the conventions, hyperlinks where there are any, the width, and a line of progress
for work over a second, which is gone before the report. Each case runs the program behind a pseudo terminal.
Usage: terminal.py PROGRAM. Last line: N passed, N failed."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time

PROGRAM = os.path.abspath(sys.argv[1])
BASE = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TERM": "xterm-256color", "LC_ALL": "C"}
passed = failed = 0


def check(name, good, shown=b""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print("FAILED: %s %r" % (name, shown[-300:]))


def run(arguments, env=None, columns=120, until=None, at_most=0.0):
    """What the terminal got. Standard input ends when the terminal got `until`, or after `at_most` seconds."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {k: v for k, v in dict(BASE, **(env or {})).items() if v is not None}
    child = subprocess.Popen([PROGRAM] + arguments, env=environment, stderr=slave, stdin=subprocess.PIPE,
                             stdout=slave)
    os.close(slave)
    shown, end = b"", time.monotonic() + at_most
    while True:
        if not child.stdin.closed:
            left = end - time.monotonic()
            if left <= 0 or (until and until in shown):
                child.stdin.close()
            elif not select.select([master], [], [], left)[0]:
                continue
        try:
            data = os.read(master, 65536)
        except OSError:
            break
        if not data:
            break
        shown += data
    os.close(master)
    child.wait()
    return shown


def main():
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(tmp, "main.tf")
        with open(path, "w", encoding="utf-8") as f:
            f.write('resource "aws_db_instance" "a" {\n  storage_encrypted = false\n}\n'
                    'resource "aws_sns_topic" "t" {\n  display_name = "日本語 \u0301"\n}\n')
        with open(os.path.join(tmp, "wide.tf"), "w", encoding="utf-8") as f:
            f.write('locals { e = false }\nresource "aws_db_instance" "w" {\n  identifier = "日本 %s"\n'
                    '  tags = { "日本" = "x" }\n  /* 日本 */ storage_encrypted = local.e\n}\n' % ("x" * 200))
        base = ["--no-config", "--only", "HL-RDS-001", os.path.join(tmp, "main.tf")]
        colored = b"\x1b["
        for name, env, arguments, wanted in [
                ("a terminal", {}, [], True), ("NO_COLOR", {"NO_COLOR": "1"}, [], False),
                ("NO_COLOR empty", {"NO_COLOR": ""}, [], True), ("dumb", {"TERM": "dumb"}, [], False),
                ("CLICOLOR=0", {"CLICOLOR": "0"}, [], False), ("CLICOLOR=1", {"CLICOLOR": "1"}, [], True),
                ("NO_COLOR before CLICOLOR_FORCE", {"NO_COLOR": "1", "CLICOLOR_FORCE": "1"}, [], False),
                ("CLICOLOR_FORCE before dumb", {"TERM": "dumb", "CLICOLOR_FORCE": "1"}, [], True),
                ("CLICOLOR_FORCE=0", {"TERM": "dumb", "CLICOLOR_FORCE": "0"}, [], False),
                ("--color always before NO_COLOR", {"NO_COLOR": "1"}, ["--color", "always"], True),
                ("--color never before CLICOLOR_FORCE", {"CLICOLOR_FORCE": "1"}, ["--color", "never"], False)]:
            shown = run(arguments + base, env)
            check("colour: " + name, (colored in shown) == wanted and b"HL-RDS-001" in shown, shown)
        for name, env, wanted in [
                ("piped", {}, False), ("piped, CLICOLOR_FORCE", {"CLICOLOR_FORCE": "1"}, True),
                ("piped, both", {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False)]:
            out = subprocess.run([PROGRAM] + base, env=dict(BASE, **env), stdout=subprocess.PIPE, check=False).stdout
            check("colour: " + name, (colored in out) == wanted, out)
        link = b"\x1b]8;;file://"
        for name, env, wanted in [
                ("unknown terminal", {}, False), ("kitty", {"TERM": "xterm-kitty"}, True), ("VTE 0.50", {"VTE_VERSION": "5000"}, True),
                ("VTE 0.48", {"VTE_VERSION": "4800"}, False), ("iTerm", {"TERM_PROGRAM": "iTerm.app"}, True),
                ("tmux", {"TERM": "xterm-kitty", "TMUX": "x"}, False), ("forced off", {"TERM": "xterm-kitty", "FORCE_HYPERLINK": "0"}, False),
                ("forced on", {"FORCE_HYPERLINK": "1"}, True)]:
            shown = run(base, env)
            check("links: " + name, (link in shown) == wanted, shown)
            check("links end: " + name, shown.count(link) == shown.count(b"\x1b]8;;\x1b\\"), shown)
        os.mkdir(os.path.join(tmp, "odd"))
        odd = os.path.join(tmp, "odd", "o\x1b[31m #%.tf")
        with open(odd, "w", encoding="utf-8") as f:
            f.write('resource "aws_db_instance" "a" {\n  storage_encrypted = false\n}\n')
        shown = run(["--no-config", "--only", "HL-RDS-001", odd], {"FORCE_HYPERLINK": "1"})
        check("a link's name is encoded", b"/o%1B%5B31m%20%23%25.tf\x1b\\" in shown and b"o\x1b[31m" not in shown, shown)
        check("no links without colour", link not in run(base, {"FORCE_HYPERLINK": "1", "NO_COLOR": "1"}))
        out = subprocess.run([PROGRAM] + base, env=dict(BASE, FORCE_HYPERLINK="1"), stdout=subprocess.PIPE, check=False).stdout
        check("no links in a pipe", link not in out, out)

        # Carets stand below what they mean, also after wide characters; long lines are cut, lists are broken.
        shown = run(["--no-config", "--only", "HL-RDS-001", os.path.join(tmp, "wide.tf")], {"NO_COLOR": "1"}).decode()
        lines = shown.replace("\r", "").split("\n")
        at = [i for i, line in enumerate(lines) if re.match(r" +5 \|", line)]
        check("the line is shown", len(at) == 1, shown.encode())
        if at:
            source, caret = lines[at[0]], lines[at[0] + 1]
            before = source[:source.index("local.e")]
            columns = len(before) + sum(1 for c in before if ord(c) > 0x2e80)
            check("the caret after wide characters", caret.index("^") == columns, shown.encode())
        for columns in (60, 100):
            shown = run(["--no-config", "--only", "HL-IAM-*", "testdata/projects/clinic"], {"NO_COLOR": "1"}, columns).decode()
            long = [line for line in shown.replace("\r", "").split("\n")
                    if line.startswith("      ") and len(line) > columns and " " in line.strip().split(": ", 1)[-1]]
            check("%d columns" % columns, not long and "evidence for" in shown, "\n".join(long[:2]).encode())

        # Progress: over a second, on a terminal, and then gone.
        wait = ["--no-config", "--only", "HL-RDS-001", "-"]
        note = b"hipaalint: reading ("
        shown = run(wait, until=note, at_most=30)
        check("progress is shown", note in shown, shown)
        check("and erased", shown.rfind(b"\r\x1b[K") > shown.rfind(note), shown)
        check("in one line", b"\n" not in shown[:shown.rfind(b"\r\x1b[K")], shown)
        begin = time.monotonic()
        shown = run(base)
        check("none under a second", b"\r\x1b[K" not in shown or time.monotonic() - begin > 0.9, shown)
        for name, env, arguments in [("in CI", {"CI": "true"}, []), ("on a dumb terminal", {"TERM": "dumb"}, []),
                                     ("without TERM", {"TERM": None}, []), ("with --quiet", {}, ["--quiet"])]:
            shown = run(arguments + wait, env, at_most=1.5)
            check("no progress " + name, note not in shown, shown)
        shown = run(wait + ["--timeout", "2"], at_most=30)
        check("the time limit erases it", b"\r\x1b[Khipaalint: the time limit" in shown, shown)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
