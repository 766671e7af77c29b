"""The Russian catalogue: nothing missing, every placeholder and plural form in its place, and the words people read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from babel.messages.catalog import Catalog, Message
from django.apps import apps
from django.db.models import Field, Model
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext

from backoffice import words
from orders.codes.problem import problem
from orders.enums import ActionKind, CodeKind, EntryKind, Stage
from orders.marketplaces import registry
from orders.models import TimelineEntry
from orders.queries.board import TAB_LABELS
from orders.wording import entry_title
from tools import messages

OURS = ("orders", "backoffice", "carriers")
CYRILLIC = re.compile("[А-Яа-яЁё]")
PLACEHOLDER = re.compile(r"%(?:\(\w+\)[sd]|%)")
NOW = datetime(2025, 11, 22, 9, 25, tzinfo=UTC)  # 12:25 in Moscow
#: Names and abbreviations that are the same in both languages.
SAME = {
    "«%(text)s»",
    "«%(name)s» (%(article)s)",
    "№ %(n)s",
    "MeaSoft",
    "Ozon",
    "SKU",
    "API",
    "Backoffice",
    "GTIN",
    "IMEI",
    "Wildberries",
    "%(from)s → %(stage)s",
}
# What a Russian sentence ends with when the English one ends with it.
ENDS = ".?!:…"


@pytest.fixture
def russian() -> Iterator[None]:
    with translation.override("ru"):
        yield


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return messages.russian()


def rows(catalogue: Catalog) -> list[Message]:
    return [row for row in catalogue if row.id]


def sources(row: Message) -> tuple[str, ...]:
    return (row.id,) if isinstance(row.id, str) else tuple(row.id)


def forms(row: Message) -> tuple[str, ...]:
    return (row.string,) if isinstance(row.string, str) else tuple(row.string or ())


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_every_message_is_translated_and_compiled() -> None:
    assert messages.problems() == []


def test_the_catalogue_holds_what_the_sources_say_and_nothing_else(catalogue: Catalog) -> None:
    known = {(sources(row), row.context) for row in rows(catalogue)}

    assert known == {(sources(row), row.context) for row in rows(messages.template())}
    assert [row.id for row in rows(catalogue) if row.fuzzy] == []


def test_every_form_has_the_placeholders_of_its_source(catalogue: Catalog) -> None:
    wrong = [
        (row.id, form)
        for row in rows(catalogue)
        for form in forms(row)
        if sorted(PLACEHOLDER.findall(form)) != sorted(PLACEHOLDER.findall(sources(row)[-1]))
    ]

    assert wrong == []


def test_a_plural_has_three_forms_and_anything_else_one(catalogue: Catalog) -> None:
    assert [row.id for row in rows(catalogue) if len(forms(row)) != (1 if isinstance(row.id, str) else 3)] == []


def test_every_translation_is_russian(catalogue: Catalog) -> None:
    foreign = {form for row in rows(catalogue) for form in forms(row) if not CYRILLIC.search(form)}

    assert foreign == SAME


def test_translations_are_set_as_their_sources_are(catalogue: Catalog) -> None:
    """The same end of the sentence, Russian quotation marks, no stray spaces."""
    pairs = [(sources(row)[-1], form) for row in rows(catalogue) for form in forms(row)]

    assert [pair for pair in pairs if end_of(pair[0]) != end_of(pair[1])] == []
    assert [form for _source, form in pairs if re.search('[“”"]|  ', form) or form != form.strip()] == []


def end_of(text: str) -> str:
    return text[-1] if text[-1] in ENDS else ""


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize(
    ("count", "days", "tasks", "left"),
    [
        (0, "0 дней", "0 заданий", "Осталось 0 кодов."),
        (1, "1 день", "1 задание", "Остался 1 код."),
        (2, "2 дня", "2 задания", "Осталось 2 кода."),
        (4, "4 дня", "4 задания", "Осталось 4 кода."),
        (5, "5 дней", "5 заданий", "Осталось 5 кодов."),
        (11, "11 дней", "11 заданий", "Осталось 11 кодов."),
        (12, "12 дней", "12 заданий", "Осталось 12 кодов."),
        (21, "21 день", "21 задание", "Остался 21 код."),
        (102, "102 дня", "102 задания", "Осталось 102 кода."),
        (112, "112 дней", "112 заданий", "Осталось 112 кодов."),
    ],
)
def test_plurals(count: int, days: str, tasks: str, left: str) -> None:
    page = (
        "{% load i18n %}{% blocktranslate count n=count %}{{ n }} task{% plural %}{{ n }} tasks{% endblocktranslate %}"
    )

    assert ngettext("%(n)d day", "%(n)d days", count) % {"n": count} == days
    assert Template(page).render(Context({"count": count})) == tasks
    text = ngettext("%(count)d code is left.", "%(count)d codes are left.", count)
    assert text % {"count": count} == left


@pytest.mark.usefixtures("russian")
def test_words_of_the_domain() -> None:
    assert [str(stage.label) for stage in Stage] == [
        "Ожидает",
        "Новый",
        "На сборке",
        "Готов",
        "В доставке",
        "В пункте выдачи",
        "Получен",
        "Отказ",
        "Отменён",
        "Возвращён частично",
        "Возвращён",
    ]
    assert [str(label) for label in TAB_LABELS.values()] == [
        "Ожидают",
        "Новые",
        "На сборке",
        "Готовы",
        "В доставке",
        "В пункте выдачи",
    ]
    assert str(ActionKind.DELIVER.label) == "Передать в доставку"
    assert str(ActionKind.RECEIVE.label) == "Принят покупателем"
    assert str(CodeKind.UIN.label) == "УИН"
    assert registry.word_name("wildberries", "wbStatus", "ready_for_pickup") == "В пункте выдачи"


@pytest.mark.usefixtures("russian")
def test_one_english_word_in_two_places_is_two_russian_ones() -> None:
    assert (pgettext("stage", "Ready"), pgettext("tab", "Ready")) == ("Готов", "Готовы")
    assert (pgettext("scan", "refused"), gettext("refused")) == ("не принят", "отказ")
    assert (pgettext("person", "name"), gettext("name")) == ("имя", "название")


@pytest.mark.usefixtures("russian")
def test_sentences() -> None:
    moved = TimelineEntry(kind=EntryKind.STAGE, status=Stage.ASSEMBLING, data={"from": "new"})
    entered = TimelineEntry(
        kind=EntryKind.CODE_ADDED, data={"kind": "uin", "article": "one-ring-7548", "unit": 1, "of": 2}
    )
    refused = TimelineEntry(kind=EntryKind.ACTION_FAILED, status="confirm", data={"detail": "StatusMismatch"})

    assert entry_title(moved) == "Новый → На сборке"
    assert entry_title(entered) == "Код введён (УИН): one-ring-7548, 1 из 2"
    assert entry_title(refused) == "Отказ: «Подтвердить». StatusMismatch"
    assert str(problem("uin_length")) == "В УИН ровно 16 цифр. Сканируйте код на бирке или проверьте номер."


@pytest.mark.usefixtures("russian")
def test_times_and_money() -> None:
    assert plain(words.time_left(NOW + timedelta(minutes=40), NOW).sentence) == "осталось 40 мин"
    assert plain(words.time_left(NOW - timedelta(minutes=25), NOW).sentence) == "опоздание 25 мин"
    assert plain(words.ago(NOW - timedelta(hours=2, minutes=10), NOW)) == "2 ч 10 мин назад"
    assert plain(words.moment(NOW - timedelta(days=1), NOW)) == "вчера, 12:25"
    assert plain(words.moment(NOW - timedelta(days=30), NOW)) == "23 октября, 12:25"
    assert plain(words.money(Decimal("2819"), "RUB")) == "2 819,00 ₽"


def test_english_stays_english() -> None:
    with translation.override("en"):
        assert [str(TAB_LABELS[Stage.READY]), str(Stage.READY.label), gettext("Overdue")] == [
            "Ready",
            "Ready",
            "Overdue",
        ]


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize("label", OURS)
def test_apps_models_fields_and_choices_have_russian_names(label: str) -> None:
    config = apps.get_app_config(label)
    models = list(config.get_models())

    assert CYRILLIC.search(str(config.verbose_name))
    assert [text for model in models for text in english_names(model)] == []


def english_names(model: type[Model]) -> Iterator[str]:
    names = {model.__name__: model._meta.verbose_name, f"{model.__name__}s": model._meta.verbose_name_plural}
    for field in own_fields(model):
        names[f"{model.__name__}.{field.name}"] = field.verbose_name
        choices = field.flatchoices if field.choices else []
        names |= {f"{model.__name__}.{field.name}={value}": label for value, label in choices}
    yield from (name for name, text in names.items() if not CYRILLIC.search(str(text)) and str(text) not in SAME)


def own_fields(model: type[Model]) -> list[Field[object, object]]:
    return [field for field in model._meta.get_fields() if isinstance(field, Field) and field.name != "id"]
