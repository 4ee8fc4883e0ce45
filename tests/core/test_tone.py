"""Advice on tone: what gets a hint, what never does, and that neither takes long."""

import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.template import Context, Template
from django.test import Client
from django.utils import translation

from accounts.models import AccessKey, User
from core.tone.hints import hints
from core.tone.words import Kind

TEXTS = tomllib.loads(Path(__file__).with_name("tone_texts.toml").read_text())
ABUSIVE = [
    (kind, form, text) for kind, forms in TEXTS["abusive"].items() for form, texts in forms.items() for text in texts
]
OBJECTIVE = [(language, text) for language, texts in TEXTS["objective"].items() for text in texts]


def kinds(text: str) -> list[str]:
    return [str(hint.kind) for hint in hints(text)]


# --- Recall and false alarms -----------------------------------------------------------------------------------------
def test_every_kind_and_form_is_tried_often_enough() -> None:
    forms = {form: len([one for _kind, one, _text in ABUSIVE if one == form]) for form in ("zh", "en", "obfuscated")}
    assert (forms, len(OBJECTIVE)) == ({"zh": 117, "en": 88, "obfuscated": 70}, 249)
    assert list(TEXTS["abusive"]) == list(Kind)


@pytest.mark.parametrize(("kind", "form", "text"), ABUSIVE)
def test_abusive_text_gets_its_hint(kind: str, form: str, text: str) -> None:
    assert kind in kinds(text)


@pytest.mark.parametrize(("language", "text"), OBJECTIVE)
def test_objective_text_gets_none(language: str, text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize("text", TEXTS["limits"]["missed"])
def test_limit_of_the_lists_is_known_where_abuse_passes(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize("text", TEXTS["limits"]["mistaken"])
def test_limit_of_the_lists_is_known_where_a_name_gets_a_hint(text: str) -> None:
    assert len(kinds(text)) == 1


# --- What a hint says ------------------------------------------------------------------------------------------------
def test_hint_quotes_the_phrase_as_typed_and_says_why() -> None:
    (hint,) = hints("退货三次都被拒，骗－子 商家！")
    with translation.override("zh-hans"):
        assert hint.why == "“骗－子”是对人的评价。写下对方说了什么、做了什么，会更有说服力。"
        assert hint.frame == "……（日期），对方说“……”，做了……；结果是……。"
    with translation.override("en"):
        assert hint.why == "“骗－子” judges a person. Saying what was said or done is more convincing."


def test_hint_quotes_two_phrases_of_a_kind_and_no_more() -> None:
    (hint,) = hints("骗子，奸商，人渣，骗子")
    assert hint.phrases == ("骗子", "奸商")
    with translation.override("zh-hans"):
        assert hint.why.startswith("“骗子”、“奸商”是对人的评价。")


def test_hint_cuts_a_long_quotation() -> None:
    (hint,) = hints("WHY DO YOU NOT GIVE ME MY MONEY BACK AND WHY DO YOU NOT ANSWER")
    assert hint.phrases == ("WHY DO YOU NOT GIVE ME M…",)


def test_hints_come_with_the_most_serious_first() -> None:
    assert kinds("太垃圾了！！！ 肯定是假货，骗子，你等着") == ["threat", "insult", "guess", "scorn", "marks"]


def test_quoted_words_of_the_other_side_are_theirs_and_the_rest_is_not() -> None:
    assert kinds("客服回复：“滚蛋，傻逼”") == []
    assert kinds("客服回复：“滚蛋，傻逼”。奸商！") == ["insult"]
    assert kinds("你这个“骗子”") == ["insult"]


# --- On the pages ----------------------------------------------------------------------------------------------------
def test_text_field_has_a_place_for_advice_and_shows_what_its_text_needs() -> None:
    field = '{% include "components/field.html" with name="reason" type="textarea" label="理由" value=value %}'
    with translation.override("zh-hans"):
        calm, rude = (Template(field).render(Context({"value": value})) for value in ("第三天裂了", "骗子<b>"))
    assert 'aria-live="polite" data-tone="f-reason"><div class="tone" hidden>' in calm
    assert 'data-tone="f-reason"><div class="tone">' in rude
    assert "“骗子”是对人的评价" in rude


def test_every_text_area_has_a_place_for_advice() -> None:
    """Those of the components have it of themselves; the one that only carries a text along is hidden."""
    without = [
        path.name
        for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
        for after in path.read_text().split("<textarea")[1:]
        if "{% tone " not in after and " hidden" not in after.split(">")[0]
    ]
    assert without == []


# --- The door --------------------------------------------------------------------------------------------------------
RUDE = "这家店是骗子"


def ask(client: Client, document: Any, **headers: str) -> Any:
    sent = {"accept-language": "en"} | headers
    return client.post("/api/v1/tone/", json.dumps(document), content_type="application/json", headers=sent)


@pytest.fixture
def person(db: None) -> User:
    cache.clear()
    return User.objects.create_user("lin@example.test", "correct horse battery", name="林晓")


@pytest.fixture
def reader(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_door_answers_in_the_readers_language(reader: Client) -> None:
    assert ask(reader, {"text": "This is a neutral text."}).json() == {"hints": []}
    assert ask(reader, {"text": ""}).json() == {"hints": []}
    assert ask(reader, {"text": RUDE}).json() == {
        "hints": [
            {
                "kind": "insult",
                "phrases": ["骗子"],
                "why": "“骗子” judges a person. Saying what was said or done is more convincing.",
                "frame": "On … (date) I was told “…”, or this was done: …. The result was ….",
            }
        ]
    }


def test_door_takes_a_key_and_no_stranger(person: User) -> None:
    secret = AccessKey.issue(label="shop", user=person)[1]
    assert ask(Client(), {"text": RUDE}).status_code == 401
    assert len(ask(Client(), {"text": RUDE}, authorization=f"Bearer {secret}").json()["hints"]) == 1


def test_door_refuses_a_foreign_page(person: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert ask(strict, {"text": RUDE}).status_code == 403


def test_door_reads_up_to_ten_thousand_characters(reader: Client) -> None:
    assert ask(reader, {"text": "长" * 10_000}).status_code == 200
    answer = ask(reader, {"text": "长" * 10_001})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["text"])


def test_door_writes_and_logs_nothing(
    reader: Client, caplog: pytest.LogCaptureFixture, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2) as asked:  # who is it
        ask(reader, {"text": RUDE})
    assert [row["sql"].split()[0] for row in asked.captured_queries] == ["SELECT", "SELECT"]
    assert "骗子" not in caplog.text


# --- Time ------------------------------------------------------------------------------------------------------------
UNITS = (
    "骗", "骗子", "骗 ", "垃圾桶", "肯定是", "不退就", "商家说", "说“", "说“骗子”", "《", '"', "!!!", "\n商家:",
    "¥ ", "\u200b", "i d i o t ", "a.", "@", "a!", "f**k ", "AB ", "YOU ARE ", "must have a b c d e ",
    "called me ", "garbage can ",
)  # fmt: skip


def spent(text: str) -> float:
    """CPU seconds, the best of three."""

    def once() -> Iterator[float]:
        for _ in range(3):
            before = time.process_time()
            hints(text)
            yield time.process_time() - before

    return min(once())


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    """Five times the text: about five times the time, where going over it again and again would be twenty-five."""
    short, long = ((unit * (length // len(unit) + 1))[:length] for length in (10_000, 50_000))
    assert spent(long) < 12 * spent(short) + 0.05
