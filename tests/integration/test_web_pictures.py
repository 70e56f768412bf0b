"""Every view of the web page on the demo: no barrier and no line that is too wide, by day, by night
and on a telephone. These are the pictures of doc/img, too: PGCOCO_DOC_PICTURES=1 writes them."""

import os
import shutil

import pytest

from browser import AXE, IMAGES, Keys, Page
from client import Client
from demo import DEMO, load_demo
from stack import Site, wait_for

BOTH = "run=baseline,improved"
VIEWS = {
    "datasets": ("/web/", ".strip img"),
    "dataset": ("/web/datasets/demo", "h1"),
    "import": ("/web/import?dataset=demo", "h1"),
    "images": (f"/web/datasets/demo/images?{BOTH}", "canvas"),
    "image": (f"/web/datasets/demo/images?{BOTH}&image=7&side=1", "canvas"),
    "statistics": (f"/web/datasets/demo/statistics?{BOTH}", "svg"),
    "evaluation": ("/web/datasets/demo/evaluation?run=baseline", "svg"),
    "comparison": ("/web/datasets/demo/comparison?run=baseline&with=improved", "svg"),
    "leaderboard": ("/web/datasets/demo/leaderboard", "table"),
}
WAYS = {"light": (1280, 860, "light"), "dark": (1280, 860, "dark"), "phone": (375, 780, "light")}


UNDRAWN = """
    return [...document.querySelectorAll(".image-tile canvas:not([data-drawn])")]
        .filter(tile => tile.getBoundingClientRect().top < innerHeight).length"""

CURRENT_TAB = """
    const tab = document.querySelector(".tabs [aria-current]")?.getBoundingClientRect();
    return tab ? [tab.left, tab.right] : [0, 0];"""

# Gives the focus to everything that takes it: how many there are, and those whose ring is missing
# or cut off by a box around them.
FOCUS = """
    const wrong = [];
    const all = [...document.querySelectorAll(
        "a[href], button, select, input, summary, [tabindex='0']")];
    let number = 0;
    for (const element of all) {
        element.focus();
        if (document.activeElement !== element) continue;
        number += 1;
        const at = element.matches(".unseen") ? element.closest(".drop") : element;
        const style = getComputedStyle(at);
        const has = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
        const inside = parseFloat(getComputedStyle(at, "::after").borderTopWidth) || 0;
        const out = has ? Math.max(0, has + parseFloat(style.outlineOffset)) : 0;
        const ring = at.getBoundingClientRect();
        const isCut = (box) => {
            const { overflowX, overflowY, contain } = getComputedStyle(box);
            if (overflowX === "visible" && overflowY === "visible" && contain === "none")
                return false;
            const { left, right, top, bottom } = box.getBoundingClientRect();
            return ring.left - out < left - 1 || ring.right + out > right + 1
                || ring.top - out < top - 1 || ring.bottom + out > bottom + 1;
        };
        let box = at.parentElement;
        while (box !== document.body && !isCut(box)) box = box.parentElement;
        if (Math.max(has, inside) < 2 || box !== document.body)
            wrong.push(`${element.outerHTML.slice(0, 200)} in ${box.className}`);
    }
    return [number, wrong];"""


@pytest.fixture(scope="module")
def gallery(home, postgres):
    """A service with the demo and nothing else."""
    db = postgres.connect(autocommit=True)
    db.execute("create database gallery")
    postgres.apply_roles("gallery")
    postgres.migrate(database="gallery")
    root = home.folder("pictures")
    shutil.copytree(DEMO / "pictures", root / "demo", dirs_exist_ok=True)
    site = Site(home, postgres, "gallery", ["--image-root", root, "--db",
                                            postgres.conninfo("pgcoco", "gallery")])
    client = Client(site)
    load_demo(client, "demo")
    assert client.request("PUT", "/datasets/demo/pictures", b'{"directory": "demo"}').status == 200
    for run in ("baseline", "improved"):
        path = f"/datasets/demo/runs/{run}/evaluation?include=interval"
        assert client.get(path).status == 200
    yield site
    site.stop()
    db.execute("drop database gallery with (force)")
    db.close()


@pytest.fixture
def shown(chrome, gallery):
    page = Page(chrome, gallery)
    yield page
    page.check()
    chrome.get("about:blank")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_no_barriers_and_fits(shown, view, way):
    path, ready = VIEWS[view]
    width, height, scheme = WAYS[way]
    shown.resize(width, height, scheme)
    shown.open(path, ready)
    wait_for(lambda: shown.script(UNDRAWN) == 0, "all tiles of the window to be drawn")
    assert len(shown.all("h1")) == 1
    assert shown.width() <= width
    left, right = shown.script(CURRENT_TAB)
    assert left >= 0 and right <= width
    assert shown.violations() == []
    file = IMAGES / f"{view}-{way}.webp"
    if os.environ.get("PGCOCO_DOC_PICTURES"):
        IMAGES.mkdir(exist_ok=True)
        file.write_bytes(shown.screen())
    assert file.read_bytes()[8:12] == b"WEBP"


@pytest.mark.parametrize("view", VIEWS)
def test_what_has_the_focus_is_seen(shown, view):
    """After a key, focus() shows the ring, as the Tab key does."""
    path, ready = VIEWS[view]
    shown.open(path, ready)
    shown.press(Keys.TAB)
    number, wrong = shown.script(FOCUS)
    assert number > 10 and wrong == []


def test_no_picture_is_left_over():
    assert {path.stem for path in IMAGES.iterdir()} == {f"{v}-{w}" for v in VIEWS for w in WAYS}


def test_the_pictures_would_show_a_change(shown):
    """What the screen has is what is taken: a page that stays empty has another one."""
    shown.open("/web/datasets/demo", "h1")
    full = shown.screen()
    shown.script("document.querySelector('main').replaceChildren()")
    assert len(shown.screen()) < len(full) // 2


def test_axe_finds_what_is_wrong(shown):
    assert AXE.exists(), "axe-core is missing: ./runtests brings it"
    shown.open("/web/datasets/demo", "h1")
    shown.script("document.querySelector('main').append(document.createElement('button'))")
    assert any("button-name" in line for line in shown.violations())
