"""What every page has: its language, its headers, its look when something is wrong, its weight."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import include, path
from django.utils import translation

from accounts.models import Membership, Store, User
from core.errors import Conflict
from core.middleware import CSP
from tests import factories

pytestmark = pytest.mark.django_db

STATIC = settings.BASE_DIR / "static"


# --- Whose language --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("accepts", "language", "html"),
    [
        ("", "zh-hans", "zh-Hans"),
        ("zh", "zh-hans", "zh-Hans"),
        ("zh-CN,zh;q=0.9", "zh-hans", "zh-Hans"),
        ("zh-TW", "zh-hans", "zh-Hans"),
        ("ja", "zh-hans", "zh-Hans"),
        ("fr-FR,fr;q=0.9", "zh-hans", "zh-Hans"),
        ("en", "en", "en"),
        ("en-GB,en;q=0.9", "en", "en"),
        ("fr,en;q=0.5", "en", "en"),
    ],
)
def test_language_follows_the_browser_and_falls_to_chinese(
    client: Client, accepts: str, language: str, html: str
) -> None:
    answer = client.get("/login/", headers={"accept-language": accepts})
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{html}">'.encode() in answer.content


def test_language_cookie_beats_the_browser(client: Client) -> None:
    client.cookies["django_language"] = "en"
    assert client.get("/login/", headers={"accept-language": "zh-CN"}).headers["Content-Language"] == "en"


def test_language_switch_is_kept_in_session_cookie_and_profile(client: Client) -> None:
    user = User.objects.create_user("lin@example.test", "correct horse battery", name="林晓")
    client.force_login(user)
    answer = client.post("/language/", {"language": "en", "next": "/rules/?page=2"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/rules/?page=2")
    assert answer.cookies["django_language"].value == "en"
    assert client.session["language"] == "en"
    assert User.objects.get(pk=user.pk).language == "en"


def test_language_of_the_session_beats_the_cookie(client: Client) -> None:
    client.post("/language/", {"language": "en"})
    client.cookies["django_language"] = "zh-hans"
    assert client.get("/login/").headers["Content-Language"] == "en"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_language_switch_never_leads_to_another_site(client: Client, elsewhere: str) -> None:
    assert client.post("/language/", {"language": "en", "next": elsewhere}).headers["Location"] == "/"


def test_language_switch_refuses_languages_it_does_not_speak(client: Client) -> None:
    assert client.post("/language/", {"language": "fr"}).status_code == 404
    assert client.get("/language/").status_code == 405


# --- Where people start ----------------------------------------------------------------------------------------------
def test_home_shows_visitors_what_this_is(client: Client) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "订单纠纷，依规则公断" in answer.content.decode()


def test_home_leads_people_to_their_work(client: Client) -> None:
    buyer = User.objects.create_user("buyer@example.test", "correct horse battery")
    merchant = User.objects.create_user("merchant@example.test", "correct horse battery")
    Membership.objects.create(store=Store.objects.create(name="拾光家居旗舰店", code="shiguang"), user=merchant)
    for user, page in [(buyer, "/orders/"), (merchant, "/store/cases/")]:
        client.force_login(user)
        assert client.get("/").headers["Location"] == page


# --- Headers ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("page", ["/", "/login/", "/nowhere/"])
def test_headers_allow_nothing_from_elsewhere(client: Client, page: str) -> None:
    answer = client.get(page)
    assert answer.headers["Content-Security-Policy"] == CSP
    assert "unsafe" not in CSP
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert {"Accept-Language", "Cookie"} <= set(answer.headers["Vary"].split(", "))


@pytest.mark.parametrize("page", ["/", "/login/", "/signup/", "/password/reset/", "/dev/components/", "/nowhere/"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_has_no_inline_script_or_style(client: Client, page: str, language: str) -> None:
    html = client.get(page, headers={"accept-language": language}).content.decode()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=\s*\"", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"(src|href)=\"(https?:)?//", html)


@pytest.mark.parametrize("page", ["/", "/login/", "/signup/", "/password/reset/", "/dev/components/", "/nowhere/"])
def test_english_page_holds_no_chinese_but_the_switch(client: Client, page: str) -> None:
    html = client.get(page, headers={"accept-language": "en"}).content.decode()
    assert re.findall(r"[\u4e00-\u9fff]+", html) == ["中文"]


# --- Saying no -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "heading"), [("zh-hans", "这里没有您可以查看的内容"), ("en", "There is nothing here that you may see")]
)
def test_error_404_is_a_page_of_ours(client: Client, language: str, heading: str) -> None:
    answer = client.get("/nowhere/", headers={"accept-language": language})
    assert answer.status_code == 404
    assert f"<h1>{heading}</h1>" in answer.content.decode()


@pytest.mark.parametrize(("language", "heading"), [("zh-hans", "文字过长"), ("en", "That is too much text")])
def test_request_too_large_for_a_form_says_so(client: Client, settings: Any, language: str, heading: str) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    guarded = Client(enforce_csrf_checks=True)  # the guard reads the form before any view does
    guarded.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    for browser in (client, guarded):
        answer = browser.post("/language/", {"language": "x" * 200}, headers={"accept-language": language})
        assert answer.status_code == 413
        assert f"<h1>{heading}</h1>" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("guarded", [False, True])
def test_page_of_what_is_too_large_knows_who_is_signed_in(settings: Any, guarded: bool) -> None:
    person = factories.person("林晓")
    browser = Client(enforce_csrf_checks=guarded, headers={"accept-language": "en"})
    browser.force_login(person)
    browser.cookies[settings.CSRF_COOKIE_NAME] = "a" * 32
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    page = browser.post("/language/", {"language": "x" * 200}).content.decode()
    assert ("林晓" in page, "Sign in" in page) == (True, False)
    assert "What was saved before, files too, is still there." in page


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "413", "429", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_error_pages_stand_without_a_request(code: str, language: str) -> None:
    with translation.override(language):
        html = render_to_string(f"{code}.html")
    lang = "en" if language == "en" else "zh-Hans"
    assert f'<html lang="{lang}">' in html
    assert len(re.findall(r"<h1>[^<]+</h1>", html)) == 1


def refuse(request: HttpRequest) -> HttpResponse:
    raise Conflict("respond_before_due", "举证期已结束。", still_possible=["您可以提交逾期说明。"])


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("broken")


urlpatterns = [path("refuse/", refuse), path("fail/", fail), path("", include("config.urls"))]


@pytest.mark.urls(__name__)
def test_refusal_outside_a_form_says_what_can_still_be_done(client: Client) -> None:
    answer = client.get("/refuse/")
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "<p>举证期已结束。</p>" in html
    assert "<li>您可以提交逾期说明。</li>" in html


@pytest.mark.urls(__name__)
def test_error_500_is_a_page_of_ours_in_the_readers_language(client: Client) -> None:
    client.raise_request_exception = False
    answer = client.get("/fail/", headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert "<h1>Something went wrong on our side</h1>" in answer.content.decode()


def test_error_403_of_an_old_form_keeps_the_text_in_mind() -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language/", {"language": "en"}, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert "<h1>This page was open too long</h1>" in answer.content.decode()


# --- The bar at the top ----------------------------------------------------------------------------------------------
def links(html: str) -> list[str]:
    nav = re.search(r'<nav class="topnav".*?</nav>', html, re.S)
    return re.findall(r'href="([^"]+)"', nav.group()) if nav else []


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("", ["/orders/", "/disputes/", "/rules/"]),
        ("arbiter", ["/desk/queue/", "/rules/"]),
        ("supervisor", ["/desk/queue/", "/rules/"]),
        ("auditor", ["/desk/queue/", "/rules/"]),
    ],
)
def test_navigation_is_the_roles(role: str, expected: list[str], django_assert_num_queries: Any) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_user(f"{role}@example.test", "x", staff_role=role)
    with django_assert_num_queries(0 if role else 2):
        html = render_to_string("landing.html", request=request)
    assert links(html) == expected


def test_navigation_of_a_merchant_names_the_store(rf: RequestFactory) -> None:
    user = User.objects.create_user("owner@example.test", "x", name="方蕾")
    Membership.objects.create(store=Store.objects.create(name="拾光家居旗舰店", code="shiguang"), user=user)
    request = rf.get("/store/cases/")
    request.user = user
    with translation.override("zh-hans"):
        html = render_to_string("landing.html", request=request)
    assert links(html) == ["/store/cases/", "/rules/"]
    assert '<a href="/store/cases/" aria-current="page">案件</a>' in html
    assert "<b>方蕾</b>拾光家居旗舰店" in html


def test_navigation_of_someone_who_left_the_store_is_a_buyers(rf: RequestFactory) -> None:
    user = User.objects.create_user("left@example.test", "x")
    store = Store.objects.create(name="拾光家居旗舰店", code="shiguang")
    Membership.objects.create(store=store, user=user, is_active=False)
    request = rf.get("/")
    request.user = user
    assert links(render_to_string("landing.html", request=request)) == ["/orders/", "/disputes/", "/rules/"]


# --- Weight ----------------------------------------------------------------------------------------------------------
def weight(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), compresslevel=9))


def test_stylesheet_weighs_at_most_20_kb() -> None:
    assert weight(STATIC / "css" / "app.css") <= 20 * 1024


@pytest.mark.parametrize("name", ["core.js", "upload.js"])
def test_script_weighs_at_most_6_kb(name: str) -> None:
    assert weight(STATIC / "js" / name) <= 6 * 1024


@pytest.mark.parametrize(("name", "most"), [("compare.js", 7 * 1024), ("redact.js", 3 * 1024)])
def test_scripts_of_single_pages_weigh_little(name: str, most: int) -> None:
    assert weight(STATIC / "js" / name) <= most


def test_stylesheet_names_colours_in_its_tokens_only() -> None:
    css = (STATIC / "css" / "app.css").read_text()
    start = css.index("@layer tokens {")
    outside = css[:start] + css[css.index("/* ── base") :]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])", outside) == []
