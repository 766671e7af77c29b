"""Which barcode stands for which article, as marketplaces have told: the only writer of ArticleBarcode."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q
from django.utils.translation import gettext as _
from stdnum import ean

from backoffice.errors import Invalid
from orders.enums import OPEN_STAGES
from orders.models import ArticleBarcode, TaskItem

LONGEST_BARCODE = 64
LONGEST_ARTICLE = 255
LONGEST_NAME = 300
_GTIN_DIGITS = 14
#: GTIN-13 of the prefixes 02, 04 and 2, GTIN-8 of the prefixes 0 and 2.
_FREE = re.compile(r"0(?:02|04|2)|000000[02]")
#: So many articles are named in one sentence.
_NAMED = 3


class Line(Protocol):
    """What is ordered, as a marketplace tells it or as we keep it."""

    @property
    def article(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def barcodes(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Fit:
    """Lines that a code may go to; ``doubt`` is what a person has to accept first."""

    items: list[TaskItem]
    doubt: Invalid | None = None


def value_of(barcode: str) -> str:
    """The form in which a barcode is kept: digits of a GTIN filled up to 14, any other as it is."""
    text = barcode.strip()
    return text.zfill(_GTIN_DIGITS) if text.isascii() and text.isdigit() and len(text) <= _GTIN_DIGITS else text


def is_gtin(barcode: str) -> bool:
    """Whether a maker of goods numbered it. Sellers number their own barcodes freely, marketplaces those of sellers without a
    GTIN: these are of the ranges that GS1 leaves to everybody, and say nothing of what stands in a marking code.
    """
    value = value_of(barcode)
    shaped = len(value) == _GTIN_DIGITS and value.isdigit() and not value.startswith("0000000")
    return shaped and _FREE.match(value) is None and ean.is_valid(value)


def carries(item: Line, gtin: str) -> bool:
    """Whether the line itself names the GTIN (14 digits) among its barcodes."""
    return any(value_of(barcode) == gtin for barcode in item.barcodes)


def learn(lines: Iterable[Line]) -> None:
    """Remember barcodes of articles. Idempotent; one statement, none when there is nothing to remember.

    Written in one order by all, so that two writers wait for each other and never both.
    """
    told = {
        (value_of(barcode), line.article): line.name[:LONGEST_NAME]
        for line in lines
        if line.article and len(line.article) <= LONGEST_ARTICLE
        for barcode in line.barcodes
        if barcode.strip() and len(value_of(barcode)) <= LONGEST_BARCODE
    }
    rows = [ArticleBarcode(value=value, article=article, name=told[value, article]) for value, article in sorted(told)]
    ArticleBarcode.objects.bulk_create(rows, ignore_conflicts=True)


def backfill(batch: int = 2000) -> int:
    """Learn from the lines of all open tasks: those that were here before us, or whose learning was cut off.

    Idempotent; two statements a batch. Returns how many lines were read.
    """
    read, last = 0, 0
    rows = TaskItem.objects.filter(task__stage__in=OPEN_STAGES).order_by("pk")
    while page := list(rows.filter(pk__gt=last)[:batch]):
        learn(page)
        read, last = read + len(page), page[-1].pk
    return read


def owners(value: str) -> list[tuple[str, str]]:
    """Articles with their names that a barcode stands for: one statement."""
    known = ArticleBarcode.objects.filter(value=value_of(value)).order_by("article")
    return list(known.values_list("article", "name"))


def fit(gtin: str, items: Sequence[TaskItem], others: Sequence[TaskItem] = ()) -> Fit:
    """Which of the lines a code with this GTIN may go to. ``others``: lines of the task that are not asked about.

    A line that names the GTIN takes it without a statement; one statement otherwise. An article may have several names (one a
    marketplace) and several barcodes: names that share a barcode are one article. Raises ``Invalid("wrong_gtin")`` with both
    names when the GTIN is another article's; one nobody knows, of goods whose own GTINs are known, is a doubt: packs and
    re-labels exist.
    """
    named = [item for item in items if carries(item, gtin)]
    if named:
        return Fit(named)
    known = _Known(gtin, items, others)
    fitting = [item for item in items if known.names_of(item) & known.owners.keys()]
    if fitting:
        return Fit(fitting)
    open_to_any = [item for item in items if not known.has_gtin(item)]
    if open_to_any:
        return Fit(open_to_any, _other_article(known, open_to_any) if known.owners else None)
    if known.owners:
        raise Invalid("wrong_gtin", _wrong(known.owners.items(), items), gtin=gtin)
    return Fit(list(items), _unknown_gtin(items))


class _Known:
    """What is known of a GTIN and of the articles on some lines: one statement."""

    def __init__(self, gtin: str, items: Sequence[TaskItem], others: Sequence[TaskItem]) -> None:
        self._own = {item.pk: {value_of(barcode) for barcode in item.barcodes} for item in items}
        wanted = {gtin}.union(*self._own.values())
        told = ArticleBarcode.objects.filter(Q(value__in=wanted) | Q(article__in={item.article for item in items}))
        self._rows = list(told.order_by("article").values_list("value", "article", "name"))
        self.owners = {item.article: item.name for item in others if carries(item, gtin)}
        self.owners |= {article: name for value, article, name in self._rows if value == gtin}

    def names_of(self, item: TaskItem) -> set[str]:
        """Its article, and what else goods with its barcodes are called."""
        own = self._own[item.pk]
        return {item.article} | {article for value, article, _name in self._rows if value in own}

    def has_gtin(self, item: TaskItem) -> bool:
        names = self.names_of(item)
        told = (value for value, article, _name in self._rows if article in names)
        return any(map(is_gtin, self._own[item.pk])) or any(map(is_gtin, told))


def _wrong(found: Iterable[tuple[str, str]], items: Sequence[TaskItem]) -> str:
    return _("This code is of %(found)s; this order needs %(needed)s.") % {
        "found": named_list(found),
        "needed": named_list((item.article, item.name) for item in items),
    }


def _other_article(known: _Known, items: Collection[TaskItem]) -> Invalid:
    """This marketplace names no barcodes of its article, so that the two may still be the same thing."""
    text = _("Other orders know this code as %(found)s; this order needs %(needed)s. Is it the same?") % {
        "found": named_list(known.owners.items()),
        "needed": named_list((item.article, item.name) for item in items),
    }
    return Invalid("warnings", text, warning="other_article")


def _unknown_gtin(items: Sequence[TaskItem]) -> Invalid:
    text = _("The GTIN of this code is none of %(needed)s. Is it a pack or a new label of the same thing?") % {
        "needed": named_list((item.article, item.name) for item in items),
    }
    return Invalid("warnings", text, warning="unknown_gtin")


def named_list(pairs: Iterable[tuple[str, str]]) -> str:
    """ "“Mug, blue” (MUG-2), CUP-7": the first few articles with their names."""
    shown = list(dict.fromkeys(pairs))[:_NAMED]
    return ", ".join(named(article, name) for article, name in shown)


def named(article: str, name: str) -> str:
    """An article for people: its name with the article behind it, or the article alone."""
    if not name or name == article:
        return article
    return _("“%(name)s” (%(article)s)") % {"name": name, "article": article}
