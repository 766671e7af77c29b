"""Addresses of the frame itself."""

from __future__ import annotations

from django.contrib.auth import views as auth
from django.urls import path

from . import install, styleguide, views

urlpatterns = [
    path("", views.start, name="start"),
    path("manifest.webmanifest", install.manifest, name="manifest"),
    path("sign-in/", views.SignIn.as_view(), name="login"),
    path("sign-out/", views.SignOut.as_view(), name="logout"),
    path("password/", auth.PasswordChangeView.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("theme/", views.set_theme, name="set_theme"),
    path("language/", views.set_language, name="set_language"),
    path("styleguide/", styleguide.page, name="styleguide"),
    path("styleguide/confirm/", styleguide.confirm, name="styleguide_confirm"),
]
