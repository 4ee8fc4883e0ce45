"""What happened in a case: its timeline, its rulings, and all of it to take away."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from arbitration import queries
from arbitration.api.reads import visible_case
from arbitration.bundle import exporting
from arbitration.reading import note_reading
from arbitration.representations.cases import EntryOut
from arbitration.representations.rulings import RulingOut
from arbitration.views.bundles import archive
from core import clock, rest
from disputes.models import Case
from evidence.models import Item
from ledger.queries import readable


class TimelineShape(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=rest.MOST, default=rest.MOST)
    after = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0, help_text="Entries after this seq.")


class TimelinePage(serializers.Serializer[Any]):
    results = EntryOut(many=True)
    next = serializers.CharField(allow_null=True)


class Timeline(Door):
    @extend_schema(
        operation_id="case_timeline",
        summary=_("What happened in the case, oldest first"),
        parameters=[TimelineShape],
        responses={200: TimelinePage, **rest.READ_ERRORS, **rest.errors(422)},
    )
    def get(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        note_reading(actor=self.actor, case=case, at=clock.now())
        asked = rest.checked(TimelineShape, request.query_params)
        rows = readable(case.subject, policy.side_of(self.actor, case)).filter(seq__gt=asked["after"])
        found = list(rows[: asked["limit"] + 1])
        more = len(found) > asked["limit"]
        shown = found[: asked["limit"]]
        following = rest.address(request, after=shown[-1].seq) if more else None
        return Response({"results": EntryOut(shown, many=True).data, "next": following})


class ExportCase(Door):
    @extend_schema(
        operation_id="export_case",
        summary=_("The case to take away: a ZIP of everything the reader may see, which checks itself offline"),
        request=None,
        parameters=[rest.IDEMPOTENCY_KEY],
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> HttpResponseBase:
        """That it was taken away is recorded once a key; the ZIP is as the case stands now, each time."""
        try:
            noted = self.once(lambda: (200, {"at": exporting.note(actor=self.actor, number=number)}))
            sent = archive(exporting.bundle(actor=self.actor, number=number))
        except (Case.DoesNotExist, queries.NotFiled):
            raise Http404 from None
        if repeated := noted.headers.get("Idempotent-Replayed"):
            sent.headers["Idempotent-Replayed"] = repeated
        return sent


class RulingList(serializers.Serializer[Any]):
    results = RulingOut(many=True)


class Rulings(Door):
    @extend_schema(
        operation_id="case_rulings",
        summary=_("The case's rulings, newest first, with their reasons"),
        responses={200: RulingList, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        note_reading(actor=self.actor, case=case, at=clock.now())
        side = policy.side_of(self.actor, case)
        rows = case.rulings.order_by("-signed_at", "-pk")
        hidden = case.dossier.items.filter(platform_only=True).exclude(side=side) if side else Item.objects.none()
        withheld = set(hidden.values_list("pk", flat=True))
        files = queries.ruling_files(list(rows.exclude(effective_at=None) if side else rows), withheld=withheld)
        return Response({"results": RulingOut(files, many=True, context={"side": side}).data})
