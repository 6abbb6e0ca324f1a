"""The picture of the README: a task at the page of a local market, as `make site` opens it.

python -m tests.browser.screenshot docs/images/labeling.png
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.build import ROOT

SIZE: Final = {"width": 900, "height": 600}
COLOURS: Final = 96
QUESTION: Final = "Which of two is better"


def main() -> None:
    """Take it, and write it where the argument says."""
    target = Path(sys.argv[1])
    process = subprocess.Popen(
        ["plumbline", "market", "--port", "0", "--log", "json"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        entries = (json.loads(line) for line in process.stderr if line.startswith("{"))
        url = next(entry["url"] for entry in entries if entry["event"] == "site is open")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            page = browser.new_page(viewport=SIZE, locale="en-GB")  # type: ignore[arg-type]
            _come_to_a_task(page, url)
            page.screenshot(path=target)
            browser.close()
    finally:
        process.terminate()
        process.wait(30)
    with Image.open(target) as taken:
        small = taken.convert("RGB").quantize(COLOURS)
    small.save(target, optimize=True)
    print(f"{target}: {target.stat().st_size:,} bytes")


def _come_to_a_task(page: Page, url: str) -> None:
    page.goto(url)
    page.locator("#burner").click()
    page.locator("#me").wait_for()
    page.locator(".card", has_text=QUESTION).click()
    page.locator("#start").click()
    for task, key in enumerate("131232131", start=1):
        page.locator("#title", has_text=f"Task {task} of").wait_for()
        page.keyboard.press(key)
    page.locator("#title", has_text="Task 10 of").wait_for()
    page.keyboard.press("i")
    page.locator("#said").evaluate("said => said.textContent = ''")
    page.locator(".option").nth(0).hover()


if __name__ == "__main__":
    main()
