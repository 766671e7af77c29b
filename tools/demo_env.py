"""Writes the secrets of the demo into the file named, once; a file that is there is left alone."""

import secrets
import sys
from pathlib import Path


def main(path: Path) -> None:
    """Create `path`, readable by its owner only."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    values = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FIELD_KEYS": secrets.token_urlsafe(32),
        "METRICS_TOKEN": secrets.token_urlsafe(24),
        "HTTPS": "0",
        "LOG_CONSOLE": "1",
    }
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
