"""Sign-in and sign-out, theme, language, and the way from `/` to the person's start page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from .frame import COOKIE_SECONDS, THEME_COOKIE, places_of, start_of
from .models import User
from .people import is_program


class SignIn(auth.LoginView):
    """The sign-in page. A fragment asked for after the session ended gets a header that makes the page reload."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        # Sent here by a page that is not for this role: going back there at once would never end.
        self.redirect_authenticated_user = self.redirect_field_name not in request.GET
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        user = form.get_user()
        if isinstance(user, User):
            _remember_taste(response, user)
        return response

    def render_to_response(self, context: dict[str, object], **response_kwargs: object) -> HttpResponse:
        response = super().render_to_response(context, **response_kwargs)
        response["X-Sign-In"] = "1"
        return response


class SignOut(auth.LogoutView):
    """Ends the session and tells the browser to forget what it stored."""

    next_page = None
    template_name = "registration/logged_out.html"

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        response.headers["Clear-Site-Data"] = '"storage"'
        return response

    def get_default_redirect_url(self) -> str:
        return self.request.path  # stay here and say so


@require_GET
@login_required
def start(request: HttpRequest) -> HttpResponse:
    """`/`: where the work of this person's role begins. A user of the API has no page."""
    if is_program(request.user):
        return render(request, "api_user.html", status=403)
    places = places_of(request.user)
    if not places:
        raise Http404(_("There is no page for this role yet."))
    wanted = start_of(request.user)
    first = next((place for place in places if place.key == wanted), places[0])
    return redirect(first.path)


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keeps the theme in a cookie of this browser and, when signed in, with the person. 400 when it is unknown."""
    theme = request.POST.get("theme", "")
    if theme not in User.Theme.values:
        return HttpResponse(status=400)
    _keep(request, theme=theme)
    response = _back(request)
    _set_cookie(response, THEME_COOKIE, theme)
    return response


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keeps the language as ``set_theme`` does the theme. 400 when it is unknown."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES) or not check_for_language(language):
        return HttpResponse(status=400)
    _keep(request, language=language)
    response = _back(request)
    _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _keep(request: HttpRequest, **taste: str) -> None:
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(**taste)


def _remember_taste(response: HttpResponse, user: User) -> None:
    _set_cookie(response, THEME_COOKIE, user.theme)
    if user.language in dict(settings.LANGUAGES):
        _set_cookie(response, settings.LANGUAGE_COOKIE_NAME, user.language)


def _set_cookie(response: HttpResponse, name: str, value: str) -> None:
    # Read by theme.js before the first paint, so not HttpOnly; it holds nothing but a word.
    response.set_cookie(name, value, max_age=COOKIE_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    there = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(there, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(there if safe else "/")
