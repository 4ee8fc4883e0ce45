"""Clocks that stopped, for supervisors."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from core import rest
from disputes import stopped
from disputes.models import Deadline


class StoppedClock(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.SerializerMethodField(help_text="Of the case; before there is one, of the order.")
    kind = serializers.CharField()
    due_at = serializers.DateTimeField()
    error = serializers.CharField(source="parked_because", help_text="Empty once it runs again.")

    def get_number(self, row: Deadline) -> str:
        return stopped.about(row).number


class StoppedClocks(Door):
    @extend_schema(
        operation_id="stopped_clocks",
        summary=_("Clocks whose expiry failed, the longest overdue first"),
        responses={200: StoppedClock(many=True), **rest.READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        """One query, and one for the stores."""
        policy.require(self.actor, "clocks.see", None)
        return Response(StoppedClock(stopped.for_supervisor(self.actor), many=True).data)


class RunAgain(Door):
    @extend_schema(
        operation_id="run_clock_again",
        summary=_("Have a stopped clock run again"),
        request=None,
        responses={200: StoppedClock, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, deadline_id: int) -> Response:
        policy.require(self.actor, "clocks.see", None)
        try:
            return self.once(
                lambda: (200, StoppedClock(stopped.run_again(actor=self.actor, deadline_id=deadline_id)).data)
            )
        except Deadline.DoesNotExist:
            raise Http404 from None
