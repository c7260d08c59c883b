"""In a notebook the figure is an output that lives: its script runs when Jupyter inserts it."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Browser, expect

from advtheory.pages import live
from tests.pages.live.shown import show

CELL = "from advtheory.pages import live\n\nlive.break_a_digit()"
# As Jupyter does it: the HTML is set, and each script is made anew so that it runs; the output is
# put into the page before or after.
INSERT = """([html, attached]) => {
  const output = document.createElement('div');
  if (attached) document.body.append(output);
  output.innerHTML = html;
  for (const script of output.querySelectorAll('script')) {
    const again = document.createElement('script');
    again.textContent = script.textContent;
    script.replaceWith(again);
  }
  if (!attached) document.body.append(output);
}"""


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The HTML that a kernel answers with."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    folder = str(tmp_path_factory.mktemp("notebook"))
    NotebookClient(notebook, resources={"metadata": {"path": folder}}).execute()
    (shown,) = notebook.cells[0].outputs
    return str(shown["data"]["text/html"])


@pytest.mark.parametrize("attached", [True, False])
def test_it_lives_when_jupyter_inserts_it(
    browser: Browser, tmp_path: Path, output: str, attached: bool
) -> None:
    shown = show(browser, tmp_path, "")
    for _ in range(2):  # the cell runs again
        shown.page.evaluate(INSERT, [output, attached])
    last = shown.page.locator("[data-live]").last
    last.get_by_role("button", name="Skip the guess").click()
    last.get_by_role("slider").fill("0.8")
    expect(last.locator(".say")).to_contain_text("every network has changed its answer")
    assert shown.wrong == []
    shown.page.close()


def test_it_lives_in_a_frame_as_in_colab(browser: Browser, tmp_path: Path, output: str) -> None:
    shown = show(browser, tmp_path, '<iframe title="output" width="700" height="900"></iframe>')
    shown.page.locator("iframe").evaluate("(frame, html) => { frame.srcdoc = html; }", output)
    frame = shown.page.frame_locator("iframe")
    frame.get_by_role("button", name="Skip the guess").click()
    frame.get_by_role("slider").fill("0.8")
    expect(frame.locator(".say")).to_contain_text("every network has changed its answer")
    assert [line for line in shown.wrong if line != "about:srcdoc"] == []
    shown.page.close()


def test_keys_are_left_to_the_figure(browser: Browser, tmp_path: Path, output: str) -> None:
    """Jupyter Lab leaves out elements that say so; other pages hear no key at all."""
    shown = show(browser, tmp_path, output)
    assert shown.figure.get_attribute("data-lm-suppress-shortcuts") == "true"
    shown.page.evaluate("() => document.addEventListener('keydown', () => { window.heard = 1; })")
    shown.page.get_by_role("button", name="Skip the guess").press("ArrowDown")
    assert shown.page.evaluate("window.heard") is None
    shown.page.close()


# Jupyter Lab hides all of itself for the one frame in which a figure draws anew.
HIDDEN_WHILE_DRAWING = """async () => {
  const frame = () => new Promise(requestAnimationFrame), page = document.body;
  page.style.maxWidth = "40rem";  // the figure hears of it at the end of the next frame
  await frame();
  requestAnimationFrame(() => { page.style.display = "none"; });
  await new Promise((done) => setTimeout(done));
  requestAnimationFrame(() => { page.style.display = ""; });
  await frame();
  await frame();
  const drawn = document.querySelector("[data-live]").shadowRoot.querySelectorAll("svg[viewBox]");
  return [...drawn].filter((svg) => svg.clientWidth > 200).map((svg) =>
    svg.getBBox().width / svg.clientWidth);
}"""


@pytest.mark.parametrize("make", [live.plane, live.window])
def test_a_figure_that_is_hidden_for_a_moment_is_drawn_whole(
    browser: Browser, tmp_path: Path, make: Callable[[], live.LiveFigure]
) -> None:
    shown = show(browser, tmp_path, make().html)
    shown.page.wait_for_timeout(200)
    shares = shown.page.evaluate(HIDDEN_WHILE_DRAWING)
    assert len(shares) > 0
    assert min(shares) > 0.8
    assert shown.wrong == []
    shown.page.close()


def test_what_is_drawn_on_has_the_keys(browser: Browser, tmp_path: Path) -> None:
    """Otherwise they belong to another cell, which `d d` deletes."""
    shown = show(browser, tmp_path, live.break_a_digit().html)
    pad = shown.figure.locator(".pad canvas")
    pad.click()
    assert pad.evaluate("(canvas) => canvas.getRootNode().activeElement === canvas")
    shown.page.close()
