"""What the warehouse floor leaves behind, to look at: waves, verified units, shortages, shifts, badges, barcodes of articles."""

from __future__ import annotations

from django.contrib import admin

from backoffice.adminkit import Pages
from orders.models import ArticleBarcode, Badge, Pick, Shift, Shortage, Wave


@admin.register(Wave)
class Waves(Pages[Wave]):
    """Tasks that one person assembled together."""

    list_display = ("id", "picker", "created_at", "closed_at")
    list_select_related = ("picker",)
    list_filter = (("closed_at", admin.EmptyFieldListFilter),)
    search_fields = ("picker__username__istartswith",)
    ordering = ("-id",)


@admin.register(Pick)
class Picks(Pages[Pick]):
    """Units verified by their barcodes, and those that were taken back."""

    list_display = ("picked_at", "item", "unit", "user", "undone_at")
    list_select_related = ("item", "user")
    list_filter = (("undone_at", admin.EmptyFieldListFilter),)
    search_fields = ("item__task__external_id__startswith", "item__article__startswith")
    ordering = ("-id",)


@admin.register(Shortage)
class Shortages(Pages[Shortage]):
    """Goods that were missing, and how long."""

    list_display = ("reported_at", "item", "quantity", "reason", "note", "reported_by", "settled_at", "settled_by")
    list_select_related = ("item", "reported_by", "settled_by")
    list_filter = (("settled_at", admin.EmptyFieldListFilter), "reason")
    search_fields = ("item__task__external_id__startswith", "item__article__startswith")
    ordering = ("-id",)


@admin.register(Shift)
class Shifts(Pages[Shift]):
    """Who was at work when."""

    list_display = ("started_at", "ended_at", "user", "station", "note")
    list_select_related = ("user",)
    list_filter = (("ended_at", admin.EmptyFieldListFilter), "station")
    search_fields = ("user__username__istartswith", "station__istartswith")
    ordering = ("-id",)


@admin.register(Badge)
class Badges(Pages[Badge]):
    """Badges that are good: a person's last one."""

    list_display = ("user", "serial", "issued_at")
    list_select_related = ("user",)
    search_fields = ("user__username__istartswith",)
    ordering = ("-id",)


@admin.register(ArticleBarcode)
class Barcodes(Pages[ArticleBarcode]):
    """Which barcode is which article's, as marketplaces have told."""

    list_display = ("value", "article", "name", "seen_at")
    search_fields = ("value__startswith", "article__startswith")
    ordering = ("-id",)
