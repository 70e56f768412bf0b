"""The leaderboard: the runs of a dataset by a number of their stored evaluations."""

import pytest

from client import refused
from evaluated import numbers, params, store
from samples import detections


@pytest.fixture
def runs(web, db, dataset):
    """`dataset` with the runs a to d; all but d are evaluated."""
    for name in "abcd":
        assert web.put_run(dataset, name, detections(3)).status == 200
    for name, ap in zip("abc", (0.25, 0.75, 0.25)):
        store(db, dataset, name, numbers(ap))
    return dataset


def ranking(document):
    return [(run["run_name"], run["rank"], run["value"]) for run in document["runs"]]


def test_runs_are_sorted_and_those_without_numbers_come_last(web, runs):
    board = web.get(f"/datasets/{runs}/leaderboard").json()
    assert (board["dataset"], board["iou_type"], board["metric"]) == (runs, "bbox", "AP")
    assert ranking(board) == [("b", 1, 0.75), ("a", 2, 0.25), ("c", 2, 0.25), ("d", None, None)]
    best, *_, last = board["runs"]
    assert best["metrics"]["AP50"] == 0.76 and best["evaluated_at"] and best["imported_at"]
    assert (best["prediction_count"], best["operating_point"]["iou"]) == (3, 0.5)
    assert (last["metrics"], last["evaluated_at"], last["prediction_count"]) == (None, None, 3)


def test_another_number_and_kind(web, db, runs):
    store(db, runs, "a", numbers(0.5), params(iou_type="segm"))
    board = web.get(f"/datasets/{runs}/leaderboard?metric=AP50&iou_type=segm").json()
    assert ranking(board) == [("a", 1, 0.51), ("b", None, None), ("c", None, None),
                              ("d", None, None)]
    refused(web.get(f"/datasets/{runs}/leaderboard?metric=mAP"), 400, "bad_request",
            "one of AP, AP50", '"mAP"')
    refused(web.get(f"/datasets/{runs}/leaderboard?iou_type=box"), 400, "bad_request")
    refused(web.get("/datasets/nobody/leaderboard"), 404, "unknown_dataset")


def test_only_cocos_parameters_of_published_imports_count(web, db, runs):
    store(db, runs, "d", numbers(0.9), params(max_dets=[1, 10, 300]))
    assert web.put_run(runs, "b", detections(2)).status == 200
    board = web.get(f"/datasets/{runs}/leaderboard").json()
    assert ranking(board) == [("a", 1, 0.25), ("c", 1, 0.25), ("b", None, None), ("d", None, None)]


def poses(sigmas):
    return params(iou_type="keypoints", max_dets=[20], sigmas=sigmas,
                  areas=[area for area in params()["areas"] if area["name"] != "small"])


def test_keypoints_with_other_numbers_of_points_are_compared_by_the_newest_sigmas(web, db, runs):
    """COCO has no sigmas for them."""
    address = f"/datasets/{runs}/leaderboard?iou_type=keypoints"
    assert web.get(address).json()["params"] is None
    for run, ap, sigmas in (("a", 0.9, [0.1] * 4), ("b", 0.2, [0.05] * 4), ("c", 0.3, [0.05] * 4)):
        store(db, runs, run, numbers(ap), poses(sigmas))
    store(db, runs, "a", numbers(0.8), {**poses([0.1] * 4), "max_dets": [5]})
    store(db, runs, "a", numbers(0.8), poses([0.1] * 17))
    board = web.get(address).json()
    assert board["params"]["sigmas"] == [0.05] * 4
    assert ranking(board) == [("c", 1, 0.3), ("b", 2, 0.2), ("a", None, None), ("d", None, None)]
    store(db, runs, "a", numbers(0.1), poses([0.05] * 4))
    assert ranking(web.get(address).json())[2] == ("a", 3, 0.1)
    assert web.get(f"/datasets/{runs}/leaderboard").json()["params"]["sigmas"] is None


def test_what_does_not_apply_comes_after_what_does(web, db, runs):
    store(db, runs, "d", numbers(stats=[-1] * 12))
    assert ranking(web.get(f"/datasets/{runs}/leaderboard").json())[-1] == ("d", 4, -1)


def test_an_interval_is_shown_once_it_is_stored(web, db, dataset):
    assert web.put_run(dataset, "a", detections(3)).status == 200
    evaluation_id = store(db, dataset, "a")
    address = f"/datasets/{dataset}/leaderboard"
    assert web.get(address).json()["runs"][0]["interval"] is None
    db.execute("select coco.evaluation_set_interval(%s, 0.4, 0.6)", (evaluation_id,))
    assert web.get(address).json()["runs"][0]["interval"] == {"low": 0.4, "high": 0.6}


def test_a_page_begins_after_a_run(web, runs):
    address = f"/datasets/{runs}/leaderboard?after="
    assert [run["run_name"] for run in web.get(address + "a").json()["runs"]] == ["c", "d"]
    assert web.get(address + "d").json()["runs"] == []
    refused(web.get(address + "x"), 404, "unknown_run")


def test_a_long_leaderboard_has_pages(db, web, undone, dataset):
    undone.execute(
        "insert into coco.sources select d.id, 'r' || lpad(n::text, 3, '0'), -n, now(), 0, 0, '[]',"
        " 0, 0, 0 from coco.datasets d, generate_series(1, 101) n where d.name = %s", (dataset,))
    page, = undone.execute("select coco.leaderboard_document(%s, 'bbox', 'AP50')",
                           (dataset,)).fetchone()
    assert len(page["runs"]) == 100
    assert page["next"] == (
        f"/datasets/{dataset}/leaderboard?iou_type=bbox&metric=AP50&after=r100")


def test_a_reader_may_ask(reader, runs):
    board, history = reader.execute(
        "select coco.leaderboard_document(%s), coco.evaluations_document(%s, 'a')",
        (runs, runs)).fetchone()
    assert ranking(board)[0] == ("b", 1, 0.75)
    evaluation_id = history["evaluations"][0]["evaluation_id"]
    assert reader.execute("select coco.evaluation_document(%s, '{curves}') -> 'curves' is not null",
                          (evaluation_id,)).fetchone() == (True,)
