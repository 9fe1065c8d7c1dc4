"""Finishes a runtime: bytecode for every module and one script for every console command.

Arguments: the runtime's directory, then the directories in it to compile. Prints one JSON line.
"""
import compileall
import configparser
import json
import os
import pathlib
import py_compile
import re
import shlex
import sys

SCRIPT = """\
#!/bin/sh
# Runs {name} with the runtime this file belongs to, wherever that lies.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
export PYTHONPATH="$here/site-packages${{PYTHONPATH:+:$PYTHONPATH}}" PYTHONHOME={home} PYTHONDONTWRITEBYTECODE=1
exec {python} -c {code} "$@"
"""
CODE = "import sys; from {module} import {root}; sys.argv[0] = {name!r}; sys.exit({call}())"


def compile_all(root, directories):
    """The bytecode is valid whatever happens to the files' times when the runtime is copied, archived or moved
    (unchecked hash instead of time stamp), and holds paths relative to the runtime: none of this machine's."""
    for directory in directories:
        compileall.compile_dir(
            directory,
            maxlevels=100,
            force=True,
            quiet=1,
            workers=0,
            stripdir=root,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    sources = compiled = 0
    tag = sys.implementation.cache_tag
    for directory in directories:
        for folder, _, files in os.walk(directory):
            for name in files:
                if name.endswith(".py"):
                    sources += 1
                    compiled += os.path.exists(os.path.join(folder, "__pycache__", f"{name[:-3]}.{tag}.pyc"))
    return sources, compiled


def scripts(root, packages, python, home):
    """uv's own scripts name the interpreter by its absolute path, which does not survive a move."""
    target = root / "bin"
    target.mkdir(exist_ok=True)
    names = []
    for file in sorted(packages.glob("*.dist-info/entry_points.txt")):
        entries = configparser.ConfigParser(delimiters=("=",), interpolation=None)
        entries.optionxform = str
        entries.read(file, encoding="utf-8")
        if not entries.has_section("console_scripts"):
            continue
        for name, value in entries.items("console_scripts"):
            match = re.fullmatch(r"([\w.]+)\s*:\s*([\w.]+)\s*(\[.*\])?", value.strip())
            if not match or not re.fullmatch(r"[\w.-]+", name):
                continue
            module, call = match[1], match[2]
            code = CODE.format(module=module, root=call.split(".")[0], name=name, call=call)
            path = target / name
            path.write_text(SCRIPT.format(name=name, home=home, python=python, code=shlex.quote(code)), encoding="utf-8")
            path.chmod(0o755)
            names.append(name)
    return names


def main():
    root, directories = pathlib.Path(sys.argv[1]), sys.argv[4:]
    sources, compiled = compile_all(str(root), directories)
    names = scripts(root, root / "site-packages", sys.argv[2], sys.argv[3])
    print(json.dumps({"sources": sources, "compiled": compiled, "scripts": names}))


if __name__ == "__main__":
    main()
