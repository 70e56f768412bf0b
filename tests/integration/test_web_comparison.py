"""Run against run on the web page: is B really better, where, and in which images."""

import json
import shlex
import subprocess

import pytest

from browser import HOSTILE, By, query_of
from client import Client
from conftest import names
from demo import load_demo
from stack import wait_for

HERE = [10, 10, 50, 50]


@pytest.fixture(scope="module")
def demo(site):
    """The demo, for tests that leave it as they found it."""
    return load_demo(Client(site), f"demo{next(names)}")


@pytest.fixture
def small(web, name):
    """small({"run": rows, ...}) is a dataset of eight images with a car in each, and these runs."""
    def make(runs, category="car", file_name="{}.jpg"):
        truth = {
            "images": [{"id": i, "file_name": file_name.format(i), "width": 640, "height": 480}
                       for i in range(1, 9)],
            "categories": [{"id": 1, "name": category}],
            "annotations": [{"id": i, "image_id": i, "category_id": 1, "bbox": HERE, "area": 2500,
                             "iscrowd": 0} for i in range(1, 9)],
        }
        assert web.put(f"/datasets/{name}", json.dumps(truth)).status == 201
        for run, rows in runs.items():
            assert web.put_run(name, run, json.dumps(rows)).status == 200
        return name
    return make


def found(*images):
    return [{"image_id": i, "category_id": 1, "bbox": HERE, "score": 0.9} for i in images]


def comparison(web, dataset, query):
    return web.get(f"/datasets/{dataset}/comparison?{query}").json()


def signed(number):
    return f"{number:+.3f}".replace("-", "\u2212")


def open_comparison(page, dataset, query="run=baseline&with=improved"):
    return page.open(f"/web/datasets/{dataset}/comparison?{query}", ready=".versus-title")


# ---- the verdict --------------------------------------------------------------------------------

def test_a_better_run_is_said_to_be_better_in_one_sentence(page, web, demo):
    document = comparison(web, demo, "run=baseline&with=improved")
    low, high = document["bootstrap"]["metrics"]["AP"]["difference"]
    open_comparison(page, demo)
    assert page.text(".versus-title") == "improved is better than baseline"
    assert page.text(".versus-numbers").replace("\u2009", " ") == (
        f"AP {signed(document['metrics']['difference']['AP'])} "
        f"(95 % interval {signed(low)} to {signed(high)})")
    words = page.text(".versus-verdict")
    assert "of these 60 images" in words and "on one side of 0" in words
    page.button("How this is told", ".versus-verdict").click()
    page.wait_for_text("This is about the choice of images.", ".versus-verdict")


def test_swapped_the_other_run_is_worse(page, demo):
    open_comparison(page, demo)
    page.click("[aria-label='Swap A and B']")
    page.wait_for_text("baseline is worse than improved", ".versus-title")
    assert query_of(page.address) == {"run": "improved", "with": "baseline"}
    page.driver.back()
    page.wait_for_text("improved is better than baseline", ".versus-title")
    page.press("x")
    page.wait_for_text("baseline is worse than improved", ".versus-title")


def test_what_chance_may_have_done_is_no_difference(page, small):
    dataset = small({"a": found(1, 2, 3, 4), "b": found(3, 4, 5, 6, 7)})
    open_comparison(page, dataset, "run=a&with=b")
    assert page.text(".versus-title") == "No difference that can be told from chance"
    words = page.text(".versus-verdict")
    assert "The interval includes 0" in words
    assert "only 8 images" in words


def test_runs_are_chosen_if_the_address_names_none(page, small):
    dataset = small({"old": found(1), "new": found(1, 2)})
    open_comparison(page, dataset, "")
    page.wait_for_address("with=")
    assert query_of(page.address) == {"run": "old", "with": "new"}


@pytest.mark.parametrize("runs, words", [
    ({}, "There is no run yet"), ({"lonely": found(1)}, "There is only one run")])
def test_without_two_runs_the_page_says_what_is_missing(page, small, runs, words):
    dataset = small(runs)
    page.open(f"/web/datasets/{dataset}/comparison")
    page.wait_for_text(words)
    page.button("Import results", "main").click()
    page.wait_for_address(f"/web/import?dataset={dataset}")


def test_a_run_that_does_not_exist_is_a_sentence(page, demo):
    page.expect("404")
    page.open(f"/web/datasets/{demo}/comparison?run=baseline&with=nobody", ready=".problem")
    assert "nobody" in page.text(".problem")


# ---- sliders ------------------------------------------------------------------------------------

def counts(page):
    """The rows of the operating point: name -> (A, B, difference)."""
    return {title: tuple(text.replace("\u2009", "") for text in texts)
            for title, *texts in page.cells(".versus-point tbody")}


def test_sliders_change_the_operating_point_and_the_address(page, web, demo):
    open_comparison(page, demo)
    title = page.text(".versus-title")
    page.drag(".versus-point .slider:nth-child(2) input", 0.6)
    page.wait_for_address("confidence=0.6")
    page.drag(".versus-point .slider:nth-child(1) input", 0.7)
    page.wait_for_address("iou=0.7")
    document = comparison(web, demo, "run=baseline&with=improved&iou=0.7&confidence=0.6")
    a, b = (document["operating_point"][side] for side in "ab")
    wanted = str(a["true_positives"]), str(b["true_positives"])
    wait_for(lambda: counts(page)["objects found"][:2] == wanted, "the counts at 0.6")
    assert counts(page)["precision"][0] == f"{a['precision']:.3f}"
    assert f"Only improved is right: {document['flips']['better']['count']}" in \
        page.text(".versus-flips")
    assert page.text(".versus-title") == title
    assert "At scores from 0.60 and IoU 0.70" in page.text(".versus-verdict")


def test_a_slider_without_an_answer_leaves_the_page_as_it_is(page, web, demo):
    def set_offline(offline):
        page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})

    page.expect("net::ERR_INTERNET_DISCONNECTED")
    open_comparison(page, demo)
    page.driver.execute_cdp_cmd("Network.enable", {})
    set_offline(True)
    try:
        page.drag(".versus-point .slider:nth-child(2) input", 0.6)
        page.wait_for_text("the service does not answer", ".toasts")
    finally:
        set_offline(False)
    page.drag(".versus-point .slider:nth-child(2) input", 0.7)
    document = comparison(web, demo, "run=baseline&with=improved&confidence=0.7")
    a, b = (document["operating_point"][side] for side in "ab")
    wanted = str(a["true_positives"]), str(b["true_positives"])
    wait_for(lambda: counts(page)["objects found"][:2] == wanted, "the counts at 0.7")


def test_a_link_shows_a_colleague_the_same(page, web, demo):
    query = "run=baseline&with=improved&split=val&confidence=0.5&iou_type=segm"
    document = comparison(web, demo, query)
    open_comparison(page, demo, query)
    assert counts(page)["objects missed"][:2] == tuple(
        str(document["operating_point"][side]["false_negatives"]) for side in "ab")
    assert page.text(".versus-bar [aria-pressed=true]") == "Masks"


# ---- down to images -----------------------------------------------------------------------------

def test_classes_lead_to_their_images_side_by_side(page, web, demo):
    document = comparison(web, demo, "run=baseline&with=improved")
    open_comparison(page, demo)
    rows = page.all(".versus-classes table.data tbody tr")
    assert len(rows) == len(document["per_class"])
    best = document["better"][0]
    link = page.button(best["category"], ".versus-classes")
    assert signed(best["difference"]) in link.find_element(By.XPATH, "ancestor::tr").text
    link.click()
    page.wait_for_address(f"/datasets/{demo}/images")
    query = query_of(page.address)
    assert (query["run"], query["side"], query["category"]) == (
        "baseline,improved", "1", best["category"])


def test_images_that_flipped_lead_to_both_runs(page, web, demo):
    flips = comparison(web, demo, "run=baseline&with=improved")["flips"]
    open_comparison(page, demo)
    for side, css in (("better", ".flips-better"), ("worse", ".flips-worse")):
        assert page.text(f"{css} h3").endswith(f" {flips[side]['count']}")
    tiles = page.all(".flips-better .flip")
    assert len(tiles) == min(6, flips["better"]["count"])
    first = flips["better"]["images"][0]
    assert first["file_name"] in tiles[0].text and "right" in tiles[0].text
    assert tiles[0].find_elements(By.CSS_SELECTOR, "svg rect.flip-hit"), "no boxes are drawn"
    page.click(".flips-better .flip")
    page.wait_for_address(f"image={first['image_id']}")
    assert query_of(page.address)["run"] == "baseline,improved"


def test_errors_lead_to_the_images_of_a_run(page, web, demo):
    errors = comparison(web, demo, "run=baseline&with=improved")["errors"]
    open_comparison(page, demo)
    row = next(row for row in page.all(".versus-errors table.data tbody tr")
               if "localisation" in row.text)
    links = row.find_elements(By.TAG_NAME, "a")
    assert [link.text for link in links] == [
        str(errors[side]["counts"]["localisation"]) for side in "ab"]
    query = query_of(links[0].get_attribute("href"))
    assert (query["run"], query["source"], query["outcome"]) == (
        "baseline", "baseline", "localisation")


def test_what_is_mixed_up_leads_to_the_cell(page, web, demo):
    def cells(run):
        matrix = web.get(f"/datasets/{demo}/runs/{run}/evaluation?include=matrix").json()["matrix"]
        return {(truth, said): number for truth, said, number in matrix["cells"]}

    a, b = cells("baseline"), cells("improved")
    open_comparison(page, demo)
    page.script("document.querySelector('.versus-confusions').scrollIntoView()")
    link = page.wait(".versus-confusions td a")
    query = query_of(link.get_attribute("href"))
    ids = {one["category"]: one["category_id"]
           for one in comparison(web, demo, "run=baseline&with=improved")["per_class"]}
    pair = tuple({**ids, "background": None}[query[side]] for side in ("truth", "predicted"))
    most = max(abs(b.get(key, 0) - a.get(key, 0)) for key in {*a, *b} if key[0] != key[1])
    assert abs(b.get(pair, 0) - a.get(pair, 0)) == most
    assert int(link.text) == {"baseline": a, "improved": b}[query["run"]][pair]


def test_cells_are_of_the_chosen_images_and_say_at_which_overlap(page, demo):
    open_comparison(page, demo, "run=baseline&with=improved&split=val&iou=0.75")
    page.script("document.querySelector('.versus-confusions').scrollIntoView()")
    query = query_of(page.wait(".versus-confusions td a").get_attribute("href"))
    assert query["split"] == "val"
    page.wait_for_text("The numbers are of IoU 0.75, the images that they open of IoU 0.50",
                       ".versus-confusions .notice")


def test_slices_lead_to_the_verdict_about_their_images(page, web, small):
    dataset = small({"a": found(1, 2, 3, 4), "b": found(*range(1, 9))})
    assert web.put(f"/datasets/{dataset}/slices/late",
                   json.dumps({"image_ids": [5, 6, 7, 8]})).status == 200
    open_comparison(page, dataset, "run=a&with=b")
    page.script("document.querySelector('.versus-slices').scrollIntoView()")
    page.wait_for_text("+1.000", ".versus-slices")
    page.button("late", ".versus-slices tbody").click()
    page.wait_for_address("slice=late")
    page.wait_for_text("of these 4 images", ".versus-verdict")


def test_curves_of_both_runs_have_a_table_behind(page, web, demo):
    """All classes, then the one that a person chooses."""
    def precision(run, category):
        curves = web.get(f"/datasets/{demo}/runs/{run}/evaluation?include=curves").json()["curves"]
        return next(one["precision"][0][50] for one in curves["per_class"]
                    if one["category_id"] == category)

    def middle():
        rows = page.cells(".versus-curves tbody")
        return next((row[1:] for row in rows if row[0] == "0.500"), [])

    open_comparison(page, demo)
    page.click(".versus-curves summary")
    heads = wait_for(lambda: page.cells(".versus-curves thead"), "a table")[0]
    assert {"baseline", "improved"} <= set(heads)
    page.select(".versus-curves select", "bird")
    page.wait_for_address("class=bird")
    birds = next(one["category_id"]
                 for one in comparison(web, demo, "run=baseline&with=improved")["per_class"]
                 if one["category"] == "bird")
    wanted = [f"{precision(run, birds):.3f}" for run in ("baseline", "improved")]
    wait_for(lambda: middle() == wanted, f"precisions at a recall of 0.5: {wanted}")


# ---- while it is computed -----------------------------------------------------------------------

def test_a_comparison_that_takes_long_shows_progress_and_can_be_cancelled(page, small, holder):
    dataset = small({"a": found(1, 2), "b": found(1, 2, 3), "c": found(*range(1, 9))})
    open_comparison(page, dataset, "run=a&with=b")
    page.settle()
    rows_of_c, = holder.execute(
        "select import_id from coco.sources s join coco.datasets d on d.id = s.dataset_id"
        " where d.name = %s and s.source = 'c'", (dataset,)).fetchone()
    holder.execute(f"lock table coco_parts.a_{rows_of_c} in access exclusive mode")
    page.select(".versus-runs .choice:last-child select", "c")
    page.wait(".computing progress")
    page.button("Cancel", ".computing").click()
    page.wait_for_text("Cancelled")
    holder.rollback()
    page.button("Compare them", "main").click()
    page.wait_for_text("c is better than a", ".versus-title")


HELD_BACK = """
const ask = window.fetch;
window.fetch = async (path, init) => {
  if (String(path).includes("/comparison?") && !String(path).includes("resamples=0"))
    await new Promise((done, fail) => {
      window.letGo = done;
      init.signal.addEventListener("abort", () => fail(init.signal.reason));
    });
  return ask(path, init);
};"""


def test_the_numbers_do_not_wait_for_the_verdict(page, web, small):
    dataset = small({"a": found(1, 2), "b": found(1, 2, 3), "c": found(*range(1, 9))})
    open_comparison(page, dataset, "run=a&with=b")
    page.settle()
    page.expect("/evaluations/")  # 404 until the service has heard of it
    page.script(HELD_BACK)
    page.select(".versus-runs .choice:last-child select", "c")
    page.wait(".versus-verdict .computing progress")
    change = comparison(web, dataset, "run=a&with=c&resamples=0")["metrics"]["difference"]["AP"]
    assert page.text(".versus-numbers") == f"AP {signed(change)}"
    assert signed(change) in page.text(".versus-metrics table")
    assert signed(change) in page.text(".versus-classes table")
    assert "better than" not in page.text(".versus-title")
    page.button("Cancel", ".computing").click()
    page.wait_for_text("It was cancelled.", ".versus-verdict")
    page.button("Measure it", ".versus-verdict").click()
    page.wait(".versus-verdict .computing progress")
    page.script("letGo()")
    page.wait_for_text("c is better than a", ".versus-title")
    page.settle()
    low, high = comparison(web, dataset, "run=a&with=c")["bootstrap"]["metrics"]["AP"]["difference"]
    interval = f"{signed(low)} to {signed(high)}"
    assert interval in page.text(".versus-metrics table")
    assert interval in page.text(".versus-classes table")


# ---- care ---------------------------------------------------------------------------------------

def test_names_from_files_are_text(page, small):
    dataset = small({"a": found(1, 2), "b": found(*range(1, 9))}, category=HOSTILE,
                    file_name=HOSTILE + "{}.jpg")
    open_comparison(page, dataset, "run=a&with=b")
    page.settle()
    assert HOSTILE in page.text(".versus-classes") and HOSTILE in page.text(".versus-flips")
    assert page.all("main img[src='x']") == [] and "owned" not in page.driver.title
    query = query_of(page.button(HOSTILE, ".versus-classes").get_attribute("href"))
    assert query["category"] == HOSTILE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_barriers(page, demo, scheme):
    page.resize(1280, 860, scheme)
    open_comparison(page, demo)
    page.settle()
    assert page.violations() == []


@pytest.mark.parametrize("view", ["comparison", "evaluation", "leaderboard"])
def test_the_longest_names_fit_a_telephone(page, web, small, view):
    long = "W" * 300
    a, b = "W" * 61 + "_a", "W" * 61 + "_b"
    dataset = small({a: found(1, 2), b: found(*range(1, 9))}, category=long, file_name=long + "{}")
    assert web.put(f"/datasets/{dataset}/slices/{'W' * 63}", {"image_ids": [1, 2, 3]}).status == 200
    for run in (a, b):
        assert web.get(f"/datasets/{dataset}/runs/{run}/evaluation").status == 200
    page.resize(375, 800)
    page.open(f"/web/datasets/{dataset}/{view}?run={a}&with={b}", ready=".data")
    for part in page.all("main .view .card"):
        page.script("arguments[0].scrollIntoView()", part)
    page.settle()
    page.script("document.querySelectorAll('main details').forEach(one => { one.open = true; })")
    assert page.width() == 375
    if view != "leaderboard":
        titles = page.script("return [...document.querySelectorAll('main [title]')]"
                             ".map(element => element.title)")
        assert any(long in title for title in titles)


def test_a_telephone_does_not_scroll_sideways(page, demo):
    page.resize(375, 800)
    open_comparison(page, demo)
    page.settle()
    assert page.width() == 375


def test_lines_to_copy_give_what_the_page_shows(page, web, db, demo):
    query = "confidence=0.5&run=baseline&with=improved"
    for run in ("baseline", "improved"):
        assert web.get(f"/datasets/{demo}/runs/{run}/evaluation").status == 200
    open_comparison(page, demo, query)
    lines = page.lines_to_copy()
    curl = subprocess.run(shlex.split(lines[0]) + ["-sS"], capture_output=True, check=True)
    document = comparison(web, demo, query)
    assert json.loads(curl.stdout) == document
    rows = db.execute(lines[-1]).fetchall()
    assert {(category, truths, a, b) for category, truths, a, b, _ in rows} == {
        (one["category"], one["truths"], one["a"]["AP"], one["b"]["AP"])
        for one in document["per_class"]}
