"""An upload that is only tried, and one that must not lose many rows."""

import pytest

from samples import array, count, detection, detections, leaves, published_leaves, rows, street


@pytest.fixture
def run(web, dataset):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    return f"/datasets/{dataset}/runs/run"


def some_bad(good, bad):
    return array(*detections(good), *[detection(category_id=999)] * bad)


def everything(web, db, dataset):
    return (web.get("/datasets").json(), web.get(f"/datasets/{dataset}/runs").json(),
            rows(db, dataset, "run"), rows(db, dataset, "ground_truth"),
            db.execute("select * from coco.class_counts order by 1, 2").fetchall())


def test_a_dry_run_says_what_would_come_and_changes_nothing(web, db, dataset, run, collect, token):
    collect()
    before = everything(web, db, dataset)
    reply = web.put(run, some_bad(7, 2), {"dry_run": 1, "import": token})
    outcome = reply.json()
    assert (reply.status, outcome["dry_run"]) == (200, True)
    assert (outcome["prediction_count"], outcome["skipped_count"], outcome["replaced_count"]) == (
        7, 2, 5)
    assert outcome["message"].startswith("would import 7 predictions")
    assert everything(web, db, dataset) == before
    assert leaves(db) == published_leaves(db)
    assert web.get("/imports/" + token).status == 404
    real = web.put(run, some_bad(7, 2)).json()
    assert "dry_run" not in real and real["message"].startswith("imported 7 predictions")
    assert {key: real[key]
            for key in ("prediction_count", "skipped", "replaced_count", "bytes")} == \
        {key: outcome[key] for key in ("prediction_count", "skipped", "replaced_count", "bytes")}


def test_a_dry_run_of_a_new_ground_truth(web, db, name):
    reply = web.put(f"/datasets/{name}", street(), {"dry_run": 1})
    assert (reply.status, reply.json()["annotation_count"], reply.json()["dry_run"]) == (
        200, 4, True)
    assert web.get(f"/datasets/{name}").status == 404
    assert web.put(f"/datasets/{name}", street(), {"dry_run": 0}).status == 201


@pytest.mark.parametrize("body, code", [
    (b"[{]", "not_json"), (some_bad(0, 3), "nothing_taken"),
    (street(images=street()["images"][1:]), "dataset_has_runs")],
    ids=["not_json", "nothing_taken", "dataset_has_runs"])
def test_a_dry_run_fails_as_the_real_one_would(web, run, dataset, token, body, code):
    path = f"/datasets/{dataset}" if code == "dataset_has_runs" else run
    assert web.put(path, body, {"dry_run": 1, "import": token}).json()["code"] == code
    assert web.get("/imports/" + token).status == 404


@pytest.mark.parametrize("limit, bad, taken", [
    ("0", 0, True), ("0", 1, False), ("3", 3, True), ("3", 4, False),
    ("10%", 10, True), ("10%", 11, False), ("0%", 1, False), ("100%", 99, True), ("2.5%", 2, True),
    ("2.5%", 3, False)])
def test_more_skips_than_allowed_are_422_and_change_nothing(
        web, db, dataset, run, collect, limit, bad, taken):
    # The % as people type it.
    reply = web.put(f"{run}?max_skipped={limit}", some_bad(100 - bad, bad))
    if taken:
        assert (reply.status, reply.json()["skipped_count"]) == (200, bad)
        return
    assert (reply.status, reply.json()["code"]) == (422, "too_many_skipped")
    assert reply.json()["skipped"][0]["count"] == bad
    assert reply.json()["detail"] == f"{bad} of 100 rows were skipped, but max_skipped is {limit}"
    assert count(db, dataset, "run") == 5
    collect()


def test_skips_of_a_ground_truth_count_too(web, name):
    truth = street()
    truth["annotations"].append(
        {"id": 99, "image_id": 4711, "category_id": 1, "bbox": [1, 2, 3, 4]})
    assert web.put(f"/datasets/{name}", truth,
                   {"max_skipped": 0}).json()["code"] == "too_many_skipped"
    assert web.get(f"/datasets/{name}").status == 404
    assert web.put(f"/datasets/{name}", truth, {"max_skipped": "20%"}).status == 201


@pytest.mark.parametrize("limit, taken",
                         [("20%", True), ("19%", False), ("22", True), ("21", False)])
def test_a_part_of_a_ground_truth_is_one_of_all_its_elements(web, name, limit, taken):
    """22 of 110 elements: 20 images without an id and 2 repeated images.

    The file has 100 images, 3 categories and 7 annotations.
    """
    truth = street()
    truth["images"] += [{"id": n} for n in range(4, 79)]
    truth["images"] += [{"file_name": "x"}] * 20 + [{"id": 1}] * 2
    truth["annotations"] += [{**truth["annotations"][0], "id": n} for n in (20, 21, 22)]
    assert (len(truth["images"]), len(truth["annotations"])) == (100, 7)
    reply = web.put(f"/datasets/{name}", truth, {"max_skipped": limit})
    if taken:
        assert (reply.status, reply.json()["skipped_count"]) == (201, 22)
        return
    assert (reply.status, reply.json()["code"]) == (422, "too_many_skipped")
    assert reply.json()["detail"].startswith("22 of 110 images, categories and annotations")


@pytest.mark.parametrize("query", ["max_skipped=x", "max_skipped=", "max_skipped=-1",
                                   "max_skipped=1.5", "max_skipped=101%", "max_skipped=5%%",
                                   "max_skipped=%", "dry_run=yes", "dry_run=", "dry_run",
                                   "dry_run&x", "import&dry_run=1", "dryrun=1",
                                   "dry_run=1&max_skiped=0", "DRY_RUN=1", "split=val"])
def test_conditions_that_make_no_sense_are_400(web, run, query):
    reply = web.put(f"{run}?{query}", detections(3))
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    assert web.put(run, detections(1), {"dry_run": 1}).json()["replaced_count"] == 5


def test_a_query_may_end_in_marks(web, run):
    assert web.put(f"{run}?&max_skipped=0&", detections(3)).status == 200
