"""The figure "Radius against margin": its numbers are the package's, its perceptron is ours."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import book_pages
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from advtheory.pages.live import LiveFigure, iterations
from advtheory.pages.live.iterations_still import steps
from advtheory.reflection import bounds
from tests.pages.live.shown import AXE, Shown, check, script, show

MATHS = script("iterations_math.js")
SIZES = {"wide": book_pages.WIDE, "phone": book_pages.PHONE}


@pytest.fixture
def figure() -> LiveFigure:
    return iterations()


def settings(count: int = 200) -> list[dict[str, float]]:
    """Random settings with nu < gamma <= R and eps up to 1/2."""
    draw = np.random.default_rng(4)
    found = []
    for _ in range(count):
        radius = draw.uniform(0.5, 2)
        gamma = draw.uniform(0.05, min(1, radius))
        nu, alpha, eps = (
            draw.uniform(0, 0.95) * gamma,
            draw.uniform(0.05, 1),
            draw.uniform(0.01, 0.5),
        )
        found.append({"gamma": gamma, "nu": nu, "radius": radius, "alpha": alpha, "eps": eps})
    return found


def of_the_package(gamma: float, nu: float, radius: float, alpha: float, eps: float) -> list[float]:
    start, eta = math.sqrt(3) / (radius + nu), bounds.step_size(nu, radius=radius)
    enough = bounds.training_iterations(eps, gamma, nu, radius=radius, alpha=alpha, start=start)
    norm = bounds.norm_bound(enough - 1, eta, start=start)
    cost = bounds.cost_bound(eps, gamma, nu, radius=radius, alpha=alpha)
    mistakes = bounds.perceptron_mistakes(gamma, nu, radius=radius)
    return [float(n) for n in (mistakes, enough, bounds.attack_iterations(eps, nu, norm), cost)]


def test_the_numbers_are_those_of_the_package(page: Page) -> None:
    """thm-training, prop-cost, thm-novikoff: at random settings."""
    wanted = [of_the_package(**setting) for setting in settings()]
    code = f"""(all) => {{ {MATHS}; return all.map((one) => {{
      const {{mistakes, training, attack, cost}} = promised(one);
      return [mistakes, training, attack, cost]; }}); }}"""
    found = np.array(page.evaluate(code, settings()), dtype=float)  # some are beyond 64 bits
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1)


def perceptron(data: list[dict[str, Any]], nu: float, passes: int) -> tuple[int, bool]:
    """The mistakes of the perceptron against the worst point of each disc, by vectors."""
    w, mistakes = np.zeros(2), 0
    for _ in range(passes):
        before = mistakes
        for one in data:
            x, y = np.array(one["x"]), one["y"]
            length = np.linalg.norm(w)
            delta = x - nu * y * w / length if length else x
            if y * w @ delta <= 0:
                w, mistakes = w + y * delta, mistakes + 1
        if mistakes == before:
            return mistakes, True
    return mistakes, False


def test_the_perceptron_is_a_perceptron_and_keeps_its_bound(page: Page) -> None:
    """thm-novikoff: the inputs keep radius and margin; the mistakes are ours, below the bound."""
    code = f"""(one) => {{ {MATHS}; const data = inputs(one);
      return [data, perceptron(data, one.nu, 300)]; }}"""
    for setting in settings(25):
        data, found = page.evaluate(code, setting)
        places, labels = (np.array([one[key] for one in data], dtype=float) for key in "xy")
        assert np.linalg.norm(places, axis=1).max() <= setting["radius"] * (1 + 1e-9)
        assert (labels * places[:, 0]).min() >= setting["gamma"] * (1 - 1e-9)
        assert (found["mistakes"], found["ended"]) == perceptron(data, setting["nu"], 300)
        rest = {key: setting[key] for key in ("gamma", "nu", "radius")}
        most = float(bounds.perceptron_mistakes(rest["gamma"], rest["nu"], radius=rest["radius"]))
        assert found["mistakes"] <= most


def test_it_begins_with_a_promise(shown: Shown) -> None:
    """thm-training: the sentence says what is enough, and that the width plays no part."""
    say = shown.page.locator(".say")
    expect(say).to_contain_text("A gap of γ − ν = 0.3 is left")
    expect(say).to_contain_text("10⁵ steps are enough for an error of 0.2")
    expect(say).to_contain_text("m = 100 plays no part")
    expect(say).to_contain_text("more than 16 are impossible")
    assert round(of_the_package(0.5, 0.2, 1.0, 1.0, 0.1)[1], -4) == 1e5


def test_an_attack_as_long_as_the_margin_is_promised_nothing(shown: Shown) -> None:
    """def-margin-radius: why nothing is said, also aloud."""
    attack = shown.page.get_by_role("slider", name="Attack")
    attack.fill("0.5")
    for place in (".say", "[aria-live=polite]"):
        expect(shown.page.locator(place)).to_contain_text(
            "Nothing is promised: the attack, ν = 0.5"
        )
    expect(shown.page.locator(".bars output.training")).to_have_text("no bound")
    attack.press("ArrowLeft")
    expect(shown.page.locator(".say")).to_contain_text("is left, so training ends")


def test_the_width_moves_nothing_and_the_slope_says_which_error(shown: Shown) -> None:
    """thm-training: no number depends on m; below one half the error is the clean one."""
    page = shown.page
    before = page.locator(".bars").inner_text()
    page.get_by_role("slider", name="Width").press("End")
    expect(page.locator(".say")).to_contain_text("m = 10⁶ plays no part")
    assert page.locator(".bars").inner_text() == before
    page.get_by_role("slider", name="Slope").fill("0.75")
    expect(page.locator(".say")).to_contain_text("The error is the β-robust error.")
    page.get_by_role("slider", name="Slope").fill("0.5")
    expect(page.locator(".say")).to_contain_text("no more than the clean error")


def test_the_margin_is_never_above_the_radius(shown: Shown) -> None:
    """def-margin-radius: gamma <= R."""
    shown.page.get_by_role("slider", name="Margin").press("End")
    shown.page.get_by_role("slider", name="Radius").press("Home")
    expect(shown.page.locator("output.gamma")).to_have_text("0.5")


def test_the_still_picture_has_the_numbers_of_the_package(shown: Shown) -> None:
    """thm-training: and it stands for the figure in print."""
    for gap in (0.02, 0.1, 0.4):
        assert steps(gap) == of_the_package(0.5, 0.5 - gap, 1.0, 1.0, 0.1)[1]
    still = shown.page.locator("[slot=still] svg")
    expect(still).to_be_hidden()
    shown.page.emulate_media(media="print")
    expect(still).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_it_is_accessible_and_fits(
    browser: Browser, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    """sec-margin-data: in both themes, wide and on a phone, with and without a promise."""
    shown = show(browser, tmp_path, iterations().html, size, theme)
    shown.page.evaluate(AXE)
    for attack in ("0.2", "0.6"):
        shown.page.get_by_role("slider", name="Attack").fill(attack)
        check(shown)
    shown.page.screenshot(path=str(tmp_path / "shown.png"), full_page=True)
    assert shown.wrong == []
    shown.page.close()
