"""Facts made ready for templates, in the active language. Nothing here answers a request or writes a row."""
