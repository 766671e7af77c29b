"""What the stand-ins of carriers have in common: parcels that travel along a path, by the sandbox's clock or step by step."""
