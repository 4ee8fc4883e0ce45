"""What buyer and merchant write to each other, with files."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from accounts.models import User
from core import clock
from core.errors import Refused
from core.forms import typed
from disputes import drafts, negotiation, queries, shapes
from disputes.forms import blank, submit, unversioned
from disputes.models import AfterSales, Order, OrderLine
from disputes.views import uploads
from disputes.views.common import line_of, order_or_404
from disputes.views.negotiation.common import back_to_order, request_or_404
from evidence import items as custody
from evidence.models import Item, Side
from evidence.queries import drafts as unsent
from notices.sentences import actor_side, sentence


@require_http_methods(["GET", "POST"])
@login_required
def write(request: HttpRequest, number: str, request_id: int) -> HttpResponse:
    """Write a message with files. Files are received first, so nothing wrong with the text ever loses one."""
    assert isinstance(request.user, User)
    user = request.user
    asked = request_or_404(user, number, request_id)
    name = f"order:{asked.order.number}:write:{asked.pk}"
    side = policy.side_of(user, asked.order)
    if request.method == "POST":
        by_script = uploads.partial(request)
        received = uploads.take(
            request,
            lambda upload, _slot: negotiation.attach(
                actor=user, after_sales_id=asked.pk, upload=upload, wait=not by_script
            ),
        )
        if by_script:
            return uploads.answer(request, received, _row_of(asked))
        uploads.tell(request, received)
        if "send" not in request.POST:
            drafts.save(user=user, form=name, data=typed(request.POST))
            return redirect(request.path)
        form = submit(request, name, shape=shapes.WriteAfterSales, act=lambda **given: _send(user, asked, given, side))
        if form.done:
            messages.success(request, _("Your message was sent."))
            return redirect(back_to_order(asked.order, asked.line))
    else:
        form = blank(request, name)
    assert asked.dossier is not None
    context = {
        "order": asked.order,
        "line": asked.line,
        "asked": asked,
        "form": form,
        "values": form.flat,
        "files": [_row_of(asked)(item) for item in unsent(asked.dossier, side)],
        "talk": talk_rows(asked.order, asked.line, side),
        "back": back_to_order(asked.order, asked.line),
        "accept": uploads.ACCEPT,
        "limits": uploads.limits(),
        "to_merchant": side == Side.BUYER,
    }
    return render(request, "disputes/after_sales_write.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@login_required
def write_about(request: HttpRequest, number: str) -> HttpResponse:
    """Write about an article for which the buyer asked nothing. On success back to the order."""
    assert isinstance(request.user, User)
    user, found = request.user, order_or_404(request.user, number)
    line = line_of(found, request.POST.get("line_id", "") or request.GET.get("line", ""))
    name, side = f"order:{found.number}:write:line-{line.pk}", policy.side_of(user, found)
    if request.method == "POST":
        form = submit(
            request,
            name,
            shape=shapes.WriteAboutLine,
            act=lambda **given: negotiation.write_about(actor=user, order_id=found.pk, **unversioned(given)).pk,
        )
        if form.done:
            messages.success(request, _("Your message was sent."))
            return redirect(back_to_order(found, line))
    else:
        form = blank(request, name)
    context = {
        "order": found,
        "line": line,
        "form": form,
        "values": form.flat,
        "talk": talk_rows(found, line, side),
        "back": back_to_order(found, line),
        "to_merchant": side == Side.BUYER,
    }
    return render(request, "disputes/line_write.html", context, status=form.status)


def _send(user: User, asked: AfterSales, given: dict[str, Any], side: str) -> int:
    assert asked.dossier is not None
    files = [str(item.pk) for item in custody.sound(asked.dossier, side)]
    return negotiation.write(actor=user, after_sales_id=asked.pk, text=given["text"], attachments=files).pk


def _row_of(asked: AfterSales) -> Callable[[Any], dict[str, Any]]:
    def row(item: Any) -> dict[str, Any]:
        names = [asked.order.number, asked.pk, uploads.id_of(item)]
        shown = uploads.row(item)
        ask_again = reverse("disputes:attachment_check", args=names) if shown["state"] == "busy" else ""
        return {**shown, "remove_href": reverse("disputes:detach", args=names), "check_href": ask_again}

    return row


@require_POST
@login_required
def check(request: HttpRequest, number: str, request_id: int, item_id: uuid.UUID) -> HttpResponse:
    """For the page's script: the row of a file that was being checked."""
    assert isinstance(request.user, User)
    asked = request_or_404(request.user, number, request_id)
    assert asked.dossier is not None
    side = policy.side_of(request.user, asked.order)
    item = asked.dossier.items.select_related("dossier").filter(pk=item_id, side=side).first()
    if item is None:
        raise Http404
    return uploads.verdict(request, item, _row_of(asked))


@require_POST
@login_required
def detach(request: HttpRequest, number: str, request_id: int, item_id: uuid.UUID) -> HttpResponse:
    """Take back a file that was not sent yet."""
    assert isinstance(request.user, User)
    asked = request_or_404(request.user, number, request_id)
    assert asked.dossier is not None
    item = asked.dossier.items.filter(pk=item_id, side=policy.side_of(request.user, asked.order)).first()
    if item is None:
        raise Http404
    item.dossier = asked.dossier
    try:
        custody.discard(actor=request.user, item=item, at=clock.now())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("disputes:write", number, request_id)


def talk_rows(found: Order, line: OrderLine, side: str) -> list[dict[str, Any]]:
    return [
        {
            "actor": actor_side(talk.entry),
            "title": sentence(talk.entry, reader=side),
            "text": talk.text,
            "at": talk.entry.at,
            "files": [_file(item) for item in talk.attachments],
        }
        for talk in queries.negotiation(found, line)
    ]


def _file(item: Item) -> dict[str, str]:
    variants = {made.variant for made in item.derivatives.all()}
    thumb = reverse("evidence:file", args=[item.pk, "thumb"]) if "thumb" in variants else ""
    return {"name": item.original_name, "thumb": thumb, "href": reverse("evidence:file", args=[item.pk, "view"])}
