"""Errors of the orders domain: what was refused, why, and what to do (texts are in ``orders.wording``)."""

from __future__ import annotations
