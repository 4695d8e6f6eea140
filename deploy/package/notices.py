"""Writes the licence texts of every crate that is linked into the programs, for the package. Their licences ask for it.

Usage: notices.py OUT PACKAGE..."""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

TARGET = "x86_64-unknown-linux-gnu"
RULE = "=" * 100
LICENCE_FILE = re.compile(r"^(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)


def main() -> int:
    out, packages = Path(sys.argv[1]), sys.argv[2:]
    linked = {crate for package in packages for crate in crates_of(package)}
    crates = [one for one in metadata() if (one["name"], one["version"]) in linked and one["source"]]
    crates.sort(key=lambda one: (one["name"], one["version"]))
    shared = defaultdict(list)
    for crate in crates:
        for text in licence_texts(Path(crate["manifest_path"]).parent):
            shared[text].append(f"{crate['name']} {crate['version']}")
    parts = ["\n".join(map(summary, crates)), *(f"{RULE}\n{', '.join(names)}\n{RULE}\n{text}" for text, names in shared.items())]
    out.write_text("\n\n".join(parts) + "\n")
    print(f"notices: {len(crates)} crates, {len(shared)} texts in {out}")
    return 0


def crates_of(package: str) -> set[tuple[str, str]]:
    """Name and version of what is linked: no build scripts' own dependencies, no tests'."""
    tree = run("cargo", "tree", "--locked", "-p", package, "--target", TARGET, "--edges", "normal", "--prefix", "none")
    lines = (line.split() for line in tree.splitlines() if line)
    return {(name, version.removeprefix("v")) for name, version, *_ in lines}


def metadata() -> list[dict]:
    return json.loads(run("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET))["packages"]


def summary(crate: dict) -> str:
    authors = f"; {', '.join(crate['authors'])}" if crate["authors"] else ""
    return f"{crate['name']} {crate['version']}: {crate['license'] or 'see below'}; {crate['repository'] or '-'}{authors}"


def licence_texts(folder: Path) -> list[str]:
    """Some crates bring no text of their own; their summary names the licence."""
    files = sorted(file for file in folder.iterdir() if file.is_file() and LICENCE_FILE.match(file.name))
    return ["\n".join(line.rstrip() for line in file.read_text(errors="replace").strip().splitlines()) for file in files]


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"notices: {' '.join(command)}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
