"""The API's own pages, the answer to addresses that are none, and advice on tone."""

from typing import Any, ClassVar

from django.http import Http404, HttpResponse
from django.utils import translation
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.door import IsPerson
from core import language
from core.middleware import CSP
from core.rest import errors
from core.text import PlainText
from core.tone.hints import hints
from core.tone.words import Kind

LONGEST_TEXT = 10_000


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


class Text(serializers.Serializer[Any]):
    text = PlainText(max_length=LONGEST_TEXT, allow_blank=True, help_text="As typed so far.")


class ToneHint(serializers.Serializer[Any]):
    kind = serializers.ChoiceField([(str(kind), str(kind)) for kind in Kind])
    phrases = serializers.ListField(child=serializers.CharField(), help_text="What was found, as typed.")
    why = serializers.CharField(help_text="What it does to the text, in the reader's language.")
    frame = serializers.CharField(help_text="A sentence to fill in instead.")


class ToneHints(serializers.Serializer[Any]):
    hints = ToneHint(many=True, help_text="The most serious first; none for most texts.")


class Tone(APIView):
    """Advice and nothing else: the text is not kept, not logged, and no act asks for it."""

    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="tone",
        summary="Advice on the tone of a text",
        request=Text,
        responses={200: ToneHints, **errors(400, 401, 403, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        shape = Text(data=request.data)
        shape.is_valid(raise_exception=True)
        return Response(ToneHints({"hints": hints(shape.validated_data["text"])}).data)
