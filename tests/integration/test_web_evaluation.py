"""The evaluation of a run on the web page: its numbers, what is wrong, and the images of it."""

import json
import shlex
import subprocess
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from browser import HOSTILE, count, query_of
from client import Client
from conftest import names
from demo import load_demo_with_slice
from stack import wait_for

HERE = [10, 10, 50, 50]


@pytest.fixture(scope="module")
def demo(site):
    """The demo with a slice, for tests that leave it as they found it."""
    return load_demo_with_slice(Client(site), f"demo{next(names)}")


def address(dataset, query="run=baseline"):
    return f"/web/datasets/{dataset}/evaluation?{query}"


def evaluation(web, dataset, query="", run="baseline"):
    reply = web.get(f"/datasets/{dataset}/runs/{run}/evaluation?{query}")
    assert reply.status == 200, reply
    return reply.json()


def href(element):
    return element.get_attribute("href")


def rows(page, css):
    """The cells of a table's body."""
    return page.script("return [...document.querySelectorAll(arguments[0] + ' tbody tr')]"
                       ".map(r => [...r.cells].map(c => c.textContent))", css)


def class_rows(page):
    """The numbers of each class that is listed."""
    return {row[0]: row[1:] for row in rows(page, ".class-table")}


def metric(number):
    return "–" if number is None or number < 0 else f"{number:.3f}"


def moved(page, point):
    """Waits until the page shows this operating point."""
    wait_for(lambda: page.all(f".view[data-point='{point}']"), f"the numbers at {point}")


# ---- numbers ------------------------------------------------------------------------------------

def test_the_numbers_are_those_of_the_api_with_a_sentence_on_each(page, web, demo):
    page.open(address(demo))
    document = evaluation(web, demo, "include=interval")
    shown = page.tiles("#numbers")
    assert shown == {name: metric(value) for name, value in document["metrics"].items()}
    sentences = page.script("return [...document.querySelectorAll('#numbers .stat small')]"
                            ".map(e => e.textContent)")
    assert len(sentences) == 12 and all(one.endswith((".", "?")) for one in sentences)
    interval = document["interval"]
    page.wait_for_text(f"{metric(interval['low'])} – {metric(interval['high'])}", "#numbers")


def test_masks_keypoints_and_splits_are_evaluated_on_their_own(page, web, demo):
    page.open(address(demo))
    page.button("Masks").click()
    page.wait_for_address("iou_type=segm")
    page.settle()
    ap = evaluation(web, demo, "iou_type=segm")["metrics"]["AP"]
    wait_for(lambda: page.tiles("#numbers").get("AP") == metric(ap), "the AP of masks")
    page.button("Keypoints").click()
    page.wait_for_address("iou_type=keypoints")
    page.settle()
    metrics = evaluation(web, demo, "iou_type=keypoints")["metrics"]
    wait_for(lambda: page.tiles("#numbers") == {k: metric(v) for k, v in metrics.items()},
             "COCO's ten numbers of keypoints")
    page.open(address(demo, "run=improved&split=val"))
    ap = evaluation(web, demo, "split=val", "improved")["metrics"]["AP"]
    assert page.tiles("#numbers")["AP"] == metric(ap)


def test_doubts_are_shown(page, web, dataset):
    rows = [{"image_id": 1, "category_id": 1, "bbox": HERE, "score": 0.5}] * 2
    assert web.put_run(dataset, "r", rows).status == 200
    warnings = evaluation(web, dataset, run="r")["warnings"]
    assert "equal_scores" in [one["code"] for one in warnings]
    page.open(address(dataset, "run=r"))
    for one in warnings:
        assert one["message"] in page.text(".notice")


# ---- what to fix first --------------------------------------------------------------------------

def test_from_the_images_two_clicks_lead_to_why_the_worst_class_is_bad(page, web, demo):
    page.open(f"/web/datasets/{demo}/images?run=baseline")
    page.button("Evaluation", "nav").click()                                # 1
    page.wait("#fix li")
    page.settle()
    worst = min(evaluation(web, demo)["per_class"], key=lambda row: row["AP"])
    assert worst["category"] in page.text("#fix [data-code=worst_class]")
    counts = dict(worst["errors"]["counts"])
    page.click("#fix [data-code=worst_class] a")                            # 2
    page.wait_for_address("/images?")
    query = query_of(page.address)
    assert query["category"] == worst["category"] and query["source"] == "baseline"
    assert counts[query["outcome"]] == max(
        counts[type] for type in ("missed", "localisation", "classification", "duplicate"))


def test_what_costs_most_comes_first(page, web, demo):
    page.open(address(demo))
    costs = evaluation(web, demo)["errors"]["dap"]
    first = page.all("#fix li")[0]
    assert first.get_attribute("data-code") == max(costs, key=costs.get)
    assert metric(max(costs.values())) in first.text
    assert "balloon" in page.text("#fix [data-code=mixed_up]").lower()
    assert "kite" in page.text("#fix [data-code=mixed_up]").lower()


def test_a_better_confidence_is_one_click_away(page, web, demo):
    page.open(address(demo))
    best = evaluation(web, demo)["best_f1"]
    page.click("#fix [data-code=confidence] a")
    page.wait_for_address("confidence=")
    moved(page, f"0.5 {int(best['confidence'] * 100) / 100:g}")
    assert page.tiles("#point")["F1"] == metric(best["f1"])
    assert not page.all("#fix [data-code=confidence]")
    page.driver.back()
    moved(page, "0.5 0.25")


# ---- the operating point ------------------------------------------------------------------------

def test_sliders_move_numbers_classes_curve_and_matrix(page, web, demo):
    page.open(address(demo))
    page.drag("[data-name=confidence]", 0.9)
    page.drag("[data-name=iou]", 0.75)
    moved(page, "0.75 0.9")
    document = evaluation(web, demo, "iou=0.75&confidence=0.9&include=matrix")
    point = document["operating_point"]
    shown = page.tiles("#point")
    assert (shown["precision"], shown["recall"], shown["F1"], shown["right"], shown["wrong"]) == (
        metric(point["precision"]), metric(point["recall"]), metric(point["f1"]),
        count(point["true_positives"]), count(point["false_positives"]))
    listed = class_rows(page)
    for row in document["per_class"]:
        assert metric(row["operating_point"]["f1"]) in listed[row["category"]]
    cells = sum(1 for _, _, number in document["matrix"]["cells"] if number)
    assert len(page.marks("#confusion")) == cells
    assert "IoU 0.75" in page.text("#point .chart-legend")
    assert query_of(page.address) == {"run": "baseline", "iou": "0.75", "confidence": "0.9"}
    page.open(page.address)
    assert page.tiles("#point") == shown


def test_the_numbers_follow_while_a_slider_moves(page, web, demo):
    """Without its being let go: the address follows then."""
    page.open(address(demo))
    page.script("const slider = document.querySelector('[data-name=confidence]');"
                "for (const value of [0.3, 0.5, 0.7, 0.95]) {"
                " slider.value = value; slider.dispatchEvent(new Event('input')); }")
    moved(page, "0.5 0.95")
    point = evaluation(web, demo, "confidence=0.95")["operating_point"]
    assert page.tiles("#point")["recall"] == metric(point["recall"])
    assert "confidence" not in page.address


def test_a_class_has_curves_and_a_point_of_its_own(page, web, demo):
    page.open(address(demo))
    page.click("#classes a[aria-label='show the curves of lantern']")
    page.wait_for_address("class=lantern")
    wait_for(lambda: page.script("const place = document.getElementById('point')"
                                 ".getBoundingClientRect();"
                                 "return place.top < innerHeight && place.bottom > 0"),
             "the curves in view")
    row = next(one for one in evaluation(web, demo)["per_class"] if one["category"] == "lantern")
    wait_for(lambda: page.tiles("#point")["recall"] == metric(row["operating_point"]["recall"]),
             "the recall of the class")
    curves = evaluation(web, demo, f"categories={row['category_id']}&include=curves")["curves"]
    page.click("#point .chart-table summary")
    at = curves["iou_thresholds"].index(0.5)
    wanted = [(f"{recall:.3f}", metric(max(0, precision)))
              for recall, precision in zip(curves["recall"], curves["precision"][at])]
    wait_for(lambda: [tuple(row[:2]) for row in rows(page, "#point .chart-table")][:100]
             == wanted[:100], "the class's precision at each recall")


def test_a_curve_at_an_iou_that_lacks_is_asked_for(page, web, demo):
    page.open(address(demo))
    page.drag("[data-name=iou]", 0.3)
    moved(page, "0.3 0.25")
    page.wait_for_text("IoU 0.30", "#point .chart-legend")
    curves = evaluation(web, demo, "include=curves&iou_thresholds=0.3")["curves"]
    page.click("#point .chart-table summary")
    wanted = [metric(max(0, precision)) for precision in curves["precision"][0]]
    wait_for(lambda: [row[1] for row in rows(page, "#point .chart-table")][:100] == wanted[:100],
             "the precision at each recall, at IoU 0.3")
    assert "is not here yet" not in page.text("#point")


def test_many_classes_have_curves_without_being_asked(page, web, name):
    classes = range(1, 202)
    truth = {"images": [{"id": 1, "file_name": "a.jpg", "width": 640, "height": 480}],
             "categories": [{"id": i, "name": f"class {i}"} for i in classes],
             "annotations": [{"id": i, "image_id": 1, "category_id": i, "bbox": [i, i, 40, 40],
                              "area": 1600, "iscrowd": 0} for i in classes]}
    found = [{"image_id": 1, "category_id": i, "bbox": [i, i, 40, 40], "score": 0.9}
             for i in classes[:150]]
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.put_run(name, "r", found).status == 200
    page.open(address(name, "run=r"))
    curves = evaluation(web, name, "include=curves", "r")["curves"]
    page.click("#point .chart-table summary")
    heads = ["recall", "IoU 0.50", "IoU 0.75", "IoU 0.90"]
    wait_for(lambda: [row[:4] for row in page.cells("#point .chart-table table")][:1] == [heads],
             "three curves")
    at = [round((iou - 0.5) / 0.05) for iou in (0.5, 0.75, 0.9)]
    shown = rows(page, "#point .chart-table")
    assert shown[50][1:4] == [metric(curves["precision"][i][50]) for i in at]
    assert page.button("Compute intervals of classes", "#classes")


def test_what_another_confidence_gives_is_exact(page, web, demo):
    page.open(address(demo))
    page.script("document.querySelectorAll('#point .chart-table')[1].open = true")
    shown = wait_for(lambda: rows(page, "#point .chart-table"), "the table of the chart")
    for confidence in (0.1, 0.6, 0.9):
        point = evaluation(web, demo, f"confidence={confidence}")["operating_point"]
        numbers = next(row[1:] for row in shown if row[0] == f"{confidence:.3f}")
        assert numbers == [metric(point["f1"]), metric(point["precision"]),
                           metric(point["recall"])]


# ---- classes ------------------------------------------------------------------------------------

def test_classes_sort_and_have_intervals(page, web, demo):
    page.open(address(demo))
    worst_first = [row[0] for row in rows(page, ".class-table")]
    by_ap = sorted(evaluation(web, demo)["per_class"], key=lambda row: row["AP"])
    assert worst_first == [row["category"] for row in by_ap]
    page.button("objects", "#classes thead").click()
    page.button("objects", "#classes thead").click()
    truths = [int(row[4]) for row in rows(page, ".class-table")]
    assert truths == sorted(row["truths"] for row in by_ap)
    same = web.get(f"/datasets/{demo}/comparison?run=baseline&with=baseline").json()
    listed = class_rows(page)
    for row in same["per_class"]:
        low, high = row["bootstrap"]["a"]
        assert listed[row["category"]][1] == f"{metric(low)} – {metric(high)}"


def test_many_classes_are_searched(page, data, web, name):
    folder = "coco_val2014_100"
    truth = data(f"{folder}/instances_val2014_100.json").read_bytes()
    assert web.put(f"/datasets/{name}", truth).status == 201
    results = data(f"{folder}/instances_val2014_fakebbox100_results.json").read_bytes()
    assert web.put_run(name, "fake", results).status == 200
    page.open(address(name, "run=fake"))
    assert len(rows(page, ".class-table")) == 25
    page.button("Show all 80 rows", "#classes").click()
    assert len(rows(page, ".class-table")) == 80
    page.wait("#classes input[type=search]").send_keys("DOG")
    wait_for(lambda: [row[0] for row in rows(page, ".class-table")] == ["dog", "hot dog"]
             or [row[0] for row in rows(page, ".class-table")] == ["hot dog", "dog"],
             "the classes with dog in their names")
    names_of_rows = lambda: page.script(
        "return document.querySelectorAll('#confusion svg text.tick').length")
    assert names_of_rows() == 2 * 21  # the twenty most confused, and the background
    page.select("#confusion select", "80")
    wait_for(lambda: names_of_rows() == 2 * 81, "all classes")
    cells = evaluation(web, name, "include=matrix", "fake")["matrix"]["cells"]
    assert len(page.marks("#confusion")) == len(cells)


# ---- confusion, errors, images ------------------------------------------------------------------

def test_a_cell_opens_as_many_mistakes_as_it_says(page, web, demo):
    page.open(address(demo))
    found = dict(page.marks("#confusion"))
    name = next(name for name in found if name.startswith("balloon taken for kite"))
    query = query_of(found[name])
    assert (query["truth"], query["predicted"]) == ("balloon", "kite")
    images = web.get(f"/datasets/{demo}/runs/baseline/errors/images?truth=balloon&predicted=kite")
    number = sum(image["count"] for image in images.json()["images"])
    assert f"{number} times" in name
    page.click_mark("#confusion .mark[aria-label^='balloon taken for kite']")
    page.wait_for_address(f"/web/datasets/{demo}/images?")
    assert query_of(page.address) == query


def test_away_from_half_an_overlap_cells_say_that_their_images_are_others(page, demo):
    page.open(address(demo))
    assert not page.first("#confusion .notice")
    page.drag("[data-name=iou]", 0.75)
    moved(page, "0.75 0.25")
    words = "The numbers are of IoU 0.75, the images that they open of IoU 0.50"
    page.wait_for_text(words, "#confusion .notice")
    assert all(words in name for name, _ in page.marks("#confusion"))
    assert words in page.text("#fix [data-code=mixed_up]")
    page.drag("[data-name=iou]", 0.5)
    moved(page, "0.5 0.25")
    wait_for(lambda: not page.first("#confusion .notice"), "no notice at 0.5")
    assert not any(words in name for name, _ in page.marks("#confusion"))


def test_cells_and_labels_are_of_the_chosen_images(page, web, demo):
    page.open(address(demo, "run=baseline&split=val&slice=night"))
    queries = [query_of(link) for _, link in page.marks("#confusion")]
    assert queries and all((one["split"], one["slice"]) == ("val", "night") for one in queries)
    path = f"/datasets/{demo}/runs/baseline/errors/labels"
    labels, all_labels = (web.get(f"{path}?limit=12{part}").json()["label_errors"]
                          for part in ("&split=val&slice=night", ""))
    wanted = [str(row["image_id"]) for row in labels]
    shown = [query_of(href(link))["image"] for link in page.all("#labels .shots a")]
    assert shown == wanted != [str(row["image_id"]) for row in all_labels]
    assert "Of the chosen images alone." in page.text("#labels")


def test_cells_show_shares_of_their_row(page, web, demo):
    page.open(address(demo))
    page.button("% of the row", "#confusion").click()
    cells = evaluation(web, demo, "include=matrix")["matrix"]["cells"]
    lantern = 7
    of_row = {predicted: number for truth, predicted, number in cells if truth == lantern}
    share = round(100 * of_row[lantern] / sum(of_row.values()))
    assert str(share) in page.text("#confusion svg").split()


def test_types_of_errors_open_their_images(page, web, demo):
    page.open(address(demo))
    document = evaluation(web, demo)
    found = page.marks("#errors")
    costs, counts = found[:6], found[6:]
    for name, link in costs:
        outcome = query_of(link)["outcome"]
        assert f"{document['errors']['dap'][outcome]:.3f}" in name
    for name, link in counts:
        query = query_of(link)
        assert count(document["errors"]["counts"][query["outcome"]]) in name.split(", ")
        assert (query["source"], query["run"]) == ("baseline", "baseline")


def test_the_worst_images_and_doubtful_labels_lead_to_the_image(page, web, demo):
    page.open(address(demo))
    worst = web.get(f"/datasets/{demo}/runs/baseline/errors/images?limit=12").json()["images"]
    links = page.all("#images .shots a")
    assert len(links) == 12
    assert sorted(int(link.text.split("\n")[1].split()[0]) for link in links) \
        == sorted(image["errors"] for image in worst)
    query = query_of(href(links[0]))
    assert query["image"] == str(worst[0]["image_id"]) and query["run"] == "baseline"
    labels = web.get(f"/datasets/{demo}/runs/baseline/errors/labels?limit=12").json()
    doubtful = page.all("#labels .shots a")
    assert [query_of(href(link))["image"] for link in doubtful] \
        == [str(row["image_id"]) for row in labels["label_errors"]]
    assert labels["label_errors"][0]["category"] in doubtful[0].text


def test_calibration_says_whether_scores_can_be_believed(page, web, demo):
    page.open(address(demo))
    document = evaluation(web, demo, "include=calibration")
    assert "promise too much" in page.text("#calibration")
    assert f"ECE {metric(document['ece'])}" in page.text("#calibration")
    kept = [name for name, _ in page.marks("#calibration") if "kept" in name]
    bins = [one for one in document["calibration"]["bins"] if one["count"]]
    assert len(kept) == len(bins)
    assert all(f"{one['precision']:.2f}" in name and f"{count(one['count'])} detections" in name
               for one, name in zip(bins, kept))


def test_slices_lead_to_their_evaluation(page, web, demo):
    page.open(address(demo))
    link = next(link for name, link in page.marks("#slices") if name.startswith("night"))
    page.open(link)
    night = evaluation(web, demo, "slice=night")
    assert page.tiles("#numbers")["AP"] == metric(night["metrics"]["AP"])
    assert f"{night['images']} images" in page.text("#numbers")


def test_history_shows_what_was_imported_under_the_name(page, web, dataset):
    row = {"image_id": 1, "category_id": 1, "bbox": HERE, "score": 0.5}
    for score in (0.5, 0.6, 0.7):
        assert web.put_run(dataset, "r", [{**row, "score": score}], evaluate="bbox").status == 200
    page.open(address(dataset, "run=r"))
    assert len(page.marks("#history")) == 3
    assert [dot.get_attribute("class") for dot in page.all("#history circle")] \
        == ["dot old", "dot old", "dot"]


# ---- states and care ----------------------------------------------------------------------------

def test_without_a_run_the_page_says_how_to_get_one(page, dataset):
    page.open(address(dataset, ""))
    page.wait_for_text("No runs yet")
    assert query_of(href(page.button("Import the results of a detector", "main"))) \
        == {"dataset": dataset}


def test_a_run_that_does_not_exist_is_said(page, demo):
    page.expect("404")
    page.open(address(demo, "run=nobody"))
    page.wait_for_text("nobody", ".problem")


def test_without_a_choice_the_first_run_is_shown(page, demo):
    page.open(f"/web/datasets/{demo}/evaluation")
    page.wait_for_address("run=baseline")


def test_a_long_evaluation_shows_progress_and_can_be_cancelled(page, web, dataset, holder):
    row = {"image_id": 1, "category_id": 1, "bbox": HERE, "score": 0.5}
    assert web.put_run(dataset, "r", [row]).status == 200
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    page.driver.get(page.url + address(dataset, "run=r"))
    page.wait(".computing progress")
    page.expect("409")
    page.button("Cancel", ".computing").click()
    page.wait_for_text("was cancelled")
    holder.rollback()
    page.button("Compute it", "main").click()
    page.wait("#numbers")
    page.settle()


def test_names_from_files_are_text(page, web, name):
    truth = {"images": [{"id": 1, "file_name": HOSTILE, "width": 99, "height": 99}],
             "categories": [{"id": 1, "name": HOSTILE}, {"id": 2, "name": "background"}],
             "annotations": [{"id": i, "image_id": 1, "category_id": i, "bbox": [9, 9 * i, 9, 9],
                              "area": 81, "iscrowd": 0} for i in (1, 2)]}
    rows_ = [{"image_id": 1, "category_id": c, "bbox": [9, 9 * i, 9, 9], "score": 0.9}
             for i, c in ((1, 2), (2, 2))]
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.put_run(name, "r", rows_).status == 200
    page.open(address(name, "run=r&class=" + quote(HOSTILE)))
    assert HOSTILE in class_rows(page)
    assert HOSTILE in page.text("#images")
    assert any(HOSTILE in name for name, _ in page.marks("#confusion"))
    assert page.all("main img[src='x']") == [] and "owned" not in page.driver.title
    # A class that is called like the background is named by its id.
    truths = [query_of(link) for _, link in page.marks("#confusion")]
    assert {"truth": HOSTILE, "predicted": "2"} in [
        {key: one[key] for key in ("truth", "predicted")} for one in truths]
    assert web.get(f"/datasets/{name}/runs/r/errors/images?truth={quote(HOSTILE)}&predicted=2"
                   ).json()["images"][0]["count"] == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_barriers(page, demo, scheme):
    page.resize(1280, 860, scheme)
    page.open(address(demo))
    for summary in page.all("main .chart-table summary"):
        page.script("arguments[0].click()", summary)
    assert page.violations() == []


def test_it_fits_a_phone(page, demo):
    page.resize(375, 800)
    page.open(address(demo))
    assert page.width() <= 375


def test_a_line_for_a_shell_is_one_command_whatever_the_address_says(page, demo, tmp_path):
    page.expect("Failed to load resource: the server responded with a status of 4")
    trap = tmp_path / "trap"
    page.open(address(demo, urlencode({"run": f"$(touch {trap})", "split": f"a;touch {trap}"})))
    page.button("curl and SQL").click()
    line = wait_for(lambda: [line.text for line in page.all(".copy-line pre")], "lines")[-1]
    assert shlex.split(line)[3:] == [f"$(touch {trap})", "--split", f"a;touch {trap}"]
    subprocess.run(["sh", "-c", line.replace("pgcoco", "echo", 1)], check=True, capture_output=True)
    assert not trap.exists()


def test_the_lines_of_curl_and_sql_are_true(page, web, db, demo):
    page.open(address(demo, "run=baseline&iou=0.75&confidence=0.5"))
    lines = page.lines_to_copy()
    curls = [subprocess.run(shlex.split(line) + ["-sS"], capture_output=True, check=True).stdout
             for line in lines if line.startswith("curl")]
    document = json.loads(curls[0])
    assert document["operating_point"] == evaluation(
        web, demo, "iou=0.75&confidence=0.5")["operating_point"]
    assert {"curves", "matrix", "calibration", "interval"} <= set(document)
    assert json.loads(curls[1])["slices"][0]["slice"] == "night"
    assert json.loads(curls[2])["errors"]
    sql = [line for line in lines if line.startswith("select")]
    assert db.execute(sql[0]).fetchone()[1] == document["metrics"]["AP"]
    assert [row[0] for row in db.execute(sql[1]).fetchall()] == [
        row["category"] for row in sorted(document["per_class"], key=lambda row: row["AP"])]
    assert lines[-1] == f"pgcoco evaluate {demo} baseline"
