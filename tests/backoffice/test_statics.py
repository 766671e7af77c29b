"""Static files: everything a page names is collected, nothing else of the packages is."""

import re
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.utils import matches_patterns

from backoffice.statics import LeanStaticFilesConfig, LeanStaticFilesStorage

ROOT = Path(__file__).resolve().parent.parent.parent
NAMED = re.compile(r"""{%\s*static\s+["']([^"']+)["']""")


def named() -> set[str]:
    """Every static file that a template names."""
    return {name for path in (ROOT / "templates").rglob("*.html") for name in NAMED.findall(path.read_text())}


def is_left_out(name: str) -> bool:
    """Whether collectstatic passes the file or one of its folders over."""
    patterns = list(LeanStaticFilesConfig.ignore_patterns)
    return any(matches_patterns(part, patterns) for part in (name, *Path(name).parts))


def test_everything_a_page_names_exists_and_is_collected() -> None:
    assert named() != set()
    assert [name for name in sorted(named()) if finders.find(name) is None or is_left_out(name)] == []


def test_the_reader_of_the_api_schema_is_collected() -> None:
    names = ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js")

    assert [name for name in names if is_left_out(f"drf_spectacular_sidecar/swagger-ui-dist/{name}")] == []


def test_what_nobody_asks_for_is_left_out() -> None:
    names = ("bootstrap/css/bootstrap.min.css.map", "bootstrap/css/bootstrap.rtl.min.css", "admin/css/base.css")

    assert [is_left_out(name) for name in names] == [True, True, False]


def test_source_maps_are_not_looked_for_but_urls_still_are() -> None:
    rules = [str(rule) for _extension, rules in LeanStaticFilesStorage.patterns for rule in rules]

    assert any("url(" in rule.replace("\\", "") for rule in rules)
    assert [rule for rule in rules if "sourceMappingURL" in rule] == []
