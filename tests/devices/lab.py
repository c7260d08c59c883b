"""Run a lab's code on the twin, as a program: ``python tests/devices/lab.py PATH``.

A lab is run in a process of its own: it draws, displays, and may set threads and seeds of torch.
"""

import json
import sys
from pathlib import Path

from advtheory.contract.catalogue import WINGS

ROOT = Path(__file__).resolve().parents[2]
LABS = [path for part in WINGS for path in sorted((ROOT / "book" / part).glob("*.ipynb"))]


def cells(path: Path) -> list[str]:
    """The code of a notebook without the first cell, which installs the package."""
    every = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in every if cell["cell_type"] == "code"][1:]


def run(path: Path) -> None:
    """Execute the cells in order, in one namespace; what they assert is checked."""
    names: dict[str, object] = {}
    for number, code in enumerate(cells(path)):
        exec(compile(code, f"{path.stem}, code cell {number + 2}", "exec"), names)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from tests.twin import twin

    with twin() as waits:
        run(Path(sys.argv[1]))
        print(dict(waits))
