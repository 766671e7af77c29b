"""Every raw status of every upstream, what it means here, and how often it was seen.

Built from the tables that the code itself uses. How often is counted when asked, in four statements: a kept sum would be a second
truth and a hot row of every page that comes in. What bounds it is the newest part of the timeline, by number, not the whole
of it; together with what stands in a status now. The counts are kept for ten minutes.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max
from django.utils.translation import override

from carriers import registry as carriers
from carriers.statuses import Finality, Meaning, TrackingStatus
from orders.enums import EntryKind, Stage
from orders.marketplaces import registry as marketplaces
from orders.marketplaces.glossary import RawStatus
from orders.models import AssemblyTask, Shipment, TimelineEntry
from orders.models.assembly import OPEN
from orders.models.shipment import ATTACHED

#: So many of the newest entries are looked at.
WINDOW = 300_000
KEPT_SECONDS = 600
_CACHE = "glossary:counts"
_KINDS = (EntryKind.STAGE, EntryKind.STATUS, EntryKind.TRACKING)
#: (kind of the upstream, raw words with " / " between them) → how many.
Counts: TypeAlias = Tally[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """``meanings``: language → text. ``status`` is a ``Stage`` or a ``TrackingStatus``; None where another word decides.

    ``seen``: among the newest ``WINDOW`` entries of the timeline; ``there``: open tasks, or parcels that are asked about, that stand
    in it now. ``known``: False for a word that was seen and stands in no table.
    """

    code: str
    status: Stage | TrackingStatus | None
    meanings: Mapping[str, str]
    seen: int = 0
    there: int = 0
    finality: Finality | None = None
    attention: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class Section:
    """One upstream; the badge is that of its kind."""

    kind: str
    carrier: bool
    lines: Sequence[Line] = field(default_factory=list)


def sections() -> list[Section]:
    """Marketplaces, then carriers. Four statements, none while the counts are kept."""
    counts = cache.get(_CACHE)
    if counts is None:
        counts = _seen(), _there()
        cache.set(_CACHE, counts, KEPT_SECONDS)
    seen, there = counts
    return [
        *(Section(kind, carrier=False, lines=_marketplace(kind, seen, there)) for kind in marketplaces.kinds()),
        *(Section(kind, carrier=True, lines=_carrier(kind, seen, there)) for kind in carriers.kinds()),
    ]


def _seen() -> Counts:
    """Two statements."""
    newest = TimelineEntry.objects.aggregate(newest=Max("pk"))["newest"] or 0
    rows = TimelineEntry.objects.filter(pk__gt=newest - WINDOW, kind__in=_KINDS).exclude(code="").order_by()
    names = ("kind", "code", "order__account__kind", "shipment__carrier_account__kind")
    found: Counts = Tally()
    for kind, code, shop, carrier, count in (
        rows.values(*names).annotate(count=Count("pk")).values_list(*names, "count")
    ):
        found[(carrier if kind == EntryKind.TRACKING else shop) or "", code] += count
    return found


def _there() -> Counts:
    """Two statements."""
    tasks = AssemblyTask.objects.filter(OPEN).order_by().values("account__kind", "marketplace_status")
    found: Counts = Tally()
    for row in tasks.annotate(count=Count("pk")):
        found[row["account__kind"], " / ".join(row["marketplace_status"].values())] += row["count"]
    parcels = Shipment.objects.filter(ATTACHED, next_poll_at__isnull=False).exclude(raw_status="").order_by()
    for each in parcels.values("carrier_account__kind", "raw_status").annotate(count=Count("pk")):
        found[each["carrier_account__kind"], each["raw_status"]] += each["count"]
    return found


def _marketplace(kind: str, seen: Counts, there: Counts) -> list[Line]:
    """A status counts wherever all its words stand together; one word alone counts with every other."""
    rows, past, present = marketplaces.glossary(kind), _split(kind, seen), _split(kind, there)
    lines = [_status(row, _of(row, past), _of(row, present)) for row in rows]
    known = {word for row in rows for word in row.words.values()}
    strange = {code for upstream, code in (*seen, *there) if upstream == kind and not known.issuperset(_words(code))}
    return lines + [_strange(kind, code, seen, there) for code in sorted(strange)]


def _status(row: RawStatus, seen: int, there: int) -> Line:
    return Line(row.code, row.stage, in_each_language(lambda: row.meaning), seen, there)


def _words(code: str) -> set[str]:
    """Words of a code, in whatever order they were kept."""
    return {word for word in code.split(" / ") if word}


def _split(kind: str, counts: Counts) -> list[tuple[set[str], int]]:
    return [(_words(code), count) for (upstream, code), count in counts.items() if upstream == kind]


def _of(row: RawStatus, counts: Iterable[tuple[set[str], int]]) -> int:
    wanted = set(row.words.values())
    return sum(count for words, count in counts if wanted <= words)


def _carrier(kind: str, seen: Counts, there: Counts) -> list[Line]:
    """A word with a detail counts for itself; one whose detail is not known is told with the meaning of the word."""
    words = carriers.glossary(kind)
    others = sorted({code for upstream, code in (*seen, *there) if upstream == kind} - words.keys())
    return [
        *(_word(kind, code, meaning, seen, there) for code, meaning in words.items()),
        *(
            replace(_word(kind, code, meaning, seen, there), known=False)
            if (meaning := words.get(code.partition("/")[0])) is not None
            else _strange(kind, code, seen, there)
            for code in others
        ),
    ]


def _word(kind: str, code: str, meaning: Meaning, seen: Counts, there: Counts) -> Line:
    texts = in_each_language(lambda: str(meaning.name))
    counted = seen[kind, code], there[kind, code]
    return Line(code, meaning.status, texts, *counted, finality=meaning.finality, attention=meaning.attention)


def _strange(kind: str, code: str, seen: Counts, there: Counts) -> Line:
    return Line(code, None, {}, seen[kind, code], there[kind, code], known=False)


def in_each_language(text: Callable[[], str]) -> dict[str, str]:
    """Language → the text in it."""
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[language] = text()
    return found
