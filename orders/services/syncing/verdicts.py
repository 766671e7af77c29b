"""What a marketplace thinks of codes, written down, and questions about a task."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from orders.enums import LIVE_CODE_STATES, AttentionKind, CodeState, EntryKind, Severity
from orders.marketplaces.base import CodeVerdict
from orders.models import AssemblyTask, MarkingCode
from orders.services import attention, timeline
from orders.services.actors import MARKETPLACE


def judge(task_id: int, verdict: CodeVerdict) -> None:
    """The marketplace's view of one code. Idempotent: the same verdict again writes nothing."""
    rows = MarkingCode.objects.filter(task_id=task_id, kind=verdict.kind, state__in=LIVE_CODE_STATES)
    if verdict.value:
        rows = rows.filter(value__startswith=verdict.value[:31])
    echo = dict(verdict.echo)
    for code in rows.exclude(state=verdict.state, detail=verdict.decision[:300], echo=echo).select_related("task"):
        MarkingCode.objects.filter(pk=code.pk).update(
            state=verdict.state, detail=verdict.decision[:300], echo=echo or code.echo, changed_at=timezone.now()
        )
        if echo and not verdict.decision:  # it only says how it keeps the code
            continue
        key = f"{code.pk}:{verdict.state}:{verdict.decision}"
        data = {"kind": code.kind, "decision": verdict.decision}
        fact = timeline.about(
            code.task, EntryKind.CODE_STATE, MARKETPLACE, key, code=verdict.decision, status=verdict.state, data=data
        )
        timeline.record([fact])
        if verdict.state == CodeState.REFUSED:
            ask(code.task, AttentionKind.CODE_REFUSED, refusal_key(code.pk), data)


def refusal_key(code_id: int) -> str:
    """Key of the question that a refused code raises."""
    return f"{AttentionKind.CODE_REFUSED}:{code_id}"


def ask(task: AssemblyTask, kind: AttentionKind, key: str, facts: Mapping[str, object]) -> None:
    question = attention.Question(
        kind=kind, key=key, severity=Severity.URGENT, account_id=task.account_id, order_id=task.order_id,
        task_id=task.pk, facts=facts,
    )  # fmt: skip
    attention.open_one(question)
