"""Orders: from the marketplace to the buyer."""
