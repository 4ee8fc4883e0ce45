"""Pages without a business word: the front page, the language switch, the gallery of components, bad requests."""

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.http import require_GET, require_POST

from accounts.home import path_of
from accounts.models import User
from core import errors, gallery, language


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Visitors read what this is; signed-in people go where their work is."""
    if isinstance(request.user, User):
        return redirect(path_of(request.user))
    return render(request, "landing.html")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Answer in ``language`` from now on, and go back to ``next`` (a path of this site)."""
    chosen = request.POST.get("language", "")
    if not language.known(chosen):
        raise Http404
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    language.remember(request, response, chosen)
    return response


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Every component in each of its states, in the reader's language. Routed in development and demos alone."""
    return render(request, "dev/components.html", gallery.context())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What could not be read is 400, on a page that asks nothing of it; a form too large to be read is 413."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return HttpResponse(render_to_string("400.html"), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """What broke on our side is said as everything else is: to programs in the one error shape, to people on a page."""
    if not request.path.startswith("/api/"):
        return defaults.server_error(request)
    said = errors.body("server_error", _("Something went wrong on our side"))
    return JsonResponse(said, status=500)
