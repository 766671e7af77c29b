"""What a phone needs to keep the pages among its apps and to open them without the browser's bars."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

MANIFEST_TYPE: Final = "application/manifest+json"
#: File, edge in pixels, purpose: "maskable" has room around the picture for any shape a phone cuts out.
ICONS: Final = (
    ("img/icon-192.png", 192, "any"),
    ("img/icon-512.png", 512, "any"),
    ("img/icon-maskable-512.png", 512, "maskable"),
)
DAY: Final = 24 * 3600


@require_safe
@cache_control(public=True, max_age=DAY)
def manifest(request: HttpRequest) -> JsonResponse:
    """The web manifest. The same for everybody: browsers ask for it without cookies, so it is in no language."""
    icons = [
        {"src": static(file), "sizes": f"{edge}x{edge}", "type": "image/png", "purpose": purpose}
        for file, edge, purpose in ICONS
    ]
    told: dict[str, Any] = {
        "id": "/",
        "name": "Backoffice",
        "short_name": "Backoffice",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f5f6f8",
        "theme_color": "#2f5bea",
        "icons": icons,
    }
    return JsonResponse(told, content_type=MANIFEST_TYPE)
