"""All settings, from the environment. `.env.example` documents every variable."""

import os
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from backoffice import logs
from backoffice.environment import Environment, database_options

django_stubs_ext.monkeypatch()  # `ModelAdmin[Order]` and the like, as the type stubs have them

BASE_DIR = Path(__file__).resolve().parent.parent

# ENV_FILE names another file, or none when it is empty. What is already in the environment wins.
_env_file = os.environ.get("ENV_FILE", str(BASE_DIR / ".env"))
if _env_file and Path(_env_file).is_file():
    environ.Env.read_env(_env_file)
if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)  # set but empty it would fill the working directory with files
env = Environment()
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# Secrets and where we are reached -----------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
HTTPS = env.flag("HTTPS", default=not DEBUG)
SECRET_KEY = env.secret("SECRET_KEY", default="development only, never in production " * 2 if DEBUG else None, least=50)
FIELD_KEYS = env.listing("FIELD_KEYS", "development only" if DEBUG else "")
if not FIELD_KEYS:
    raise ImproperlyConfigured("FIELD_KEYS is not set. Put a long random value into the environment or .env.")
if not DEBUG and min(map(len, FIELD_KEYS)) < 16:
    raise ImproperlyConfigured("FIELD_KEYS holds a key that is too short: at least 16 characters are needed.")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

# Apps and requests --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "backoffice.adminapp.BackofficeAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "backoffice.statics.LeanStaticFilesConfig",
    "django.contrib.humanize",
    "backoffice",
    "carriers",
    "orders",
    "sandbox",
    "bootstrap",
    "csp",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "lucide",
    "rest_framework",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
ASGI_APPLICATION = "backoffice.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.context.frame",
            ]
        },
    }
]

# Data ---------------------------------------------------------------------------------------------------------------
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database_options(env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"))}
REDIS_URL = env.redis("REDIS_URL")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# Users and sessions -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "backoffice.User"
AUTHENTICATION_BACKENDS = ["backoffice.backends.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 12 * 3600  # one working shift with some room
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True

# Transport ----------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked by the machine next door, without TLS
SECURE_HSTS_SECONDS = env.whole("HSTS_SECONDS", 31_536_000) if HTTPS else 0
# Neighbours on the same domain are not ours to bind.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
TRUST_PROXY = env.flag("TRUST_PROXY", default=False)
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Languages and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/Moscow")
USE_TZ = True
USE_I18N = True

# Static files -------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "backoffice.statics.LeanStaticFilesStorage"
        )
    },
}

# Jobs: retries are ours, in the outbox, where people see them -------------------------------------------------------
Q_WORKERS = env.whole("Q_WORKERS", 2, least=1, most=64)
JOB_SECONDS = 290  # how long a job may take: its lease, which ends before the queue ends the job itself
Q_CLUSTER = {
    "name": "backoffice",
    "label": _("Jobs"),
    "workers": Q_WORKERS,
    "timeout": JOB_SECONDS + 10,
    "retry": 360,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 500,
    "recycle": 500,
    "poll": 0.5,
    "log_level": "WARNING",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# Upstreams ----------------------------------------------------------------------------------------------------------
RAW_PAYLOAD_DAYS = env.whole("RAW_PAYLOAD_DAYS", 30, least=1, most=3650)
SEND_STALE_SECONDS = env.whole("SEND_STALE_SECONDS", 120, least=1, most=86_400)
UPSTREAM_TIMEOUT_CONNECT = env.number("UPSTREAM_TIMEOUT_CONNECT", 5, least=0.1, most=120)
UPSTREAM_TIMEOUT_READ = env.number("UPSTREAM_TIMEOUT_READ", 30, least=0.1, most=250)
UPSTREAM_MAX_BYTES = env.whole("UPSTREAM_MAX_BYTES", 10 * 2**20, least=1024)
UPSTREAM_ALLOW_HTTP = env.flag("UPSTREAM_ALLOW_HTTP", default=False)  # loopback hosts need no leave
UPSTREAM_ALLOW_PRIVATE = env.flag("UPSTREAM_ALLOW_PRIVATE", default=False)  # the same
HOOK_NETWORKS = env.networks("HOOK_NETWORKS")
TRAINING_HOSTS = env.hosts("TRAINING_HOSTS")  # this machine is always one

# API ----------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backoffice.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["orders.api.rendering.Json"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["orders.api.filters.Filters"],
    "DEFAULT_PAGINATION_CLASS": "orders.api.pagination.Cursor",
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
DRF_STANDARDIZED_ERRORS = {
    "EXCEPTION_HANDLER_CLASS": "orders.api.errors.Handler",
    "ALLOWED_ERROR_STATUS_CODES": ["400", "401", "403", "404", "405", "415", "500"],
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Backoffice API",
    "DESCRIPTION": "Orders, assembly tasks, actions, marking codes and shipments.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "Marketplace": "orders.enums.MarketplaceKind",
        "Stage": "orders.enums.Stage",
        "CodeKind": "orders.enums.CodeKind",
        "CodeState": "orders.enums.CodeState",
        "ActionKind": "orders.enums.ActionKind",
        "TaskAction": "orders.api.serializers.ACTION_CHOICES",
        "ActionState": "orders.enums.ActionState",
        "EntryKind": "orders.enums.EntryKind",
        "Source": "orders.enums.Source",
        "AttentionKind": "orders.enums.AttentionKind",
        "Severity": "orders.enums.Severity",
        "ReactionState": "orders.enums.ReactionState",
        "ReactionMode": "orders.enums.ReactionMode",
        "ValidationErrorType": "drf_standardized_errors.openapi_serializers.ValidationErrorEnum.choices",
        "ClientErrorType": "drf_standardized_errors.openapi_serializers.ClientErrorEnum.choices",
        "ServerErrorType": "drf_standardized_errors.openapi_serializers.ServerErrorEnum.choices",
    },
    "POSTPROCESSING_HOOKS": ["drf_standardized_errors.openapi_hooks.postprocess_schema_enums"],
}

# Watching it --------------------------------------------------------------------------------------------------------
METRICS_TOKEN = env.text("METRICS_TOKEN")
PROMETHEUS_EXPORT_MIGRATIONS = False
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING_CONFIG = None
logs.configure(level=LOG_LEVEL, console=DEBUG or env.flag("LOG_CONSOLE", default=False))
