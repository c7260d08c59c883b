"""The built pages, and a browser without a network to look at them (for tests and screenshots)."""

import functools
import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
WIDE = (1280, 900)
PHONE = (390, 844)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_PATIENCE = 120_000  # milliseconds: a busy machine may need a minute for a page

# Formulas are set after the page has loaded.
_SETTLED = """async () => {
  await window.MathJax?.startup?.promise;
  await document.fonts.ready;
  return true;
}"""


def chromium_path() -> str | None:
    """Return where Chromium or Chrome is installed, or None."""
    found = (shutil.which(name) for name in _NAMES)
    return next((path for path in found if path), None)


def page_names() -> list[str]:
    """Every built page, as a path below `HTML`."""
    pages = (path.relative_to(HTML) for path in HTML.rglob("*.html"))
    return sorted(page.as_posix() for page in pages if page.parts[0] != "_static")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that leaves a page hangs up in the middle."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the built pages on this machine; give their address."""
    handler = functools.partial(_Quiet, directory=str(HTML))
    with _Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def offline_browser(executable: str) -> Iterator[Browser]:
    """Start a headless browser for which no host but this machine exists."""
    blocked = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[blocked])
        yield browser
        browser.close()


def new_page(browser: Browser, size: tuple[int, int] = WIDE, theme: str = "light") -> Page:
    """Open an empty tab of `size` (width, height) that shows pages in `theme`."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(_PATIENCE)
    for key in ("mode", "theme"):
        page.add_init_script(f"localStorage.setItem('{key}', '{theme}')")
    return page


def settle(page: Page, address: str) -> None:
    """Go to `address` and wait until formulas are set."""
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.evaluate(_SETTLED)
