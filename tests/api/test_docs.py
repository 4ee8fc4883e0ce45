"""The page on which people read and try the API."""

import pytest
from playwright.sync_api import Browser

from tests.browser import Watched


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_docs_open_without_a_complaint(browser: Browser, live_server: object) -> None:
    url = str(live_server)
    page = browser.new_page()
    watched = Watched(page, url.removeprefix("http://"))
    answer = page.goto(f"{url}/api/v1/docs/")
    assert answer is not None
    page.locator("#operations-cases-respond").first.wait_for(timeout=30_000)
    policy = answer.headers["content-security-policy"]
    assert (watched.complaints, "unsafe-inline" in policy) == ([], False)
    page.close()
