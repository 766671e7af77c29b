"""Carriers, a folder each: client, schemas, mapper, status map, provider."""
