"""JSON by msgspec: several times faster than the standard encoder, and the same on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from rest_framework.renderers import BaseRenderer


def _plain(value: Any) -> Any:
    """Lazy translations and error details are texts; other things have no business in an answer."""
    if isinstance(value, str) or hasattr(value, "_proxy____args"):
        return str.__str__(value) if isinstance(value, str) else str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)


class Json(BaseRenderer):
    """UTF-8 without escapes for letters; control characters (GS in a marking code) are escaped as JSON demands."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "text"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else _ENCODER.encode(data)
