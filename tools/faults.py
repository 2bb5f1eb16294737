#!/usr/bin/env python3
"""Makes one call fail, for every call of a run, and looks at what the program makes of it.

    faults.py PROGRAM LIBRARY [--step N] [--class NAME]... [--under LIBRARIES] [--formats NAMES] [--fix]
              [--totals FILE] PROJECT...

LIBRARY is tools/faultio.c, built to be preloaded. Classes: `io` (open, read, stat, readdir, realpath, map, write,
close, rename, each with three errnos), `thread`, `short` (every read and write moves one byte), `malloc` (every allocation,
the program's own and those inside the libraries); `io-on` and `malloc-on`, where every later call fails as well (of io,
what only reads: else nobody could say anything); `alloc` (the program's own allocator, without the library).
A run writes text and every format of report, or those of --formats. It is right when it gives the same reports as
without a fault; or ends with exit status 3 (2 where the configuration or the rules cannot be read) and says why. It is
wrong when it crashes, hangs, is silent, leaves a temporary or half a report, or gives another report with exit 0 or 1.
With --fix a run is `fix` on a copy of the project, and each file must be what it was or what it becomes without a
fault; where the status says that something was not understood, fewer fixes will do.

What runs in one thread is forked at each call, so that a fault costs the rest of the run; see tools/faultio.c. --under
names libraries to preload before, of a sanitizer. --totals adds a line per project and class to a file.
Last line: N passed, N failed."""
import argparse, json, os, select, shutil, signal, subprocess, sys, tempfile
import xml.etree.ElementTree as xml

ERRNOS = {"io": (5, 13, 24), "io-on": (5,), "thread": (11,), "short": (0,), "malloc": (12,), "malloc-on": (12,),
          "alloc": (12,)}
CLASS = {"io": "any", "io-on": "in:on", "malloc-on": "malloc:on"}  # as tools/faultio.c names them
FORMATS = ("json", "jsonl", "sarif", "junit", "gitlab", "github", "markdown", "html")
MAX_COMPLAINTS = 40
SECONDS = 60  # until what does not answer hangs
# What a program may call that can fail. What it has of these must be among the calls that LIBRARY makes fail.
CAN_FAIL = set("""open open64 openat openat64 fopen fopen64 fdopen read pread pread64 readv fread getline fgets write pwrite
    writev fwrite close fclose fflush rename renameat link linkat symlink unlink unlinkat mkdir mkdirat stat lstat fstat
    fstatat statx access faccessat opendir fdopendir readdir scandir getdents64 syscall readlink readlinkat realpath getcwd
    lseek fchmod chmod ftruncate fsync mmap mmap64 munmap madvise mremap pipe pipe2 pthread_create malloc calloc realloc
    aligned_alloc posix_memalign memalign mkstemp tmpfile ftw nftw fts_open glob""".split())


def half(format, text):
    """Whether a report stops before its end."""
    try:
        if format in ("json", "sarif", "gitlab"):
            json.loads(text)
        elif format == "jsonl":
            for line in text.splitlines():
                json.loads(line)
        elif format == "junit":
            xml.fromstring(text)
        elif format == "html":
            return not text.rstrip().endswith(b"</html>")
    except (ValueError, xml.ParseError):
        return True
    return False


def files_below(directory):
    found = {}
    for at, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, directory)] = f.read()
    return found


class Outcome:
    """What a run left in its directory."""

    def __init__(self, status, out):
        def content(name):
            with open(os.path.join(out, name), "rb") as f:
                return f.read()
        self.status = status
        names = sorted(os.listdir(out))
        self.text, self.error = content("stdout"), content("stderr")
        self.reports = {n: content("report." + n) for n in FORMATS if "report." + n in names}
        self.files = files_below(os.path.join(out, "project"))
        self.left = [n for n in names if n not in ("stdout", "stderr", "project") and n.split(".", 1)[-1] not in FORMATS]

    def complaint(self, want):
        """None when the run is right."""
        if self.left:
            return "left behind: %s" % self.left
        if self.status not in (0, 1, 2, 3):
            return "ended with %d" % self.status
        for name, report in self.reports.items():
            if report != want.reports[name] and half(name, report):
                return "half a report: %s" % name
        if self.files.keys() - want.files.keys():
            return "left behind: %s" % (self.files.keys() - want.files.keys())
        for name, content in want.files.items():
            if self.status not in (2, 3) and self.files.get(name) not in (content, want.before[name]):
                return "%s is neither what it was nor what it becomes" % name
        if (self.status, self.text, self.reports, self.files) == (want.status, want.text, want.reports, want.files):
            return None
        if self.status in (0, 1):
            return "exit %d with another report: %s" % (self.status, " ".join(
                [n for n in FORMATS if self.reports.get(n) != want.reports.get(n)] +
                [n for n in want.files if self.files.get(n) != want.files[n]] + ["stdout"] * (self.text != want.text)))
        said = self.error.strip() or b": error: " in self.text or self.text.startswith(b"error: ")
        return None if said else "not a word"


class Place:
    """Where runs write, and how they are started."""

    def __init__(self, program, library, under, formats, fix):
        self.formats, self.fix = formats, fix
        self.program, self.preload = os.path.abspath(program), ":".join(under + [os.path.abspath(library)])
        self.tmp = os.path.realpath(tempfile.mkdtemp(prefix="hipaalint-faults-"))
        self.out, self.kept = os.path.join(self.tmp, "out"), os.path.join(self.tmp, "out.kept")

    def start(self, project, jobs, env, pass_fds=()):
        shutil.rmtree(self.out, ignore_errors=True)
        os.mkdir(self.out)
        command = [self.program, "check", "-j%d" % jobs, "--format", "text"]
        for name in self.formats:
            command += ["--format", "%s=%s" % (name, os.path.join(self.out, "report." + name))]
        if self.fix:
            copy = os.path.join(self.out, "project")
            shutil.copytree(project, copy)
            command, project = [self.program, "fix", "-j%d" % jobs, "--no-gitignore"], copy
        with open(os.path.join(self.out, "stdout"), "wb") as out, open(os.path.join(self.out, "stderr"), "wb") as err:
            return subprocess.Popen(command + [project], env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out,
                                    stderr=err, pass_fds=pass_fds, start_new_session=True)

    def run(self, project, jobs, env):
        """The outcome, None when it did not end in time."""
        p = self.start(project, jobs, env)
        try:
            return Outcome(p.wait(SECONDS), self.out)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
            return None

    def keep(self):
        """Sets aside what has been written so far; what is run next writes to a copy."""
        os.rename(self.out, self.kept)
        shutil.copytree(self.kept, self.out)

    def restore(self):
        shutil.rmtree(self.out)
        os.rename(self.kept, self.out)


def fault(kind, n, number):
    name, colon, on = CLASS.get(kind, kind).partition(":")
    return "%s:%d:%d%s" % (name, n, number, colon + on)


def one_by_one(place, project, kind, number, step, jobs, want):
    """A process for each call. Gives (n, call, outcome)."""
    log = os.path.join(place.tmp, "log")
    n = 1
    while True:
        if os.path.exists(log):
            os.remove(log)
        outcome = place.run(project, jobs, {"HIPAALINT_FAIL_ALLOC": str(n)} if kind == "alloc" else {
            "LD_PRELOAD": place.preload, "HIPAALINT_FAULT": fault(kind, n, number), "HIPAALINT_FAULT_LOG": log})
        called = open(log).read() if os.path.exists(log) else None
        if kind == "alloc":
            called = "alloc_get" if outcome.status != want.status else None
        if called is None and kind != "short":
            return
        yield n, called, outcome
        if kind == "short":
            return
        n += step


def forked(place, project, kind, number, step, want):
    """One process that forks at each call. Gives (n, call, outcome)."""
    ask, answer = os.pipe()
    told, tell = os.pipe()
    env = {"LD_PRELOAD": place.preload, "HIPAALINT_FAULT": fault(kind, 1, number),
           "HIPAALINT_FAULT_FORK": "%d:%d:%d:%s" % (step, ask, tell, place.out)}
    p = place.start(project, 1, env, (ask, tell))
    os.close(ask), os.close(tell)
    try:
        while select.select([told], [], [], SECONDS)[0]:
            line = os.read(told, 256).decode().split()
            if not line:
                status, outcome = p.wait(), Outcome(p.returncode, place.out)
                if outcome.complaint(want) or status != want.status:
                    yield 0, "none", outcome
                return
            if len(line) == 1:
                place.keep()
            else:
                status = int(line[1])
                yield int(line[0]), line[2], Outcome(os.waitstatus_to_exitcode(status), place.out)
                place.restore()
            os.write(answer, b".")
        yield 0, "the last", None
    finally:
        os.close(answer), os.close(told)
        if p.poll() is None:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
        shutil.rmtree(place.kept, ignore_errors=True)


def unknown_calls(program, library):
    """Calls that can fail and that LIBRARY does not know; None without nm."""
    def symbols(path, of):
        out = subprocess.run(["nm", "-D", of, path], stdout=subprocess.PIPE, check=True).stdout.decode()
        return {line.split()[-1].split("@")[0] for line in out.splitlines()}
    if not shutil.which("nm"):
        return None
    return (symbols(program, "--undefined-only") & CAN_FAIL) - symbols(library, "--defined-only")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program"), p.add_argument("library")
    p.add_argument("--step", type=int, default=1), p.add_argument("--class", dest="kinds", action="append")
    p.add_argument("--under", type=lambda s: s.split(":"), default=[]), p.add_argument("--totals")
    p.add_argument("--formats", type=lambda s: s.split(",") if s else [], default=FORMATS)
    p.add_argument("--fix", action="store_true")
    p.add_argument("project", nargs="+")
    o = p.parse_args()
    passed = failed = 0
    unknown = unknown_calls(o.program, o.library)
    if unknown:
        failed += 1
        print("%s does not know %s" % (o.library, " ".join(sorted(unknown))))
    elif unknown is None:
        print("skipped: whether every call that can fail is known (no nm)")
    place = Place(o.program, o.library, o.under, o.formats, o.fix)
    for project in o.project:
        project = os.path.abspath(project)
        for kind in o.kinds or ["io", "thread", "short"]:
            jobs = 4 if kind == "thread" else 1
            want = place.run(project, jobs, {"LD_PRELOAD": ":".join(o.under)})
            want.before = files_below(project)
            seen = wrong = 0
            ends = {}
            for number in ERRNOS[kind]:
                if kind in ("thread", "short", "alloc"):
                    runs = one_by_one(place, project, kind, number, 1 if kind == "thread" else o.step, jobs, want)
                else:
                    runs = forked(place, project, kind, number, o.step, want)
                for n, called, outcome in runs:
                    complaint = outcome.complaint(want) if outcome else "hangs"
                    seen += 1
                    wrong += bool(complaint)
                    end = "the same" if outcome and not complaint and outcome.status == want.status else "exit %s" % (
                        outcome.status if outcome else "never")
                    ends[end] = ends.get(end, 0) + 1
                    if complaint and failed + wrong <= MAX_COMPLAINTS:
                        print("%s: %s %d, errno %d (%s): %s" % (project, kind, n, number, called, complaint))
                        for line in outcome.error.decode(errors="replace").splitlines()[:3] if outcome else ():
                            print("    " + line[:160])
            passed, failed = passed + seen - wrong, failed + wrong
            if o.totals:
                with open(o.totals, "a") as f:
                    f.write("%s\t%s\t%d\t%d\t%s\n" % (os.path.relpath(project), kind, seen, wrong,
                                                  ", ".join("%s: %d" % e for e in sorted(ends.items()))))
    shutil.rmtree(place.tmp)
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


sys.exit(main())
