"""What the page shows of all upstreams, made ready for its templates."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

MOSCOW: Final = timezone(timedelta(hours=3))
CUT = 1500
BEGINNINGS: Final = re.compile(
    r"^(?P<batch>/api/marketplace/v3/dbs/orders/)|^(?P<v3>/api/v3/dbs/orders)|^/v[12]/(?:campaigns|businesses)/\d+/"
)


def kind_name(kind: str, texts: dict[str, str]) -> str:
    return texts.get(f"kind_{kind}", kind.upper())


def short_path(path: str) -> str:
    """Without the beginning that all paths share."""
    return BEGINNINGS.sub(lambda found: "…/v3" if found["v3"] else "…/", path)


def ago(seconds: float, texts: dict[str, str]) -> str:
    for size, word in ((86_400, "ago_d"), (3600, "ago_h"), (60, "ago_m"), (5, "ago_s")):
        if seconds >= size:
            return f"{int(seconds / (1 if word == 'ago_s' else size))} {texts[word]}"
    return texts["now"]


def ahead(seconds: float, texts: dict[str, str]) -> str:
    """`5 min`"""
    for size, word in ((86_400, "in_d"), (3600, "in_h"), (60, "in_m")):
        if seconds >= size:
            return f"{int(seconds / size)} {texts[word]}"
    return f"{max(0, int(seconds))} {texts['in_s']}"


def call_row(call: dict[str, Any], texts: dict[str, str]) -> dict[str, Any]:
    at = datetime.strptime(call["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).astimezone(MOSCOW)
    status = call["status"]
    return {
        **call,
        "time": f"{at:%H:%M:%S}",
        "short": short_path(call["path"]),
        "tone": "ok" if 200 <= status < 300 else "warn" if status in (420, 429) else "bad",
        "changed": changes(call["effects"], texts),
        "request": shown(call["request"]),
        "answer": shown(call["answer"]),
    }


def changes(effects: list[dict[str, Any]], texts: dict[str, str]) -> str:
    """What a call changed, in one line."""
    if not effects:
        return ""
    first = effects[0]
    kind = first["kind"]
    if kind.startswith("meta."):
        what = kind_name(kind.removeprefix("meta."), texts) + (" +" if first["after"] else " −")
    elif kind in ("made", "status"):
        what = f"{first['before']} → {first['after']}" if first["before"] else f"→ {first['after']}"
    else:
        what = texts.get(f"effect_{kind}", kind)
    if kind == "commit":
        return f"{what}: {first['after']['orders']}"
    return f"{first['order']}: {what}" if len(effects) == 1 else f"{len(effects)} {texts['orders_changed']}: {what}"


def shown(body: Any) -> str:
    """The beginning of a body, readable."""
    if body is None:
        return ""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, indent=1)
    return text if len(text) <= CUT else text[:CUT] + " …"
