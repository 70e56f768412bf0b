"""Statistics on the web page: how much there is, and the images behind it; and what all charts
have."""

import json
import re
import shlex
import subprocess

import pytest

from browser import HOSTILE, Keys, count, query_of
from client import Client
from conftest import names
from demo import load_demo_with_slice
from stack import wait_for

CLASSES = 1203  # as many as LVIS has


@pytest.fixture(scope="module")
def demo(site):
    """The demo with a slice, for tests that leave it as they found it."""
    return load_demo_with_slice(Client(site), f"demo{next(names)}")


@pytest.fixture
def many_classes(web, name):
    """A dataset of as many classes as LVIS has, one with most objects, and a run."""
    truth = {"images": [{"id": 1, "file_name": "1.jpg", "width": 99, "height": 99}],
             "categories": [{"id": i, "name": f"class {i}"} for i in range(1, CLASSES + 1)],
             "annotations": [{"id": i, "image_id": 1, "category_id": max(1, i - 9),
                              "bbox": [9, 9, 9, 9], "area": 81, "iscrowd": 0}
                             for i in range(1, CLASSES + 10)]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    row = {"image_id": 1, "category_id": 7, "bbox": [9, 9, 9, 9], "score": 0.5}
    assert web.put_run(name, "r", [row] * 3).status == 200
    return name


def address(dataset, query=""):
    return f"/web/datasets/{dataset}/statistics?{query}"


def statistics(web, dataset, query=""):
    reply = web.get(f"/datasets/{dataset}/statistics?{query}")
    assert reply.status == 200, reply
    return reply.json()


def marks(page, css):
    """The marks of a chart: the parts of their names, and where they lead."""
    return [(name.split(", "), link) for name, link in page.marks(css)]


def shown_classes(page):
    """Names of classes in the chart, in their order."""
    order = [name[0] for name, _ in marks(page, "#classes")]
    return list(dict.fromkeys(order))


# ---- how much there is --------------------------------------------------------------------------

def test_totals_are_those_of_the_api(page, web, demo):
    page.open(address(demo))
    document = statistics(web, demo)
    summary = document["summary"]
    shown = page.tiles("#totals")
    assert (shown["images"], shown["annotations"], shown["classes"]) == tuple(
        count(summary[key]) for key in ("total_images", "gt_annotations", "total_categories"))
    for run in document["runs"]:
        assert shown[run["run_name"]] == count(run["count"])


def test_each_class_stands_beside_each_run(page, web, demo):
    page.open(address(demo))
    document = statistics(web, demo)
    wanted = {}
    for row in document["class_distribution"]:
        name = row["category_name"]
        wanted[name, "ground truth"] = count(row["gt_count"])
        for run in document["runs"]:
            wanted[name, run["run_name"]] = count(run["class_counts"][str(row["category_id"])])
    shown = {(name[0], *name[1].split(": ")[:1]): name[1].split(": ")[1]
             for name, _ in marks(page, "#classes")}
    assert shown == wanted


def test_a_bar_opens_the_images_behind_it(page, web, demo):
    page.open(address(demo))
    links = {tuple(name[:2]): link for name, link in marks(page, "#classes")}
    query = next(query_of(link) for name, link in links.items()
                 if name[0] == "kite" and name[1].startswith("baseline"))
    assert (query["category"], query["source"]) == ("kite", "baseline")
    images = web.get(f"/datasets/{demo}/images?category=kite&source=baseline").json()["total"]
    assert 0 < images < 60
    page.click_mark("#classes .mark[aria-label^='kite, ground truth']")
    page.wait_for_address(f"/web/datasets/{demo}/images?")
    query = query_of(page.address)
    assert query["category"] == "kite" and "source" not in query


def test_scores_open_images_with_such_scores(page, web, demo):
    page.open(address(demo, "run=baseline"))
    bins = [one for one in statistics(web, demo, "run=baseline")["runs"][0]["scores"]]
    shown = {float(name[0]): (name[1], query_of(link)) for name, link in marks(page, "#scores")}
    for one in bins:
        low = round(one["low"] or 0, 2)
        if one["count"]:
            number, query = shown[low]
            assert number == count(one["count"])
            assert float(query.get("min_confidence", 0)) == pytest.approx(low)


@pytest.mark.parametrize("chart", ["#sizes", "#areas", "#per-image"])
def test_bars_of_sizes_and_numbers_open_their_images(page, web, demo, chart):
    page.open(address(demo, "run=baseline"))
    opened = []
    for (_, words, *_), link in marks(page, chart):
        found = re.fullmatch("(ground truth|baseline): (.+)", words)
        query = query_of(link)
        assert query.pop("run") == "baseline"
        assert query.get("source", "ground_truth") == found[1].replace(" ", "_")
        text = "&".join(f"{name}={value}" for name, value in query.items())
        total = web.get(f"/datasets/{demo}/images?limit=500&{text}").json()["total"]
        rows = int(found[2].replace("\u2009", ""))
        assert total == rows if chart == "#per-image" else min(rows, 1) <= total <= rows
        opened.append(total)
    assert len(opened) > 4 and sum(opened)


def test_histograms_hold_everything(page, web, demo):
    page.open(address(demo, "only=truth"))
    truth = statistics(web, demo)["ground_truth"]
    for chart, total in (("#sizes", truth["count"]), ("#per-image", 60),
                         ("#areas", truth["count"])):
        assert sum(int(name[1]) for name, _ in marks(page, chart)) == total
    assert not page.all("#scores")


# ---- filters ------------------------------------------------------------------------------------

def test_splits_and_slices_filter_all_numbers(page, web, demo):
    page.open(address(demo))
    assert page.script("return [...document.querySelectorAll('.head select')]"
                       ".map(box => box.options[0].text)") == ["all splits", "all images"]
    page.select(".head select", "val")
    page.wait_for_address("split=val")
    summary = statistics(web, demo, "split=val")["summary"]
    wait_for(lambda: page.tiles("#totals")["images"] == count(summary["total_images"]),
             "val's images")
    page.open(address(demo, "slice=night"))
    night = statistics(web, demo, "slice=night&run=improved")
    assert page.tiles("#totals")["annotations"] == count(night["summary"]["gt_annotations"])
    assert page.tiles("#totals")["improved"] == count(night["runs"][0]["count"])
    assert all(query_of(link)["slice"] == "night" for _, link in marks(page, "#classes"))


def test_runs_are_chosen(page, demo):
    page.open(address(demo))
    page.click(".run-menu summary")
    page.click(".run-menu input[value=baseline]")
    page.wait_for_address("run=improved")
    wait_for(lambda: {name[1].split(":")[0] for name, _ in marks(page, "#classes")}
             == {"ground truth", "improved"}, "one run beside the ground truth")
    page.click(".run-menu input[value=improved]")
    page.wait_for_address("only=truth")
    wait_for(lambda: len(marks(page, "#classes")) == 8, "the ground truth alone")
    page.driver.back()
    wait_for(lambda: len(marks(page, "#classes")) == 16, "the run again")


# ---- many classes -------------------------------------------------------------------------------

def test_of_many_classes_the_first_are_shown_and_all_are_found(page, many_classes):
    page.open(address(many_classes))
    first = shown_classes(page)
    assert len(first) == 50 and first[0] == "class 1"
    page.button("Show 50 more", "#classes").click()
    assert len(shown_classes(page)) == 100
    search = page.wait("#classes input[type=search]")
    search.send_keys("CLASS 120")
    found = [f"class {n}" for n in (120, *range(1200, 1204))]
    wait_for(lambda: shown_classes(page) == found, "the classes with this in their names")
    search.clear()
    search.send_keys("nothing")
    page.wait_for_text("No class has this in its name", "#classes")
    search.clear()
    search.send_keys(" ")
    page.select("#classes select", "excess")
    wait_for(lambda: shown_classes(page)[0] == "class 7", "the class that is detected too often")


def test_a_logarithmic_scale_shows_what_is_rare(page, many_classes):
    page.open(address(many_classes, "only=truth"))
    width = lambda: page.script("return +document.querySelectorAll('#classes .mark rect:not(.reach)"
                                "')[1].getAttribute('width')")
    marks(page, "#classes")
    linear = width()
    page.button("log", "#classes").click()
    wait_for(lambda: width() > 2 * linear, "a longer bar")


# ---- charts -------------------------------------------------------------------------------------

def test_a_chart_is_read_with_the_keyboard(page, demo):
    page.open(address(demo))
    order = [", ".join(name) for name, _ in marks(page, "#classes")]
    page.script("document.querySelector('#classes .mark[tabindex=\"0\"]').focus()")
    named = lambda: page.script("return document.activeElement.getAttribute('aria-label')")
    assert named() == order[0]
    page.press(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    assert named() == order[2]
    assert page.text("#classes .tip").split("\n") == order[2].split(", ")
    page.press(Keys.END)
    assert named() == order[-1]
    page.press(Keys.ESCAPE)
    wait_for(lambda: page.text("#classes .tip") == "", "the tip to go")
    assert len(page.all("#classes .mark[tabindex='0']")) == 1
    page.press(Keys.ENTER)
    page.wait_for_address("/images?")


def test_a_chart_has_its_numbers_as_a_table(page, demo):
    page.open(address(demo, "run=baseline"))
    page.click("#classes .chart-table summary")
    page.wait("#classes .chart-table td")
    rows = page.script("return [...document.querySelectorAll('#classes .chart-table tbody tr')]"
                       ".map(r => [...r.cells].map(c => c.textContent))")
    shown = {}
    for name, _ in marks(page, "#classes"):
        shown.setdefault(name[0], []).append(name[1].split(": ")[1])
    assert rows == [[name, *numbers] for name, numbers in shown.items()]


def test_a_chart_is_drawn_anew_for_another_width(page, demo):
    page.open(address(demo))
    for width in (1280, 700, 375):
        page.resize(width, 800)
        wait_for(lambda: page.script(
            "const plot = document.querySelector('#classes .chart-plot');"
            "return Math.abs(plot.clientWidth - plot.firstChild.width.baseVal.value) < 2"),
            f"a chart of {width} pixels")
    assert page.width() <= 375


# ---- care ---------------------------------------------------------------------------------------

def test_names_from_files_are_text(page, web, name):
    truth = {"images": [{"id": 1, "file_name": "a.jpg", "width": 99, "height": 99}],
             "categories": [{"id": 1, "name": HOSTILE}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [9, 9, 9, 9],
                              "area": 81, "iscrowd": 0}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    page.open(address(name))
    [(parts, link)] = marks(page, "#classes")
    assert parts[0] == HOSTILE and query_of(link)["category"] == HOSTILE
    page.click("#classes .chart-table summary")
    page.wait("#classes .chart-table td")
    assert HOSTILE in page.text("#classes td")
    assert page.all("main img") == [] and "owned" not in page.driver.title


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_barriers(page, demo, scheme):
    page.resize(1280, 860, scheme)
    page.open(address(demo))
    page.click(".run-menu summary")
    for summary in page.all("main .chart-table summary"):
        page.script("arguments[0].click()", summary)
    assert page.violations() == []


def test_what_does_not_exist_is_said(page, demo):
    page.expect("404")
    page.expect("400")
    for query, gone, kept in (("run=nobody,improved", "nobody", "?run=improved"),
                              ("slice=gone", "gone", ""),
                              ("split=gone&run=improved", "gone", "?run=improved")):
        page.open(address(demo, query))
        page.wait_for_text(gone, ".problem")
        page.button("Take all filters away", ".problem").click()
        page.wait("#totals")
        assert page.address.endswith("/statistics" + kept) and not page.all(".problem")


def test_the_lines_of_curl_and_sql_are_true(page, web, db, demo):
    page.open(address(demo, "run=baseline&split=val"))
    curl, sql = page.lines_to_copy()
    done = subprocess.run(shlex.split(curl) + ["-sS"], capture_output=True, check=True)
    assert json.loads(done.stdout) == statistics(web, demo, "run=baseline&split=val")
    rows = db.execute(sql).fetchall()
    assert ("ground_truth", "kite") in {(source, category) for source, category, *_ in rows}
    assert sum(n for source, _, n, *_ in rows if source == "ground_truth") \
        == statistics(web, demo)["summary"]["gt_annotations"]
