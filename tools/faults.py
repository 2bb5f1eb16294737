#!/usr/bin/env python3
"""Makes one call fail, for every call of a run, and looks at what the program makes of it.

    faults.py PROGRAM LIBRARY [--step N] [--class NAME]... PROJECT...

LIBRARY is tools/faultio.c, built to be preloaded. Classes: `io` (open, read, stat, readdir, realpath, write, close,
rename, each with three errnos), `thread`, `short` (every read and write moves one byte), `malloc` (also inside the
libraries), `alloc` (the program's own allocator; needs no library). A run is right when it gives the same report as
without a fault; or ends with exit status 3 (2 where the configuration or the rules cannot be read) and says why. It
is wrong when it crashes, is silent, leaves a temporary or half a report, or gives another report with exit 0 or 1.
Last line: N passed, N failed."""
import argparse, json, os, shutil, subprocess, sys, tempfile

ERRNOS = {"io": (5, 13, 24), "thread": (11,), "short": (0,), "malloc": (12,)}
MAX_COMPLAINTS = 40


class Run:
    def __init__(self, program, project, jobs, out, env=None, log=None):
        shutil.rmtree(out, ignore_errors=True)
        os.mkdir(out)
        if log and os.path.exists(log):
            os.remove(log)
        report = os.path.join(out, "report.json")
        p = subprocess.run([program, "check", "-j%d" % jobs, "--format", "text", "--format", "json=" + report, project],
                           env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
        self.status, self.text, self.error = p.returncode, p.stdout, p.stderr
        self.left = [n for n in os.listdir(out) if n != "report.json"]
        self.report = open(report, "rb").read() if os.path.exists(report) else None
        self.failed_call = open(log).read() if log and os.path.exists(log) else None


def complaint(run, want):
    """None when the run is right."""
    if run.left:
        return "left behind: %s" % run.left
    if run.status not in (0, 1, 2, 3):
        return "ended with %d" % run.status
    if run.report is not None and run.report != want.report:
        try:
            json.loads(run.report)
        except ValueError:
            return "half a report"
    if (run.status, run.text, run.report) == (want.status, want.text, want.report):
        return None
    if run.status in (0, 1):
        return "exit %d with another report" % run.status
    said = run.error.strip() or b": error: " in run.text or run.text.startswith(b"error: ")
    return None if said else "not a word"


def faults(kind, step):
    """Environments, one after the other, until told that the last was past the end."""
    if kind == "alloc":
        n = 1
        while (yield {"HIPAALINT_FAIL_ALLOC": str(n)}, "allocation %d" % n):
            n += step
        return
    for number in ERRNOS[kind]:
        n = 1
        name = "any" if kind == "io" else kind
        while (yield {"HIPAALINT_FAULT": "%s:%d:%d" % (name, n, number)}, "%s %d, errno %d" % (kind, n, number)):
            n += step
            if kind == "short":
                break


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program"), p.add_argument("library")
    p.add_argument("--step", type=int, default=1), p.add_argument("--class", dest="kinds", action="append")
    p.add_argument("project", nargs="+")
    o = p.parse_args()
    tmp = tempfile.mkdtemp(prefix="hipaalint-faults-")
    out, log = os.path.join(tmp, "out"), os.path.join(tmp, "log")
    library = os.path.abspath(o.library)
    passed = failed = 0
    kinds = o.kinds or ["io", "thread", "short"]
    for project in o.project:
        for kind in kinds:
            jobs = 4 if kind == "thread" else 1
            want = Run(o.program, project, jobs, out)
            stepper, more = faults(kind, o.step), None
            while True:
                try:
                    env, name = stepper.send(more)
                except StopIteration:
                    break
                if kind != "alloc":
                    env.update(LD_PRELOAD=library, HIPAALINT_FAULT_LOG=log)
                run = Run(o.program, project, jobs, out, env, log)
                if kind == "alloc":
                    more = bool(run.error.strip())
                else:
                    more = run.failed_call is not None or kind == "short"
                if not more:
                    continue
                wrong = complaint(run, want)
                passed += not wrong
                failed += bool(wrong)
                if wrong and failed <= MAX_COMPLAINTS:
                    print("%s: %s (%s): %s" % (project, name, run.failed_call, wrong))
                    print("\n".join("    " + l[:160] for l in run.error.decode(errors="replace").splitlines()[:3]))
    shutil.rmtree(tmp)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
