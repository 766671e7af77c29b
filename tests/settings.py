"""The settings of a test run: no `.env` is read, and what a developer has set for himself does not matter.

`TEST_RUN_DATABASE_URL` chooses the database; without it, SQLite in a file: only a file has the locks of production.
"""

import os
import tempfile
from pathlib import Path

TEST_ENVIRONMENT = {
    "ENV_FILE": "",
    "DEBUG": "0",
    "HTTPS": "0",
    "SECRET_KEY": "tests only tests only tests only tests only tests only",
    "FIELD_KEYS": "tests-only-the-newest-key,tests-only-an-older-key",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "CSRF_TRUSTED_ORIGINS": "",
    "METRICS_TOKEN": "metrics-for-tests",
    "TIME_ZONE": "Europe/Moscow",
    "LOG_LEVEL": "INFO",
    "DATABASE_URL": os.environ.get("TEST_RUN_DATABASE_URL") or "sqlite:///unused.sqlite3",
    "REDIS_URL": "",
}
os.environ.update(TEST_ENVIRONMENT)

from backoffice.settings import *  # noqa: E402, F403 - the environment has to be set first
from backoffice.settings import DATABASES, STORAGES  # noqa: E402 - the same: named for the type checker
from backoffice.settings import INSTALLED_APPS as _APPS  # noqa: E402 - the same

_database = DATABASES["default"]
if "sqlite" in _database["ENGINE"]:
    # Named by process: two runs at the same time do not share a file.
    _database["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"backoffice-test-{os.getpid()}.sqlite3")}
    _database["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    _database["TEST"] = {"NAME": f"test_backoffice_{os.getpid()}"}
    _database["CONN_MAX_AGE"] = 0

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True

# The live server of the tests serves static files without collecting them only under the app's plain name.
INSTALLED_APPS = ["django.contrib.staticfiles" if "StaticFiles" in app else app for app in _APPS]
