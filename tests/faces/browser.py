"""A real browser on a service that really listens, for the tests of the pages."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parents[2] / "ui" / "node_modules" / "axe-core" / "axe.min.js"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
#: Seconds that the slowest answer may take on a loaded machine.
_LONG = 600_000


def chromium() -> str | None:
    """A browser of this machine, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("LODESTONE_CHROMIUM") or next(
        filter(None, map(shutil.which, names)), None
    )


def needed() -> str:
    """The browser; without one the tests are skipped, or fail where they must run."""
    from lodestone.web.site import built

    found = chromium()
    if found and built() and AXE.is_file():
        return found
    why = (
        "no chromium here (Debian: apt-get install chromium)" if not found else "run make ui first"
    )
    if os.environ.get("LODESTONE_REQUIRE_BROWSER") == "1":
        pytest.fail(f"the pages must be looked at here: {why}")
    pytest.skip(why)


@dataclass
class Look:
    """One tab, and what went wrong in it."""

    page: Any
    base: str
    trouble: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, view: str) -> None:
        """Open a view and wait until it has its answers."""
        self.page.goto(self.base + view)
        self.settle()

    def settle(self) -> None:
        """Wait until nothing is being asked any more."""
        page = self.page
        page.locator("h1").first.wait_for(timeout=_LONG)
        page.wait_for_timeout(150)
        page.locator("[aria-busy=true]").first.wait_for(state="detached", timeout=_LONG)
        page.locator("main p[role=status]").first.wait_for(state="detached", timeout=_LONG)
        page.wait_for_timeout(100)

    def violations(self) -> list[tuple[str, str, str]]:
        """What axe finds: rule, impact, first element."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found = self.page.evaluate("rules => axe.run(document, {runOnly: rules})", rules)
        return [(v["id"], v["impact"], v["nodes"][0]["html"][:200]) for v in found["violations"]]

    def numbers(self) -> list[str]:
        """Every number that the page has, in order, those in closed tables too."""
        return self.page.locator("main button.value").all_text_contents()

    def exact(self) -> list[float]:
        """The same numbers, not rounded; those that are not known left out."""
        marks = self.page.locator("main button.value[data-value]").evaluate_all(
            "all => all.map(one => one.dataset.value)"
        )
        return [float(mark) for mark in marks]

    def empty_tables(self) -> list[str]:
        """Headings of tables that have no row."""
        return self.page.locator("main table").evaluate_all(
            """all => all.filter(one => !one.querySelector('tbody tr'))
                      .map(one => one.textContent.trim().slice(0, 80))"""
        )

    def answered(self, envelope: dict[str, Any]) -> None:
        """Let this envelope be the answer to the next long question."""
        job = {"jobID": "made", "status": "successful", "progress": 100}
        self.page.unroute_all()
        self.page.route("**/v1/processes/*/execution", lambda r: r.fulfill(status=201, json=job))
        self.page.route("**/v1/jobs/made/results*", lambda r: r.fulfill(json=envelope))


@contextmanager
def looking(base: str, width: int = 1280, scheme: str = "light") -> Iterator[Look]:
    """A tab of a headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=needed(), args=_FLAGS)
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        look = Look(page, base)
        page.on("pageerror", lambda error: look.trouble.append(str(error)))
        page.on("console", lambda m: look.trouble.append(m.text) if m.type == "error" else None)
        page.on("request", lambda request: look.asked.append(request.url))
        try:
            yield look
        finally:
            browser.close()
