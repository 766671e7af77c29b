"""The admin: everything can be looked at, and what can be done goes through the services."""

from . import accounts, carriers, marking, orders, outbox, raw, watch

__all__ = ["accounts", "carriers", "marking", "orders", "outbox", "raw", "watch"]
