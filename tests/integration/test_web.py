"""The web page: its frame, its files and their headers."""

import re

import pytest

from browser import AXE
from client import Client
from conftest import names
from samples import detections, street
from stack import TOP, wait_for

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
          "img-src 'self' blob: ; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
FILES = sorted(str(path.relative_to(TOP)) for path in (TOP / "web").rglob("*") if path.is_file())


@pytest.fixture(scope="module")
def long_names(site):
    """A dataset whose runs and classes have names as long as they may be, and longer."""
    client = Client(site)
    name = f"long{next(names)}"
    truth = street()
    for i, category in enumerate(truth["categories"]):
        category["name"] = f"{i}" + "x" * 300
    assert client.put(f"/datasets/{name}", truth).status == 201
    for letter in "AB":
        assert client.put_run(name, letter * 63, detections(9)).status == 200
    return name


def test_every_address_below_web_has_the_page_and_its_policy(web):
    for path in ("/web/", "/web/import", "/web/datasets/street/images?run=a", "/web/x.y/z"):
        reply = web.get(path)
        assert reply.status == 200 and b"main.js" in reply.body
        assert reply.headers["Content-Security-Policy"] == POLICY
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in POLICY
    reply = web.get("/web")
    assert (reply.status, reply.headers["Location"]) == (301, "/web/")


@pytest.mark.parametrize("file", [file for file in FILES if file.endswith((".js", ".css"))])
def test_every_file_is_served_with_its_type(web, file):
    reply = web.get("/" + file)
    kind = "javascript" if file.endswith(".js") else "css"
    assert reply.status == 200
    assert reply.headers["Content-Type"] == f"text/{kind}; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-cache"
    assert web.get("/" + file, headers={"If-None-Match": reply.headers["ETag"]}).status == 304


def test_a_missing_file_is_not_the_page(web):
    for folder in ("charts", "lib", "parts", "style", "viewer", "views", "vendor/chart.js"):
        assert web.get(f"/web/{folder}/none.js").status == 404


def test_every_file_is_installed(web):
    listed = re.search(r"^WEB_FILES = (.*?)\n\n", (TOP / "Makefile.am").read_text(), re.M | re.S)
    assert sorted(listed[1].replace("\\", "").split()) == FILES


def test_who_has_javascript_is_led_from_the_forms_to_the_page(page):
    page.open("/", ready=".view-datasets > *")
    assert page.address == "/web/"
    page.open("/#forms", ready="form")
    assert page.address == "/#forms"


def test_the_frame_has_no_barriers_and_lists_its_keys(page, dataset):
    assert AXE.exists(), "axe-core is missing: ./runtests brings it"
    page.open(f"/web/datasets/{dataset}")
    page.press("?")
    assert "this list" in page.wait("dialog").text
    assert page.violations() == []


def test_light_and_dark_are_a_choice_that_stays(page):
    page.open("/web/")
    color = lambda: page.script("return getComputedStyle(document.documentElement).backgroundColor")
    light = color()
    page.click("[aria-label='Light or dark']")
    dark = color()
    assert light != dark
    page.open("/web/")
    assert color() == dark
    page.click("[aria-label='Light or dark']")
    assert color() == light


def test_what_does_not_exist_is_said(page):
    page.open("/web/nothing")
    page.wait_for_text("no such page")


def test_one_dataset_leads_to_another(page, dataset, web):
    """The box has the first page of datasets, and the one that is shown. The view stays."""
    page.open(f"/web/datasets/{dataset}/leaderboard")
    page.wait(f"header select option[value='{dataset}']")
    other = next(one["name"] for one in web.get("/datasets").json()["datasets"]
                 if one["name"] != dataset)
    choose = ("const box = document.querySelector('header select'); box.value = arguments[0];"
              "box.dispatchEvent(new Event('change'))")
    page.script(choose, other)
    page.wait_for_address(f"/web/datasets/{other}/leaderboard")
    wait_for(lambda: page.all("nav [aria-current=page]"), "a tab that is marked")
    page.open("/web/")
    page.wait(f"header select option[value='{other}']")
    page.script(choose, other)
    page.wait_for_address(f"/web/datasets/{other}/images")


@pytest.mark.parametrize("path", ["datasets/gone", "datasets/gone/images", "import?dataset=gone"])
def test_a_view_that_cannot_be_shown_has_no_barriers(page, dataset, path):
    page.expect("Failed to load resource: the server responded with a status of 404")
    page.open(f"/web/{path}")
    page.wait_for_text("there is no dataset gone")
    for drawer in page.all(".copy summary"):
        drawer.click()
        page.wait(".copy-line")
    assert page.violations() == []


def test_a_view_that_waits_for_its_first_document_shows_it(page, dataset):
    held = {"patterns": [{"urlPattern": "*/facets"}]}
    page.driver.execute_cdp_cmd("Fetch.enable", held)
    try:
        page.driver.get(f"{page.url}/web/datasets/{dataset}/statistics")
        wait_for(lambda: page.script(
            "const view = document.querySelector('main > .view:empty');"
            "return view && getComputedStyle(view, '::before').animationName;"), "a placeholder")
        wait_for(lambda: page.driver.title.startswith("Statistics"), "the view to have begun")
        assert page.all("main > .view:empty")
    finally:
        page.driver.execute_cdp_cmd("Fetch.disable", {})
    page.wait_for_text("Totals")
    assert not page.all("main > .view:empty")


def test_a_file_that_no_view_takes_does_not_replace_the_page(page, dataset):
    page.open(f"/web/datasets/{dataset}/statistics")
    assert page.script("""
        const transfer = new DataTransfer();
        transfer.items.add(new File(["[]"], "run.json"));
        return ["dragover", "drop"].map((type) => !document.body.dispatchEvent(new DragEvent(
            type, {dataTransfer: transfer, bubbles: true, cancelable: true})));""") == [True, True]


def test_a_dialog_goes_with_the_place_where_it_was_opened(page, dataset):
    page.open(f"/web/?search={dataset}")
    page.click(f"h2 a[href='/web/datasets/{dataset}']")
    page.wait_for_text(dataset, "h1")
    page.button("Delete", "main").click()
    page.wait("dialog")
    page.driver.back()
    page.wait_for_text("Datasets", "h1")
    wait_for(lambda: not page.all("dialog"), "no dialog")


@pytest.mark.parametrize("view, width", [
    (view, width) for view in ("images?image=1", "statistics", "evaluation", "leaderboard")
    for width in (1280, 375)] + [("comparison", 1280)])
def test_long_names_make_no_view_wider(page, long_names, view, width):
    page.resize(width, 800)
    page.open(f"/web/datasets/{long_names}/{view}", ready="h1")
    assert page.width() <= width


def test_no_class_is_styled_by_two_views():
    """All styles are loaded at once, so one view's would change the other."""
    styled = {}
    for path in (TOP / "web/style").glob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        for selectors in re.findall(r"([^{}]+)\{", text):
            for selector in selectors.split(","):
                first = re.search(r"\.([a-z][\w-]*)", selector)
                if first and not selector.strip().startswith("@"):
                    styled.setdefault(first[1], set()).add(path.stem)
    shared = {"base", "frame", "parts", "dialogs", "charts"}
    assert {name: views for name, views in styled.items() if len(views - shared) > 1} == {}
