"""The samples are those of the carriers' own pages, byte for byte: nobody has made them fit."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from carriers.providers.measoft.status_map import WORDS

from .support import DATA, sample

#: What stands on a page is there twice: as it is printed (``page``), and as a file with the usual indentation.
DIGESTS = {
    "dellin.page.request.json": "1789eae9db3f1f5ff80339d074a6bc809f24ad1f50d8d51be89ae869e0f59cfc",
    "dellin.page.response.json": "dbb736377d951232d39cd0e5c9fe30d2978d567b807612a8cb699e5844c1f82a",
    "dellin.statuses_history.request.json": "6762fcacbc941d4ebb9015ccecdac6f411e80c4fdf37772069ea55f9cd948f34",
    "dellin.statuses_history.request.xml": "dfdb63cb0b15bb3d6d25fc21e6b32b0021f2bf92bd0700353dda53da07e9da6d",
    "dellin.statuses_history.response.json": "e19ce402c81d670a09149f4fee486edfdbc26daba2fed7818da9e591b4a2aede",
    "dellin.statuses_history.response.xml": "3442cbe579633e43e7bc4e9d7743c3ee029962ca343a707ccb53c6a4e0b23e14",
    "measoft.codes.json": "0d77ac90f0350de9f20ed0acd29e8740a29d17dcd3188a4c38b7c69f700c8a71",
    "measoft.page.txt": "13079aea57e5fd939f112ed35846157eb2c3f434d53c0f29fc02478c09f27a93",
    "measoft.statusreq.response.xml": "dbe8f91799cf6290b076f2af4ee5ebc8574bea23ecdcc7255ec4101361349f70",
}


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_a_sample_is_as_it_was(name: str) -> None:
    assert hashlib.sha256(sample(name)).hexdigest() == DIGESTS[name]


def test_every_sample_is_looked_after() -> None:
    assert sorted(path.name for path in DATA.iterdir()) == sorted(DIGESTS)


@pytest.mark.parametrize("name", ["request", "response"])
def test_both_ways_of_writing_say_the_same(name: str) -> None:
    assert json.loads(sample(f"dellin.page.{name}.json")) == json.loads(sample(f"dellin.statuses_history.{name}.json"))


def test_every_code_of_the_page_is_a_sample_and_has_a_meaning() -> None:
    """The page is one of differences, run together: its codes are what is written in capitals, but for its own name."""
    codes = set(re.findall(r"\b[A-Z]{3,}\b", sample("measoft.page.txt").decode())) - {"API"}

    assert codes == set(json.loads(sample("measoft.codes.json")))
    assert codes <= set(WORDS)
