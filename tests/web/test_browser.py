"""The page in a real browser: keys, a drag, a picture that is made again, and nothing that the policy forbids."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import ConsoleMessage, Page, Request, expect, sync_playwright

from appliance.domain.face import Box
from appliance.domain.identify import NoMatch
from appliance.domain.ruling import RulingKind
from appliance.web.app import create_app
from tests.web.school import SIZE, TODAY, TOKEN, School

CHROMIUM = shutil.which("chromium")
ARGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync")  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (apt-get install chromium)"),
]


@pytest.fixture
def address(school: School) -> Iterator[str]:
    """The page on a port of its own."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        app = create_app(school.home.root, token=TOKEN, today=lambda: TODAY)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A browser that has entered. Whatever it complains about, and whatever it asks of others, fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(address):
            complaints.append(request.url)

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = chromium.new_page(viewport={"width": 1280, "height": 860})
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", asked)
        page.goto(f"{address}/?token={TOKEN}")
        page.get_by_label("Your name").fill("Sam Patel")
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(f"{address}/")
        yield page
        chromium.close()
    assert complaints == []


def open_photo(page: Page, name: str = "IMG_1.JPG") -> None:
    page.get_by_role("link", name=name).click()
    expect(page.locator("#derivative")).to_be_visible()
    page.wait_for_load_state()


def press(page: Page, key: str) -> None:
    """Keys mean something once the page has been loaded."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def open_queue(page: Page) -> None:
    page.get_by_role("link", name="Photos", exact=True).first.click()


def test_a_drag_covers_in_pixels_of_the_original_and_the_page_waits_for_the_new_picture(
    page: Page, school: School
) -> None:
    photo = school.photo(faces=[])
    open_queue(page)
    open_photo(page)
    before = page.locator("#derivative").get_attribute("src")
    shown = page.locator("#derivative").bounding_box()
    assert shown
    scale = shown["width"] / SIZE[0]
    page.mouse.move(shown["x"] + 200 * scale, shown["y"] + 150 * scale)
    page.mouse.down()
    page.mouse.move(shown["x"] + 300 * scale, shown["y"] + 270 * scale, steps=4)
    page.mouse.up()
    expect(page.get_by_text("Making the picture again")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    (cover,) = school.view(photo).faces
    drawn = (cover.box.x, cover.box.y, cover.box.w, cover.box.h)
    assert drawn == pytest.approx((200, 150, 100, 120), abs=3)
    school.render(photo)
    expect(page.locator("#derivative")).to_be_visible()
    assert page.locator("#derivative").get_attribute("src") != before
    expect(page.get_by_text("Covered by hand by Sam Patel.")).to_be_visible()


def test_keys_approve_exactly_what_is_displayed_and_walk_the_queue(page: Page, school: School) -> None:
    first, second = (school.photo(name, []) for name in ("IMG_1.JPG", "IMG_2.JPG"))
    open_queue(page)
    open_photo(page)
    press(page, "j")
    expect(page.get_by_role("heading", name="IMG_2.JPG")).to_be_visible()
    press(page, "k")
    expect(page.get_by_role("heading", name="IMG_1.JPG")).to_be_visible()
    press(page, "a")
    expect(page.get_by_role("heading", name="Approve for Social media?")).to_be_visible()
    (said,) = school.home.people.rulings()
    assert (said.kind, said.channel, said.derivative) == (RulingKind.APPROVE, "website", school.derivative(first))
    press(page, "A")
    expect(page.get_by_role("heading", name="IMG_2.JPG")).to_be_visible()
    assert all(c.approved for c in school.view(first).channels.values())
    assert not any(c.approved for c in school.view(second).channels.values())


def test_the_uncovered_proof_cannot_be_approved(page: Page, school: School) -> None:
    school.photo()
    open_queue(page)
    open_photo(page)
    with page.expect_response("**/proof"):
        press(page, "p")
    expect(page.get_by_text("nothing is covered here")).to_be_visible()
    press(page, "a")
    press(page, "A")
    assert not school.home.people.rulings()
    press(page, "p")
    expect(page.get_by_text("nothing is covered here")).to_be_hidden()
    assert school.home.audit.entries(1)[0]["event"] == "proof_viewed"


def test_a_face_is_named_with_the_keyboard_alone(page: Page, school: School) -> None:
    school.person("P1", "Ada", "Byron", channels=("website",))
    school.person("P2", "Bob", "Noyce")
    photo = school.photo(faces=[(Box(100, 100, 80, 100), NoMatch())])
    open_queue(page)
    open_photo(page)
    press(page, "n")
    expect(page.get_by_role("heading", name="Who is face 1?")).to_be_visible()
    page.keyboard.type("byr")
    expect(page.get_by_role("radio")).to_have_count(1)
    press(page, "Enter")
    press(page, "Enter")
    expect(page.get_by_text("Named by staff, and may be shown on the website today.")).to_be_visible()
    assert school.view(photo).faces[0].subject == "P1"


def test_keys_mean_nothing_while_somebody_types_and_can_be_switched_off(page: Page, school: School) -> None:
    school.photo(faces=[])
    open_queue(page)
    open_photo(page)
    press(page, "w")
    page.keyboard.type("a jolly wrong photo")
    assert page.get_by_label("Why?").input_value() == "a jolly wrong photo"
    page.get_by_role("button", name="Close").click()
    press(page, "?")
    page.get_by_label("Use these keys").uncheck()
    press(page, "Escape")
    press(page, "a")
    page.wait_for_timeout(200)
    assert not school.home.people.rulings()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_narrow_screen(page: Page, school: School, scheme: str) -> None:
    photo = school.photo("a_very_long_name_" * 6 + ".JPG")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 320, "height": 640})
    origin = page.url.rstrip("/")
    for path in ("/", f"/photo/{photo}", "/register", "/takedowns", "/status", "/who"):
        page.goto(origin + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, path
