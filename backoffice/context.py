"""Context processor: the frame, lazily."""

from __future__ import annotations

from django.http import HttpRequest

from .frame import Frame


def frame(request: HttpRequest) -> dict[str, Frame]:
    return {"frame": Frame(request)}
