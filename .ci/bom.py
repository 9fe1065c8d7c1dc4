"""bom.py BOM LOCK LICENCES: completes a CycloneDX list of Go modules by the Python packages that the program installs,
gives it the commit's time in place of this run's, and prints every part with its licence.

LOCK is uv's requirements.txt; LICENCES has a line "NAME<tab>LICENCE" for each package of it, as the package itself says.
"""
import datetime
import json
import os
import re
import sys

bom_file, lock, licences = sys.argv[1:]
# What SPDX knows, of all that the packages say; anything else is a name.
SPDX = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib"}


def python_packages():
    with open(licences, encoding="utf-8") as file:
        of = dict(line.rstrip("\n").split("\t") for line in file)
    with open(lock, encoding="utf-8") as file:
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", file.read(), re.MULTILINE):
            # The lock has some packages in two versions, for older and newer Pythons.
            yield name, version, of[name]


with open(bom_file, encoding="utf-8") as file:
    bom = json.load(file)
time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
bom["metadata"]["timestamp"] = time.isoformat()
lines = []
for part in bom["components"]:
    found = part.get("licenses") or part.get("evidence", {}).get("licenses", [])
    names = sorted({one["license"].get("id") or one["license"].get("name") for one in found})
    lines.append((part["name"], part.get("version", ""), " ".join(names) or "unknown"))
for name, version, licence in python_packages():
    known = set(re.split(r" (?:AND|OR) ", licence)) <= SPDX
    purl = f"pkg:pypi/{name}@{version}"
    bom["components"].append({
        "bom-ref": purl, "purl": purl, "type": "library", "name": name, "version": version,
        "licenses": [{"expression": licence} if known else {"license": {"name": licence}}],
    })
    lines.append((name, version, licence))
with open(bom_file, "w", encoding="utf-8") as file:
    json.dump(bom, file, indent=2, sort_keys=True)
for line in sorted(lines):
    print(*line, sep="\t")
