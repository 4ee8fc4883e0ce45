"""The help page says the periods in force, in both languages, to everybody."""

import pytest
from django.test import Client


@pytest.mark.parametrize(("language", "expected"), [("zh-hans", "15 天内"), ("en", "within 15 days")])
@pytest.mark.django_db
def test_help_says_the_periods_in_force(client: Client, language: str, expected: str) -> None:
    page = client.get("/help/", headers={"Accept-Language": language})
    assert page.status_code == 200
    assert expected in page.content.decode()
