"""Take a picture of every built page, light and dark, wide and phone, into _build/screenshots."""

import sys

from book_pages import (
    PHONE,
    ROOT,
    WIDE,
    chromium_path,
    new_page,
    offline_browser,
    page_names,
    served,
    settle,
)

FOLDER = ROOT / "_build" / "screenshots"


def main() -> None:
    """Take all pictures."""
    executable = chromium_path()
    if executable is None:
        sys.exit("No Chromium was found: install it to take pictures of the pages.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with offline_browser(executable) as browser, served() as site:
        for theme in ("light", "dark"):
            for device, size in (("wide", WIDE), ("phone", PHONE)):
                page = new_page(browser, size, theme)
                for name in page_names():
                    settle(page, f"{site}/{name}")
                    stem = name.removesuffix(".html").replace("/", "_")
                    page.screenshot(path=FOLDER / f"{stem}.{theme}.{device}.png", full_page=True)
                page.close()
    print(f"The pictures are in {FOLDER}.")


if __name__ == "__main__":
    main()
