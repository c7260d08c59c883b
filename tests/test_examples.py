"""Every name that a reader meets has an example in its docstring, and every example runs."""

import ast
import doctest
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import advtheory

ROOT = Path(__file__).resolve().parents[1]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
ROLE = re.compile(r"\{py:(?:func|class|meth)\}`~?(advtheory[\w.]+)`")
PYTHON = re.compile(r"^(`{3,}|:{3,})(?:python|\{code-block\} python)\n(.*?)^\1", re.M | re.S)
MODULES = sorted(m.name for m in pkgutil.walk_packages(advtheory.__path__, "advtheory."))


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_the_examples_of_a_module_run(name: str) -> None:
    ran = doctest.testmod(importlib.import_module(name), optionflags=FLAGS)
    assert ran.failed == 0, "the differences are printed above"


def test_the_example_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = [code for _, code in PYTHON.findall(text)]
    exec(example, {})
    assert 0.3 < float(re.findall(r"[\d.]+", capsys.readouterr().out)[0]) < 3  # "of order 1"


def listings(path: Path) -> list[str]:
    """The Python that a reader sees on a page: cells of a notebook, listings of other pages."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        return [re.sub(r"^(\s*)[%!].*", r"\1pass", source, flags=re.M) for source in sources]
    return [code for _, code in PYTHON.findall(text)]


def find(dotted: str) -> object:
    """The object that a dotted name means: the longest part that is a module, then attributes."""
    head, rest = dotted, list[str]()
    while head not in MODULES and "." in head:
        head, _, last = head.rpartition(".")
        rest.insert(0, last)
    found: object = importlib.import_module(head)
    for name in rest:
        found = getattr(found, name)
    return found


def imported(tree: ast.AST) -> dict[str, object]:
    """What the imports of a listing bind, where it is ours."""
    bound: dict[str, object] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("advtheory"):
            for name in node.names:
                bound[name.asname or name.name] = find(f"{node.module}.{name.name}")
        elif isinstance(node, ast.Import):
            ours = [name for name in node.names if name.name.startswith("advtheory")]
            bound |= {name.asname or "advtheory": find(name.name) for name in ours}
    return bound


def used_by_code(path: Path) -> Iterator[object]:
    """What the listings of a page import, and what they take out of the modules they import."""
    trees = [ast.parse(listing) for listing in listings(path)]
    bound = {name: one for tree in trees for name, one in imported(tree).items()}
    yield from bound.values()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute):
            root, _, rest = ast.unparse(node).partition(".")
            if isinstance(bound.get(root), ModuleType):
                owner = bound[root]
                for name in rest.split("."):
                    owner = getattr(owner, name, None) if isinstance(owner, ModuleType) else owner
                yield owner


@cache
def met() -> dict[str, object]:
    """Functions and classes of ours that a page, a lab or the README uses, by their full names."""
    pages = [ROOT / "README.md", *(ROOT / "book").rglob("*.md"), *(ROOT / "book").rglob("*.ipynb")]
    found: list[object] = []
    for path in pages:
        found += used_by_code(path)
        found += map(find, ROLE.findall(path.read_text(encoding="utf-8")))
    named = [one for one in found if callable(one) and hasattr(one, "__qualname__")]
    return {f"{one.__module__}.{one.__qualname__}": one for one in named}


def without() -> set[str]:
    """The names without an example."""
    return {name for name, one in met().items() if ">>>" not in (one.__doc__ or "")}


# Names that still lack one. The list only shrinks: what has an example must leave it.
MISSING = {
    "advtheory.attacks.ascent.steepest",
    "advtheory.attacks.flipping.flipping_step",
    "advtheory.attacks.library_rules.stall_margin",
    "advtheory.attacks.projected_gradient.bim",
    "advtheory.attacks.projected_gradient.fgsm",
    "advtheory.attacks.projected_gradient.pgd",
    "advtheory.attacks.strongest.unbroken",
    "advtheory.attacks.switching.switch_table",
    "advtheory.attacks.switching.switching_pgd",
    "advtheory.concentration.bernstein",
    "advtheory.concentration.chernoff",
    "advtheory.concentration.chi_square",
    "advtheory.concentration.convex",
    "advtheory.concentration.gaussian_lipschitz",
    "advtheory.concentration.hoeffding",
    "advtheory.concentration.log_growth",
    "advtheory.concentration.patterns",
    "advtheory.concentration.relative_vc",
    "advtheory.contract.axes.loglog_band",
    "advtheory.contract.axes.plain_ticks",
    "advtheory.contract.catalogue.get",
    "advtheory.contract.fits.loglog_slope",
    "advtheory.data.images.area_average",
    "advtheory.data.images.locate",
    "advtheory.data.images.pair",
    "advtheory.laziness.bounds.ball_count",
    "advtheory.laziness.bounds.ball_gradient_change",
    "advtheory.laziness.bounds.conditions",
    "advtheory.laziness.bounds.failure_probability",
    "advtheory.laziness.bounds.gradient_everywhere",
    "advtheory.laziness.bounds.gradient_lower",
    "advtheory.laziness.bounds.gradient_upper",
    "advtheory.laziness.bounds.largest_log_width",
    "advtheory.laziness.bounds.lazy_count",
    "advtheory.laziness.bounds.lazy_gradient_change",
    "advtheory.laziness.bounds.perturbation_bound",
    "advtheory.laziness.bounds.row_norm",
    "advtheory.laziness.bounds.smallest_dimension",
    "advtheory.laziness.bounds.smallest_width",
    "advtheory.laziness.bounds.step_size",
    "advtheory.laziness.bounds.switch_count",
    "advtheory.laziness.bounds.value_bound",
    "advtheory.laziness.certificate.certified",
    "advtheory.laziness.certificate.margin_lower_bound",
    "advtheory.laziness.common_perturbation.best_margin",
    "advtheory.laziness.common_perturbation.doomed",
    "advtheory.laziness.experiments.lazy_worst_case.random_input",
    "advtheory.laziness.experiments.projected_thresholds.thresholds",
    "advtheory.laziness.experiments.saturated_attacks.overestimates",
    "advtheory.laziness.experiments.setting.lazy_exits",
    "advtheory.laziness.prediction.alignment",
    "advtheory.laziness.prediction.predicted",
    "advtheory.laziness.two_starts.gradient_bound",
    "advtheory.laziness.two_starts.gradient_square",
    "advtheory.laziness.two_starts.shifted",
    "advtheory.laziness.two_starts.switching_pairs",
    "advtheory.laziness.worst_case.extreme_value",
    "advtheory.laziness.worst_case.split_bound",
    "advtheory.laziness.worst_case.switching",
    "advtheory.laziness.worst_case.towards",
    "advtheory.laziness.worst_case.value_range",
    "advtheory.laziness.worst_gradient.largest_change",
    "advtheory.laziness.worst_gradient.shrink",
    "advtheory.networks.activations.Activation",
    "advtheory.networks.two_layer.TwoLayer",
    "advtheory.networks.two_layer.TwoLayer.value_and_gradient",
    "advtheory.networks.two_layer.initialise",
    "advtheory.networks.weight_balls.deviation",
    "advtheory.networks.weight_balls.project_lazy",
    "advtheory.norms.Ball",
    "advtheory.pages.of_records.committed",
    "advtheory.pages.of_records.measured",
    "advtheory.pages.of_records.show_columns",
    "advtheory.pages.of_records.show_comparison",
    "advtheory.pages.of_records.show_figure",
    "advtheory.pages.of_records.show_made_here",
    "advtheory.pages.of_records.show_provenance",
    "advtheory.pages.of_records.show_status",
    "advtheory.pages.of_records.show_table",
    "advtheory.pages.pictures.frames",
    "advtheory.pages.pictures.show",
    "advtheory.pages.report.make_report",
    "advtheory.records.store.Records",
    "advtheory.running.runner.run",
    "advtheory.training.lazy.LazyExit",
    "advtheory.training.lazy.train_lazy",
    "advtheory.training.projected.Plan",
    "advtheory.training.projected.train_projected",
    "advtheory.training.steps.Settings",
    "advtheory.training.steps.propose",
}


def test_every_name_that_a_reader_meets_has_an_example() -> None:
    assert len(met()) > 50
    assert sorted(without() - MISSING) == []


def test_no_name_is_excused_that_has_an_example() -> None:
    assert sorted(MISSING - without()) == []
