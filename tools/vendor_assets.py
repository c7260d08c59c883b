"""Fetch the scripts and fonts that the pages need, so that a built page asks no other host.

A maintainer runs this to change a version (it needs npm); readers and builders never do, because
what it makes is committed. Archives are checked against the registry's sha512; `lock.json` beside
the files keeps that digest and the SHA-256 of every file, and a test holds them to it.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT / "book/_static/vendored"
TESTS = ROOT / "tests/book/vendored"
FONT = "mathjax/fonts/mathjax-newcm-font"
TYPES = ROOT / "tests/pages/live/vendored"


class Package(NamedTuple):
    """One npm package: its version and where its files go, as (pattern, folder) pairs."""

    name: str
    version: str
    rules: tuple[tuple[str, str], ...]


FOR_PAGES = (
    Package(
        "mathjax",
        "4.1.3",
        (
            ("LICENSE", "mathjax"),
            ("startup.js", "mathjax"),
            ("core.js", "mathjax"),
            ("input/tex.js", "mathjax/input"),
            ("input/tex/extensions/*.js", "mathjax/input/tex/extensions"),
            ("output/chtml.js", "mathjax/output"),
            ("a11y/assistive-mml.js", "mathjax/a11y"),
        ),
    ),
    Package(
        "@mathjax/mathjax-newcm-font",
        "4.1.3",
        (
            ("chtml.js", FONT),
            # A range of signs is loaded when a page uses one of them.
            ("chtml/dynamic/*.js", f"{FONT}/chtml/dynamic"),
            ("chtml/woff2/*.woff2", f"{FONT}/chtml/woff2"),
        ),
    ),
    Package("@fortawesome/fontawesome-free", "5.15.4", (("LICENSE.txt", "fontawesome"),)),
)
FOR_TESTS = (Package("axe-core", "4.14.1", (("axe.min.js", ""), ("LICENSE*", ""))),)
# The compiler is a script: it checks the types of our scripts inside the browser of the tests.
FOR_TYPES = (
    Package(
        "typescript",
        "5.9.3",
        (
            ("LICENSE.txt", ""),
            ("ThirdPartyNoticeText.txt", ""),
            ("lib/typescript.js", ""),
            ("lib/lib.decorators*.d.ts", "lib"),
            ("lib/lib.dom.d.ts", "lib"),
            ("lib/lib.dom.iterable.d.ts", "lib"),
            ("lib/lib.es5.d.ts", "lib"),
            ("lib/lib.es201*.d.ts", "lib"),
            ("lib/lib.es202[0-2]*.d.ts", "lib"),
        ),
    ),
)
# A licence that a package names but does not carry.
OURS = (("tools/licences/mathjax-newcm-font.txt", f"{FONT}/LICENSE"),)


def fetch(package: Package, folder: Path) -> tuple[Path, str]:
    """Download and unpack one package; return where it lies and its checked digest."""
    command = ["npm", "pack", "--json", "--silent", f"{package.name}@{package.version}"]
    answer = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    info = json.loads(answer.stdout)[0]
    archive = folder / info["filename"].replace("@", "").replace("/", "-")
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if info["integrity"] != f"sha512-{digest}":
        sys.exit(f"{package.name}: the archive does not match the registry's digest; fetch again.")
    with tarfile.open(archive) as content:
        content.extractall(folder / archive.stem, filter="data")
    return folder / archive.stem / "package", info["integrity"]


def copy(package: Package, source: Path, target: Path) -> None:
    """Copy what the rules of `package` name from `source` to `target`."""
    for pattern, place in package.rules:
        found = [path for path in source.glob(pattern) if path.is_file()]
        if not found:
            sys.exit(f"{package.name} {package.version} has no {pattern}; correct its rules.")
        (target / place).mkdir(parents=True, exist_ok=True)
        for path in found:
            shutil.copy(path, target / place)


def lock(target: Path, packages: dict[str, dict[str, str]]) -> None:
    """Write `lock.json`: the packages, and the SHA-256 of every file below `target`."""
    files = {
        path.relative_to(target).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(target.rglob("*"))
        if path.is_file()
    }
    text = json.dumps({"packages": packages, "files": files}, indent=1)
    (target / "lock.json").write_text(text + "\n")


def vendor(packages: tuple[Package, ...], target: Path, ours: tuple[tuple[str, str], ...]) -> None:
    """Make `target` anew from `packages` and from our own files."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    digests = {}
    with tempfile.TemporaryDirectory() as folder:
        for package in packages:
            source, digest = fetch(package, Path(folder))
            copy(package, source, target)
            digests[package.name] = {"version": package.version, "integrity": digest}
    for source_name, target_name in ours:
        shutil.copyfile(ROOT / source_name, target / target_name)
    lock(target, digests)


if __name__ == "__main__":
    vendor(FOR_PAGES, PAGES, OURS)
    vendor(FOR_TESTS, TESTS, ())
    vendor(FOR_TYPES, TYPES, ())
