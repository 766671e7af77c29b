"""The glossary: every raw status of every upstream, what it means here, and how often it was seen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from backoffice import faces
from backoffice.faces import Face
from carriers.statuses import FACES, Finality, TrackingStatus
from orders.queries import glossary as queries
from orders.queries.glossary import WINDOW, Line, Section

from .common import page


@page("orders.view_order")
def glossary(request: HttpRequest) -> HttpResponse:
    """One table an upstream, from the tables the code itself uses."""
    shown = {
        "sections": [_section(section) for section in queries.sections()],
        "window": WINDOW,
        "other": "en" if (get_language() or "").startswith("ru") else "ru",
    }
    return render(request, "orders/glossary.html", shown)


def _section(section: Section) -> dict[str, Any]:
    face = faces.badge_of(section.kind)
    return {
        "kind": section.kind,
        "title": face.title,
        "carrier": section.carrier,
        "lines": [_line(line) for line in section.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    status = line.status
    if isinstance(status, TrackingStatus):
        face = FACES[status]
    else:
        face = faces.STAGES.get(status or "", Face("plain", "circle-question-mark"))
    here = (get_language() or "en")[:2]
    return {
        "line": line,
        "face": face,
        "word": status.label if status else "",
        "finality": Finality(line.finality).label if line.finality else "",
        "meaning": line.meanings.get(here, ""),
        "other": next((text for language, text in line.meanings.items() if language != here), ""),
    }
