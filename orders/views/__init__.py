"""Pages. What they show comes from queries, what they do is done by services."""
