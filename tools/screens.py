"""Pictures of every screen for the documents: a demo of its own, a real browser, both widths; `make screens`.

The demo starts with an empty database on free ports, so the pictures hold the sandbox's people and nobody real.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import requests
from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SCREENS = ROOT / "docs" / "screens"
WIDTHS = {"wide": 1440, "phone": 390}
READY_SECONDS = 120
PASSWORD = "demo"  # noqa: S105 - the demo's own


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture: its name, where it is, what to do there first."""

    name: str
    path: str
    prepare: Callable[[Page], None] | None = None
    dark: bool = False


def first(link: str) -> Callable[[Page], None]:
    """Open the first link that matches."""

    def go(page: Page) -> None:
        page.goto(urljoin(page.url, page.locator(link).first.get_attribute("href") or "/"))

    return go


def typed(text: str) -> Callable[[Page], None]:
    """Type into the field of the page and let it answer."""

    def go(page: Page) -> None:
        page.locator("main input[type=search]").first.fill(text)
        page.wait_for_load_state("networkidle")
        page.locator("#found .rows, #found .empty").first.wait_for()

    return go


def refused_scan(page: Page) -> None:
    """A wrong barcode on the bench."""
    first("#queue a[href^='/tasks/']:not([href*='?'])")(page)
    page.locator("#scan-input").wait_for()
    page.keyboard.type("4006381333931", delay=5)
    page.keyboard.press("Enter")
    page.locator(".verdict").first.wait_for()


SCREENS_OF_DEMO = (
    Screen("queue", "/tasks/"),
    Screen("queue-dark", "/tasks/", dark=True),
    Screen("task", "/tasks/?tab=assembling", first("#queue a[href^='/tasks/']:not([href*='?'])")),
    Screen("task-dark", "/tasks/?tab=assembling", first("#queue a[href^='/tasks/']:not([href*='?'])"), dark=True),
    Screen("task-refused", "/tasks/?tab=assembling", refused_scan),
    Screen("waves", "/waves/"),
    Screen("orders", "/orders/"),
    Screen("order", "/orders/", first("main a[href^='/orders/']")),
    Screen("attention", "/attention/"),
    Screen("divergence", "/divergence/"),
    Screen("desk", "/desk/"),
    Screen("shift", "/shift/"),
    Screen("scans", "/scans/"),
    Screen("ledger", "/codes/"),
    Screen("find", "/scan/", typed("TOY")),
    Screen("import", "/parcels/import/"),
    Screen("carriers", "/carriers/"),
    Screen("glossary", "/glossary/"),
    Screen("dashboard", "/dashboard/"),
    Screen("training", "/training/"),
    Screen("commands", "/print/commands/"),
    Screen("admin", "/admin/"),
)


def say(text: str) -> None:
    """One line, at once."""
    print(text, flush=True)  # noqa: T201 - the output of a command


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path) -> Iterator[str]:
    """The demo with data of its own; its address. What it says is kept in the folder until the pictures are made."""
    port = free_port()
    settings = folder / "demo.env"
    subprocess.run([sys.executable, str(ROOT / "tools" / "demo_env.py"), str(settings)], check=True, cwd=ROOT)  # noqa: S603
    given = dict(line.split("=", 1) for line in settings.read_text().splitlines())
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    env |= given | {
        "ENV_FILE": "", "VAR_DIR": str(folder / "var"), "PORT": str(port), "SANDBOX_PORT": str(free_port()), "DEBUG": "0",
    }  # fmt: skip
    with (folder / "demo.log").open("wb") as out:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-u", str(ROOT / "manage.py"), "demo"], cwd=ROOT, env=env, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield _answering(f"http://127.0.0.1:{port}", process, folder / "demo.log")
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(60)


def _answering(address: str, process: subprocess.Popen[bytes], log: Path) -> str:
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        try:
            if requests.get(f"{address}/readyz", timeout=5).ok:
                return address
        except requests.RequestException:
            pass
        time.sleep(0.5)
    raise SystemExit(f"The demo does not answer:\n{log.read_text(errors='replace')[-2000:]}")


def sign_in(page: Page, address: str, name: str) -> None:
    """As a person does."""
    page.goto(address)
    page.fill("input[name=username]", name)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(tasks|dashboard)/"))


def some_work(page: Page, address: str) -> None:
    """A few tasks are confirmed and taken, so that the screens have something of everything."""
    for _each in range(6):
        page.goto(f"{address}/tasks/")
        button = page.locator("#queue form[action*='/act/'] button").first
        button.wait_for(timeout=60_000)
        button.click()
        page.wait_for_load_state("networkidle")
    page.goto(f"{address}/tasks/?tab=assembling")
    page.locator("#queue a[href^='/tasks/']:not([href*='?'])").first.wait_for(timeout=60_000)
    page.goto(f"{address}/shift/")
    page.get_by_role("button", name="Начать смену").click()
    page.goto(f"{address}/waves/")
    page.get_by_role("button", name="Начать волну").click()
    page.wait_for_url("**/waves/*/")


def shoot(context: BrowserContext, address: str, width: str) -> None:
    """All screens at one width."""
    page = context.new_page()
    for screen in SCREENS_OF_DEMO:
        theme = "dark" if screen.dark else "light"
        context.add_cookies([{"name": "theme", "value": theme, "url": address}])
        answer = page.goto(address + screen.path)
        if answer is None or answer.status != 200:
            raise SystemExit(f"{screen.path} answers {answer.status if answer else 'nothing'}")
        if screen.prepare:
            screen.prepare(page)
        page.evaluate("document.fonts.ready")
        page.screenshot(path=SCREENS / f"{screen.name}-{width}.png")
        say(f"    {screen.name}-{width}.png")


def main() -> int:
    """Make all pictures anew."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SystemExit("Chromium is not installed (apt-get install chromium), or set CHROMIUM to its path")
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        say("==> Starting a demo")
        with demo(Path(folder)) as address:
            running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for width, pixels in WIDTHS.items():
                say(f"==> Pictures: {width}")
                context = running.new_context(
                    viewport={"width": pixels, "height": 900 if width == "wide" else 844}, locale="ru-RU"
                )
                context.set_default_timeout(30_000)
                page = context.new_page()
                sign_in(page, address, "manager")
                if width == "wide":
                    some_work(page, address)
                shoot(context, address, width)
                context.close()
            running.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
