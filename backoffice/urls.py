"""All addresses; each app brings its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from backoffice.health import healthz, readyz
from backoffice.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("orders.api.urls")),
    path("", include("backoffice.frame_urls")),
    path("", include("orders.urls")),
]
