"""A service that goes away under an open page, and comes back: the page heals by itself."""

import pytest

from browser import Page
from conftest import names
from demo import load_demo
from samples import big_results
from stack import MIB, stop, wait_for
from web_files import choose, file, slow_line

NO_ANSWER = "the service does not answer"


@pytest.fixture
def shaky(chrome, own_site):
    """A page of a service that a test stops and starts."""
    client = own_site("--max-duration", "600")
    page = Page(chrome, client.site)
    page.client = client
    for words in ("502 (Bad Gateway)", "404 (Not Found)", "ERR_EMPTY_RESPONSE",
                  "ERR_CONNECTION_RE"):
        page.expect(words)
    yield page
    page.check()
    chrome.get("about:blank")


@pytest.fixture
def demo(shaky):
    name = f"shaky{next(names)}"
    load_demo(shaky.client, name)
    yield name
    assert shaky.client.delete(f"/datasets/{name}").status == 204


def end_service(page):
    stop(page.client.site.process)


def start_service(page):
    site = page.client.site
    site.process = site.start_workers()
    wait_for(lambda: page.client.get("/readyz").status == 200, "the service")


def wait_until_healed(page):
    wait_for(lambda: not page.all(".problem, .loading, [aria-busy=true]"), "no problem any more")


@pytest.mark.parametrize("view, act, healed", [
    ("images?tile=400&run=baseline",
     lambda page: page.script("document.querySelector('.image-grid').scrollTop = 4000"),
     ".image-tile canvas[data-drawn]"),
    ("images?run=baseline",
     lambda page: page.select(".filters .choice:first-child select", "kite"),
     ".image-tile canvas[data-drawn]"),
    ("images?run=baseline&image=7", lambda page: page.script(
        "document.querySelector('.large-head [aria-label^=Next]').click()"), ".objects button"),
    ("statistics", lambda page: page.select(".head select", "val"), "#totals"),
    ("leaderboard", lambda page: page.script("arguments[0].click()",
                                             page.button("Masks", "main")), "table")])
def test_a_view_heals_when_the_service_is_back(shaky, demo, view, act, healed):
    shaky.open(f"/web/datasets/{demo}/{view}", ready=healed)
    end_service(shaky)
    act(shaky)
    shaky.wait_for_text(NO_ANSWER, ".problem")
    shaky.wait_for_text("tries again by itself", ".problem")
    start_service(shaky)
    wait_until_healed(shaky)
    shaky.wait(healed)


def test_the_grid_stays_where_it_was(shaky, demo):
    shaky.open(f"/web/datasets/{demo}/images?tile=400", ready=".image-tile canvas[data-drawn]")
    end_service(shaky)
    shaky.script("document.querySelector('.image-grid').scrollTop = 3000")
    shaky.wait(".problem")
    start_service(shaky)
    wait_until_healed(shaky)
    shaky.wait(".image-tile canvas[data-drawn]")
    assert shaky.script("return document.querySelector('.image-grid').scrollTop") == 3000


def test_a_page_that_was_opened_meanwhile_heals_when_it_is_looked_at(shaky, demo):
    end_service(shaky)
    # No timer helps: only the window that is looked at.
    shaky.driver.execute_cdp_cmd("Page.enable", {})
    script = shaky.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
        "source": "window.setTimeout = () => 0;"})
    try:
        shaky.open(f"/web/datasets/{demo}/statistics", ready=".problem")
        start_service(shaky)
        assert shaky.all(".problem")
        shaky.script("dispatchEvent(new Event('focus'))")
        wait_until_healed(shaky)
        shaky.wait("#totals")
    finally:
        shaky.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def test_a_view_that_could_not_be_fetched_comes_later(shaky, demo):
    """Modules of views are fetched when they are shown first."""
    shaky.open(f"/web/datasets/{demo}", ready=".data")
    shaky.expect("net::ERR_BLOCKED_BY_CLIENT")
    shaky.driver.execute_cdp_cmd("Network.enable", {})
    shaky.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*/views/statistics.js"]})
    try:
        shaky.button("Statistics", "header").click()
        shaky.wait_for_text("the service does not answer", ".problem")
    finally:
        shaky.driver.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})
    wait_until_healed(shaky)
    shaky.wait("#totals")


def test_an_import_that_was_broken_off_can_be_sent_again(shaky, demo, tmp_path):
    path = file(tmp_path, "run.json", big_results(4 * MIB))
    shaky.open(f"/web/import?dataset={demo}", ready=".import-form")
    with slow_line(shaky, 200_000):
        choose(shaky, path, within=".import-form")
        shaky.button("Import", ".import-form").click()
        shaky.wait_for_text(" rows", ".upload-words")
        site = shaky.client.site
        site.process.kill()
        site.process.wait()
        shaky.wait_for_text("the page asks what has become of it", ".upload-words")
    start_service(shaky)
    shaky.wait(".upload[data-state=failed]")
    shaky.button("Try again", ".upload[data-state=failed]").click()
    shaky.wait(".upload[data-state=done]")
