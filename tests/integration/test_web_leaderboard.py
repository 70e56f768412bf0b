"""The leaderboard on the web page: all runs by a number, and the way to the verdict."""

import json
import shlex
import subprocess

import pytest

from client import Client
from conftest import names
from demo import load_demo
from stack import wait_for


@pytest.fixture(scope="module")
def measured(site):
    """The demo with both runs evaluated, for tests that leave it as they found it."""
    client = Client(site)
    name = load_demo(client, f"board{next(names)}")
    for run in ("baseline", "improved"):
        reply = client.get(f"/datasets/{name}/runs/{run}/evaluation?include=interval")
        assert reply.status == 200, reply
    return name


@pytest.fixture
def fresh(web, name):
    """The demo with no run evaluated."""
    return load_demo(web, name)


def open_board(page, dataset, query=""):
    return page.open(f"/web/datasets/{dataset}/leaderboard{query}", ready=".board table")


@pytest.fixture
def perfect(web, name):
    """A dataset with a run whose AP is 1, but for rounding."""
    truth = {"images": [{"id": 1}], "categories": [{"id": 1, "name": "a"}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 40]}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    row = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 30, 41], "score": 0.9}
    assert web.put_run(name, "perfect", [row]).status == 200
    measured = web.get(f"/datasets/{name}/runs/perfect/evaluation?include=interval").json()
    assert 0 < 1 - measured["metrics"]["AP"] < 1e-9
    return name


def test_numbers_that_rounding_alone_tells_apart_have_a_chart(page, perfect):
    open_board(page, perfect)
    assert len(page.marks(".chart")) == 1


def rows(page):
    """The cells of each run, by its name."""
    heads, *rest = page.cells(".board-runs table.data") or [[]]
    return {cells[heads.index("run")]: dict(zip(heads, cells)) for cells in rest}


def board_of(web, dataset, query=""):
    return web.get(f"/datasets/{dataset}/leaderboard{query}").json()


def test_from_the_leaderboard_the_verdict_is_one_click_away(page, measured):
    open_board(page, measured)
    page.button("Is improved really better?").click()
    page.wait_for_text("improved is better than baseline", ".versus-title")


def test_runs_stand_in_the_order_of_their_ap_with_intervals(page, web, measured):
    open_board(page, measured)
    board = board_of(web, measured)
    shown = rows(page)
    assert list(shown) == [run["run_name"] for run in board["runs"]] == ["improved", "baseline"]
    for run in board["runs"]:
        low, high = run["interval"]["low"], run["interval"]["high"]
        assert f"{run['value']:.3f}" in shown[run["run_name"]]["AP"]
        assert f"{low:.3f} \u2013 {high:.3f}" in shown[run["run_name"]]["AP"]
    assert "Measured against the ground truth" in page.text()


def test_another_number_is_in_the_address(page, web, measured):
    open_board(page, measured)
    page.select("main .choice select", "ARs")
    page.wait_for_address("metric=ARs")
    page.wait_for_text("ARs: average recall of small objects")
    wait_for(lambda: "ARs" in next(iter(rows(page).values()), {}), "a column of ARs")
    for run in board_of(web, measured, "?metric=ARs")["runs"]:
        assert rows(page)[run["run_name"]]["ARs"] == f"{run['value']:.3f}"


def test_runs_without_numbers_are_evaluated_by_a_button(page, web, fresh):
    open_board(page, fresh)
    page.wait_for_text("2 runs are not evaluated yet.")
    page.button("Evaluate all").click()
    wait_for(lambda: rows(page).get("improved", {}).get("rank") == "1", "ranks")
    assert "not evaluated" not in page.text(".board")
    assert [run["interval"] is not None for run in board_of(web, fresh)["runs"]] == [True, True]


def test_an_evaluation_can_be_cancelled(page, fresh, holder):
    open_board(page, fresh)
    holder.execute("lock table coco.evaluation_classes in share row exclusive mode")
    page.button("Evaluate all").click()
    page.wait_for_text("is evaluated: ", ".board-todo")
    page.button("Cancel", ".board-todo").click()
    page.wait_for_text("Cancelled", ".board-todo")
    holder.rollback()
    assert page.button("Evaluate all").is_enabled()


def test_two_ticks_lead_to_a_comparison(page, measured):
    open_board(page, measured)
    page.wait_for_text("Tick two runs.", ".board-pair")
    page.click("[aria-label='Compare baseline']")
    page.wait_for_text("Tick a run to compare baseline with.", ".board-pair")
    page.click("[aria-label='Compare improved']")
    page.wait_for_address("run=baseline&with=improved")
    page.button("Compare", ".board-pair").click()
    page.wait_for_text("improved is better than baseline", ".versus-title")


def test_ticks_come_back_with_the_address(page, measured):
    open_board(page, measured, "?run=improved&with=baseline")
    assert page.text(".board-pair strong") == "improved\nbaseline"
    assert all(box.is_selected() for box in page.all(".board input[type=checkbox]"))


def test_a_run_that_was_imported_again_has_a_history(page, web, fresh):
    assert web.get(f"/datasets/{fresh}/runs/baseline/evaluation").status == 200
    better = json.dumps(web.get(f"/datasets/{fresh}/runs/improved/predictions").json())
    assert web.put_run(fresh, "baseline", better).status == 200
    assert web.get(f"/datasets/{fresh}/runs/baseline/evaluation").status == 200
    open_board(page, fresh)
    wait_for(lambda: len(page.all(".board-history circle")) == 2, "two points of baseline")


def test_without_runs_the_page_leads_to_the_import(page, dataset):
    page.open(f"/web/datasets/{dataset}/leaderboard", ready=".empty")
    page.wait_for_text("There is no run yet")
    page.button("Import", "main").click()
    page.wait_for_address(f"/web/import?dataset={dataset}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_there_are_no_barriers(page, measured, scheme):
    page.resize(1280, 860, scheme)
    open_board(page, measured, "?run=improved&with=baseline")
    assert page.violations() == []


def test_a_telephone_does_not_scroll_sideways(page, measured):
    page.resize(375, 800)
    open_board(page, measured)
    assert page.width() == 375


def test_lines_to_copy_give_what_the_page_shows(page, web, db, measured):
    open_board(page, measured, "?metric=AP75&run=baseline&with=improved")
    lines = page.lines_to_copy()
    board = board_of(web, measured, "?metric=AP75")
    curl = subprocess.run(shlex.split(lines[0]) + ["-sS"], capture_output=True, check=True)
    assert json.loads(curl.stdout) == board
    assert db.execute(lines[1]).fetchall() == [
        (run["run_name"], run["value"]) for run in board["runs"]]
    curl = subprocess.run(shlex.split(lines[2]) + ["-sS"], capture_output=True, check=True)
    assert json.loads(curl.stdout)["b"]["run"] == "improved"
