"""Break a digit, driven as a reader drives it: guess, slider, switches, pad; pointer and keys."""

import re
from pathlib import Path

import book_pages
import pytest
import torch
from playwright.sync_api import Browser, expect

from advtheory.attacks import flipping_step, pgd
from advtheory.pages.live import LiveFigure, break_a_digit, four
from tests.pages.live.shown import PIXELS, Shown, move, show, skip_the_guess

SIZES = {"wide": (1400, 900), "phone": book_pages.PHONE, "narrow": (320, 640)}


@pytest.fixture(scope="module")
def figure() -> LiveFigure:
    return break_a_digit()


def distances() -> list[float]:
    """Where the networks of the book change their answer about its first image."""
    book = four()
    x = book.images.x[:1].double()
    nets = [net.to("cpu", torch.float64) for net in book.networks]
    return [float(flipping_step(net, x).distance) for net in nets]


def test_first_a_guess_then_the_slider(shown: Shown) -> None:
    page = shown.page
    expect(page.get_by_role("slider")).to_have_count(0)
    expect(page.get_by_text("Which one changes its answer first?")).to_be_visible()
    page.get_by_role("button", name="This one first: lazy", exact=True).click()
    expect(page.get_by_text("And which one holds out longest?")).to_be_visible()
    expect(page.get_by_role("button", name="First: lazy")).to_be_disabled()
    page.get_by_role("button", name="This one last: adversarial").click()
    expect(page.get_by_role("slider")).to_be_focused()
    verdict = page.locator(".verdict")
    expect(verdict).to_have_text("Your guess: lazy first, adversarial last.")
    move(shown, 0.1)
    expect(verdict).to_have_text("First: random, not lazy.")
    move(shown, 0.8)
    expect(verdict).to_contain_text("First: random, not lazy. Last: lazy pairs, not adversarial.")


def test_a_right_guess_is_told_so(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("button", name="This one first: random").click()
    page.get_by_role("button", name="This one last: lazy pairs").click()
    move(shown, 0.8)
    expect(page.locator(".verdict")).to_contain_text(
        "First: random, as you guessed. Last: lazy pairs, as you guessed."
    )


def test_the_guess_can_be_made_and_the_slider_moved_by_keys_alone(shown: Shown) -> None:
    page = shown.page
    page.get_by_role("button", name="This one first: random").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="This one last: adversarial").focus()
    page.keyboard.press("Space")
    slider = page.get_by_role("slider")
    expect(slider).to_be_focused()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("0.04")
    expect(slider).to_have_attribute("aria-valuetext", "0.04 times the length of the digit")
    page.keyboard.press("End")
    expect(page.locator(".say")).to_have_text(
        "Moved by 0.80: every network has changed its answer."
    )


def test_answers_flip_where_the_package_says(shown: Shown) -> None:
    skip_the_guess(shown)
    expect(shown.page.locator(".flip")).to_have_text([f"flips at {d:.2f}" for d in distances()])
    for k, distance in enumerate(distances()):
        before, after = (round(100 * distance + side) / 100 for side in (-0.6, 0.6))
        answer = shown.page.locator(".answer").nth(k)
        move(shown, before)
        expect(answer).not_to_contain_text("now")
        move(shown, after)
        expect(answer).to_contain_text("✕ now says")


def test_what_changed_is_seen_at_once_and_heard_when_it_has_settled(shown: Shown) -> None:
    skip_the_guess(shown)
    move(shown, 0.2)
    said = "Moved by 0.20: random and lazy change the answer, lazy pairs and adversarial keep it."
    expect(shown.page.locator(".say")).to_have_text(said)
    heard = shown.page.locator("[aria-live=polite]")
    expect(heard).to_have_text(said)
    move(shown, 0.8)
    expect(heard).to_have_text(
        "Moved by 0.80: every network has changed its answer. Now let the attacker take 20 steps."
    )


def test_many_steps_flip_where_the_package_says(shown: Shown) -> None:
    skip_the_guess(shown)
    shown.page.get_by_role("radio", name="20 steps").check()
    expect(shown.page.locator(".flip")).to_have_text([re.compile("about")] * 4)
    book, labels = four(), shown.page.locator(".flip").all_text_contents()
    x = book.images.x[:1].double()
    for net, label in zip(book.networks, labels, strict=True):
        exact = net.to("cpu", torch.float64)
        y = torch.sign(exact.value(x))
        near = float(label.split()[-1])
        margins = [
            float(y * exact.value(pgd(exact, x, y, radius=r, steps=20)))
            for r in (near - 0.015, near + 0.015)
        ]
        assert margins[0] > 0 > margins[1]
    expect(shown.page.locator(".verdict")).to_have_text(
        "With 20 steps, adversarial holds out longest, up to about 0.41. "
        "With one step it was lazy pairs."
    )


def test_signed_pixels_are_drawn_on_the_stated_scale(shown: Shown) -> None:
    """The opacity of a pixel is its size over 0.3, and its colour says its sign."""
    skip_the_guess(shown)
    shown.page.get_by_role("radio", name="the change × 5").check()
    move(shown, 0.4)
    drawn = shown.page.locator(".picture").nth(3).evaluate(PIXELS)
    rgba = torch.tensor(drawn, dtype=torch.float64).reshape(196, 4)
    net = four().networks[3].to("cpu", torch.float64)
    x = four().images.x[:1].double()
    gradient = net.input_gradient(x)[0]
    change = -0.4 * torch.sign(net.value(x)) * gradient / gradient.norm()
    wanted = (5 * change.abs() / 0.3).clamp(max=1)
    assert float((rgba[:, 3] / 255 - wanted).abs().max()) <= 0.5 / 255 + 1e-6
    strong = wanted > 0.5
    assert bool(((rgba[:, 0] > rgba[:, 2]) == (change < 0))[strong].all())


def test_a_digit_is_drawn_by_pointer_and_wiped(shown: Shown) -> None:
    page, pad = shown.page, shown.page.locator(".paper canvas")
    page.get_by_role("button", name="Clear").click()
    skip_the_guess(shown)
    expect(page.locator(".say")).to_contain_text("Nothing is drawn")
    expect(page.locator(".answer").first).to_have_text("no answer")
    box = pad.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.8 * box["height"], steps=8)
    page.mouse.up()
    expect(page.locator(".answer").nth(1)).to_have_text("● says 1")
    expect(page.locator(".answer").nth(3)).to_have_text("● says 1")
    column = torch.tensor(pad.evaluate(PIXELS)).reshape(14, 14, 4)[..., 3]
    assert bool((column[4:10, 6] > 220).all())  # ink, without gaps
    page.get_by_role("radio", name="a 0, number 2 of 8").check()
    expect(page.locator(".answer").nth(3)).to_have_text("● says 0")


def test_a_digit_is_drawn_by_keys(shown: Shown) -> None:
    page, pad = shown.page, shown.page.locator(".paper canvas")
    page.get_by_role("button", name="Clear").click()
    pad.focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[aria-live=polite]")).to_have_text("Row 7, column 8: 0 % ink.")
    for _ in range(3):
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
    expect(page.locator(".answer").nth(1)).to_contain_text("says")
    inked = torch.tensor(pad.evaluate(PIXELS)).reshape(14, 14, 4)[..., 3]
    assert bool((inked[6:9, 7] == 255).all())
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Delete")
    rubbed = torch.tensor(pad.evaluate(PIXELS)).reshape(14, 14, 4)[..., 3]
    assert int(rubbed[8, 7]) == 0


def test_a_finger_draws_and_the_page_does_not_scroll(
    browser: Browser, tmp_path: Path, figure: LiveFigure
) -> None:
    shown = show(browser, tmp_path, figure.html, book_pages.PHONE, has_touch=True)
    shown.page.get_by_role("button", name="Clear").tap()
    pad = shown.page.locator(".paper canvas")
    box = pad.bounding_box()
    assert box is not None
    x, top, height = box["x"] + box["width"] / 2, box["y"], box["height"]
    touch = shown.page.context.new_cdp_session(shown.page)
    for k in range(11):  # a stroke upwards, which scrolls a page elsewhere
        spot = {"x": x, "y": top + height * (0.9 - 0.08 * k)}
        kind = "touchMove" if k else "touchStart"
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [spot]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    ink = torch.tensor(pad.evaluate(PIXELS)).reshape(14, 14, 4)[..., 3]
    assert bool((ink[2:12, 6:8] > 220).all())
    assert shown.page.evaluate("window.scrollY") == 0
    shown.page.close()
