"""What marketplaces tell, read and written down: orders, their changes, statuses, what comes apart from them."""
