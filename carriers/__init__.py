"""Parcels: carriers, their accounts and their statuses."""
