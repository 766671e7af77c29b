"""`apitoken USERNAME [--scope read] [--scope act] [--days N]`: a new API token, printed once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.models import ApiToken, User


class Command(BaseCommand):
    """Issue an API token."""

    help = "Prints a new API token. It is shown this once: only its hash is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        """The owner, what the token may do and how long it lives."""
        parser.add_argument("username")
        parser.add_argument("--scope", action="append", choices=ApiToken.Scope.values, help="default: read")
        parser.add_argument("--days", type=int, help="days until it expires; without it, it does not")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print nothing but the token."""
        if options["days"] is not None and options["days"] < 1:
            raise CommandError("--days must be at least 1.")
        user = User.objects.filter(username=options["username"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user called “{options['username']}”.")
        _row, plain = ApiToken.issue(user, scopes=options["scope"] or [ApiToken.Scope.READ], days=options["days"])
        self.stdout.write(plain)
