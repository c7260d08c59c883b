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
TYPES = ROOT / "tests/pages/live/vendored"
MANAGER = "amd/@jupyter-widgets/html-manager"


class Package(NamedTuple):
    """One npm package: its version and where its files go, as (pattern, folder) pairs."""

    name: str
    version: str
    rules: tuple[tuple[str, str], ...]


FOR_PAGES = (
    Package(
        "mathjax",
        "3.2.2",
        (
            ("LICENSE", "mathjax"),
            ("es5/tex-mml-chtml.js", "mathjax/es5"),
            ("es5/output/chtml/fonts/woff-v2/*", "mathjax/es5/output/chtml/fonts/woff-v2"),
            ("es5/input/tex/extensions/*.js", "mathjax/es5/input/tex/extensions"),
            ("es5/a11y/*.js", "mathjax/es5/a11y"),
            ("es5/sre/mathmaps/en.json", "mathjax/es5/sre/mathmaps"),
            ("es5/sre/mathmaps/base.json", "mathjax/es5/sre/mathmaps"),
        ),
    ),
    Package(
        "@jupyter-widgets/html-manager",
        "1.0.15",
        (
            ("dist/embed-amd.js", f"{MANAGER}/dist"),
            ("dist/embed.js.LICENSE.txt", f"{MANAGER}/dist"),  # notices of what it bundles
            # The manager looks for its fonts beside the module or beside the package.
            ("dist/*.woff2", f"{MANAGER}/dist"),
            ("dist/*.woff2", "amd/@jupyter-widgets"),
        ),
    ),
    Package("@fortawesome/fontawesome-free", "5.15.4", (("LICENSE.txt", "fontawesome"),)),
    Package("requirejs", "2.3.8", (("require.js", "amd"),)),
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
# Licences that the packages name but do not carry, and our own script.
OURS = (
    ("tools/licences/jupyter-widgets.txt", f"{MANAGER}/LICENSE"),
    ("tools/licences/requirejs.txt", "amd/LICENSE-requirejs"),
    ("tools/widget_shim.js", "amd/require-config.js"),
)


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
