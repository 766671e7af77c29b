"""Rows that both apps stand on: people, tokens, budgets, leases, kept payloads, upstream drift."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .secrets import EncryptedJSONField


class User(AbstractUser):
    """A person or an integration that signs in. Roles are groups, made by a migration."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("as the system")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    language = models.CharField(_("language"), max_length=8, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    preferences = models.JSONField(
        _("preferences"), default=dict, blank=True, editable=False, help_text=_("filters, sound; nothing personal")
    )

    @property
    def initials(self) -> str:
        words = [word for word in (self.first_name, self.last_name) if word]
        return "".join(word[0] for word in words).upper() or self.username[:2].upper()

    @property
    def short_name(self) -> str:
        """ "Анна К." where the name is known, else the sign-in name."""
        if not self.first_name:
            return self.username
        return f"{self.first_name} {self.last_name[:1]}." if self.last_name else self.first_name


class ApiToken(models.Model):
    """An API token; only its hash is kept."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        ACT = "act", _("act")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    prefix = models.CharField(_("beginning"), max_length=8, help_text=_("the first characters, to tell tokens apart"))
    digest = models.CharField(_("hash"), max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.user_id})"

    @staticmethod
    def hash(plain: str) -> str:
        return hashlib.sha256(plain.encode()).hexdigest()

    @classmethod
    def issue(cls, user: User, scopes: Iterable[str] = ("read",), days: int | None = None) -> tuple[Self, str]:
        """A new token and its text, which is not kept anywhere."""
        plain = secrets.token_urlsafe(32)
        expires = timezone.now() + timedelta(days=days) if days else None
        row = cls.objects.create(
            user=user, prefix=plain[:8], digest=cls.hash(plain), scopes=sorted(set(scopes)), expires_at=expires
        )
        return row, plain


class RateBudget(models.Model):
    """A token bucket shared by all processes. Written by ``backoffice.budget`` only."""

    key = models.CharField(_("key"), max_length=120, primary_key=True)
    tokens = models.FloatField(_("calls left"), default=0)
    updated_at = models.DateTimeField(_("updated"))
    blocked_until = models.DateTimeField(_("blocked until"), null=True, blank=True)
    version = models.PositiveBigIntegerField(_("version"), default=0)

    class Meta:
        verbose_name = _("rate budget")
        verbose_name_plural = _("rate budgets")

    def __str__(self) -> str:
        return self.key


class Lease(models.Model):
    """Who runs what right now. Written by ``backoffice.lease`` only."""

    name = models.CharField(_("name"), max_length=120, primary_key=True)
    holder = models.CharField(_("held by"), max_length=64, blank=True)
    until = models.DateTimeField(_("held until"))

    class Meta:
        verbose_name = _("lease")
        verbose_name_plural = _("leases")

    def __str__(self) -> str:
        return self.name


class JobState(models.Model):
    """The last run of each job. Written by ``backoffice.lease`` only."""

    name = models.CharField(_("name"), max_length=120, primary_key=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    ok_at = models.DateTimeField(_("last success"), null=True)
    seconds = models.FloatField(_("seconds"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return self.name


class RawPayload(models.Model):
    """What an upstream said, compressed and encrypted. Written by ``backoffice.payloads`` only."""

    upstream = models.CharField(_("upstream"), max_length=32, help_text=_("kind of the account"))
    account_id = models.BigIntegerField(_("account number"))
    endpoint = models.CharField(_("method"), max_length=120)
    subject = models.CharField(_("subject"), max_length=80, blank=True, help_text=_("external id it is about"))
    body = models.BinaryField(_("body"))
    size = models.PositiveIntegerField(_("size"), help_text=_("bytes before compression"))
    received_at = models.DateTimeField(_("received"))
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True, help_text=_("empty: kept until solved"))
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("raw payload")
        verbose_name_plural = _("raw payloads")
        indexes: ClassVar = [
            models.Index(fields=["upstream", "account_id", "subject"], name="payload_subject"),
            models.Index(fields=["expires_at"], name="payload_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.upstream} {self.endpoint} {self.subject}".strip()


class UpstreamDrift(models.Model):
    """Something an upstream sent that we do not know. Written by ``backoffice.drift`` only."""

    class Kind(models.TextChoices):
        FIELD = "field", _("unknown field")
        VALUE = "value", _("unknown value")
        ERROR = "error", _("unknown error")
        ROUTE = "route", _("route gone")

    upstream = models.CharField(_("upstream"), max_length=32)
    place = models.CharField(_("place"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=120)
    sample = EncryptedJSONField(verbose_name=_("sample"))
    count = models.PositiveBigIntegerField(_("times"), default=0)
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    known = models.BooleanField(_("seen by a person"), default=False)

    class Meta:
        verbose_name = _("upstream change")
        verbose_name_plural = _("upstream changed")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upstream", "place", "kind", "name"], name="drift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.upstream}: {self.place} {self.name}"


class Counter(models.Model):
    """A named sum per day, e.g. calls saved by the pre-flight check."""

    name = models.CharField(_("name"), max_length=80)
    day = models.DateField(_("day"))
    value = models.BigIntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "day"], name="counter_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
