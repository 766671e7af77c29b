"""App configuration."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """Stand-ins of the upstreams; installed only for its command."""

    name = "sandbox"
    verbose_name = "Sandbox"
