"""All addresses; each app brings its own."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from backoffice.health import healthz, readyz
from backoffice.metrics import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
]
for prefix, module in (("", "backoffice.frame_urls"), ("api/v1/", "orders.api.urls"), ("", "orders.urls")):
    if find_spec(module.rsplit(".", 1)[0]) and find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
