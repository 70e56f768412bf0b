"""A site that asks for a token: the page asks for it once, and sends it with all it does."""

import re

import pytest

from browser import Keys, Page
from client import Client
from pictures import png
from samples import detections, street
from stack import TOP, Site, wait_for
from web_files import choose, file, wait_for_card

LINES = re.search(r"### A token\n(?:\S.*\n|\n)*((?:    .*\n)+)",
                  (TOP / "doc/install.md").read_text())[1]
TOKEN = re.search(r'"Bearer (.*?)"', LINES)[1]


class GuardedSite(Site):
    """A site with the lines of doc/install.md."""

    def configuration(self, name):
        path = super().configuration(name)
        text = path.read_text()
        include = f"include {self.home.path}/{name}_pgcoco.conf;"
        assert include in text
        return self.home.write(name + ".conf", text.replace(include, LINES + include))


@pytest.fixture(scope="module")
def guarded(home, postgres):
    root = home.folder("pictures")
    site = GuardedSite(home, postgres, "guarded", ["--image-root", root])
    yield site
    site.stop()


@pytest.fixture
def page(chrome, guarded):
    page = Page(chrome, guarded)
    page.expect("Failed to load resource: the server responded with a status of 401")
    yield page
    page.script("sessionStorage.clear()")
    page.check()
    chrome.get("about:blank")


@pytest.fixture
def pictured(guarded, home, name):
    """A dataset with a picture, behind the token."""
    folder = home.folder("pictures") / name
    folder.mkdir()
    (folder / "one.jpg").write_bytes(png(64, 48))
    client, signed = Client(guarded), {"Authorization": f"Bearer {TOKEN}"}
    assert client.put(f"/datasets/{name}", street()).status == 401
    assert client.put(f"/datasets/{name}", street(), headers=signed).status == 201
    assert client.put(f"/datasets/{name}/pictures", {"directory": name},
                      headers=signed).status == 200
    yield name
    assert client.request("DELETE", f"/datasets/{name}", headers=signed).status == 204


def open_locked(page, path):
    page.driver.get(page.url + path)
    page.wait("dialog")


def sign_in(page, token):
    page.wait("dialog input[type=password]").send_keys(token)
    page.button("Sign in", "dialog").click()


def test_the_page_asks_once_and_shows_everything(page, pictured):
    page.expect("404")  # of the pictures that have no file
    open_locked(page, f"/web/?search={pictured}")
    assert page.violations() == []
    sign_in(page, "no header can have ż")
    assert page.script("return document.querySelector('dialog input').validity.patternMismatch")
    page.wait("dialog input").clear()
    sign_in(page, "wrong")
    page.wait_for_text("does not take this token", "dialog")
    sign_in(page, TOKEN)
    picture = f".dataset-card[aria-label='{pictured}'] img[alt='one.jpg']"
    wait_for(lambda: page.script("return document.querySelector(arguments[0])?.naturalWidth",
                                 picture) == 64, "the picture")
    # The others of the dataset have no file.
    wait_for(lambda: len(page.all(f".dataset-card[aria-label='{pictured}'] .blank")) == 2, "blanks")
    page.open(f"/web/datasets/{pictured}", ready="h1")
    page.settle()
    assert page.all("dialog") == []
    assert page.script("return localStorage.getItem('token')") is None


def test_without_the_token_nothing_is_told(guarded, pictured):
    """Not even the forms; the files of the page hold no data."""
    client, signed = Client(guarded), {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/", "/datasets", f"/datasets/{pictured}/images/1/picture", "/openapi.json"):
        assert client.get(path).status == 401
        assert client.get(path, headers=signed).status == 200
    assert client.get("/web/").status == client.get("/web/main.js").status == 200


def test_who_does_not_sign_in_is_told_what_is_missing(page):
    open_locked(page, "/web/")
    page.press(Keys.ESCAPE)  # for all that the view loads
    page.wait_for_text("401", ".problem")
    # What is loaded later does not ask again.
    assert page.driver.execute_async_script(
        "const done = arguments[0]; import('/web/lib/api.js').then(api => api.read('/datasets'))"
        ".then(() => done('read'), error => done(error.status));") == 401
    assert not page.all("dialog")
    page.button("Try again").click()
    page.wait("dialog")


def test_a_file_is_sent_with_the_token(page, pictured, guarded, tmp_path):
    open_locked(page, f"/web/import?dataset={pictured}")
    sign_in(page, TOKEN)
    page.wait(".import-form")
    # The token is taken back while the page is open.
    page.script("sessionStorage.setItem('token', 'old')")
    choose(page, file(tmp_path, "run.json", detections(6)), within=".import-form")
    page.button("Import", ".import-form").click()
    sign_in(page, TOKEN)
    wait_for_card(page, "done", "All 6 rows were taken.")
    reply = Client(guarded).get(f"/datasets/{pictured}/runs/run",
                                headers={"Authorization": f"Bearer {TOKEN}"})
    assert reply.json()["prediction_count"] == 6


def test_a_file_is_fetched_with_the_token(page, pictured, tmp_path):
    page.expect("404")  # of the pictures that have no file
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior",
                                {"behavior": "allow", "downloadPath": str(tmp_path)})
    open_locked(page, f"/web/datasets/{pictured}")
    sign_in(page, TOKEN)
    page.button("CSV").click()
    path = wait_for(lambda: next(iter(tmp_path.glob("*.csv")), None), "the file")
    assert len(path.read_text().splitlines()) == 1 + len(street()["annotations"])
    assert path.name.startswith(pictured)
