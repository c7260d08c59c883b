"""The short statements of the part "Laziness", checked on random networks, and its code."""

import math
import re
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from advtheory.networks import TwoLayer, initialise

PAGES = Path(__file__).resolve().parents[1] / "book" / "laziness"
SEED = st.integers(0, 10**6)


def listings() -> list[tuple[str, str]]:
    """Every Python listing of the theory pages, with a name."""
    found = []
    for page in sorted(PAGES.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        blocks = re.finditer(r"^( *)```python\n(.*?)^\1```", text, re.S | re.M)
        codes = [textwrap.dedent(block[2]) for block in blocks]
        found += [(f"{page.stem}-{i}", code) for i, code in enumerate(codes)]
    return found


@pytest.mark.parametrize(("name", "code"), listings(), ids=lambda value: value[:20])
def test_listings_run(name: str, code: str) -> None:
    exec(compile(code, name, "exec"), {})


def moved(start: TwoLayer, c0: float, direction: torch.Tensor) -> TwoLayer:
    """Every row moved by exactly C0/sqrt(m) along its row of ``direction``."""
    unit = direction / torch.linalg.vector_norm(direction, dim=-1, keepdim=True)
    return replace(start, w=start.w + c0 / math.sqrt(start.m) * unit)


@settings(max_examples=50, deadline=None)
@given(SEED, st.integers(1, 20), st.integers(1, 50), st.floats(0.01, 20), st.booleans())
def test_lem_lazy_value(seed: int, d: int, m: int, c0: float, worst: bool) -> None:
    start = initialise(d, m, seed, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, d, generator=generator, dtype=torch.float64)
    random = torch.randn(m, d, generator=generator, dtype=torch.float64)
    direction = start.a[:, None] * x if worst else random
    change = moved(start, c0, direction).value(x) - start.value(x)
    assert change.abs().item() <= c0 * torch.linalg.vector_norm(x).item() * (1 + 1e-9)


@pytest.mark.parametrize("c0", [0.5, 2.0])
def test_lem_few_switch(c0: float) -> None:
    m, x = 2000, torch.eye(3)[:1]
    start = initialise(3, m, range(200))
    switching = (start.preactivation(x).abs() <= c0 / math.sqrt(m)).sum(-1).double()
    bound = c0 * math.sqrt(2 * m / math.pi)
    error = math.sqrt(bound / 200)  # binomial, so the variance is below the mean
    assert bound * 0.98 - 5 * error <= switching.mean() <= bound + 5 * error


@settings(max_examples=200, deadline=None)
@given(SEED, st.integers(2, 6), st.integers(2, 400), st.floats(1.01, 3))
def test_lem_three_terms(seed: int, d: int, m: int, factor: float) -> None:
    net = initialise(d, m, seed, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(1, d, generator=generator, dtype=torch.float64)
    f, g = net.value_and_gradient(x)
    length = torch.linalg.vector_norm(g)
    if f.abs() < 1e-9 or length < 1e-9:
        return
    delta = -factor * 2 * f.abs() / length**2 * torch.sign(f) * g
    z, q = net.preactivation(x)[0], (delta @ net.w.mT)[0]
    kinks = -z / q
    inside = kinks[(kinks > 0) & (kinks < 1)].sort().values
    ends = torch.cat([torch.zeros(1), inside, torch.ones(1)]).double()
    middles = (ends[1:] + ends[:-1]) / 2  # one point of every piece of the segment
    change = net.input_gradient(x + middles[:, None] * delta) - g
    if torch.linalg.vector_norm(change, dim=-1).max() <= length / 2:
        assert torch.sign(net.value(x + delta)) == -torch.sign(f)
