"""Before the first step: what to expect."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.models import User
from core import clock, moments
from disputes import eligibility, shapes
from disputes import filing as verbs
from disputes.forms import blank, submit, unversioned
from disputes.models import State
from disputes.views import gate
from disputes.views.common import line_of, order_or_404

EXCEPTIONS = {
    "authority_counterfeit": gettext_lazy("An authority found the goods to be counterfeit"),
    "court_document": gettext_lazy("There is a court document"),
    "longer_promise": gettext_lazy("The merchant promised a longer time"),
    "provable_non_receipt": gettext_lazy("I can prove that I never received the goods"),
}


@require_http_methods(["GET", "POST"])
@login_required
def start(request: HttpRequest, number: str) -> HttpResponse:
    """What to expect; on POST a draft is opened (or the one there is) and the first step shown."""
    assert isinstance(request.user, User)
    user = request.user
    found = order_or_404(user, number)
    line = line_of(found, request.POST.get("line_id", "") or request.GET.get("line", ""))
    side = policy.side_of(user, found)
    name = f"order:{found.number}:start:{line.pk}"
    if request.method == "POST":
        form = submit(
            request,
            name,
            shape=shapes.StartCase,
            act=lambda **given: verbs.start(actor=user, order_id=found.pk, **unversioned(given)).number,
        )
        if form.done:
            return redirect("disputes:file", form.answer)
    else:
        form = blank(request, name)
    at = clock.now()
    check = eligibility.check(found, line, side, at)
    if check.open_case is not None and check.open_case.state != State.DRAFT:
        return redirect("disputes:case", check.open_case.number)
    rules = gate.rules_now(at)
    asked = check.after_sales
    cause = rules.cause(asked.cause) if asked and asked.cause in {row.code for row in rules.causes} else None
    failed = {condition.code for condition in check.failed}
    context = {
        "order": found,
        "line": line,
        "side": side,
        "form": form,
        "values": form.flat,
        "check": check,
        "checks": gate.checks(check, rules),
        "late": "inside_filing_window" in failed,
        "may_claim_threat": "wrote_to_buyer_first" in failed,
        "can_start": failed <= {"inside_filing_window", "wrote_to_buyer_first"},
        "exception_options": [{"value": key, "label": label} for key, label in EXCEPTIONS.items()],
        "promises": gate.promises(rules, side, cause),
        "cause": cause,
        "prepare": gate.asked_for(cause),
        "keep": moments.duration_text(rules.length("draft_kept").delta),
    }
    return render(request, "disputes/filing_start.html", context, status=form.status)
