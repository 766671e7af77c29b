"""`createuser USERNAME --role warehouse`: a user with the password from CREATE_PASSWORD."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.errors import DomainError
from backoffice.people import Role, create_user


class Command(BaseCommand):
    """Create a user with a role."""

    help = "Creates a user. The password comes from CREATE_PASSWORD, never from an argument."

    def add_arguments(self, parser: CommandParser) -> None:
        """The name and the role."""
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the name of the new user, or one line on why there is none."""
        password = os.environ.get("CREATE_PASSWORD", "")
        if not password:
            raise CommandError("Set CREATE_PASSWORD to the password of the new user.")
        try:
            user = create_user(options["username"], role=Role(options["role"]), password=password)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(user.username)
