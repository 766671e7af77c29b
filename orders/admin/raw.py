"""Raw payloads: what was received when; opening one shows a buyer's data, so it is a page of its own and is recorded."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from backoffice.adminkit import Pages
from backoffice.errors import NotAllowed
from backoffice.models import RawPayload
from orders.services import buyers

from .common import actor


@admin.register(RawPayload)
class RawPayloads(Pages[RawPayload]):
    """What upstreams said."""

    list_display = ("received_at", "upstream", "account_id", "endpoint", "subject", "size", "expires_at", "error")
    list_filter = ("upstream", "endpoint", ("error", admin.EmptyFieldListFilter))
    search_fields = ("subject__startswith",)
    ordering = ("-id",)
    fields = (
        "upstream", "account_id", "endpoint", "subject", "size", "received_at", "expires_at", "error", "contents",
    )  # fmt: skip
    readonly_fields = ("contents",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RawPayload]:
        return super().get_queryset(request).defer("body")

    def get_urls(self) -> list[URLPattern]:
        opened = self.admin_site.admin_view(self.opened)
        return [path("<int:payload_id>/open/", opened, name="backoffice_rawpayload_open"), *super().get_urls()]

    @admin.display(description=gettext_lazy("contents"))
    def contents(self, row: RawPayload) -> str:
        address = reverse("admin:backoffice_rawpayload_open", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, _("Open (personal data; it is recorded)"))

    @method_decorator(never_cache)
    def opened(self, request: HttpRequest, payload_id: int) -> HttpResponse:
        """The text. The service says who may look, and records who did."""
        payload = RawPayload.objects.filter(pk=min(payload_id, 2**63 - 1)).first()
        if payload is None:
            raise Http404
        try:
            text = buyers.open_raw(payload, actor=actor(request))
        except NotAllowed:
            raise PermissionDenied from None
        context = {**self.admin_site.each_context(request), "title": str(payload), "payload": payload, "text": text}
        return TemplateResponse(request, "admin/orders/raw.html", context)
