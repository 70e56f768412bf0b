"""Evaluations over HTTP: their parameters, what is stored, slices, and ?evaluate of an import."""

import json
import time

import pytest

from client import refused
from samples import array, detections, street
from stack import wait_for

PAGE = "/datasets/{}/runs/run/evaluation"


@pytest.fixture
def page(web, dataset):
    """The address of the evaluation of a run; some of its detections are good."""
    good = [{"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.9},
            {"image_id": 3, "category_id": 18, "bbox": [5, 5, 5, 4], "score": 0.8}]
    assert web.put_run(dataset, "run", array(*good, *detections(9))).status == 200
    return PAGE.format(dataset)


def params(web, page, query):
    reply = web.get(f"{page}?{query}")
    assert reply.status == 200, reply
    return reply.json()["params"]


def test_the_document_has_cocos_numbers_and_both_imports(web, db, dataset, page):
    document = web.get(page).json()
    assert list(document["metrics"]) == ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10",
                                         "AR100", "ARs", "ARm", "ARl"]
    assert list(document["metrics"].values()) == document["stats"]
    assert [one["category"] for one in document["per_class"]] == ["person", "car", "dog"]
    imports = db.execute("select import_id from coco.sources s join coco.datasets d on d.id = "
                         "s.dataset_id where d.name = %s order by source <> 'ground_truth'",
                         (dataset,)).fetchall()
    assert [(document["ground_truth_import"],), (document["import"],)] == imports
    assert [one["AP50"] for one in document["per_class"]] == pytest.approx([1, 0, 1])


def test_numbers_are_made_once_until_a_side_is_imported_again(web, dataset, page):
    first = web.get(page).json()
    assert web.get(page).json() == first
    assert web.get(f"{page}?iou_thresholds=0.5:0.95:0.05&max_dets=1,10,100&exact=1"
                   ).json()["evaluation_id"] == first["evaluation_id"]
    assert web.put_run(dataset, "run", array(*detections(3))).status == 200
    again = web.get(page).json()
    assert again["evaluation_id"] != first["evaluation_id"]
    assert again["import"] > first["import"] and again["stats"] != first["stats"]


def test_all_numbers_of_another_operating_point_are_at_that_point(web, page):
    usual = web.get(page).json()
    other = web.get(f"{page}?iou=0.9&include=calibration").json()
    for numbers in (other, *other["per_class"]):
        assert numbers["operating_point"]["iou"] == numbers["best_f1"]["iou"] == 0.9
    assert (other["ece"], other["mce"]) == tuple(other["calibration"][key] for key in
                                                 ("ece", "mce"))
    assert other["ece"] != usual["ece"] and other["evaluation_id"] == usual["evaluation_id"]


@pytest.mark.parametrize("query, member, value", [
    ("iou_thresholds=0.5,0.75", "iou_thresholds", [0.5, 0.75]),
    ("iou_thresholds=.3:.5:.1", "iou_thresholds", [0.3, 0.4, 0.5]),
    ("max_dets=5,300", "max_dets", [5, 300]),
    ("areas=all:0-1e5,tiny:0-99.5", "areas", [{"name": "all", "low": 0, "high": 100000},
                                               {"name": "tiny", "low": 0, "high": 99.5}]),
    ("categories=18,1", "categories", None),
    ("exact=0", "exact", False),
    ("iou_thresholds=&areas=&categories=&slice=&include=", "categories", None),
])
def test_a_parameter_means_something(web, page, query, member, value):
    got = params(web, page, query)[member]
    assert (sorted(got) == [1, 18]) if query == "categories=18,1" else (got == pytest.approx(value))


@pytest.mark.parametrize("query, words", [
    ("iou_type=boxes", ["iou_type must be bbox or segm or keypoints", "boxes"]),
    ("iou_thresholds=0", ["iou_thresholds: must be", "above 0"]),
    ("iou_thresholds=0.5:1:0.3", ["whole number of STEPs"]),
    ("max_dets=10,1", ["max_dets: must be", "ascending"]),
    ("areas=all", ["areas: must be", "NAME:LOW-HIGH"]),
    ("sigmas=0.1", ["sigmas are for iou_type=keypoints", "bbox"]),
    ("iou_type=keypoints&sigmas=0", ["sigmas: must be"]),
    ("categories=1,x", ["categories must be ids"]),
    ("categories=1,", ["categories must be ids"]),
    ("categories=99999999999", ["categories must be ids"]),
    ("categories=77", ["category 77 is not in the dataset"]),
    ("exact=yes", ["exact must be 0 or 1"]),
    ("iou=0", ["iou must be a number from 0.001 to 1"]),
    ("iou=1.5", ["iou must be a number"]),
    ("iou=nan", ["iou must be a number"]),
    ("confidence=-1", ["confidence must be a number from 0 to"]),
    ("include=everything", ["include must be curves, matrix, calibration"]),
    ("include=matrix,matrix", ["each once"]),
    ("include=matrix,", ["include must be"]),
    ("evaluation=a b".replace(" ", "%20"), ["evaluation must be 1 to 40 letters"]),
    ("iou=0.5&iou=0.6", ["iou is given twice"]),
    ("treshold=0.5", ["there is no parameter", "iou_thresholds"]),
])
def test_what_is_wrong_with_a_parameter_is_said(web, db, page, query, words):
    before = db.execute("select count(*) from coco.evaluations").fetchone()
    refused(web.get(f"{page}?{query}"), 400, "bad_request", *words)
    assert db.execute("select count(*) from coco.evaluations").fetchone() == before


def test_classes_without_number_are_refused_before_they_take_memory(web, name):
    classes = [{"id": n, "name": str(n)} for n in range(1, 16613)]
    assert web.put(f"/datasets/{name}", street(categories=classes)).status == 201
    assert web.put_run(name, "run", array(*detections(3))).status == 200
    refused(web.get(PAGE.format(name)), 400, "bad_request", "16612 classes are too many",
            "10 thresholds and 4 areas", "at most 16611")


@pytest.mark.parametrize("path", ["evaluation", "evaluation/slices"])
def test_what_does_not_exist_is_404(web, dataset, page, path):
    refused(web.get(f"/datasets/nobody/runs/run/{path}"), 404, "unknown_dataset")
    refused(web.get(f"/datasets/{dataset}/runs/nobody/{path}"), 404, "unknown_run")


def test_an_unknown_slice_or_split_is_named(web, page):
    for query in ("slice=night", "split=winter"):
        reply = web.get(f"{page}?{query}")
        assert reply.status in (400, 404) and query[6:] in reply.json()["detail"], reply


def test_a_browser_gets_a_page(web, page):
    reply = web.get(page, accept="text/html")
    assert reply.headers["Content-Type"].startswith("text/html") and "AP50" in reply.text
    assert web.request("HEAD", page).status == 200


def test_the_table_of_slices_has_the_numbers_of_each(web, db, dataset, page):
    for name, image_id in (("day", 1), ("night", 3)):
        db.execute("insert into coco.slices select id, %s, %s from coco.datasets where name = %s",
                   (name, image_id, dataset))
    table = web.get(f"{page}/slices?iou_thresholds=0.5").json()
    assert [one["slice"] for one in table["slices"]] == ["day", "night"]
    for one in table["slices"]:
        single = web.get(f"{page}?iou_thresholds=0.5&slice={one['slice']}").json()
        assert one["evaluation_id"] == single["evaluation_id"]
        assert one["metrics"] == single["metrics"]
    assert table["slices"][0]["metrics"] != table["slices"][1]["metrics"]
    assert web.get(f"{page}/slices?iou_thresholds=0.5").json() == table


def calls(db, function):
    """How often a function was called by connections that have ended."""
    return (db.execute("select calls from pg_stat_user_functions where funcname = %s",
                       (function,)).fetchone() or (0,))[0]


def end_connections(db):
    """Those of the services write their statistics when they end."""
    pids = [row[0] for row in db.execute(
        "select pid from pg_stat_activity where usename = 'pgcoco'")]
    db.execute("select pg_terminate_backend(pid) from unnest(%s) pid", (pids,))
    wait_for(lambda: not db.execute("select 1 from pg_stat_activity where pid = any (%s)",
                                    (pids,)).fetchone(), "the connections to end")


def settled(value):
    """A value that has not changed for half a second: before version 15 PostgreSQL collects such
    numbers in a process of its own."""
    seen = [value()]

    def is_settled():
        time.sleep(.5)
        seen.append(value())
        return seen[-1] == seen[-2]

    wait_for(is_settled, "the numbers to settle")
    return seen[-1]


@pytest.fixture
def reads_of_slices(own_site, db, dataset, page):
    """How often the table of three slices reads rows, by a service without a cache."""
    def count(*options):
        db.execute("insert into coco.slices select id, 's' || n, n from coco.datasets,"
                   " generate_series(1, 3) n where name = %s", (dataset,))
        db.execute("alter role pgcoco set track_functions = 'pl'")
        try:
            web = own_site("--evaluation-cache", "0", *options)
            before = calls(db, "evaluation_rows")
            assert len(web.get(f"{page}/slices").json()["slices"]) == 3
        finally:
            db.execute("alter role pgcoco reset track_functions")
        end_connections(db)
        wait_for(lambda: calls(db, "evaluation_rows") > before, "the calls to be counted")
        return settled(lambda: calls(db, "evaluation_rows") - before)
    return count


def test_rows_are_read_once_for_all_slices_also_without_a_cache(reads_of_slices):
    assert reads_of_slices() == 1


def test_the_slices_of_a_large_run_are_read_in_parts_only(reads_of_slices):
    """Each of the four evaluations reads the three images one by one, once for each class."""
    reads = reads_of_slices("--evaluation-rows", "1")
    assert reads > 4 and reads % 4 == 0


# ---- ?evaluate of an import


def test_an_import_can_be_evaluated_in_the_same_request(web, dataset):
    reply = web.put_run(dataset, "run", array(*detections(9)), evaluate="bbox")
    assert (reply.status, reply.json()["prediction_count"]) == (200, 9)
    single = web.get(PAGE.format(dataset)).json()
    assert reply.json()["evaluation"] == single and single["import"]


def test_each_run_of_a_form_is_evaluated(web, dataset):
    parts = [("file", f"{name}.json", array(*detections(count)))
             for name, count in (("one", 3), ("two", 5))]
    reply = web.post_form(f"/datasets/{dataset}/predictions?evaluate=bbox", parts)
    assert reply.status == 200, reply
    assert [one["run"] for one in reply.json()["evaluations"]] == ["one", "two"]
    assert [one["run_name"] for one in reply.json()["runs"]] == ["one", "two"]
    assert "imported 2 files" in reply.json()["message"]


def test_an_import_that_cannot_be_evaluated_stays_published(web, db, dataset):
    db.execute("""create function pg_temp_fail() returns trigger language plpgsql as
                  $$ begin raise 'no' using errcode = '55P03'; end $$""")
    db.execute("create trigger fail before insert on coco.evaluations "
               "execute function pg_temp_fail()")
    try:
        reply = web.put_run(dataset, "run", array(*detections(9)), evaluate="bbox")
    finally:
        db.execute("drop trigger fail on coco.evaluations")
        db.execute("drop function pg_temp_fail()")
    assert (reply.status, reply.json()["evaluation"]["code"]) == (200, "busy"), reply
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 9


FOUR = [1, 1, 2, 9, 1, 2, 9, 9, 2, 1, 9, 2]


@pytest.fixture
def posed(web, name):
    """A dataset whose objects have four points."""
    truth = street(annotations=[
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10], "area": 100,
         "iscrowd": 0, "keypoints": FOUR, "num_keypoints": 4}])
    assert web.put(f"/datasets/{name}", truth).status == 201
    return name


def of_pose(points):
    return array({"image_id": 1, "category_id": 1, "keypoints": points, "score": .9})


def test_keypoints_without_sigmas_are_told_where_to_give_them(web, posed):
    reply = web.put_run(posed, "run", of_pose(FOUR), evaluate="keypoints")
    problem = reply.json()["evaluation"]
    assert (reply.status, problem["code"]) == (200, "bad_request")
    assert "give sigmas=" in problem["detail"] and problem["ask"].endswith("&sigmas=")
    assert web.get(problem["ask"] + "1,1,1,1").json()["metrics"]["AP"] == pytest.approx(1)


@pytest.mark.parametrize("route", ["errors", "errors/images", "errors/labels"])
def test_errors_of_keypoints_take_sigmas(web, posed, route):
    assert web.put_run(posed, "run", of_pose([x + 1 for x in FOUR])).status == 200
    address = f"/datasets/{posed}/runs/run/{route}?iou_type=keypoints"
    refused(web.get(address), 400, "bad_request", "give sigmas=")
    refused(web.get(address.replace("keypoints", "bbox") + "&sigmas=1"), 400, "bad_request")
    assert web.get(address + "&sigmas=.01,.01,.01,.01").status == 200
    errors = f"/datasets/{posed}/runs/run/errors?iou_type=keypoints"
    first = web.get(errors).json()["totals"]["types"]
    assert (first["background"], first["true_positive"]) == (1, 0)
    assert web.get(errors + "&sigmas=1,1,1,1").json()["totals"]["types"] == first
    assert web.put_run(posed, "run", of_pose([x + 1 for x in FOUR])).status == 200
    assert web.get(errors + "&sigmas=1,1,1,1").json()["totals"]["types"]["true_positive"] == 1


def test_a_dry_run_is_not_evaluated(web, dataset):
    reply = web.put_run(dataset, "run", array(*detections(9)), evaluate="bbox", dry_run=1)
    assert reply.status == 200 and "evaluation" not in reply.json()


@pytest.mark.parametrize("path, query", [("/datasets/{}/runs/run", "evaluate=boxes"),
                                         ("/datasets/{}", "evaluate=bbox")])
def test_only_runs_are_evaluated_and_by_known_kinds(web, dataset, path, query):
    body = json.dumps(street()).encode()
    refused(web.request("PUT", path.format(dataset) + "?" + query, body), 400, "bad_request")
