"""`demo`: everything on this machine under one supervisor, with users and sample orders."""

import os
import threading
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from backoffice.environment import Environment
from orders import demo


class Command(BaseCommand):
    """Run web, worker and sandbox until Ctrl-C, or until one of them ends."""

    help = "Runs web, worker and sandbox together. PORT and SANDBOX_PORT choose the ports."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, then supervise. Exit 1 when a process ended by itself."""
        port, sandbox_port = self._ports()
        self._prepare(sandbox_port)
        manager = demo.supervisor(port, sandbox_port)
        pid_file = settings.VAR_DIR / "demo.pid"
        pid_file.write_text(str(os.getpid()))
        # After the processes were forked: a thread must not be there when that happens.
        announcement = threading.Timer(1.0, self._announce, (port, sandbox_port))
        announcement.daemon = True  # stopped while it starts: nobody waits for the announcement
        announcement.start()
        try:
            manager.loop()
        finally:
            announcement.cancel()
            pid_file.unlink(missing_ok=True)
        if manager.died:
            raise CommandError(
                f"“{manager.died}” ended by itself; everything else was stopped. Its last lines are above."
            )
        self.stdout.write("Stopped.")

    def _ports(self) -> tuple[int, int]:
        env = Environment()
        try:
            ports = {name: env.whole(name, usual, least=1, most=65535) for name, usual in demo.PORTS.items()}
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        for name, port in ports.items():
            if not demo.port_is_free(port):
                raise CommandError(f"Port {port} is in use. Choose another one: make demo {name}={port + 1}")
        return ports["PORT"], ports["SANDBOX_PORT"]

    def _prepare(self, sandbox_port: int) -> None:
        self._step("Bringing the database up to date")
        call_command("migrate", interactive=False, verbosity=0)
        self._step("Collecting static files (the first time takes some seconds)")
        demo.collect_static(settings.VAR_DIR / "static.stamp")
        self._step("Users and the accounts of the sandbox")
        demo.ensure_people()
        demo.ensure_accounts(sandbox_port)
        self._step("Starting web, worker and sandbox; Ctrl-C stops them together")
        connections.close_all()

    def _step(self, text: str) -> None:
        self.stdout.write(f"==> {text}")
        self.stdout.flush()

    def _announce(self, port: int, sandbox_port: int) -> None:
        if not demo.wait_until_ready(port):
            self.stderr.write("The web process does not answer; its lines above say why.")
            return
        demo.run_schedules_now()
        names = ", ".join(role.value for role in demo.PEOPLE)
        lines = (
            "",
            f"  Backoffice  http://{demo.HOST}:{port}/",
            f"  Sign in as  {names} (password of each: {demo.PASSWORD})",
            f"  Sandbox     http://{demo.HOST}:{sandbox_port}/  makes orders and plays the buyer",
            "  Stop        Ctrl-C",
            "",
        )
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
