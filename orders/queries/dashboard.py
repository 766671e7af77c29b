"""What managers see first: accounts, open work, what upstreams changed, jobs that fail. Bounded, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Sum, Value, When
from django.utils import timezone

from backoffice.models import Counter, JobState, UpstreamDrift
from orders.enums import Severity
from orders.models import Attention
from orders.services import attention
from orders.services.warehouse import training as exercises

SHOWN = 20
SAVED = "saved_calls:"
_WEIGHT = {Severity.URGENT: 0, Severity.WARNING: 1, Severity.INFO: 2}


@dataclass(frozen=True, slots=True)
class Dashboard:
    saved_today: int
    drift: Sequence[UpstreamDrift]
    failing: Sequence[JobState]
    questions: Sequence[Attention]


def dashboard(*, training: bool = False) -> Dashboard:
    """Four statements."""
    saved = Counter.objects.filter(day=timezone.localdate(), name__startswith=SAVED).aggregate(sum=Sum("value"))
    drift = UpstreamDrift.objects.filter(known=False).order_by("-last_seen_at").defer("sample")
    failing = JobState.objects.exclude(error="").order_by("-finished_at")
    urgent = open_questions().filter(
        exercises.questions(training), attention.awake(timezone.now()), severity=Severity.URGENT
    )
    return Dashboard(int(saved["sum"] or 0), list(drift[:SHOWN]), list(failing[:SHOWN]), list(urgent[:SHOWN]))


def open_questions() -> QuerySet[Attention]:
    """Open questions, the urgent ones first, then the newest."""
    weight = Case(
        *(When(severity=severity, then=Value(n)) for severity, n in _WEIGHT.items()),
        default=Value(len(_WEIGHT)), output_field=IntegerField(),
    )  # fmt: skip
    rows = Attention.objects.filter(resolved_at=None).select_related(
        "task", "order", "account", "shipment", "carrier_account"
    )
    return rows.order_by(weight, "-opened_at", "-pk")
