"""Answers to scans: seen at once and long enough, heard and felt, in this page or the next; the camera; the screen that stays on."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User

from .bench import VERDICT, accepted, desk, sign_in
from .conftest import shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = "4600439931256"
EARS = """window.heard = []; window.felt = [];
class Ears { constructor() { this.state = 'running'; this.currentTime = 0; this.destination = {}; }
  resume() { return Promise.resolve(); }
  createGain() { return {gain: {setValueAtTime() {}, exponentialRampToValueAtTime() {}}, connect() {}}; }
  createOscillator() { const voice = {frequency: {}, connect() {}, stop() {}, start() { window.heard.push(voice.frequency.value); }};
    return voice; } }
window.AudioContext = Ears; navigator.vibrate = pattern => { window.felt.push(pattern); return true; };"""
EYES = """window.lights = []; window.shown = [];
window.BarcodeDetector = class { static getSupportedFormats() { return Promise.resolve(['data_matrix', 'ean_13', 'aztec']); }
  constructor(options) { window.formats = options.formats; }
  detect() { return Promise.resolve((window.shown || []).map(rawValue => ({rawValue}))); } };
const track = {stop() { window.stopped = true; }, getCapabilities() { return {torch: true}; },
  applyConstraints(wanted) { window.lights.push(wanted.advanced[0].torch); return Promise.resolve(); }};
const media = {getUserMedia() { const stream = new MediaStream(); stream.getTracks = stream.getVideoTracks = () => [track];
  return Promise.resolve(stream); }};
Object.defineProperty(navigator, 'mediaDevices', {value: media});"""


def said(page: Page, text: str) -> None:
    expect(page.locator("#verdict strong")).to_have_text(text)


def until(page: Page, condition: str) -> None:
    """Looked at every frame. Playwright's own way evaluates a string in the page, which its policy forbids."""
    look = f"const look = () => ({condition}) ? done() : requestAnimationFrame(look); look();"
    page.evaluate(f"() => new Promise(done => {{ {look} }})")


def test_the_verdict_is_on_the_screen_before_another_frame_is_drawn(page: Page) -> None:
    page.evaluate(
        """() => { const read = Response.prototype.json; let frame = 0; window.frames_ = [];
        const count = () => { frame += 1; requestAnimationFrame(count); }; requestAnimationFrame(count);
        Response.prototype.json = async function () { const told = await read.call(this); window.frames_.push(frame); return told; };
        new MutationObserver(() => window.frames_.push(frame)).observe(verdict, {childList: true}); }"""
    )
    shoot(page, CODE)
    said(page, f"Accepted {CODE}")
    answered, shown = page.evaluate("frames_")

    assert answered == shown


def test_an_error_stays_until_the_next_scan_and_good_news_for_half_a_minute(page: Page) -> None:
    page.clock.install()
    shoot(page, "bad-1234")
    said(page, "Refused bad-1234")
    page.clock.run_for(120_000)
    said(page, "Refused bad-1234")
    shoot(page, CODE)
    said(page, f"Accepted {CODE}")
    page.clock.run_for(29_000)
    said(page, f"Accepted {CODE}")
    page.clock.run_for(2_000)

    expect(page.locator("#verdict .verdict")).to_have_count(0)
    expect(page.locator("[data-last-scans] li")).to_have_count(2)


def test_while_a_new_scan_is_on_its_way_the_old_verdict_steps_back(page: Page) -> None:
    shoot(page, CODE)
    said(page, f"Accepted {CODE}")
    page.evaluate("void (window.fetch = () => new Promise(() => {}))")
    shoot(page, CODE)

    expect(page.locator("#verdict .verdict")).to_have_class("verdict ok is-old")


def test_a_refusal_among_quick_scans_is_not_wiped_away(page: Page) -> None:
    desk.status = 503
    for code in ("bad-1234", CODE):
        shoot(page, code)
    said(page, "Not confirmed yet")
    desk.status = 200
    page.evaluate("window.dispatchEvent(new Event('online'))")
    said(page, f"Accepted {CODE}")

    expect(page.locator("#toasts .notice.error")).to_contain_text("Refused bad-1234")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_page_without_a_place_for_verdicts_has_a_bar_under_its_head(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/bench/")
    shoot(page, "bad-1234")
    bar = page.locator("#scan-said .verdict.bad")
    expect(bar).to_contain_text("Refused bad-1234")
    box = bar.bounding_box()
    assert box is not None
    assert (box["y"] >= 56, box["y"] + box["height"] <= 200, box["x"] + box["width"] <= width) == (True, True, True)
    page.locator("[data-hush]").click()

    expect(bar).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_bar_pushes_the_page_down_and_lets_it_go_again(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto("/bench/")
    top = "document.querySelector('h1').getBoundingClientRect().top"
    before = page.evaluate(top)
    shoot(page, "bad-1234")
    until(page, f"{top} >= document.querySelector('#scan-said').getBoundingClientRect().bottom")
    page.locator("[data-hush]").click()
    until(page, f"{top} === {before}")


def test_a_narrow_field_shows_its_short_hint(page: Page) -> None:
    field = page.locator("[data-scan=main]")
    field.evaluate("""node => {
      Object.assign(node, {placeholder: "Scan the barcode of the goods, any of them, in any order"}).dataset.short = "Scan the goods";
      document.dispatchEvent(new CustomEvent("htmx:load", {detail: {elt: document.body}}));
    }""")
    expect(field).to_have_attribute("placeholder", "Scan the barcode of the goods, any of them, in any order")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(field).to_have_attribute("placeholder", "Scan the goods")


def test_a_verdict_out_of_sight_is_shown_in_the_bar_too(page: Page) -> None:
    page.evaluate("document.querySelector('main').style.setProperty('min-height', '3000px'); window.scrollTo(0, 900)")
    shoot(page, CODE)

    expect(page.locator("#scan-said strong")).to_have_text(f"Accepted {CODE}")


def test_a_scan_that_opens_an_order_is_answered_on_the_page_it_opens(page: Page) -> None:
    desk.reply = lambda scan: {
        **accepted({**scan, "raw": "BO-T-1"}),
        "go": "/bench/",
        "task": None,
        "title": "Order opened",
    }
    shoot(page, CODE)
    page.wait_for_url("**/bench/")

    expect(page.locator("#scan-said strong")).to_have_text("Order opened")
    assert page.evaluate("Object.values(sessionStorage).join().includes('4600439931256')") is False


def test_undo_and_again_go_to_the_server_at_once(page: Page) -> None:
    shoot(page, CODE)
    page.locator("#verdict [data-scan-undo]").click()
    said(page, "Undone")
    desk.reply = lambda _scan: {"outcome": "ask", "tone": "warn", "sound": "ask", "title": "Please check", "again": 5}
    shoot(page, CODE)
    said(page, "Please check")
    desk.reply = lambda scan: {"title": f"Taken {scan['again']}"}
    page.locator("#verdict [data-scan-again]").click()
    said(page, "Taken 5")

    assert [each["scan"] for each in desk.undone] == ["7"]
    assert [(scan["raw"], scan.get("again", ""), scan["task"]) for scan in desk.answered] == [
        (CODE, "", "1"), (CODE, "", "1"), ("", "5", "1"),
    ]  # fmt: skip


def test_a_badge_draws_the_page_anew(page: Page) -> None:
    page.evaluate("window.kept = 1")
    desk.reply = lambda _scan: {"reason": "badge", "tone": "info", "sound": "opened", "title": "Now picking: Boris"}
    shoot(page, "BO-U-5-2-K7QX2M")
    said(page, "Now picking: Boris")

    expect(page.locator("h1")).to_have_text("Page 1")
    page.wait_for_load_state()
    said(page, "Now picking: Boris")


def test_the_fragment_of_the_server_is_shown_as_it_is_with_our_undo(page: Page) -> None:
    html = '<div class="verdict ok"><span class="sign"></span><div class="body"><strong>From the server</strong></div></div>'
    desk.reply = lambda _scan: {"title": "Plain", "html": html, "undo": 9}
    shoot(page, CODE)
    said(page, "From the server")
    page.locator("#verdict [data-scan-undo]").click()
    said(page, "Undone")

    assert [each["scan"] for each in desk.undone] == ["9"]


# Sounds ---------------------------------------------------------------------------------------------------------------
def test_each_outcome_has_a_sound_of_its_own_and_a_beep_comes_before_it(page: Page) -> None:
    page.add_init_script(EARS)
    page.reload()
    sounds: dict[str, list[float]] = {}
    for name in ("ok", "done", "repeat", "opened", "ask", "error"):
        desk.reply = lambda _scan, name=name: {**VERDICT, "sound": name, "title": name}  # type: ignore[misc]
        page.evaluate("window.heard.length = 0")
        shoot(page, CODE)
        said(page, name)
        beep, *sounds[name] = page.evaluate("heard")
        assert beep == 1900

    assert len({tuple(each) for each in sounds.values()}) == 6
    assert page.evaluate("felt") == [[60], [60], [30, 40, 30], [60], [60, 60, 60], [60, 60, 60]]


def test_sounds_are_muted_in_the_menu_and_stay_so(page: Page) -> None:
    page.add_init_script(EARS)
    page.reload()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sounds of scanning").click()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "false")
    page.reload()
    shoot(page, CODE)
    said(page, f"Accepted {CODE}")

    assert page.evaluate("heard") == []
    assert page.evaluate("felt") == [[60]]


# The camera -----------------------------------------------------------------------------------------------------------
def test_the_camera_is_offered_only_where_the_browser_reads_codes(page: Page) -> None:
    page.evaluate("delete window.BarcodeDetector")

    assert page.locator("[data-camera]").evaluate_all("nodes => nodes.map(node => node.offsetParent)") == [None, None]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_camera_reads_each_code_once(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(EYES)
    page.reload()
    page.locator(".scanbox [data-camera]").click()
    expect(page.locator("#scan-camera")).to_be_visible()
    page.evaluate(f"window.shown = ['{CODE}']")
    expect(page.locator("#scan-camera strong")).to_have_text(f"Accepted {CODE}")
    page.evaluate("window.shown = ['BO-T-2']")
    page.wait_for_url("**/tasks/2/")
    page.evaluate("window.shown = ['4600439931257']")
    expect(page.locator("#scan-camera strong")).to_have_text("Accepted 4600439931257")
    page.locator("[data-torch]").click()
    expect(page.locator("[data-torch]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#scan-camera")).to_be_hidden()

    assert [(scan["raw"], scan["task"]) for scan in desk.heard] == [
        (CODE, "1"),
        ("BO-T-2", "1"),
        ("4600439931257", "2"),
    ]
    until(page, "window.stopped === true")
    assert page.evaluate("[formats, lights, stopped]") == [["data_matrix", "ean_13"], [True], True]
    shoot(page, CODE)
    said(page, f"Accepted {CODE}")


# The shift ------------------------------------------------------------------------------------------------------------
def test_the_screen_stays_on_during_a_shift(page: Page) -> None:
    wake = "window.asked = []; Object.defineProperty(navigator, 'wakeLock', {value: {request: async kind => { window.asked.push(kind);"
    page.add_init_script(wake + " return {released: false}; }}});")
    page.reload()
    assert page.evaluate("asked") == []
    page.evaluate("document.body.dataset.shift = '1'; document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    assert page.evaluate("asked") == ["screen"]


def test_without_scripts_nothing_of_it_is_in_the_way(browser: Browser, live_server: LiveServer, anna: User) -> None:
    opened = browser.new_context(locale="en-GB", base_url=live_server.url, java_script_enabled=False)
    sign_in(opened, live_server, anna)
    plain = opened.new_page()
    plain.goto("/tasks/1/")
    parts = ["[data-camera]", "#scan-wait", ".scan-hush", "[data-sound]", "[data-last-scans]", "#scan-camera"]
    hidden = [plain.locator(part).first.is_hidden() for part in parts]
    plain.locator(".scanbox input[name=raw]").fill(CODE)
    plain.locator(".scanbox input[name=raw]").press("Enter")

    assert hidden == [True] * len(parts)
    assert plain.locator(".answer").inner_text() == "sent"
    opened.close()
