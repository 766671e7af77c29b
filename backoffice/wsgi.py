"""WSGI entry point."""

from django.core.wsgi import get_wsgi_application

from backoffice.boot import settings_or_exit

settings_or_exit()
application = get_wsgi_application()
