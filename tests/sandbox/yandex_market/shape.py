"""Checks answers against appendix B and C of the contract: names, types, required fields, enumerations, minimums."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
LINE = re.compile(r"^(?P<indent> *)(?P<name>\[\]|\w+)(?P<required>\*?): (?P<type>\w+)(?P<rest>.*)$")
OPTIONS = re.compile(r"enum\[([A-Z0-9_|]+)\]")
TYPES: dict[str, tuple[type, ...]] = {
    "integer": (int,), "number": (int, float), "string": (str,), "boolean": (bool,), "array": (list,), "object": (dict,),
}  # fmt: skip
FORMATS = {
    "date-dd-MM-yyyy-HH-mm-ss": r"\d{2}-\d{2}-\d{4} \d{2}:\d{2}:\d{2}",
    "date-dd-MM-yyyy": r"\d{2}-\d{2}-\d{4}",
    "date-time": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+03:00",
    "date": r"\d{4}-\d{2}-\d{2}",
    "time": r"\d{2}:\d{2}",
}


@dataclass
class Node:
    type: str
    required: bool
    rest: str
    fields: dict[str, Node] = field(default_factory=dict)


def load(name: str, heading: str) -> Node:
    """The tree under `## heading` of an appendix."""
    text = (DATA / f"{name}.txt").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    root = Node("object", required=True, rest="")
    path = [(-1, root)]
    for line in text.splitlines():
        found = LINE.match(line)
        assert found, line
        indent = len(found["indent"])
        while path[-1][0] >= indent:
            path.pop()
        node = Node(found["type"], required=bool(found["required"]), rest=found["rest"])
        path[-1][1].fields[found["name"]] = node
        path.append((indent, node))
    return root


def fits(node: Node, value: Any) -> bool:
    """A boolean is no number here."""
    return isinstance(value, TYPES[node.type]) and (node.type == "boolean" or not isinstance(value, bool))


def faults(node: Node, value: Any, where: str = "$") -> list[str]:
    """What is wrong with `value`, in words."""
    if not fits(node, value):
        return [f"{where} is {value!r}, not {node.type}"]
    if node.type == "array":
        least = 1 if "minItems=1" in node.rest else 0
        short = [f"{where} is empty"] if len(value) < least else []
        return short + [
            words for place, one in enumerate(value) for words in faults(node.fields["[]"], one, f"{where}[{place}]")
        ]
    if node.type == "object":
        return _object_faults(node, value, where)
    return _word_faults(node, value, where) if node.type == "string" else []


def _object_faults(node: Node, value: dict[str, Any], where: str) -> list[str]:
    # A region's parent is a region again; the appendix stops at the first.
    fields = node.fields or ({} if "RegionDTO" not in node.rest else REGION)
    found = [f"{where}.{name} is missing" for name, one in fields.items() if one.required and name not in value]
    for name, one in value.items():
        if name in fields:
            found += faults(fields[name], one, f"{where}.{name}")
        else:
            found.append(f"{where}.{name} is not in the contract")
    return found


def _word_faults(node: Node, value: str, where: str) -> list[str]:
    options = OPTIONS.search(node.rest)
    if options and value not in options[1].split("|"):
        return [f"{where}: {value} is not an option"]
    form = re.search(r"format=(\S+)", node.rest)
    if form and not re.fullmatch(FORMATS[form[1]], value):
        return [f"{where}: {value} is not a {form[1]}"]
    return [] if value else [f"{where} is empty"]


BUSINESS = load("business", "GetBusinessOrdersResponse")
LEGACY = load("legacy", "GetOrdersResponse")
REGION = LEGACY.fields["orders"].fields["[]"].fields["delivery"].fields["region"].fields
