"""A network in the plane, driven as a reader drives it, and held against the package."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, Locator, expect
from torch import Tensor

from advtheory.attacks import flipping_step
from advtheory.networks import TwoLayer
from advtheory.pages.live import LiveFigure, plane
from advtheory.pages.live.plane_still import answers
from tests.pages.live.shown import Shown, show, skip

START = (0.4, -0.3)
C0 = 0.2
TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def figure() -> LiveFigure:
    return plane()


def agree(shown: Shown, net: TwoLayer, x: tuple[float, float], c0: float = C0) -> None:
    """Value, flip, gradient and laziness at x are shown as the package has them."""
    point = torch.tensor([x], dtype=torch.float64)
    flip = flipping_step(net, point)
    value, distance = float(flip.value), float(flip.distance)
    first = abs(value) / float(flip.gradient_norm)
    say = shown.page.locator(".say")
    expect(say).to_contain_text(f"f(x) = {value:.2f}".replace("-", "−"))
    expect(say).to_contain_text(f"the gradient has length {float(flip.gradient_norm):.2f}")
    flips = f"flips at the distance {distance:.2f}" if distance < math.inf else "never flips"
    expect(say).to_contain_text(flips)
    expect(say).to_contain_text(f"the first slope says {first:.2f}")
    settled = float(answers(net, c0, point)[2 if value > 0 else 3]) > 0
    lazy = "Every lazy network gives the same answer" if settled else "Some lazy network says"
    expect(say).to_contain_text(lazy)
    if distance < 3:
        torch.testing.assert_close(ring(shown), end(net, point, distance), rtol=0, atol=1e-3)


def end(net: TwoLayer, point: Tensor, distance: float) -> Tensor:
    """Where the package says that the answer flips."""
    gradient = net.input_gradient(point)[0]
    reached: Tensor = point[0] - net.value(point).sign() * distance * gradient / gradient.norm()
    return reached


def ring(shown: Shown) -> Tensor:
    """Where the map says so, in the plane."""
    flip, box = shown.page.locator(".map .flip"), shown.page.locator(".map").bounding_box()
    assert box is not None
    place = [float(str(flip.get_attribute(name))) / box["width"] for name in ("cx", "cy")]
    return torch.tensor([4 * place[0] - 2, 2 - 4 * place[1]], dtype=torch.float64)


def knob(shown: Shown, number: int) -> Locator:
    return shown.page.locator(".knobs > g").nth(number - 1)


def place(shown: Shown, handle: Locator) -> tuple[float, float]:
    """Where a handle is, in the plane."""
    box = shown.page.locator(".map").bounding_box()
    moved = re.findall(r"-?[\d.]+", str(handle.get_attribute("transform")))
    assert box is not None
    return 4 * float(moved[0]) / box["width"] - 2, 2 - 4 * float(moved[1]) / box["width"]


def drag(shown: Shown, start: tuple[float, float], to: tuple[float, float]) -> None:
    """With the mouse, from a place in the plane to another."""
    box = shown.page.locator(".map").bounding_box()
    assert box is not None
    pixels = [
        (box["x"] + box["width"] * (u + 2) / 4, box["y"] + box["width"] * (2 - v) / 4)
        for u, v in (start, to)
    ]
    shown.page.mouse.move(*pixels[0])
    shown.page.mouse.down()
    shown.page.mouse.move(*pixels[1], steps=5)
    shown.page.mouse.up()


def changed(net: TwoLayer, s: int, w: Tensor | None, b: float, sign: int = 1) -> TwoLayer:
    """The network with another neuron s."""
    assert net.b is not None
    rows, biases, signs = net.w.clone(), net.b.clone(), net.a.clone()
    rows[s] = rows[s] if w is None else w
    biases[s] = b
    signs[s] *= sign
    return replace(net, w=rows, b=biases, a=signs)


def test_first_a_question(shown: Shown, figure: LiveFigure) -> None:
    page = shown.page
    expect(page.locator(".question")).to_contain_text("Where does the answer flip?")
    expect(page.locator(".ray")).to_have_attribute("d", "")
    expect(page.locator(".phi .curve")).to_have_count(0)
    page.get_by_role("button", name="just there").click()
    expect(page.locator(".verdict")).to_contain_text("You said “just there”. It is: later.")
    expect(page.locator(".asked")).to_be_hidden()
    expect(page.get_by_role("slider", name="The point x")).to_be_focused()
    agree(shown, figure.networks[0], START)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".verdict")).to_be_hidden()


def test_the_first_move_is_an_answer_too(shown: Shown, figure: LiveFigure) -> None:
    shown.page.get_by_role("slider", name="Lazy ball").fill("0.1")
    expect(shown.page.locator(".asked")).to_be_hidden()
    agree(shown, figure.networks[0], START, 0.1)


def test_the_point_moves_by_keys_and_by_pointer(shown: Shown, figure: LiveFigure) -> None:
    skip(shown)
    point = shown.page.get_by_role("slider", name="The point x")
    for key in ["ArrowLeft"] * 6 + ["ArrowUp"] * 3:
        point.press(key)
    expect(point).to_have_attribute("aria-valuetext", "0.10, −0.15")
    agree(shown, figure.networks[0], (0.1, -0.15))
    drag(shown, (0.1, -0.15), (1.2, 1.1))
    x, y = place(shown, point)
    assert (x, y) == pytest.approx((1.2, 1.1), abs=0.01)
    agree(shown, figure.networks[0], (x, y))
    heard = shown.page.locator("[aria-live=polite]")
    expect(heard).to_have_text(str(shown.page.locator(".say").text_content()))


def test_a_neuron_moves_by_keys(shown: Shown, figure: LiveFigure) -> None:
    skip(shown)
    net, s = figure.networks[0], 1
    assert net.b is not None
    shown.page.keyboard.press("Shift+Tab")  # from x to the neurons
    shown.page.keyboard.press("PageDown")
    expect(knob(shown, 2)).to_be_focused()
    shown.page.keyboard.press("ArrowUp")
    net = changed(net, s, None, float(net.b[s]) - 0.05 * float(net.w[s].norm()))
    agree(shown, net, START)
    shown.page.keyboard.press("Space")
    assert net.b is not None
    net = changed(net, s, None, float(net.b[s]), -1)
    agree(shown, net, START)
    shown.page.keyboard.press("ArrowLeft")
    angle = torch.atan2(net.w[s][1], net.w[s][0]) + 0.05
    w = net.w[s].norm() * torch.stack([angle.cos(), angle.sin()])
    at = torch.tensor(place(shown, knob(shown, 2)), dtype=torch.float64)
    net = changed(net, s, w, -float(w @ at))
    agree(shown, net, START)
    shown.page.keyboard.press("+")
    net = changed(net, s, 1.1 * w, -1.1 * float(w @ at))
    agree(shown, net, START)


def test_a_neuron_is_dragged_turned_and_stretched(shown: Shown, figure: LiveFigure) -> None:
    skip(shown)
    net, s = figure.networks[0], 3
    drag(shown, place(shown, knob(shown, 4)), (1.0, -0.9))
    at = torch.tensor(place(shown, knob(shown, 4)), dtype=torch.float64)
    assert at.tolist() == pytest.approx([1.0, -0.9], abs=0.01)
    net = changed(net, s, None, -float(net.w[s] @ at))
    agree(shown, net, START)
    expect(shown.page.locator(".which")).to_contain_text("Neuron 4 of 6")
    tip = at + 0.42 * net.w[s] / net.w[s].norm().sqrt()
    drag(shown, (float(tip[0]), float(tip[1])), (0.2, -1.2))
    arrow = torch.tensor([0.2, -1.2], dtype=torch.float64) - at
    w = (float(arrow.norm()) / 0.42) ** 2 * arrow / arrow.norm()
    agree(shown, changed(net, s, w, -float(w @ at)), START)


def test_buttons_choose_a_neuron_and_change_its_sign(shown: Shown, figure: LiveFigure) -> None:
    skip(shown)
    page, net = shown.page, figure.networks[0]
    expect(page.get_by_role("button", name="Change its sign")).to_be_disabled()
    page.get_by_role("button", name="The neuron before").click()
    expect(page.locator(".which")).to_contain_text("Neuron 6 of 6")
    expect(page.locator(".band")).not_to_have_attribute("d", "")
    page.get_by_role("button", name="Change its sign").click()
    assert net.b is not None
    agree(shown, changed(net, 5, None, float(net.b[5]), -1), START)


def test_more_neurons_and_another_ball(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("slider", name="Neurons").press("End")
    agree(shown, plane(neurons=40).networks[0], START)
    expect(page.locator(".knobs > g:visible")).to_have_count(40)
    page.get_by_role("slider", name="Lazy ball").press("End")
    agree(shown, plane(neurons=40).networks[0], START, 2.0)
    expect(page.locator(".other")).to_have_attribute("d", re.compile("M"))


def test_the_example_by_hand(shown: Shown) -> None:
    """The four neurons of the book: value 1, flipping distance the root of 2."""
    shown.page.get_by_role("button", name="Four neurons, by hand").click()
    w = torch.tensor([[1, 2], [-3, -5], [-2, 2], [1, -4]], dtype=torch.float64)
    signs = torch.tensor([1, -1, -1, 1], dtype=torch.float64)
    agree(shown, TwoLayer(w, signs, torch.zeros(4, dtype=torch.float64)), (1.0, 0.0))
    expect(shown.page.locator(".say")).to_contain_text("flips at the distance 1.41, after 2 bends")


def test_other_random_networks_are_the_same_for_everybody(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    said = []
    for _ in range(2):
        shown = show(browser, tmp_path, figure.html)
        for _ in range(3):
            shown.page.get_by_role("button", name="Another random network").click()
        shown.page.evaluate(TWO_FRAMES)
        said.append(shown.page.locator(".say").text_content())
        shown.page.close()
    assert said[0] == said[1]


def test_where_no_neuron_is_active_there_is_no_answer(shown: Shown, figure: LiveFigure) -> None:
    skip(shown)
    x = torch.tensor([[-1.5, -1.7]], dtype=torch.float64)
    assert float(figure.networks[0].value(x)) == 0
    drag(shown, START, (-1.5, -1.7))
    expect(shown.page.locator(".say")).to_contain_text("there is no answer to flip")
    expect(shown.page.locator(".zero")).to_be_visible()
