"""``python3 dev.py shots [ADDRESS] [WORDS …]``: a picture of every page, every role, both languages, phone and desk.

Starts the whole product with a fresh demo world in a temporary folder, signs in as each role, walks the table below and
writes ``var/shots/<role>-<page>-<language>-<width>.png``. Ends with 1 and a list when a page has not the status it
should have, says something on the console, asks another host, or is wider than its window. With words, only pages whose
name has one. ADDRESS, ``http://…``: a demo world that runs already, with the same GONGDUAN_VAR_DIR.
"""

import contextlib
import itertools
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

import dev

OUT = dev.ROOT / "var" / "shots"
LANGUAGES = ("zh-CN", "en")
PHONE, DESK = 390, 1440
WIDTHS = {PHONE: 844, DESK: 1000}
START_SECONDS = 900

Numbers = dict[str, str]


@dataclass(frozen=True)
class Shot:
    """One page. ``path`` may name an order or case of the demo in braces; ``status`` is the answer expected."""

    name: str
    path: str
    status: int = 200


def pages(*rows: tuple[str, str] | tuple[str, str, int]) -> tuple[Shot, ...]:
    return tuple(Shot(*row) for row in rows)


ROLES: dict[str, tuple[str, tuple[Shot, ...]]] = {
    "anybody": (
        "",
        pages(
            ("home", "/"),
            ("login", "/login/"),
            ("signup", "/signup/"),
            ("rules", "/rules/v2/"),
            ("rules-difference", "/rules/diff/1..2/"),
            ("rules-clause", "/rules/CA-08/"),
            ("rules-clause-version", "/rules/CA-08/v1/"),
            ("help", "/help/"),
            ("forgotten", "/password/reset/"),
            ("gallery", "/dev/components/"),
            ("not-found", "/nothing-here/", 404),
        ),
    ),
    "buyer": (
        "linxiao",
        pages(
            ("orders", "/orders/"),
            ("order-not-negotiated", "/orders/{not_negotiated}/"),
            ("order-waiting", "/orders/{asked_today}/"),
            ("order-gate-open", "/orders/{refused_yesterday}/"),
            ("order-countered", "/orders/{countered}/"),
            ("ask", "/orders/{not_negotiated}/after-sales/"),
            ("write", "/orders/{asked_today}/after-sales/{request}/write/"),
            ("take-back", "/orders/{asked_today}/after-sales/{request}/withdraw/"),
            ("filing-start", "/orders/{refused_yesterday}/dispute/start/"),
            ("filing-cause", "/disputes/{draft}/file/cause/"),
            ("filing-claim", "/disputes/{draft}/file/claim/"),
            ("filing-statement", "/disputes/{draft}/file/statement/"),
            ("filing-evidence", "/disputes/{draft}/file/evidence/"),
            ("filing-check", "/disputes/{draft}/file/check/"),
            ("cover", "/disputes/{draft}/files/{unsent}/cover/"),
            ("receipt", "/receipts/{lodged}/"),
            ("bundle", "/cases/{ready_to_rule}/bundle/"),
            ("cases", "/disputes/"),
            ("cases-closed", "/disputes/?show=closed"),
            ("submitted", "/disputes/{response_running}/submitted/"),
            ("case-lodge", "/disputes/{response_running}/lodge/"),
            ("case-withdraw-item", "/disputes/{response_running}/withdraw_item/"),
            ("case-offer-decline", "/disputes/{response_with_offer}/decline_offer/"),
            ("case-over", "/disputes/{ready_to_rule}/rebut/"),
            ("case-not-admitted", "/disputes/{not_admitted}/"),
            ("case-response", "/disputes/{response_running}/"),
            ("case-offer", "/disputes/{response_with_offer}/"),
            ("case-offer-accept", "/disputes/{response_with_offer}/accept_offer/"),
            ("case-rebuttal", "/disputes/{rebuttal_running}/"),
            ("case-rebut", "/disputes/{rebuttal_running}/rebut/"),
            ("case-deliberation", "/disputes/{ready_to_rule}/"),
            ("case-withdraw", "/disputes/{ready_to_rule}/withdraw/"),
            ("case-ruled", "/disputes/{granted_in_part}/"),
            ("ruling", "/disputes/{granted_in_part}/ruling/"),
            ("case-request-review", "/disputes/{granted_in_part}/request_review/"),
            ("case-ship-back", "/disputes/{to_be_sent_back}/ship_back/"),
            ("case-in-review", "/disputes/{review_answer_running}/"),
            ("case-answer-review", "/disputes/{review_answer_running}/answer_review/"),
            ("notifications", "/notifications/"),
            ("settings", "/settings/"),
            ("debts", "/settings/debts/"),
            ("erasure", "/settings/erasure/"),
            ("not-mine", "/disputes/{response_running}/respond/", 403),
            ("staff-only", "/desk/queue/", 404),
        ),
    ),
    "buyer-two": (
        "wanglei",
        pages(
            ("order-window-over", "/orders/{window_over}/"),
            ("case-information", "/disputes/{both_asked}/"),
            ("case-answer", "/disputes/{both_asked}/answer/"),
            ("case-settlement", "/disputes/{being_settled}/"),
            ("case-proof-awaited", "/disputes/{with_the_police}/"),
            ("case-prove-suspension", "/disputes/{with_the_police}/prove_suspension/"),
            ("case-return", "/disputes/{sent_back}/"),
            ("case-against-me", "/disputes/{store_files}/"),
            ("case-respond", "/disputes/{store_files}/respond/"),
        ),
    ),
    "merchant": (
        "sunqian",
        pages(
            ("inbox", "/store/cases/"),
            ("orders", "/orders/?as=store"),
            ("order-refused", "/orders/{refused_yesterday}/"),
            ("case-response", "/disputes/{response_running}/"),
            ("case-respond", "/disputes/{response_running}/respond/"),
            ("case-concede", "/disputes/{response_running}/concede/"),
            ("case-offer", "/disputes/{response_running}/offer/"),
            ("case-extend", "/disputes/{response_running}/extend/"),
            ("case-last-hour", "/disputes/{response_last_hour}/"),
            ("case-suspended", "/disputes/{suspended_by_both}/"),
            ("case-refund-owed", "/disputes/{refund_owed}/"),
            ("case-perform", "/disputes/{refund_owed}/perform/"),
            ("case-confirm-return", "/disputes/{sent_back}/confirm_return/"),
            ("case-default", "/disputes/{set_aside_asked}/"),
            ("case-over", "/disputes/{refund_owed}/respond/"),
            ("case-propose-suspension", "/disputes/{response_running}/propose_suspension/"),
            ("case-resume", "/disputes/{suspended_by_both}/resume/"),
            ("settings", "/settings/"),
            ("notifications", "/notifications/"),
        ),
    ),
    "merchant-two": (
        "beian",
        pages(
            ("after-sales-agree", "/orders/{asked_today}/after-sales/{request}/agree/"),
            ("after-sales-refuse", "/orders/{asked_today}/after-sales/{request}/refuse/"),
            ("after-sales-counter", "/orders/{asked_today}/after-sales/{request}/counter/"),
            ("case-perform-settlement", "/disputes/{being_settled}/perform_settlement/"),
        ),
    ),
    "owner": ("shiguang", pages(("settings-store", "/settings/store/"))),
    "arbiter": (
        "zhouyan",
        pages(
            ("queue", "/desk/queue/"),
            ("case-admission", "/desk/cases/{filed_past_target}/"),
            ("case-admit", "/desk/cases/{filed_past_target}/admit/"),
            ("case-refuse", "/desk/cases/{filed_past_target}/refuse/"),
            ("case-release", "/desk/cases/{ready_to_rule}/release/"),
            ("case-suspend", "/desk/cases/{ready_to_rule}/suspend/"),
            ("case-proof-awaited", "/desk/cases/{with_the_police}/"),
            ("case-prove-suspension", "/desk/cases/{with_the_police}/prove_suspension/"),
            ("case-free", "/desk/cases/{ready_unassigned}/"),
            ("case-in-effect", "/desk/cases/{granted_in_part}/"),
            ("queue-nothing", "/desk/queue/?q=DC-NOTHING"),
            ("case-ask", "/desk/cases/{ready_to_rule}/ask/"),
            ("case", "/desk/cases/{ready_to_rule}/"),
            ("ruling-preview", "/desk/cases/{ruling_past_target}/rule/preview/"),
            ("compare", "/desk/cases/{ready_to_rule}/compare/"),
            ("background", "/desk/cases/{ready_to_rule}/background/"),
            ("bundle", "/cases/{ready_to_rule}/bundle/"),
            ("case-default", "/desk/cases/{default}/"),
            ("case-counterfeit", "/desk/cases/{ruling_past_target}/"),
            ("case-return-disputed", "/desk/cases/{return_disputed}/"),
            ("case-set-aside", "/desk/cases/{set_aside_asked}/"),
            ("notifications", "/notifications/"),
            ("settings", "/settings/"),
        ),
    ),
    "reviewer": (
        "chenmo",
        pages(
            ("review", "/desk/cases/{review_to_decide}/"),
            ("review-decide", "/desk/cases/{review_to_decide}/decide_review/"),
        ),
    ),
    "supervisor": (
        "hemin",
        pages(
            ("queue", "/desk/queue/?who=all"),
            ("case-escalated", "/desk/cases/{ruling_escalated}/"),
            ("case-reassign", "/desk/cases/{ruling_escalated}/reassign/"),
            ("records", "/desk/records/"),
        ),
    ),
    "administrator": (
        "admin",
        pages(
            ("people", "/settings/people/"),
            ("integrations", "/settings/integrations/"),
            ("debts", "/settings/debts/"),
            ("erasures", "/settings/people/erasures/"),
        ),
    ),
    "auditor": ("auditor", pages(("queue", "/desk/queue/"), ("case", "/desk/cases/{granted_in_part}/"))),
}
"""Role → whose sign-in, and what that person looks at."""

KEPT = {
    "arbiter-case-zh-CN-1440": "desk",
    "buyer-case-rebuttal-zh-CN-1440": "case",
    "buyer-ruling-en-1440": "ruling-en",
    "buyer-order-gate-open-zh-CN-390": "order-phone",
}
"""Shots that become the README's pictures, by their names in ``docs/img``."""


def main(words: list[str]) -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    running = [word for word in words if word.startswith("http")]
    words = [word for word in words if word not in running]
    with contextlib.nullcontext(running[0].rstrip("/")) if running else product() as address:
        numbers, password = look_up()
        with sync_playwright() as tool:
            browser = tool.chromium.launch(
                executable_path=dev.chromium_binary(), args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            complaints = list(walk(browser, address, numbers, password, words))
            browser.close()
    keep()
    for line in complaints:
        print(line, flush=True)
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}; {len(complaints)} complaints", flush=True)
    return 1 if complaints else 0


@contextlib.contextmanager
def product() -> Iterator[str]:
    """The whole product on a free port, freshly seeded in a folder of its own; ends with the block. Its address."""
    with tempfile.TemporaryDirectory(prefix="gongduan-shots-") as folder:
        yield from _serve(Path(folder))


def _serve(folder: Path) -> Iterator[str]:
    port = dev.free_port()
    address = f"http://127.0.0.1:{port}"
    os.environ |= {"GONGDUAN_DEMO": "1", "GONGDUAN_VAR_DIR": str(folder / "var")}
    os.environ.pop("DATABASE_URL", None)
    log = folder / "product.log"
    process = dev.spawn([sys.executable, "dev.py", "run", "--port", str(port)], log=log, environment=dict(os.environ))
    try:
        until = time.monotonic() + START_SECONDS
        while b"Gongduan" not in log.read_bytes():
            if process.poll() is not None or time.monotonic() > until:
                sys.exit(f"the product did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.5)
        with urllib.request.urlopen(f"{address}/healthz", timeout=10):
            yield address
    finally:
        dev.stop(process)


def look_up() -> tuple[Numbers, str]:
    """The numbers of the demo's orders and cases, by the name of the story that made them; and the password."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    import django

    django.setup()
    from arbitration.demo.cast import PASSWORD
    from arbitration.demo.dispute import order_tail
    from arbitration.demo.present import PLAYS
    from disputes.models import Order

    found = {}
    for row, (play, *_rest) in enumerate(PLAYS):
        order = Order.objects.get(number__endswith=order_tail(2000 + row))
        case = order.cases.order_by("-pk").first()
        found[play.__name__] = case.number if case else order.number
        if play.__name__ == "asked_today":
            found["request"] = str(order.after_sales.get().pk)
        if case and play.__name__ == "draft":
            found["unsent"] = str(case.dossier.items.filter(state="ready").earliest("position").pk)
        if case and play.__name__ == "ready_to_rule":
            found["lodged"] = str(case.dossier.items.get(side="buyer", exhibit_no=1).pk)
    return found, PASSWORD


def walk(browser: Browser, address: str, numbers: Numbers, password: str, words: list[str]) -> Iterator[str]:
    """Every shot wanted; yields what is wrong with a page."""
    for role, (key, shots) in ROLES.items():
        wanted = [shot for shot in shots if not words or any(word in f"{role}-{shot.name}" for word in words)]
        signed_in = None
        for language, width in itertools.product(LANGUAGES, WIDTHS) if wanted else ():
            context = browser.new_context(
                locale=language,
                color_scheme="light",
                viewport={"width": width, "height": WIDTHS[width]},
                has_touch=width == PHONE,
                is_mobile=width == PHONE,
                storage_state=signed_in,
            )
            page = context.new_page()
            if key and signed_in is None:
                sign_in(page, address, f"{key}@demo.test", password)
                signed_in = context.storage_state()
            for shot in wanted:
                name = f"{role}-{shot.name}-{language}-{width}"
                yield from take(page, address, shot, shot.path.format_map(numbers), name)
            context.close()


def sign_in(page: Page, address: str, email: str, password: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    with page.expect_navigation():
        page.press("input[name=password]", "Enter")
    assert "/login/" not in page.url, f"{email} cannot sign in"


def take(page: Page, address: str, shot: Shot, path: str, name: str) -> Iterator[str]:
    complaints: list[str] = []
    with listening(page, address, complaints):
        answer = page.goto(address + path, wait_until="load")
        page.evaluate("document.fonts.ready")
        if answer is None or answer.status != shot.status:
            complaints.append(f"answers {answer.status if answer else 'nothing'}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            complaints.append("is wider than its window")
        photograph(page, OUT / f"{name}.png")
    for complaint in complaints:
        if not (shot.status != 200 and str(shot.status) in complaint):
            yield f"{name} {path}: {complaint}"


def photograph(page: Page, path: Path) -> None:
    """The whole page. Chromium forgets that a telephone has no mouse when it measures one, so that window grows."""
    size = page.viewport_size
    assert size is not None
    if size["width"] == PHONE:
        page.set_viewport_size({"width": PHONE, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.screenshot(path=path, full_page=size["width"] != PHONE)
    page.set_viewport_size(size)


@contextlib.contextmanager
def listening(page: Page, address: str, complaints: list[str]) -> Iterator[None]:
    """Gather what the page says on its console and what it asks for in vain or elsewhere."""
    host = urlsplit(address).netloc

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(f"console: {message.text}")

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc not in {host, ""}:
            complaints.append(f"asks {request.url}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the next page was asked for before a late picture came
            complaints.append(f"failed: {request.url}")

    hear: list[tuple[str, Callable[..., None]]] = [
        ("console", said),
        ("request", asked),
        ("pageerror", lambda error: complaints.append(f"error: {error}")),
        ("requestfailed", failed),
    ]
    for event, ear in hear:
        page.on(event, ear)  # type: ignore[call-overload]
    try:
        yield
    finally:
        for event, ear in hear:
            page.remove_listener(event, ear)


def keep() -> None:
    """Make the README's pictures of the chosen shots: the first screen, at most 150 KB each."""
    folder = dev.ROOT / "docs" / "img"
    folder.mkdir(parents=True, exist_ok=True)
    for name, kept in KEPT.items():
        source = OUT / f"{name}.png"
        if not source.exists():
            continue
        image = Image.open(source).convert("RGB")
        image = image.crop((0, 0, image.width, min(image.height, WIDTHS[PHONE if image.width == PHONE else DESK])))
        image.save(folder / f"{kept}.webp", quality=80, method=6)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
