"""Every view of the web page on the demo: no barrier and no line that is too wide, by day, by night
and on a telephone. These are the pictures of doc/img, too: PGCOCO_DOC_PICTURES=1 writes them."""

import os
import shutil

import pytest

from browser import AXE, IMAGES, Page
from client import Client
from demo import DEMO, load_demo
from stack import Site

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
    assert len(shown.all("h1")) == 1
    assert shown.width() <= width
    assert shown.violations() == []
    file = IMAGES / f"{view}-{way}.webp"
    if os.environ.get("PGCOCO_DOC_PICTURES"):
        IMAGES.mkdir(exist_ok=True)
        file.write_bytes(shown.screen())
    assert file.read_bytes()[8:12] == b"WEBP"


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
