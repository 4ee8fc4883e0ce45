"""The whole path by programs alone, from the order to the second arbiter's decision."""

from collections.abc import Callable

from accounts.models import User
from arbitration import execution
from disputes.models import Order
from tests import factories
from tests.api.conftest import Program, order_document
from tests.conftest import Clock, World


def test_story_by_programs(world: World, at: Clock, program: Callable[[User], Program], market: Program) -> None:
    buyer, merchant, arbiter = program(world.buyer), program(world.merchant), program(world.arbiter)
    second = program(world.second_arbiter)

    received = market.post("orders/", order_document(world), 201)
    line = received["lines"][0]["id"]
    gate = buyer.get("orders/M-2026-0001/eligibility/")
    assert (gate["passed"], [row["code"] for row in gate["conditions"] if not row["passed"]]) == (
        False,
        ["negotiated_first", "merchant_had_its_say"],
    )

    asked = {
        "line_id": line,
        "asked": "refund",
        "amount_fen": 129_900,
        "cause": "quality_visible",
        "reason": "灯座有一道贯穿裂纹",
    }
    request = buyer.post("orders/M-2026-0001/after-sales/", asked, 201)
    merchant.post(f"after-sales/{request['id']}/messages/", {"text": "请发照片"})
    sent = buyer.upload(f"after-sales/{request['id']}/files/", factories.upload("lamp.jpg"))
    spare = buyer.upload(f"after-sales/{request['id']}/files/", factories.upload("spare.jpg"))
    assert merchant.get("orders/M-2026-0001/")["after_sales"][0]["messages"][0]["attachments"] == []
    assert merchant.delete(f"after-sales/{request['id']}/files/{sent['id']}/", 404)["error"]["code"] == "not_found"
    buyer.delete(f"after-sales/{request['id']}/files/{spare['id']}/")
    written = buyer.post(f"after-sales/{request['id']}/messages/", {"attachments": [sent["id"]]})
    assert written["messages"][1]["attachments"] == [sent["id"]]
    refused = merchant.post(f"after-sales/{request['id']}/refuse/", {"reason": "商品已签收"})
    assert (refused["state"], refused["messages"][0]["text"]) == ("refused", "请发照片")
    gate = buyer.get("orders/M-2026-0001/eligibility/")
    assert (gate["passed"], gate["cap_fen"]) == (True, 129_900)

    draft = buyer.post("orders/M-2026-0001/cases/", {"line_id": line}, 201)
    case = f"cases/{draft['number']}/"
    assert (draft["state"], draft["whose_turn"], draft["actions"]["file"]) == (
        "draft",
        "buyer",
        {"open": True, "reason": None},
    )
    file = buyer.upload(f"{case}files/", factories.upload("crack.jpg"), slot="close_up", caption="裂纹近照")
    assert buyer.patch(f"{case}files/{file['id']}/", {"caption": "灯座裂纹近照"})["caption"] == "灯座裂纹近照"
    filed = buyer.post(
        f"{case}file/",
        {
            "cause": "quality_visible",
            "remedy": "refund",
            "amount_fen": 129_900,
            "what_happened": "开箱见灯座有裂纹。",
            "difference": "商品页写明全新完好。",
            "wanted": "全额退款。",
            "missing_reason": "没有更多照片",
            "based_on": draft["version"],
        },
    )
    assert (filed["state"], filed["exhibits"][0]["caption"]) == ("awaiting_admission", "灯座裂纹近照")
    assert merchant.get(case)["exhibits"] == []

    arbiter.post(f"{case}take/")
    assert arbiter.post(f"{case}admit/")["state"] == "awaiting_response"
    seen = merchant.get(case)
    item = seen["exhibits"][0]
    assert (seen["whose_turn"], seen["buyer"], item["name"]) == ("merchant", "林**", "")
    proof = merchant.upload(f"{case}files/", factories.upload("qc.jpg"), caption="出厂检验")
    answered = merchant.post(
        f"{case}respond/",
        {
            "statement": "出厂检验合格。",
            "answers": [
                {"item": item["id"], "stance": "disputed", "reason": "不能证明收到时如此", "support": [proof["id"]]}
            ],
            "missing_reason": "没有证书",
        },
    )
    assert answered["exhibits"][0]["replies"][0]["support"] == [proof["id"]]
    rebutted = buyer.post(
        f"{case}rebut/",
        {
            "statement": "检验单日期在发货之后。",
            "answers": [{"item": proof["id"], "stance": "disputed", "reason": "日期不符"}],
        },
    )
    assert rebutted["state"] == "deliberation"

    arbiter.post(f"{case}take/")
    decision = {
        "findings": [
            {
                "issue": "收到时是否有裂纹",
                "result": "upheld",
                "reason": "近照清楚。",
                "burden": [{"side": "merchant", "text": "说明来源", "met": "not_met"}],
                "items": [item["id"]],
            }
        ],
        "weights": [{"item": row["id"], "weight": "full", "reason": "清楚"} for row in arbiter.get(case)["exhibits"]],
        "clauses": [clause_of(arbiter)],
        "remedy": "refund",
        "amount_fen": 129_900,
        "freight_by": "respondent",
        "points": 2,
        "summary_applicant": "支持您的申请。",
        "summary_respondent": "未能说明裂纹来源。",
    }
    arbiter.post(f"{case}rule/", decision)
    assert (buyer.get(case)["ruling"], buyer.get(f"{case}rulings/")["results"]) == (None, [])
    at.forward(seconds=60, sweep_too=True)
    ruled = merchant.get(case)
    assert (ruled["state"], ruled["ruling"]["outcome"], ruled["ruling"]["decided_by"]) == (
        "ruled",
        "for_applicant",
        None,
    )

    merchant.post(f"{case}perform/", {"remedy_id": ruled["remedies"][0]["id"]})
    assert execution.settle_open_refunds() == 1
    done = buyer.get(case)
    assert (done["remedies"][0]["state"], done["remedies"][0]["refund_state"]) == ("executed", "executed")
    assert buyer.get("orders/M-2026-0001/")["refunded_fen"] == 129_900

    report = merchant.upload(f"{case}files/", factories.upload("lab.jpg"), caption="检测报告")
    finding = ruled["ruling"]["findings"][0]["id"]
    reviewed = merchant.post(
        f"{case}request_review/",
        {
            "finding_id": finding,
            "argument": "裂纹为使用造成",
            "why_not_before": "报告昨日出具",
            "items": [report["id"]],
        },
    )
    assert (reviewed["state"], reviewed["reviews"][0]["items"]) == ("in_review", [report["id"]])
    buyer.post(f"{case}answer_review/", {"statement": "不认可"})
    refusal = arbiter.post(f"{case}take/", status=403)["error"]
    assert refusal["code"] == "other_arbiter_on_review"
    second.post(f"{case}take/")
    request = second.get(case)["reviews"][0]
    assert (request["attacks"]["position"], request["attacks"]["result"]) == (1, "upheld")
    decided = {"answers": [{"review_id": request["id"], "decision": "uphold", "reason": "新证据不足以改变认定"}]}
    unweighed = second.post(f"{case}decide_review/", decided, 422)["error"]
    assert (unweighed["code"], list(unweighed["fields"])) == ("review_weighs_what_is_new", ["weights[0].weight"])
    decided["weights"] = [{"item": report["id"], "weight": "part", "reason": "送检样品来源不明"}]
    ended = second.post(f"{case}decide_review/", decided)
    assert [row["in_review"] for row in ended["ruling"]["weights"] if row["item"] == report["id"]] == [True]
    assert (ended["state"], ended["outcome"], ended["final"]) == ("closed", "for_applicant", True)
    assert Order.objects.get(number="M-2026-0001").refunded_fen == 129_900

    verbs = [row["verb"] for row in buyer.get(f"{case}timeline/")["results"] if "evidence" not in row["verb"]]
    assert verbs == [
        "file",
        "take",
        "admit",
        "respond",
        "rebut",
        "take",
        "take_effect",
        "perform",
        "remedy_executed",
        "request_review",
        "answer_review",
        "take",
        "decide_review",
        "conclude",
    ]


def clause_of(reader: Program) -> str:
    causes = reader.get("rules/2/causes/")["results"]
    return str(next(row["clause"] for row in causes if row["code"] == "quality_visible"))
