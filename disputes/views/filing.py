from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def _soon(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    raise Http404


order_list = order = ask = attach = detach = negotiate = cases = inbox = start = resume = step = submitted = _soon
files = describe = discard = draft = _soon
