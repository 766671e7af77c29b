"""Stand-ins of the upstreams in one process."""
