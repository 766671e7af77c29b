"""Structured logs on stderr, one line an event, with personal data and secrets masked before they are written."""

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "***"
# Whole words of a key: `token`, `api_token`, `phone_number` are masked, `code_kind` and `status_code` are not.
SECRET_WORDS = (
    "token code codes phone phones name names recipient address comment authorization password secret login cookie",
    "appkey api_key credentials value email",
)
SECRET_KEYS = frozenset(" ".join(SECRET_WORDS).split())
HARMLESS_KEYS = frozenset(
    {"error_code", "status_code", "exit_code", "code_kind", "code_kinds", "logger_name", "job_name"}
)
_WORD = re.compile(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])")
_PHONE = re.compile(r"(?<![\w.:/-])\+?\d[\d\s()-]{8,16}\d(?![\w.:/-])")
# Numbers of Russia and its neighbours as people write them; other runs of digits are identifiers of orders and goods.
_PHONE_DIGITS = re.compile(r"[489]\d{9}|[78]\d{10}|(?:375|374|99[2-68])\d{9}")
_TOKEN = re.compile(r"(?i)\b(bearer|token|api-key|basic)(\s*[:=]?\s+|[:=]\s*)\S+")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")
_HOOK = re.compile(r"(/hooks/[\w-]+/)[^/\s\"']+")
_URL_LOGIN = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


def redact_text(text: str) -> str:
    """The text with phone-like numbers, bearer tokens, JWTs, passwords in URLs and addresses of notifications masked."""
    text = _URL_LOGIN.sub(MASK, _JWT.sub(MASK, _TOKEN.sub(rf"\1 {MASK}", text)))
    text = _HOOK.sub(rf"\1{MASK}", text)
    return _PHONE.sub(_mask_phone, text)


def _mask_phone(match: re.Match[str]) -> str:
    text = match.group()
    digits = re.sub(r"\D", "", text)
    return MASK if text.startswith("+") or _PHONE_DIGITS.fullmatch(digits) else text


def is_secret(key: str) -> bool:
    """Whether a value under this key must never be written."""
    words = {key.lower(), *(word.lower() for word in _WORD.split(key))}
    return key not in HARMLESS_KEYS and not SECRET_KEYS.isdisjoint(words)


def redact(value: Any) -> Any:
    """The value as it may be written: texts cleaned, mappings and sequences walked, other objects as they are."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        return {key: MASK if is_secret(str(key)) else redact(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(item) for item in value]
    return value if isinstance(value, (int, float, bool, type(None))) else redact_text(str(value))


def redacting(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A structlog processor: mask what stands under a secret key and what looks like a secret anywhere."""
    internal = {key: event.pop(key) for key in ("_record", "_from_structlog", "exc_info") if key in event}
    clean: EventDict = redact(event)
    return {**clean, **internal}


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _formatter(*, console: bool) -> dict[str, Any]:
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if console:
        renderer = structlog.dev.ConsoleRenderer(colors=False)
    last = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        redacting,  # after the traceback became text: an exception's words are masked as well
        renderer,
    ]
    return {"()": structlog.stdlib.ProcessorFormatter, "foreign_pre_chain": _shared(), "processors": last}


def configure(*, level: str, console: bool) -> None:
    """Set up logging for this process: JSON lines, or readable ones on a developer's screen."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"lines": _formatter(console=console)},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django-q": {"level": "WARNING", "handlers": ["stderr"], "propagate": False},
                "django.server": {"level": "WARNING"},
                # At DEBUG these write whole template contexts and the parameters of statements: buyers' data.
                "django.template": {"level": "INFO"},
                "django.db.backends": {"level": "INFO"},
                "urllib3": {"level": "WARNING"},
            },
        }
    )
