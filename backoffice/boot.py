"""The way into the program: settings are read first, and a wrong one ends the start with one line."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# gunicorn stops for good on a worker that ends with 3; with any other code it would start it again and again.
EXIT_CODE = 3


def settings_or_exit() -> None:
    """Load the settings, or print what is wrong with them and exit with `EXIT_CODE`."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reading any name loads the file
    except ImproperlyConfigured as error:
        print(f"Wrong configuration: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201 - no logging yet
        sys.exit(EXIT_CODE)
