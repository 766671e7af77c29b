#!/usr/bin/env python
"""Django's command-line utility."""

import sys

from backoffice.boot import settings_or_exit


def main() -> None:
    """Run one command; a wrong setting ends it with one line."""
    settings_or_exit()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
