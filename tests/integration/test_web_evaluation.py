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
    assert "There is no curve" not in page.text("#point")


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
