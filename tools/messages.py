"""Message catalogues without GNU gettext: `update` collects strings and compiles, `check` fails when it is behind.

Message ids are English, so only Russian has a catalogue. Django's own `templatize` makes Python-like text of templates.
"""

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("backoffice", "carriers", "orders", "templates")
CATALOGUE = ROOT / "locale" / "ru" / "LC_MESSAGES" / "django.po"
SHOWN = 30
Keywords = dict[str, tuple[int | tuple[int, int] | tuple[int, str], ...] | None]
KEYWORDS: Keywords = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
Found = tuple[str | tuple[str, str], str | None]


def files() -> Iterator[Path]:
    """Every file that may hold a message, in a fixed order."""
    for source in SOURCES:
        for pattern in ("*.py", "*.html", "*.txt"):
            yield from sorted((ROOT / source).rglob(pattern))


def python_text(path: Path) -> str:
    """The file as something a Python tokenizer reads; indentation of templates means nothing."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())


def messages(path: Path) -> Iterator[Found]:
    """Message ids of one file, each with its context."""
    source = io.BytesIO(python_text(path).encode())
    for _line, message, _comments, context in extract("python", source, KEYWORDS):
        yield (message if isinstance(message, str) else (message[0], message[1])), context


def template() -> Catalog:
    """All messages of the sources."""
    catalog = Catalog(project="backoffice", charset="utf-8", fuzzy=False)
    for path in files():
        for message, context in messages(path):
            catalog.add(message, locations=[(str(path.relative_to(ROOT)), 1)], context=context)
    return catalog


def russian() -> Catalog:
    """The catalogue as it is stored, or an empty one."""
    if not CATALOGUE.exists():
        return Catalog(locale="ru", project="backoffice", charset="utf-8", fuzzy=False)
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="ru")


def untranslated(message: Message) -> bool:
    """Whether a form of the message is missing or marked as a guess."""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return message.fuzzy or not all(forms)


def written(catalog: Catalog, write: Callable[..., None], **options: bool) -> bytes:
    """The bytes of a catalogue."""
    buffer = io.BytesIO()
    write(buffer, catalog, **options)
    return buffer.getvalue()


def update() -> int:
    """Bring the catalogue up to date with the sources, and compile it. New messages are left to be translated."""
    catalog = russian()
    created = catalog.creation_date
    catalog.update(template(), no_fuzzy_matching=True)
    catalog.creation_date = created  # a date that changes with every run hides what has changed
    catalog.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(written(catalog, write_po, sort_output=True, include_lineno=False))
    CATALOGUE.with_suffix(".mo").write_bytes(written(russian(), write_mo))
    missing = [message for message in russian() if message.id and untranslated(message)]
    print(f"{len(catalog)} messages, {len(missing)} without a translation")  # noqa: T201 - the output of a command
    return 0


def problems() -> list[str]:
    """What keeps the catalogue from being up to date."""
    catalog, found = russian(), []
    for message in template():
        if not message.id:
            continue
        known = catalog.get(message.id, context=message.context)
        where = message.locations[0][0]
        context = f" as {message.context!r}" if message.context else ""
        if known is None:
            found.append(f"not in the catalogue: {message.id!r}{context} ({where})")
        elif untranslated(known):
            found.append(f"not translated: {message.id!r} ({where})")
        else:
            found.extend(f"{error} in the translation of {message.id!r}" for error in known.check())
    compiled = CATALOGUE.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != written(catalog, write_mo):
        found.append(f"{compiled.relative_to(ROOT)} is not compiled from its source")
    return found


def check() -> int:
    """1 when a message is missing, untranslated or not compiled, with a line for each."""
    found = problems()
    for line in found[:SHOWN]:
        print(line, file=sys.stderr)  # noqa: T201
    if len(found) > SHOWN:
        print(f"and {len(found) - SHOWN} more", file=sys.stderr)  # noqa: T201
    if found:
        print("Run: make messages, then translate what is new in locale/.", file=sys.stderr)  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit({"update": update, "check": check}[sys.argv[1]]())
