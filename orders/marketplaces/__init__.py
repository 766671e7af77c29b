"""Marketplaces: one folder each, one contract (``base``), one registry line (``registry``)."""
