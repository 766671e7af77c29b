"""The admin: everything can be looked at, and what can be done goes through the services."""

from . import accounts, carriers, floor, marking, orders, outbox, raw, watch

__all__ = ["accounts", "carriers", "floor", "marking", "orders", "outbox", "raw", "watch"]
