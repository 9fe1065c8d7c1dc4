"""Counts the tests of a `go test -json` log; a skipped one is a failure here, by name."""
import collections
import json
import sys

result = {}
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    if "Test" in event and event["Action"] in ("pass", "fail", "skip"):
        result[event["Package"], event["Test"]] = event["Action"]
count = collections.Counter(result.values())
for (package, test), action in sorted(result.items()):
    if action == "skip":
        print(f"skipped, which counts as a failure: {package} {test}")
failed = count["fail"] + count["skip"]
print(f"{count['pass']} passed, {failed} failed")
sys.exit(failed > 0)
