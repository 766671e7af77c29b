"""The OpenAPI document and its page."""

from __future__ import annotations

from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the library's own registering
    """How to sign in, for the document."""

    target_class = "backoffice.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        text = "Token-based: `Authorization: Token <token>`. Tokens come from `manage.py apitoken` or the admin."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}


schema = SpectacularAPIView.as_view()
# The page styles itself with attributes; its scripts are files of ours.
docs = csp_update({"style-src": [SELF, UNSAFE_INLINE]})(SpectacularSwaggerSplitView.as_view(url_name="api:schema"))
