#!/usr/bin/env python3
"""Measures hipaalint and writes RESULTS.md and growth.svg. Usage: bench.py PROGRAM [SECTION...]

Seconds by hyperfine (medians; ratios are of runs that took turns), instructions by callgrind, memory by the kernel's account of the
process. Beside each corpus stands the limit of its format: what the parser's library alone takes for the same files in one thread
(stages.c). Sections: start, corpora, stages, threads, growth, grammar; those not named keep what RESULTS.md says of them.

BENCH_SIZES: numbers of generated resources. BENCH_RUNS: runs of each command. PUBLIC_GRAMMAR: directory of tree-sitter-hcl's C sources."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = "testdata/bench"
RESULTS = HERE + "/RESULTS.md"
SHARED = os.environ.get("HIPAALINT_SHARED", "../shared") + "/corpora/"
SIZES = [int(n) for n in os.environ.get("BENCH_SIZES", "1000 10000 100000 1000000").split()]
RUNS = int(os.environ.get("BENCH_RUNS", "15"))
HCL, YAML, JSON = (".tf",), (".yaml", ".yml", ".template"), (".json",)
# A directory and one format of it; repositories of several formats are measured once for each.
CORPORA = [
    ("terragoat", "hcl", HCL),
    ("terraform-aws-eks", "hcl", HCL),
    ("terraform-aws-vpc", "hcl", HCL),
    ("kube-prometheus", "yaml", YAML),
    ("kubernetes-examples", "yaml", YAML),
    ("aws-cloudformation-templates", "yaml", YAML),
    ("aws-cloudformation-templates", "json", JSON),
]
# Each stage, and the function whose instructions (with those that it calls) are its own.
STAGES = [
    ("read, parse and lower", "inputs_discover"),
    ("of these the parsers alone", "ts_parser_parse|yaml_parser_parse|json_read"),
    ("evaluate", "frontend_load"),
    ("graph", "graph_link"),
    ("analyses", "analysis_run"),
    ("rules", "run_evaluate"),
    ("report", "report_text"),
]


class Bench:
    def __init__(self, program, tmp):
        self.program, self.tmp = os.path.abspath(program), tmp
        self.stages = tmp + "/stages"

    def build_stages(self, grammar="grammars/hcl/src", program=None):
        program = program or self.stages
        subprocess.run([os.environ.get("CC", "gcc"), "-O2", "-w", "-I" + grammar, HERE + "/stages.c", grammar + "/parser.c",
                        grammar + "/scanner.c", "-ltree-sitter", "-lyaml", "-lcjson", "-o", program], check=True)
        return program

    def check(self, *arguments, jobs=1):
        return [self.program, "check", "-q", "--jobs", str(jobs), *arguments]

    def seconds(self, *commands, runs=RUNS):
        """The median seconds of each command; they take turns, so that what else the machine does meets all of them."""
        times = [[] for _ in commands]
        for turn in range(runs + 1):
            for command, taken in zip(commands, times):
                start = time.perf_counter()
                subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
                if turn:  # the first is a warm-up
                    taken.append(time.perf_counter() - start)
        return [sorted(t)[len(t) // 2] for t in times]

    def usage(self, command):
        """User seconds and peak memory in MB."""
        told = subprocess.run(["/usr/bin/time", "-f", "%U %M", "-o", self.tmp + "/usage", *command],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if told.returncode == 127:
            sys.exit("bench: no /usr/bin/time")
        user, kilobytes = open(self.tmp + "/usage", encoding="utf-8").read().split()[-2:]
        return float(user), int(kilobytes) / 1024

    def instructions(self, command):
        found = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + os.devnull, *command],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False).stderr
        return int(re.search(r"Collected : (\d+)", found).group(1))

    def profile(self, command):
        """Instructions by function, with those of the functions that it calls."""
        out = self.tmp + "/callgrind"
        subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, *command],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        text = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", out],
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        counts = {}
        for line in text.splitlines():
            found = re.match(r"\s*([\d,]+) \(.*?\)\s+\S+?:([\w.']+)", line)
            if found:
                name = found.group(2).split(".")[0]
                counts[name] = max(counts.get(name, 0), int(found.group(1).replace(",", "")))
            total = re.match(r"\s*([\d,]+) \(100.0%\)\s+PROGRAM TOTALS", line)
            if total:
                counts["total"] = int(total.group(1).replace(",", ""))
        return counts

    def tree_of(self, name, endings):
        """A copy of the corpus with the files of one format only, and their names."""
        to = "%s/%s%s" % (self.tmp, name, endings[0])
        files = []
        for at, _, names in os.walk(SHARED + name):
            for one in sorted(names):
                if one.endswith(endings):
                    target = to + at[len(SHARED + name):]
                    os.makedirs(target, exist_ok=True)
                    shutil.copyfile(os.path.join(at, one), target + "/" + one)
                    files.append(target + "/" + one)
        return to, files


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def millions(n):
    return "%.1f M" % (n / 1e6)


def start(b):
    rows = [["/bin/true", "%d" % b.instructions(["/bin/true"]), "%.1f ms" % (b.seconds(["/bin/true"])[0] * 1e3),
             "%.1f MB" % b.usage(["/bin/true"])[1]]]
    cases = [["--version"], ["--help"]] + [["check", HERE + "/small/" + f] for f in ("main.tf", "template.yaml", "pod.yaml")]
    for arguments in cases:
        command = [b.program, *arguments]
        rows.append(["`hipaalint %s`" % " ".join(a.split("/")[-1] for a in arguments), "%d" % b.instructions(command),
                     "%.1f ms" % (b.seconds(command)[0] * 1e3), "%.1f MB" % b.usage(command)[1]])
    return "One small file with all packs, and nothing to do.\n\n" + table(["case", "instructions", "time", "memory"], rows)


def corpora(b):
    rows = []
    for name, kind, endings in CORPORA:
        tree, files = b.tree_of(name, endings)
        size = sum(os.path.getsize(f) for f in files)
        ours, two, alone, reading = b.seconds(b.check(tree), b.check(tree, jobs=2), [b.stages, kind, *files],
                                              [b.stages, "read", *files])
        whole = b.instructions(b.check(tree))
        limit = b.instructions([b.stages, kind, *files]) - b.instructions([b.stages, "read", *files])
        rows.append([name + ", " + kind, "%d KB in %d files" % (size // 1024, len(files)), "%.1f ms" % (ours * 1e3),
                     "%.1f ms" % (two * 1e3), "%.1f MB" % b.usage(b.check(tree))[1], "%.1f ms" % ((alone - reading) * 1e3),
                     "%.2f" % (ours / (alone - reading)), millions(whole), millions(limit), "%.2f" % (whole / limit)])
        print("bench:", " ".join(rows[-1]), flush=True)
        shutil.rmtree(tree)
    return ("Limit: what the library alone (`ts_parser_parse`, libyaml's event loop, cJSON) takes for the same files in one thread, without\n"
            "reading them. The goals are 2.0 times that for HCL, 1.6 for YAML and 2.0 for JSON.\n\n" +
            table(["corpus", "size", "1 thread", "2 threads", "memory", "limit", "ratio", "instructions", "limit", "ratio"], rows))


def stages(b):
    names = [("terraform-aws-eks", SHARED + "terraform-aws-eks"), ("kube-prometheus", SHARED + "kube-prometheus"),
             ("aws-cloudformation-templates", SHARED + "aws-cloudformation-templates"), ("clinic", "testdata/projects/clinic")]
    counts = [b.profile(b.check(path)) for _, path in names]
    rows = [["whole run"] + [millions(c["total"]) for c in counts]]
    for stage, functions in STAGES:
        rows.append([stage] + [millions(sum(c.get(f, 0) for f in functions.split("|"))) for c in counts])
    return "Instructions in one thread, text report.\n\n" + table(["stage"] + [n for n, _ in names], rows) + saved_by_cache(names, counts)


def saved_by_cache(names, counts):
    """What results by content hash could save at most: reading. What a file means depends on others, so the rest is done anew."""
    shares = ["%d %% (%s)" % (100 * c["inputs_discover"] // c["total"], name) for (name, _), c in zip(names, counts)]
    return "\nA cache of lowered files by content hash would save at most what reading takes: %s. None is made.\n" % ", ".join(shares)


def generated(b, n):
    to = "%s/generated-%d" % (b.tmp, n)
    if not os.path.isdir(to):
        subprocess.run([sys.executable, HERE + "/generate.py", str(n), to], check=True)
    return to


def threads(b):
    rows = []
    for name, path in [(n, SHARED + n) for n in ("kube-prometheus", "terraform-aws-eks", "aws-cloudformation-templates")] + [
            ("%d generated resources" % n, generated(b, n)) for n in SIZES if 10000 <= n <= 100000]:
        out = ["--format", "json=" + os.devnull]
        one, two = b.seconds(b.check(*out, path), b.check(*out, path, jobs=2))
        rows.append([name, "%.1f ms" % (one * 1e3), "%.1f ms" % (two * 1e3), "%.2f" % (one / two)])
    return table(["repository", "1 thread", "2 threads", "ratio"], rows)


def growth(b):
    rows = []
    for n in SIZES:
        command = b.check("--format", "json=" + os.devnull, generated(b, n))
        user, mb = b.usage(command)
        counted = "%d" % (b.instructions(command) // n) if n <= 50000 else "-"
        rows.append(["%d" % n, counted, "%.2f" % user, "%.1f MB" % mb, "%.1f" % (user * 1e6 / n), "%.2f" % (mb * 1024 / n)])
        print("bench:", " ".join(rows[-1]), flush=True)
        shutil.rmtree(generated(b, n))
    return ("Repositories made by `generate.py`, one thread. User time, because others may use the machine; plot: `growth.svg`.\n\n" +
            table(["resources", "instructions a resource", "user seconds", "memory", "µs a resource", "KB a resource"], rows))


def grammar(b):
    public = os.environ.get("PUBLIC_GRAMMAR")
    if not public:
        print("bench: public HCL grammar: skipped (set PUBLIC_GRAMMAR to its src directory)")
        return None
    files = b.tree_of("terraform-aws-eks", HCL)[1] + b.tree_of("terragoat", HCL)[1]
    rows = []
    for name, directory in (("ours", "grammars/hcl/src"), ("public", public)):
        program = b.build_stages(directory, b.tmp + "/" + name)
        alone = b.seconds([program, "hcl", *files])[0] - b.seconds([program, "read", *files])[0]
        counted = b.instructions([program, "hcl", *files]) - b.instructions([program, "read", *files])
        size = sum(os.path.getsize(f) for f in files)
        rows.append([name, "%.1f MB/s" % (size / alone / 1e6), "%d" % (counted // size)])
    return "Ours and the public tree-sitter-hcl on the same files.\n\n" + table(["grammar", "speed", "instructions a byte"], rows)


SECTIONS = [("start", "Start-up", start), ("corpora", "Corpora", corpora), ("stages", "Stages", stages), ("threads", "Threads", threads),
            ("growth", "Growth", growth), ("grammar", "HCL grammar", grammar)]


def parts_of(path):
    """The parts of an earlier page by their titles."""
    text = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
    return dict(part.split("\n", 1) for part in text.split("\n## ")[1:])


def machine(program):
    version = subprocess.run([program, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")[0]
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    model = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo", encoding="utf-8").read())
    return "%s, commit %s, %d x %s, %s, load %.1f" % (version, commit or "unknown", os.cpu_count(), model.group(1) if model else "processor",
                                                     time.strftime("%Y-%m-%d", time.gmtime()), os.getloadavg()[0])


def write(parts):
    ordered = [title for _, title, _ in SECTIONS if title in parts]
    with open(RESULTS, "w", encoding="utf-8") as f:
        f.write("# Measured speed\n\nWritten by `make bench`; each part says what it was measured with. Beside other programs: `PEERS.md`.\n")
        for title in ordered:
            f.write("\n## %s\n%s\n" % (title, "\n" + parts[title].strip("\n")))


def main():
    wanted = sys.argv[2:] or [name for name, _, _ in SECTIONS]
    for tool in ("valgrind", "callgrind_annotate"):
        if not shutil.which(tool):
            sys.exit(print("bench: skipped (no %s)" % tool))
    parts = parts_of(RESULTS)
    with tempfile.TemporaryDirectory() as tmp:
        b = Bench(sys.argv[1], tmp)
        b.build_stages()
        for name, title, measure in SECTIONS:
            if name not in wanted:
                continue
            if name in ("corpora", "stages", "threads") and not os.path.isdir(SHARED):
                print("bench: %s: skipped (no shared data)" % name)
                continue
            text = measure(b)
            if text:
                parts[title] = "*%s*\n\n%s" % (machine(b.program), text)
                write(parts)
                print("bench:", title, "written", flush=True)
    with open(HERE + "/growth.svg", "w", encoding="utf-8") as f:
        subprocess.run([sys.executable, HERE + "/plot.py", RESULTS], stdout=f, check=True)


main()
