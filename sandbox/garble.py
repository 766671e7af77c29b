"""Answers that are not what was promised, as text: what no reader of JSON or XML should be harmed by."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from sandbox.spoil import spoil
from sandbox.wire import JSON, Call, Reply

# A login or a key that stands in the body and not in a header: MeaSoft's, Dellin's in both of its forms.
IN_BODY: Final = re.compile(rb'\blogin\s*=\s*"([^"]*)"|"app[kK]ey"\s*:\s*"([^"]*)"|<app[kK]ey>([^<]*)<')
MOMENT: Final = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?(\.\d+)?([+-]\d{2}:?\d{2}|Z)?")
NUMBER: Final = re.compile(r'((?:orderno|awb)="|"number":"|<number>)([^"<]+)')
OPENING: Final = re.compile(r"<[A-Za-z_][\w.-]*(?=[\s/>])")
DECLARATION: Final = re.compile(r"^\s*<\?xml[^>]*\?>\s*")
CYRILLIC: Final = "windows-1251"
MEGABYTE: Final = "x" * 1024 * 1024
SPOKEN: Final = ("error_root", "error_child", "error_text", "error_item", "error_empty")


def shown_key(call: Call) -> str:
    """Who calls, by what stands in the body; empty when nothing does."""
    found = IN_BODY.search(call.body[:4096])
    return next((one for one in found.groups() if one is not None), b"").decode(errors="replace") if found else ""


def garble(kind: str, reply: Reply | None) -> Reply | None:
    """The same reply with its text changed, or its JSON (`spoil`); a kind that changes neither passes."""
    change = TEXTS.get(kind)
    if reply is None or change is None:
        return spoil(kind, reply) if reply is not None else None
    data = change(reply.encode().decode(), reply.mimetype != JSON)
    return Reply(
        reply.status, None, reply.headers, reply.mimetype, data=data if isinstance(data, bytes) else data.encode()
    )


def _malformed(text: str, xml: bool) -> str:
    """The last closing tag is of something that was never opened; JSON misses a colon."""
    if not xml:
        return text.replace(":", "=", 1)
    head, sign, tail = text.rpartition("</")
    return f"{head}{sign}x-{tail}" if sign else text.replace("/>", ">", 1)


def _wrong_encoding(text: str, xml: bool) -> bytes:
    """Another encoding than is declared; what it does not have is left out."""
    return text.encode(CYRILLIC, errors="ignore")


def _bomb(text: str, xml: bool) -> str:
    """Nine levels of entities, a billion letters; JSON: as deep as nobody reads."""
    if not xml:
        return "[" * 100_000 + "]" * 100_000
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return _with_type(text, f'<!ENTITY a0 "ha">{levels}', "&a9;")


def _entity(text: str, xml: bool) -> str:
    """A file of the reader's machine."""
    return _with_type(text, '<!ENTITY file SYSTEM "file:///etc/hostname">', "&file;") if xml else text


def _with_type(text: str, entities: str, used: str) -> str:
    """A type declaration, and the entity where the document's first text may be."""
    body = DECLARATION.sub("", text)
    root = OPENING.search(body)
    if root is None:
        return text
    opened = _open(body, root.end())
    name = root[0][1:]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE {name} [{entities}]>\n{opened.replace(">", f"><note>{used}</note>", 1)}'


def _open(body: str, place: int) -> str:
    """An empty root gets an end tag, so that something can stand in it."""
    end = body.index(">", place)
    if body[end - 1] != "/":
        return body
    return f"{body[: end - 1].rstrip()}></{body[1 : OPENING.search(body).end()]}>"  # type: ignore[union-attr]  # found before


def _megabyte(text: str, xml: bool) -> str:
    """A megabyte in one attribute, or in one field."""
    if not xml:
        return text.replace("{", f'{{"note":"{MEGABYTE}",', 1)
    return OPENING.sub(lambda found: f'{found[0]} note="{MEGABYTE}"', text, count=1)


TEXTS: Final[dict[str, Callable[[str, bool], str | bytes]]] = {
    "malformed": _malformed,
    "half": lambda text, _: text.encode()[: len(text.encode()) // 2],
    "wrong_encoding": _wrong_encoding,
    "bomb": _bomb,
    "entity": _entity,
    "megabyte": _megabyte,
    "bad_dates": lambda text, _: MOMENT.sub("вчера", text),
    "other_number": lambda text, _: NUMBER.sub(r"\1\g<2>9", text),
}
GARBLED: Final = tuple(TEXTS)
