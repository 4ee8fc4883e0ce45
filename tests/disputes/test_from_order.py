"""The order's own records as evidence, through both doors, each once."""

from django.test import Client
from django.utils import translation

from accounts.models import AccessKey, User
from core import clock
from disputes import exhibits, from_order, negotiation
from disputes.models import AfterSales, Case
from evidence import queries as custody
from evidence import redaction
from evidence.models import Item
from evidence.storage import store
from evidence.transcripts import parsed
from tests import factories
from tests.conftest import World
from tests.evidence import samples
from tests.evidence.conftest import kept


def drafted(world: World) -> Case:
    made = world.order()
    made.logistics.create(way="out", at=made.paid_at, code="collected", text="快件已揽收")
    return factories.draft_case(world.buyer, world.merchant, made)


def test_negotiation_logistics_and_listing_are_added_once(world: World) -> None:
    case = drafted(world)
    with translation.override("zh-hans"):
        added = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
        again = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
    assert [(item.kind, item.caption, item.state) for item in added] == [
        ("chat", "协商记录", "ready"),
        ("document", "物流记录", "ready"),
        ("snapshot", "购买时的商品页", "ready"),
    ]
    assert again == []
    with store().open(added[0].sha256) as file:
        said = parsed(file.read().decode())
    assert [message.who for message in said] == ["买家", "商家"]
    assert said[0].text.startswith("申请售后\n")
    with store().open(added[2].sha256) as file:
        assert case.line.title in file.read().decode()


def test_both_doors_add_them(world: World) -> None:
    case = drafted(world)
    page = Client()
    page.force_login(world.buyer)
    assert page.post(f"/disputes/{case.number}/files/from-order/").status_code == 302
    assert len(custody.drafts(case.dossier, "buyer")) == 3
    key = AccessKey.issue(label="erp", user=world.buyer)[1]
    case = drafted(world)
    answer = Client().post(
        f"/api/v1/cases/{case.number}/files/from-order/",
        content_type="application/json",
        headers={"authorization": f"Bearer {key}", "idempotency-key": "1"},
    )
    assert (answer.status_code, [item["kind"] for item in answer.json()]) == (201, ["chat", "document", "snapshot"])


def written(world: World) -> tuple[Case, Item, Item]:
    """A draft whose negotiation holds a photo of the buyer's and one of the merchant's, both with a camera's notes."""
    case = drafted(world)
    request = AfterSales.objects.get(line=case.line)

    def sent(actor: User, name: str, orientation: int) -> Item:
        item = negotiation.attach(
            actor=actor, after_sales_id=request.pk, upload=samples.upload(name, samples.camera_jpeg(orientation))
        )
        negotiation.write(actor=actor, after_sales_id=request.pk, text="请看图", attachments=[str(item.pk)])
        return item

    return case, sent(world.buyer, "裂纹.jpg", 1), sent(world.merchant, "打包.jpg", 3)


def test_files_of_the_negotiation_are_added_own_as_they_are_and_the_others_as_they_are_shown(world: World) -> None:
    case, own, theirs = written(world)
    view = theirs.derivatives.get(variant="view")
    with translation.override("zh-hans"):
        added = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
        again = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
    pictures = [item for item in added if item.kind == "photo"]
    assert [(item.original_name, item.sha256, item.state, item.side) for item in pictures] == [
        ("裂纹.jpg", own.sha256, "ready", "buyer"),
        ("打包.webp", view.sha256, "ready", "buyer"),
    ]
    assert {item.caption for item in pictures} == {"协商时发送，11月20日 10:00"}
    assert b"SecretPhone" not in kept(pictures[1].sha256)
    assert again == []


def test_file_of_the_negotiation_can_be_covered_before_it_is_lodged(world: World) -> None:
    case, own, _theirs = written(world)
    added = from_order.take_from_order(actor=world.buyer, case_id=case.pk)
    picture = next(item for item in added if item.sha256 == own.sha256)
    box = redaction.Box(0, 0, 0.5, 1)
    redaction.redact(actor=world.buyer, item=picture, boxes=[box], at=clock.now())
    rows = {item.sha256: item for item in custody.drafts(case.dossier, "buyer")}
    assert (rows[own.sha256].covered, rows[own.sha256].caption) == (1, "协商时发送，11月20日 10:00")
    clear = redaction.clear_derivatives(Item.objects.get(pk=picture.pk))["view"]
    covered = picture.derivatives.get(variant="view")
    assert covered.sha256 != clear.sha256


def test_files_of_the_negotiation_leave_room_for_no_more_than_the_limit(world: World) -> None:
    case, own, theirs = written(world)
    for number in range(28):
        exhibits.receive(actor=world.buyer, case_id=case.pk, upload=samples.upload("a.txt", b"%d" % number))
    page = Client(headers={"accept-language": "en"})
    page.force_login(world.buyer)
    answer = page.post(f"/disputes/{case.number}/files/from-order/", follow=True)
    assert "Each side can have at most 30 items." in answer.content.decode()
    kept_now = {item.sha256 for item in custody.drafts(case.dossier, "buyer")}
    assert len(kept_now) == 30
    assert not kept_now & {own.sha256, theirs.sha256}
