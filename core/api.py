"""The API's own pages: its description to read and try, and the answer to addresses that are none."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import translation
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import language
from core.middleware import CSP


class Schema(SpectacularAPIView):
    """The machine's description. It takes seconds to draw, so a process keeps what it drew: one a language and form."""

    drawn: ClassVar[dict[tuple[str, str], str | bytes]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        asked, form = request.GET.get("lang", ""), request.accepted_renderer
        chosen = asked if language.known(asked) else translation.get_language()
        if (chosen, form.media_type) not in self.drawn:
            with translation.override(chosen):  # nothing else of the request goes in: what is drawn is everybody's
                document = self.generator_class().get_schema(public=True)  # type: ignore[no-untyped-call]
            self.drawn[chosen, form.media_type] = form.render(document)
        return HttpResponse(
            self.drawn[chosen, form.media_type],
            content_type=form.media_type,
            headers={"Content-Disposition": f'inline; filename="schema.{form.format}"'},
        )


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files. Its style sheet carries its icons as data:, so this page alone allows those."""

    template_name = "api/docs.html"
    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response.headers["Content-Security-Policy"] = CSP.replace("img-src", "img-src data:")
        return response


class Nothing(APIView):
    """The API's own 404, whatever the method."""

    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise Http404

    def get(self, request: Request) -> Response:
        raise Http404

    post = put = patch = delete = get
