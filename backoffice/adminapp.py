"""Django's admin on our own site."""

from django.contrib.admin.apps import AdminConfig


class BackofficeAdmin(AdminConfig):
    """Its name and templates stay Django's."""

    default_site = "backoffice.adminkit.Site"
