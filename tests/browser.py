"""What every page must be in a real browser, whoever reads it, at any width and in any language."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's sync API runs an event loop in this thread

PHONE, DESK = 390, 1280
EVERYWHERE = pytest.mark.parametrize(
    ("width", "language"), [(PHONE, "zh-hans"), (DESK, "en"), (PHONE, "en"), (DESK, "zh-hans")]
)
"""A walk is done on a phone and at a desk, in Chinese and in English."""
_SHIFTED = """() => new Promise(done => {
  let sum = 0;
  const watch = list => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; };
  new PerformanceObserver(watch).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 50);
})"""
"""How much of the window moved by itself since the page was opened: 0 is nothing, 1 everything, once."""
_AXE = """() => axe.run({resultTypes: ["violations"], preload: {assets: ["media"]}})
  .then(found => ({violations: found.violations}))"""
"""Every rule that is on by default; what passes is not sent back, and no rule of these reads the stylesheets again."""


class Watched:
    """A page with everything it complained about and everybody it asked."""

    def __init__(self, page: Page, host: str) -> None:
        self.page, self.host = page, host
        self.complaints: list[str] = []
        self._asked: set[Request] = set()
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)

    def settle(self) -> None:
        """Return once the page is loaded and every answer it waits for is there. Playwright's "networkidle" would wait
        half a second longer each time."""
        self.page.wait_for_timeout(10)  # what a click has begun is told by then
        while self._asked:
            self.page.wait_for_timeout(5)
            self.page.wait_for_load_state("load")

    def _console(self, message: ConsoleMessage) -> None:
        # A refusal's own status (409, 422 …) is what the product means to answer; the browser logs it all the same.
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _answered(self, request: Request) -> None:
        self._asked.discard(request)

    def _request(self, request: Request) -> None:
        self._asked.add(request)
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and parts.netloc != self.host:
            self.complaints.append(f"asked {request.url}")


@contextmanager
def signed_in(
    browser: Browser,
    url: str,
    user_id: int,
    *,
    width: int = PHONE,
    language: str = "zh-hans",
    script: bool = True,
    touch: bool = False,
) -> Iterator[Watched]:
    """A browser in which the person is signed in; with ``touch``, a telephone. The language is theirs from now on."""
    user = get_user_model().objects.get(pk=user_id)
    user.language = language
    user.save(update_fields=["language"])
    client = Client()
    client.force_login(user)
    context = browser.new_context(
        viewport={"width": width, "height": 844 if width < 640 else 900},
        locale="en" if language == "en" else "zh-CN",
        java_script_enabled=script,
        has_touch=touch,
        is_mobile=touch,
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    watched = Watched(context.new_page(), urlsplit(url).netloc)
    yield watched
    context.close()


def sound_page(watched: Watched) -> None:
    """No axe violation, nothing wider than the window or moved, no error, nobody else asked, one first heading."""
    page = watched.page
    watched.settle()
    page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(_AXE))
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"{page.url} is {width[0]} px wide in a window of {width[1]}"
    assert page.evaluate(_SHIFTED) < 0.01, f"{page.url} moves while it is opened"
    assert page.locator("h1").count() == 1, page.url
    assert watched.complaints == [], page.url
