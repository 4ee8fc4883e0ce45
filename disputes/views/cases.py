"""The case page of a party, and the page of each act on it."""

from django.http import Http404, HttpRequest, HttpResponse


def case(request: HttpRequest, number: str) -> HttpResponse:
    raise Http404


def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    raise Http404
