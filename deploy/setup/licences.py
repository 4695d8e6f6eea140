"""Applies deny.toml's licences, bans and sources to the crates that cargo resolves. Used where cargo-deny is missing."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"


def main() -> int:
    rules = tomllib.loads(Path("deny.toml").read_text())
    allowed = set(rules["licenses"]["allow"])
    banned = {ban["crate"]: ban["reason"] for ban in rules["bans"]["deny"]}
    crates = {crate for target in rules["graph"]["targets"] for crate in resolved(target)}

    faults = [f"{name} {version}: banned: {banned[name]}" for name, version, _ in crates if name in banned]
    faults += [
        f"{name} {version}: licence {expression or 'missing'} is not in deny.toml's allow"
        for name, version, expression in crates
        if not satisfied(expression, allowed)
    ]
    faults += foreign_sources()
    for fault in sorted(faults):
        print(f"licences: {fault}", file=sys.stderr)
    print(f"licences: {len(crates)} crates, {len(faults)} faults")
    return 1 if faults else 0


def resolved(target: str) -> list[tuple[str, str, str]]:
    """Name, version and licence of each crate built for the target (metadata also lists crates never built)."""
    command = ["cargo", "tree", "--locked", "--workspace", "--target", target, "--prefix", "none"]
    tree = subprocess.run([*command, "--format", "{p}|{l}"], capture_output=True, text=True, check=False)
    if tree.returncode != 0:
        sys.exit(f"licences: {tree.stderr}")
    lines = (line.removesuffix(" (*)").split("|") for line in tree.stdout.splitlines() if line)
    return [(crate.split()[0], crate.split()[1], licence.removesuffix(" (*)")) for crate, licence in lines]


def satisfied(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be met with allowed licences. `/` is an old spelling of OR; OR binds loosest.

    A licence with an exception is a licence of its own: `X WITH Y` is allowed by that whole name."""
    tokens = re.findall(r"[()]|[^\s()]+ WITH [^\s()]+|[^\s()]+", expression.replace("/", " OR "))
    if not tokens:
        return False
    python = [{"AND": "and", "OR": "or", "(": "(", ")": ")"}.get(token, str(token in allowed)) for token in tokens]
    return bool(eval(" ".join(python), {"__builtins__": {}}))  # only and, or, brackets, True and False


def foreign_sources() -> list[str]:
    packages = tomllib.loads(Path("Cargo.lock").read_text())["package"]
    foreign = (package for package in packages if package.get("source", REGISTRY) != REGISTRY)
    return [f"{package['name']} {package['version']}: from {package['source']}" for package in foreign]


if __name__ == "__main__":
    sys.exit(main())
