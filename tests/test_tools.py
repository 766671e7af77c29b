"""What the Makefile calls: the catalogue finds every message, the totals count every test, sockets stay at home."""

import socket
import stat
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po
from pytest_socket import SocketConnectBlockedError

from tools import demo_env, messages, run_tests

TEMPLATE = """{% load i18n %}
    {% if x == "no message" %}
  {% trans "Take it" %} it's {{ value|default:_("nothing") }}
{% endif %}
{% blocktranslate count n=rows|length trimmed %}
   {{ n }} task
{% plural %}
   {{ n }} tasks
{% endblocktranslate %}
{% translate "Open" context "verb" %}
"""
PYTHON = """
from django.utils.translation import gettext as _, pgettext_lazy, ngettext
a = _("One " "sentence")
b = pgettext_lazy("role", "manager")
c = ngettext("%(n)d row", "%(n)d rows", 2)
d = "no message"
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one template and one module."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "orders").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    (tmp_path / "orders" / "words.py").write_text(PYTHON)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "CATALOGUE", tmp_path / "locale" / "ru" / "LC_MESSAGES" / "django.po")
    return tmp_path


def translate_all() -> None:
    """Every message gets a Russian text, as a translator would give it."""
    catalog: Catalog = messages.russian()
    for message in catalog:
        if message.id:
            message.string = (message.id[0],) * 3 if isinstance(message.id, tuple) else "перевод"
    messages.CATALOGUE.write_bytes(messages.written(catalog, write_po))
    messages.CATALOGUE.with_suffix(".mo").write_bytes(messages.written(messages.russian(), write_mo))


@pytest.mark.usefixtures("project")
def test_messages_of_templates_and_modules_are_found() -> None:
    found = {(message.id, message.context) for message in messages.template() if message.id}

    assert found == {
        ("Take it", None),
        ("nothing", None),
        (("%(n)s task", "%(n)s tasks"), None),
        ("Open", "verb"),
        ("One sentence", None),
        ("manager", "role"),
        (("%(n)d row", "%(n)d rows"), None),
    }


@pytest.mark.usefixtures("project")
def test_a_catalogue_is_checked_until_it_is_translated_and_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.check() == 1
    assert "not in the catalogue: 'Take it' (templates/page.html)" in capsys.readouterr().err

    assert messages.update() == 0
    assert capsys.readouterr().out == "7 messages, 7 without a translation\n"
    assert messages.check() == 1
    assert "not translated: 'Take it'" in capsys.readouterr().err

    translate_all()
    assert messages.problems() == []
    assert messages.check() == 0

    messages.CATALOGUE.with_suffix(".mo").unlink()
    assert messages.problems() == ["locale/ru/LC_MESSAGES/django.mo is not compiled from its source"]


def test_a_message_that_is_gone_leaves_the_catalogue(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    messages.update()
    (project / "orders" / "words.py").write_text("")

    messages.update()

    assert capsys.readouterr().out.splitlines()[-1] == "4 messages, 4 without a translation"


def test_totals_count_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = '<testcase classname="tests.a" name="{}">{}</testcase>'
    for run, bodies in {"sqlite": ("", "<failure/>", "<skipped/>"), "postgresql": ("", "<error/>")}.items():
        cases = "".join(case.format(f"test_{number}", body) for number, body in enumerate(bodies))
        (tmp_path / f"{run}.xml").write_text(f'<testsuites><testsuite time="1.5">{cases}</testsuite></testsuites>')
    monkeypatch.setattr(run_tests, "RESULTS", tmp_path)

    counts, seconds, broken = run_tests.totals()

    assert counts == {"passed": 2, "failed": 1, "skipped": 1, "error": 1}
    assert seconds == 3.0
    assert broken == ["ERROR [postgresql] tests.a::test_1", "FAILED [sqlite] tests.a::test_1"]


def test_an_unknown_outcome_is_a_pass_only_without_a_verdict() -> None:
    assert run_tests.outcome_of(ET.fromstring("<testcase><system-out/></testcase>")) == "passed"


@pytest.mark.parametrize(("ci", "good"), [("true", False), ("1", False), ("", True)])
def test_without_postgresql_ci_fails_and_a_developer_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ci: str, good: bool
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(run_tests, "POSTGRES", "postgres://nobody@127.0.0.1:1/test")

    assert run_tests.run_postgres() is good
    assert "!!!" in capsys.readouterr().out


def test_the_secrets_of_the_demo_are_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "var" / "demo.env"
    demo_env.main(path)
    text = path.read_text()
    demo_env.main(path)

    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [line.split("=")[0] for line in text.splitlines()][:3] == ["SECRET_KEY", "FIELD_KEYS", "METRICS_TOKEN"]


@pytest.mark.filterwarnings("ignore:A test tried to use:UserWarning")
def test_sockets_reach_this_machine_only() -> None:
    with socket.socket() as outside, pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 80))


def test_make_help_lists_the_targets_people_use() -> None:
    root = Path(__file__).resolve().parent.parent
    out = subprocess.run(["make", "help"], cwd=root, capture_output=True, text=True, check=True).stdout

    listed = {line.split()[1] for line in out.splitlines()}
    assert {"demo", "demo-reset", "test", "quick", "check", "lock", "messages", "screens", "bench", "help"} == listed
