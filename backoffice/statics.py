"""Static files: only what pages use is collected, and it is stored under hashed names only, compressed."""

from typing import Any

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCE_MAP = "sourceMappingURL"


class LeanStaticFilesConfig(StaticFilesConfig):
    """Leaves out what packages ship besides: source maps, variants of Bootstrap, a second reader of the API's schema."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "*.map",
        "*.rtl.*",
        "bootstrap-grid*",
        "bootstrap-reboot*",
        "bootstrap-utilities*",
        "bootstrap.esm*",
        "redoc",
    ]


def _without_source_maps(pattern: tuple[str, tuple[Any, ...]]) -> tuple[str, tuple[Any, ...]]:
    extension, rules = pattern
    return extension, tuple(rule for rule in rules if SOURCE_MAP not in (rule if isinstance(rule, str) else rule[0]))


class LeanStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """The storage of whitenoise that does not ask for the source maps that were left out."""

    patterns = tuple(map(_without_source_maps, CompressedManifestStaticFilesStorage.patterns))
