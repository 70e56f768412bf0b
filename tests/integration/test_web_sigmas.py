"""Keypoints that are not COCO's 17 points, on the web page: they need sigmas."""

import math

import pytest

from browser import Keys, query_of
from samples import street
from stack import wait_for

FOUR = [10, 10, 2, 90, 10, 2, 90, 90, 2, 10, 90, 2]
RUNS = {"near": 2, "far": 9}
TENTH = "0.1,0.1,0.1,0.1"


def pose(shift, **more):
    return {"image_id": 1, "category_id": 1, "bbox": [0, 0, 100, 100], **more,
            "keypoints": [n + shift * (i % 3 == 0) for i, n in enumerate(FOUR)]}


@pytest.fixture
def posed(web, name):
    """A dataset whose objects have four points, and two runs."""
    truth = street(annotations=[pose(0, id=1, area=10000, iscrowd=0, num_keypoints=4)])
    assert web.put(f"/datasets/{name}", truth).status == 201
    for run, shift in RUNS.items():
        assert web.put_run(name, run, [pose(shift, score=0.9)]).status == 200
    return name


def ap_of(web, dataset, run, sigmas):
    path = f"/datasets/{dataset}/runs/{run}/evaluation?iou_type=keypoints&sigmas={sigmas}"
    return f"{web.get(path).json()['metrics']['AP']:.3f}"


def write(page, text):
    field = page.wait("#sigmas")
    field.clear()
    field.send_keys(text, Keys.ENTER)


def open_view(page, dataset, view, query):
    return page.open(f"/web/datasets/{dataset}/{view}?{query}&iou_type=keypoints")


def test_one_number_for_all_points_gives_the_evaluation(page, web, db, posed):
    open_view(page, posed, "evaluation", "run=far")
    page.wait_for_text("These objects have 4 points")
    page.button("0.067 for all 4 points, the mean of COCO's").click()
    page.wait_for_address("sigmas=")
    page.settle()
    first = ap_of(web, posed, "far", ",".join(["0.067"] * 4))
    wait_for(lambda: page.tiles("#numbers").get("AP") == first, "the AP with COCO's mean")
    write(page, "0.1")
    page.wait_for_address("sigmas=0.1")
    page.settle()
    second = ap_of(web, posed, "far", TENTH)
    wait_for(lambda: page.tiles("#numbers").get("AP") == second, "the AP with 0.1")
    assert first != second and query_of(page.address)["sigmas"] == TENTH
    assert page.wait("#sigmas").get_attribute("value") == "0.1"
    assert len(page.marks("#history")) == 1
    assert "Errors are kept with the sigmas" in page.text("#images")
    assert not page.all(".problem")
    lines = page.lines_to_copy()
    assert any("sigmas=" in line for line in lines)
    sql = next(line for line in lines if line.startswith("select h.evaluated_at"))
    assert [f"{row[1]:.3f}" for row in db.execute(sql).fetchall()] == [second]
    page.script("scrollTo(0, 0)")
    page.button("Boxes").click()
    page.settle()
    assert not page.first("#sigmas")


def test_sigmas_that_do_not_fit_are_refused_with_a_reason(page, posed):
    open_view(page, posed, "evaluation", "run=far")
    write(page, "0.1, 0.2")
    page.wait_for_text("These objects have 4 points, but there are 2 sigmas.", ".sigmas")
    write(page, "0.1, 0.2, 0, 0.1")
    page.wait_for_text("“0” is no sigma", ".sigmas")
    assert "sigmas" not in page.address
    open_view(page, posed, "comparison", "run=far&with=near&sigmas=0.1,0.2")
    page.wait_for_text("These objects have 4 points, but there are 2 sigmas.", ".empty")


def test_a_comparison_takes_sigmas(page, web, posed):
    open_view(page, posed, "comparison", "run=far&with=near")
    page.wait_for_text("These objects have 4 points")
    write(page, "0.1")
    page.wait(".versus-title")
    page.settle()
    words = page.text(".versus-verdict")
    for run in RUNS:
        assert ap_of(web, posed, run, TENTH) in words
    page.button("Evaluation of near").click()
    page.wait("#numbers")
    assert page.tiles("#numbers")["AP"] == ap_of(web, posed, "near", TENTH)


def test_a_leaderboard_evaluates_with_sigmas_and_keeps_them(page, web, posed):
    open_view(page, posed, "leaderboard", "metric=AP")
    page.wait_for_text("These objects have 4 points")
    assert not page.all(".board-evaluate")
    write(page, "0.1")
    page.button("Evaluate all").click()
    for run in RUNS:
        page.wait_for_text(ap_of(web, posed, run, TENTH), ".board-runs")
    open_view(page, posed, "leaderboard", "metric=AP")
    assert page.wait("#sigmas").get_attribute("value") == "0.1"
    write(page, "0.05")
    page.wait_for_text("not evaluated yet with these sigmas; the numbers are of 0.1")
    page.button("Evaluate all").click()
    other = ",".join(["0.05"] * 4)
    for run in RUNS:
        page.wait_for_text(ap_of(web, posed, run, other), ".board-runs")
    assert query_of(page.wait(".board-name").get_attribute("href"))["sigmas"] == other


def test_cocos_points_need_no_field(page, web, name):
    points = [1, 1, 2] * 17
    truth = street(annotations=[
        {**pose(0, id=1, area=10000, iscrowd=0), "keypoints": points, "num_keypoints": 17}])
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.put_run(name, "run", [{**pose(0, score=0.9), "keypoints": points}]).status == 200
    open_view(page, name, "evaluation", "run=run")
    assert page.tiles("#numbers")["AP"] == "1.000"
    assert not page.first("#sigmas")


def test_images_behind_a_cell_take_sigmas(page, web, posed):
    """They are asked for before the run was compared with its ground truth."""
    open_view(page, posed, "images", f"run=far&truth=person&predicted=person&sigmas={TENTH}")
    page.button("Compare far with the ground truth").click()
    wait_for(lambda: page.text(".images-count") == "1 of 3 images", "the image of the cell")
    made, = web.get(f"/datasets/{posed}/runs/far/errors?iou_type=keypoints&type=true_positive"
                    ).json()["errors"]
    oks = math.exp(-RUNS["far"] ** 2 / (2 * 10000 * (2 * 0.1) ** 2))
    assert made["iou"] == pytest.approx(oks, abs=1e-6)
