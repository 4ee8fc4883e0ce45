"""Addresses under ``/api/`` that are none: the API's own 404, whatever the method."""

from django.http import Http404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Nothing(APIView):
    permission_classes = [AllowAny]
    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        raise Http404

    def get(self, request: Request) -> Response:
        raise Http404

    post = put = patch = delete = get
