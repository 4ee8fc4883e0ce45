"""What every test shares."""

from typing import Any

import pytest

import dev


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """This machine's Chromium, quiet: it asks no host for anything by itself."""
    return {
        "executable_path": dev.chromium_binary(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }
