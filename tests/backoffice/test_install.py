"""The web manifest and its icons: a phone can keep the pages among its apps."""

import json
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory

from backoffice.install import ICONS, manifest


def edge_of(file: str) -> tuple[int, int]:
    """Width and height as the header of the PNG says."""
    found = finders.find(file)
    assert isinstance(found, str), file
    head = Path(found).read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def test_the_manifest_is_for_everybody_and_opens_without_the_browsers_bars() -> None:
    answer = Client().get("/manifest.webmanifest")
    told = json.loads(answer.content)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/manifest+json"
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert (told["start_url"], told["scope"], told["display"]) == ("/", "/", "standalone")
    assert [(icon["sizes"], icon["type"], icon["purpose"]) for icon in told["icons"]] == [
        ("192x192", "image/png", "any"),
        ("512x512", "image/png", "any"),
        ("512x512", "image/png", "maskable"),
    ]


def test_its_icons_are_there_and_as_large_as_it_says() -> None:
    told = json.loads(manifest(RequestFactory().get("/manifest.webmanifest")).content)
    names = [urlsplit(icon["src"]).path.removeprefix("/static/") for icon in told["icons"]]

    assert [edge_of(name) for name in names] == [(edge, edge) for _file, edge, _purpose in ICONS]
    assert edge_of("img/apple-touch-icon.png") == (180, 180)


@pytest.mark.django_db
def test_every_page_names_it() -> None:
    html = Client().get("/sign-in/").content.decode()

    assert '<link rel="manifest" href="/manifest.webmanifest">' in html
    assert "img/apple-touch-icon.png" in html
    assert html.count('name="theme-color"') == 2


def test_it_is_only_read() -> None:
    assert Client().post("/manifest.webmanifest").status_code == 405
