"""Components: what they say in each state, and that nothing from outside becomes markup."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.utils import translation

from backoffice import faces
from backoffice.models import User

NOW = datetime(2025, 11, 22, 9, 25, 0, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script>'
CSS = (Path(__file__).resolve().parents[2] / "static/css/theme/base.css").read_text()


def render(source: str, **context: Any) -> str:
    with translation.override("en"):
        return Template("{% load face %}" + source).render(Context({"now": NOW, "csrf_token": "token", **context}))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


@dataclass(frozen=True)
class Entry:
    source: str
    title: str
    happened_at: datetime
    recorded_at: datetime
    actor: str = ""
    correction: bool = False
    code: str = ""


def entry(source: str = "staff", title: str = "packed", *, late: timedelta = timedelta(0), **rest: Any) -> Entry:
    happened = rest.pop("happened_at", NOW)
    return Entry(source, title, happened, happened + late, **rest)


def test_every_face_names_a_drawing_that_exists() -> None:
    drawn = [*faces.STAGES.values(), *faces.ACTION_STATES.values(), *faces.SOURCES.values(), *faces.VERDICTS.values()]

    for face in [*drawn, faces.UNKNOWN]:
        assert render("{% icon name %}", name=face.icon).startswith("<svg")


def test_a_late_deadline() -> None:
    html = render("{% deadline due %}", due=NOW - timedelta(minutes=25))

    assert 'class="due late"' in html
    assert 'datetime="2025-11-22T09:00:00+00:00"' in html
    assert 'title="22.11.2025 12:00:00 +03:00"' in html
    assert text_of(html) == "−25 min until 12:00"


def test_no_deadline_is_said() -> None:
    assert text_of(render("{% deadline due %}", due=None)) == "no deadline"
    assert render("{% deadline_chip due %}{% urgency due %}", due=None) == ""


@pytest.mark.parametrize(("hours", "edge"), [(-1, "late"), (1, "soon"), (2, "")])
def test_the_edge_of_a_row(hours: int, edge: str) -> None:
    assert render("{% urgency due %}", due=NOW + timedelta(hours=hours)) == edge


def test_a_stage_is_a_word_beside_its_sign() -> None:
    html = render('{% stage_chip "ready" "Packed" %}')

    assert 'class="chip ready"' in html
    assert text_of(html) == "Packed"


def test_an_unknown_stage_is_shown_raw_and_plain() -> None:
    html = render("{% stage_chip stage %}", stage="teleported_" + HOSTILE)

    assert 'class="chip plain"' in html
    assert "<script>" not in html
    assert "teleported" in html


@pytest.mark.parametrize(
    ("state", "word", "turns"),
    [("queued", "queued", False), ("sending", "sending", True), ("failed", "refused", False), ("lost", "lost", False)],
)
def test_the_state_of_an_action(state: str, word: str, turns: bool) -> None:
    html = render("{% action_chip state %}", state=state)

    assert text_of(html) == word
    assert ("spin" in html) is turns


@pytest.mark.parametrize(
    ("have", "need", "edge", "tone", "text"),
    [
        (0, 1, "late", "bad", "UIN 0/1"),
        (0, 1, "soon", "warn", "UIN 0/1"),
        (1, 1, "late", "ok", "UIN 1/1"),
        (2, 1, "", "ok", "UIN 2/1"),
    ],
)
def test_codes_of_a_task(have: int, need: int, edge: str, tone: str, text: str) -> None:
    html = render('{% code_chip "uin" have need edge=edge %}', have=have, need=need, edge=edge)

    assert f'class="chip {tone} dot"' in html
    assert text_of(html) == text


def test_no_codes_needed_is_said() -> None:
    assert text_of(render('{% code_chip "" 0 0 %}')) == "not needed"


def test_a_registered_badge_and_one_nobody_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faces, "_badges", {})
    faces.register_badge("bazaar", faces.Badge("BZ", "The Bazaar", "teal"))

    assert render('{% badge "bazaar" %}') == '<abbr class="mp teal" title="The Bazaar">BZ</abbr>'
    assert render('{% badge "own-shop" %}') == '<abbr class="mp blue" title="own-shop">OS</abbr>'
    assert render('{% badge "" %}') == '<abbr class="mp blue" title="">?</abbr>'


def test_a_verdict_says_why_and_offers_the_ways_out() -> None:
    html = render(
        '{% verdict "bad" title text links=links undo_url="/undo/" %}',
        title="Already in order 13833711",
        text="today 10:32",
        links=[("Open", "/tasks/7/")],
    )

    assert 'class="verdict bad" role="alert"' in html
    assert text_of(html) == "Refused Already in order 13833711 today 10:32 Open Undo (U)"
    assert '<a href="/tasks/7/">Open</a>' in html
    assert '<form method="post" action="/undo/"' in html
    assert 'name="csrfmiddlewaretoken" value="token"' in html


def test_a_button_that_cannot_work_says_why_and_sends_nothing() -> None:
    html = render('{% action_button "Deliver" name="kind" value="deliver" reason="A code is missing." %}')

    assert text_of(html) == "Deliver A code is missing."
    assert 'type="button"' in html
    assert 'aria-disabled="true"' in html
    assert 'value="deliver"' not in html


def test_steps_up_to_now() -> None:
    html = render("{% steps path 'ready' %}", path=[("new", "New"), ("ready", "Ready"), ("received", "Received")])

    assert re.findall(r'<li class="(\w+)"', html) == ["done", "now", "next"]


def test_the_last_step_is_done_and_not_under_way() -> None:
    path = [("new", "New"), ("received", "Received")]

    assert [step.state for step in faces.steps(path, "received")] == ["done", "done"]


def test_a_way_that_ended_elsewhere_names_its_end() -> None:
    ended = faces.steps([("new", "New"), ("ready", "Ready")], "cancelled", "Cancelled")

    assert [(step.label, step.state) for step in ended] == [("New", "next"), ("Ready", "next"), ("Cancelled", "bad")]


def test_the_timeline_tells_source_fact_time_and_actor() -> None:
    html = render("{% timeline entries %}", entries=[entry(actor="Anna K.")])

    assert text_of(html) == "Today Staff packed 12:25:00 · Anna K."
    assert 'title="22.11.2025 12:25:00 +03:00"' in html


def test_a_day_is_named_once() -> None:
    before = NOW - timedelta(days=1)
    html = render("{% timeline entries %}", entries=[entry(), entry(), entry(happened_at=before)])

    assert re.findall(r'<li class="day"><span>(\w+)</span>', html) == ["Today", "Yesterday"]


def test_a_correction_and_late_news_say_so() -> None:
    html = render("{% timeline entries %}", entries=[entry("carrier", correction=True, late=timedelta(minutes=14))])

    assert 'class="s-carrier fix"' in html
    assert "Carrier · correction" in text_of(html)
    assert "learned 14 min later" in text_of(html).replace("\u00a0", " ")


def test_the_usual_pace_of_polling_is_not_called_late() -> None:
    html = render("{% timeline entries %}", entries=[entry("carrier", late=timedelta(seconds=119))])

    assert "later" not in html


def test_a_source_may_have_a_better_name_and_an_unknown_one_its_own() -> None:
    html = render(
        "{% timeline entries names %}",
        entries=[entry("marketplace"), entry("weather")],
        names={"marketplace": "Wildberries"},
    )

    assert "Wildberries packed" in text_of(html)
    assert "weather packed" in text_of(html)


def test_a_raw_word_is_a_hint_and_staff_may_open_it() -> None:
    story = [entry(code="PROCESSING / STARTED"), entry()]
    plain = render("{% timeline entries %}", entries=story)
    staff = render("{% timeline entries %}", entries=story, user=User(is_staff=True))

    assert plain.count('title="PROCESSING / STARTED"') == 1
    assert "PROCESSING" not in text_of(plain)
    assert "<details" not in plain
    assert staff.count("<details") == 1
    assert "In its own words PROCESSING / STARTED" in text_of(staff)


def test_an_empty_timeline_is_said() -> None:
    assert text_of(render("{% timeline entries %}", entries=[])) == "Nothing has happened yet."


@pytest.mark.parametrize(
    "source",
    [
        "{% timeline entries %}",
        "{% verdict 'ok' hostile hostile note=hostile %}",
        "{% chip 'ok' hostile '' hostile %}",
        "{% badge hostile %}",
        "{% who hostile %}",
        "{% masked hostile '/show/' hostile %}",
        "{% empty hostile hostile url='/' label=hostile %}",
        "{% confirm_dialog 'd' hostile '/' text=hostile hidden=hidden %}",
        "{% code_dialog 'd' hostile '/' text=hostile error=hostile %}",
        "{% action_button hostile reason=hostile %}",
        "{% action_chip hostile %}",
        "{% code_chip hostile 0 1 %}",
        "{% keyset hostile hostile hostile %}",
    ],
)
def test_nothing_from_outside_becomes_markup(source: str) -> None:
    entries = [entry(HOSTILE, HOSTILE, actor=HOSTILE)]
    html = render(source, hostile=HOSTILE, entries=entries, hidden={HOSTILE: HOSTILE})

    assert "<script>" not in html
    assert "alert(1)" in html or "alert" not in text_of(html)


def test_a_confirmation_carries_its_hidden_values_and_starts_on_the_harmless_answer() -> None:
    html = render(
        '{% confirm_dialog "c" "Cancel?" "/tasks/7/cancel/" hidden=hidden tone="danger" %}', hidden={"kind": "cancel"}
    )

    assert '<input type="hidden" name="kind" value="cancel">' in html
    assert re.search(r"data-close autofocus>No, go back<", html)
    assert 'class="btn btn-danger"' in html


def test_the_code_is_asked_for_with_digits_and_never_repeated() -> None:
    html = render('{% code_dialog "code" "Code" "/tasks/7/receive/" error="Refused: wrong code" %}')

    assert 'inputmode="numeric"' in html
    assert 'autocomplete="off"' in html
    assert "data-open" in html
    assert "value=" not in html.replace('value="token"', "")


def test_a_field_with_an_error_is_described_by_it() -> None:
    class Form(forms.Form):
        title = forms.CharField(label="Title")

    html = render("{% field form.title inputmode='numeric' %}", form=Form({"title": ""}))

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert 'inputmode="numeric"' in html
    assert "is-invalid" in html


# Contrast: WCAG 2.2 AA asks 4.5 for text, 3 for the edges of controls -----------------------------------------------
PAIRS = [
    ("ink", "page", 4.5), ("ink", "card", 4.5), ("muted", "card", 4.5), ("muted", "page", 4.5), ("muted", "line", 4.5),
    ("accent", "card", 4.5), ("accent", "page", 4.5), ("accent", "accent-soft", 4.5), ("on-accent", "accent", 4.5),
    ("ok", "ok-soft", 4.5), ("warn", "warn-soft", 4.5), ("bad", "bad-soft", 4.5), ("bad", "card", 4.5),
    ("warn", "card", 4.5), ("on-bad", "bad", 4.5), ("ink", "ok-soft", 4.5), ("ink", "bad-soft", 4.5),
    ("ink", "warn-soft", 4.5), ("assembling", "assembling-soft", 4.5), ("ready", "ready-soft", 4.5),
    ("pickup", "pickup-soft", 4.5), ("violet", "card", 4.5), ("gold", "card", 4.5), ("teal", "card", 4.5),
    ("accent", "ok-soft", 4.5), ("accent", "bad-soft", 4.5), ("accent", "warn-soft", 4.5), ("muted", "accent-soft", 4.5),
    ("on-bar", "bar", 4.5), ("edge", "card", 3), ("edge", "page", 3),
]  # fmt: skip


def tokens(theme: str) -> dict[str, str]:
    block = re.search(rf"\[data-bs-theme={theme}\] \{{(.*?)\}}", CSS, re.DOTALL)
    assert block
    return dict(re.findall(r"--bo-([\w-]+): (#[0-9a-f]{3,6})", block.group(1)))


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_itself() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_are_told_apart(theme: str) -> None:
    colours = tokens(theme)
    found = {(a, b): (round(contrast(colours[a], colours[b]), 2), least) for a, b, least in PAIRS}

    assert {pair: ratio for pair, (ratio, least) in found.items() if ratio < least} == {}
