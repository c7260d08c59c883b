"""Make what a teacher hands out and what grades it (what `make assignments` runs).

A master is the notebook book/assignments/NAME/NAME.ipynb. It becomes, in _build/assignments/NAME,

- student/: the notebook without solutions, and tests.zip with the public tests. One archive instead
  of a folder, because a folder cannot be uploaded to Colab;
- autograder/: autograder.zip, which grades a submission, and the notebook with the solutions.

On the way otter grades the solutions: a master whose own solutions lose a point is refused.
Then what the hidden tests compare with goes into the tests themselves: otter would lay it beside
the submission, as a module that the submission can import to return its answers.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MASTERS = ROOT / "book" / "assignments"
BUILD = ROOT / "_build" / "assignments"


# Stands at the end of a test file. It is no module: not even the whole file can be imported.
_ORACLE = """

if "__file__" in globals():
    raise ImportError("The tests are for the autograder: they are run, not imported.")


def hidden_oracle():
    import types

    oracle = types.ModuleType("oracle")
    exec({source!r}, oracle.__dict__)
    return oracle
"""


class AssignmentError(RuntimeError):
    """An assignment that cannot be made; the message is one sentence."""


def masters(folder: Path = MASTERS) -> list[Path]:
    """Every notebook that has the name of its folder.

    Raises:
        AssignmentError: if there is none.
    """
    found = sorted(path for path in folder.glob("*/*.ipynb") if path.stem == path.parent.name)
    if not found:
        raise AssignmentError(
            f"There is no master notebook in {folder}: expected NAME/NAME.ipynb there."
        )
    return found


def build(master: Path, target: Path) -> None:
    """Make `target`/student and `target`/autograder; after a failure `target` is as it was.

    Raises:
        AssignmentError: if otter is not installed, or refuses the master.
    """
    if importlib.util.find_spec("otter") is None:
        raise AssignmentError(
            "otter-grader is not installed: install it with `pip install otter-grader`, "
            "or use `make assignments`."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".") as scratch:
        made = Path(scratch) / "made"
        _otter_assign(master, made, target.with_suffix(".log"))
        _pack_tests(made / "student")
        (stamped,) = (made / "autograder").glob("*-autograder_*.zip")  # otter adds the time
        _hide_oracle(stamped, stamped.with_name("autograder.zip"))
        stamped.unlink()
        shutil.rmtree(target, ignore_errors=True)
        made.rename(target)


def _otter_assign(master: Path, made: Path, log: Path) -> None:
    command = [sys.executable, "-m", "otter", "assign", "-v", str(master), str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        log.unlink(missing_ok=True)
        return
    log.write_text(done.stdout + done.stderr, encoding="utf-8")
    errors = re.findall(r"^[\w.]*(?:Error|Exception): (.+?)[:.]?$", done.stderr, re.MULTILINE)
    reason = errors[-1] if errors else f"it ended with status {done.returncode}"
    raise AssignmentError(
        f"The master notebook {master.name} was refused by otter ({reason}): "
        f"correct the notebook; the whole output is in {log}."
    )


def _pack_tests(student: Path) -> None:
    """Replace the folder with the public tests by an archive, the same bytes every time."""
    folder = student / "tests"
    with zipfile.ZipFile(student / "tests.zip", "w") as archive:
        for path in sorted(folder.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(f"tests/{path.name}"), path.read_bytes())
    shutil.rmtree(folder)


def _hide_oracle(made: Path, target: Path) -> None:
    """Copy an autograder, with its support files inside the tests that import them."""
    with zipfile.ZipFile(made) as archive, zipfile.ZipFile(target, "w") as copy:
        content = {info: archive.read(info) for info in archive.infolist()}
        support = {Path(i.filename): c.decode() for i, c in content.items() if _is_support(i)}
        for info, text in content.items():
            if info.filename.startswith("tests/"):
                copy.writestr(info, _with_oracles(text.decode(), support))
            elif not _is_support(info):
                copy.writestr(info, text)


def _is_support(info: zipfile.ZipInfo) -> bool:
    return info.filename.startswith("files/")


def _with_oracles(test: str, support: dict[Path, str]) -> str:
    for path, source in support.items():
        test, count = re.subn(rf"import {path.stem} as (\w+)", r"\1 = hidden_oracle()", test)
        test += _ORACLE.format(source=source) if count else ""
    return test


def main() -> int:
    """Make all assignments, one line for each."""
    try:
        for master in masters():
            target = BUILD / master.stem
            build(master, target)
            place = target.relative_to(ROOT)
            print(f"{master.stem}: hand out {place}/student, grade with {place}/autograder.")
    except AssignmentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
