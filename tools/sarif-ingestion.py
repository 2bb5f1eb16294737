#!/usr/bin/env python3
"""What GitHub code scanning asks of a SARIF file, rule by rule. Usage: sarif-ingestion.py ROOT FILE...

ROOT is the root of the repository that the files speak of: every place must exist in it, and the line hashes must be
those that GitHub's uploader computes. Prints one line for each violation; exit status 1 when there is one."""
import gzip
import json
import os
import re
import sys
import urllib.parse

HARD = {"runs": 20, "results": 25000, "rules": 25000, "extensions": 100, "locations": 1000, "steps": 10000, "tags": 20}
SHOWN = {"results": 5000, "locations": 100, "steps": 1000, "tags": 10}
MAX_GZIP = 10 * 1000 * 1000
PRECISIONS = ("very-high", "high", "medium", "low")
LEVELS = ("note", "warning", "error")
MASK = (1 << 64) - 1


def line_hashes(text):
    """primaryLocationLineHash of each line, straight from its definition."""
    units, starts, at_start = [], [], True
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for c in text:
        if at_start:
            starts.append(len(units))
            at_start = False
        if c in " \t":
            continue
        code = c.encode("utf-16-le")
        units += [int.from_bytes(code[i:i + 2], "little") for i in range(0, len(code), 2)]
        at_start = c == "\n"
    if at_start:
        starts.append(len(units))
    units += [65535] + [0] * 100
    counts, result = {}, []
    for start in starts:
        value = 0
        for unit in units[start:start + 100]:
            value = (value * 37 + unit) & MASK
        counts[value] = counts.get(value, 0) + 1
        result.append("%x:%d" % (value, counts[value]))
    return result


class Checker:
    def __init__(self, root, path):
        self.root, self.path, self.wrong, self.files = root, path, [], {}

    def say(self, where, text):
        self.wrong.append("%s: %s: %s" % (self.path, where, text))

    def text(self, where, holder, *keys):
        value = holder
        for key in keys:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, str) or not value.strip():
            self.say(where, "%s is missing or empty" % ".".join(keys))
            return ""
        return value

    def amount(self, where, what, n):
        if n > HARD[what]:
            self.say(where, "%d %s: rejected above %d" % (n, what, HARD[what]))
        elif n > SHOWN.get(what, n):
            self.say(where, "%d %s: only %d are shown" % (n, what, SHOWN[what]))

    def log(self, log, size):
        if size > MAX_GZIP:
            self.say("file", "%d bytes compressed" % size)
        self.text("log", log, "$schema")
        if log.get("version") != "2.1.0":
            self.say("log", "version is not 2.1.0")
        if not isinstance(log.get("runs"), list):
            self.say("log", "no runs")
            return
        self.amount("log", "runs", len(log["runs"]))
        for run in log["runs"]:
            self.run(run)

    def run(self, run):
        driver = run.get("tool", {}).get("driver", {})
        for key in ("name", "semanticVersion", "informationUri"):
            self.text("driver", driver, key)
        if not re.fullmatch(r"\d+\.\d+\.\d+([-+].*)?", driver.get("semanticVersion", "")):
            self.say("driver", "semanticVersion is no version")
        self.amount("tool", "extensions", len(run.get("tool", {}).get("extensions", [])))
        rules, results = driver.get("rules"), run.get("results")
        if not isinstance(rules, list) or not isinstance(results, list):
            self.say("run", "rules or results are missing")
            return
        self.amount("run", "rules", len(rules))
        self.amount("run", "results", len(results))
        if len({r.get("id") for r in rules}) != len(rules):
            self.say("rules", "an id stands twice")
        for rule in rules:
            self.rule(rule)
        self.details(run)
        for i, result in enumerate(results):
            self.result("result %d" % i, result, rules)
        scores = [float(rules[r["ruleIndex"]]["properties"]["security-severity"]) for r in results]
        if len(results) == SHOWN["results"] and scores != sorted(scores, reverse=True):
            self.say("results", "cut, and not the worst first")
        self.invocation(run, len(results))

    def details(self, run):
        category = self.text("run", run, "automationDetails", "id")
        if "/" not in category:
            self.say("automationDetails", "no category: nothing stands before a slash")
        if run.get("columnKind", "utf16CodeUnits") not in ("utf16CodeUnits", "unicodeCodePoints"):
            self.say("run", "unknown columnKind")
        for name, base in run.get("originalUriBaseIds", {}).items():
            if "uri" in base:
                self.say("originalUriBaseIds", "%s has a uri, which GitHub would not apply" % name)

    def rule(self, rule):
        where = "rule %s" % rule.get("id")
        for keys in (("id",), ("shortDescription", "text"), ("fullDescription", "text"), ("help", "text"), ("help", "markdown")):
            self.text(where, rule, *keys)
        for key in ("shortDescription", "fullDescription"):
            if len(rule.get(key, {}).get("text", "")) > 1024:
                self.say(where, "%s is longer than 1024" % key)
        if len(rule.get("name", "")) > 255:
            self.say(where, "the name is longer than 255")
        if not re.fullmatch(r"https://[^ ]+", rule.get("helpUri") or ""):
            self.say(where, "helpUri is no URI")
        if rule.get("defaultConfiguration", {}).get("level") not in LEVELS:
            self.say(where, "no default level")
        properties = rule.get("properties", {})
        tags = properties.get("tags", [])
        self.amount(where, "tags", len(tags))
        if "security" not in tags or len(set(tags)) != len(tags):
            self.say(where, "tags without 'security', or twice the same")
        if properties.get("precision") not in PRECISIONS:
            self.say(where, "precision %r" % properties.get("precision"))
        score = properties.get("security-severity")
        if not isinstance(score, str) or not re.fullmatch(r"\d+(\.\d+)?", score) or not 0 < float(score) <= 10:
            self.say(where, "security-severity %r is no number in a string" % (score,))
        if "problem.severity" in properties:
            self.say(where, "problem.severity is for other rules")

    def result(self, where, result, rules):
        index = result.get("ruleIndex", -1)
        if not 0 <= index < len(rules) or rules[index].get("id") != result.get("ruleId"):
            self.say(where, "ruleId and ruleIndex do not agree")
        if result.get("level") not in LEVELS or result.get("kind", "fail") != "fail":
            self.say(where, "a level or kind that is not shown")
        message = self.text(where, result, "message", "text")
        locations = result.get("locations", [])
        self.amount(where, "locations", len(locations) + len(result.get("relatedLocations", [])))
        if not locations:
            self.say(where, "no location")
            return
        line = self.physical(where, locations[0])
        ids = [r.get("id") for r in result.get("relatedLocations", [])]
        if len(set(ids)) != len(ids):
            self.say(where, "ids of related locations repeat")
        for link in re.findall(r"(?<!\\)\]\((\d+)\)", message):
            if int(link) not in ids:
                self.say(where, "the message links to %s, which is no related location" % link)
        for related in result.get("relatedLocations", []):
            self.physical(where, related)
            self.text(where, related, "message", "text")
        self.flows(where, result, locations[0])
        self.fixes(where, result)
        self.fingerprints(where, result, locations[0], line)

    def flows(self, where, result, place):
        for flow in result.get("codeFlows", []):
            steps = [s for t in flow.get("threadFlows", []) for s in t.get("locations", [])]
            self.amount(where, "steps", len(steps))
            if len(steps) < 2:
                self.say(where, "a code flow of %d steps" % len(steps))
            for step in steps:
                self.physical(where, step.get("location", {}))
            if steps and steps[-1]["location"]["physicalLocation"] != place["physicalLocation"]:
                self.say(where, "the code flow does not end at the result")

    def fixes(self, where, result):
        """An edit is a place of the file, and the bytes that its region says."""
        for fix in result.get("fixes", []):
            self.text(where, fix, "description", "text")
            for change in fix.get("artifactChanges", []):
                for edit in change.get("replacements", []):
                    region = edit.get("deletedRegion", {})
                    if region.get("startLine") == region.get("endLine") and region.get("startColumn") == region.get("endColumn"):
                        region = dict(region, endColumn=region.get("endColumn", 0) + 1)
                    self.physical(where, {"physicalLocation": {"artifactLocation": change.get("artifactLocation"), "region": region}})
                    if not isinstance(edit.get("insertedContent", {}).get("text"), str):
                        self.say(where, "an edit without a text")

    def lines(self, path):
        if path not in self.files:
            with open(path, "rb") as f:
                text = f.read().decode("utf-8-sig", "replace")
            self.files[path] = (re.split("\r\n|\r|\n", text), line_hashes(text))
        return self.files[path]

    def physical(self, where, location):
        place = location.get("physicalLocation", {})
        uri = self.text(where, place, "artifactLocation", "uri")
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", uri) or ".." in uri.split("/") or "\\" in uri:
            self.say(where, "%r is not below the root" % uri)
            return None
        if not re.fullmatch(r"(?:[A-Za-z0-9._~/-]|%[0-9A-F]{2})+", uri):
            self.say(where, "%r is not percent-encoded" % uri)
        path = os.path.join(os.fsencode(self.root), urllib.parse.unquote_to_bytes(uri))
        if not os.path.isfile(path):
            self.say(where, "%r is no file" % uri)
            return None
        region = place.get("region", {})
        numbers = [region.get(k) for k in ("startLine", "startColumn", "endLine", "endColumn")]
        if not all(isinstance(n, int) and n >= 1 for n in numbers):
            self.say(where, "a region of %r" % (numbers,))
            return None
        lines, hashes = self.lines(path)
        first, start, last, end = numbers
        if (first, start) >= (last, end) or last > len(lines) + 1:
            self.say(where, "a region of %r in %d lines" % (numbers, len(lines)))
        for number, column in ((first, start), (last, end)):
            width = len(lines[number - 1].encode("utf-16-le")) // 2 if number <= len(lines) else 0
            if column > width + 2:
                self.say(where, "column %d of line %d, which has %d" % (column, number, width))
        return hashes[first - 1] if first <= len(hashes) else None

    def fingerprints(self, where, result, place, line):
        prints = result.get("partialFingerprints", {})
        self.text(where, prints, "hipaalint/v1")
        found = self.text(where, prints, "primaryLocationLineHash")
        if line and found != line:
            self.say(where, "primaryLocationLineHash is %s, GitHub's %s (%s)" % (found, line, place["physicalLocation"]))

    def invocation(self, run, n_results):
        invocations = run.get("invocations", [])
        if len(invocations) != 1 or not isinstance(invocations[0].get("executionSuccessful"), bool):
            self.say("run", "one invocation with executionSuccessful is expected")
            return
        notes = invocations[0].get("toolExecutionNotifications", [])
        for i, note in enumerate(notes):
            self.text("notification %d" % i, note, "message", "text")
            for location in note.get("locations", []):
                self.physical("notification %d" % i, location)
        if any(n.get("level") == "error" for n in notes) and invocations[0]["executionSuccessful"]:
            self.say("invocation", "successful in spite of an error")
        if n_results == SHOWN["results"] and not any("left out" in n["message"]["text"] for n in notes):
            self.say("invocation", "the results were cut without a word")


def main():
    root, wrong = sys.argv[1], []
    for path in sys.argv[2:]:
        with open(path, "rb") as f:
            data = f.read()
        checker = Checker(root, path)
        try:
            checker.log(json.loads(data.decode("utf-8")), len(gzip.compress(data)))
        except (ValueError, KeyError, TypeError) as e:
            checker.say("file", "not as expected: %r" % e)
        wrong += checker.wrong
    print("\n".join(wrong[:30]))
    if len(wrong) > 30:
        print("... and %d more" % (len(wrong) - 30))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
