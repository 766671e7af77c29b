"""Encryption at rest and keyed hashes, on the keys of ``FIELD_KEYS`` (newest first)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_KEYS is empty")
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def box() -> MultiFernet:
    """The cipher of the present keys: the first one seals, all of them open."""
    return _box(tuple(settings.FIELD_KEYS))


def seal(data: bytes) -> bytes:
    """Encrypt bytes; what comes back is raw, not base64, to keep rows small."""
    return base64.urlsafe_b64decode(box().encrypt(data))


def unseal(data: bytes) -> bytes:
    """Decrypt what :func:`seal` made. Raises ``InvalidToken`` when no key fits."""
    return box().decrypt(base64.urlsafe_b64encode(bytes(data)))


def seal_compressed(data: bytes, level: int = 1) -> bytes:
    return seal(zlib.compress(data, level))


def unseal_compressed(data: bytes) -> bytes:
    return zlib.decompress(unseal(data))


@lru_cache(maxsize=8)
def _token_key(secret: str) -> bytes:
    return hashlib.sha256(b"search-token:" + secret.encode()).digest()


def token(kind: str, value: str) -> str:
    """A keyed hash to search encrypted values by equality: 32 hex characters.

    The oldest key is used, because tokens cannot be turned with the keys without reading every row.
    """
    message = f"{kind}:{value}".encode()
    return hmac.new(_token_key(settings.FIELD_KEYS[-1]), message, hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=8)
def _signing_key(secret: str) -> bytes:
    return hashlib.sha256(b"signature:" + secret.encode()).digest()


def signatures(kind: str, value: str) -> list[bytes]:
    """32 bytes a key, the newest first: sign with the first one, believe any. What was signed outlives a change of keys."""
    message = f"{kind}:{value}".encode()
    return [hmac.digest(_signing_key(key), message, hashlib.sha256) for key in settings.FIELD_KEYS]


class EncryptedJSONField(models.BinaryField[Any, Any]):
    """A JSON value encrypted as a whole. An empty value is stored as NULL.

    A row that no key opens raises ``InvalidToken``: wrong keys must not look like missing data.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> bytes | None:
        if value in (None, "", {}, []):
            return None
        return seal(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        raw = value if prepared else self.get_prep_value(value)
        return None if raw is None else connection.Database.Binary(raw)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else json.loads(unseal(bytes(value)))

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj), ensure_ascii=False)


__all__ = [
    "EncryptedJSONField",
    "InvalidToken",
    "box",
    "seal",
    "seal_compressed",
    "signatures",
    "token",
    "unseal",
    "unseal_compressed",
]
