"""The numbers of an evaluation are stored, found again, become history, and are forgotten."""

import threading

import psycopg
import pytest

from client import refused
from evaluated import (NAMES, begin, curves_of, document, numbers, of_class, params, store, stored,
                       with_curves)
from samples import detections, id_of, street, without
from stack import wait_for


@pytest.fixture
def run(web, dataset):
    """The name of a run of `dataset`."""
    assert web.put_run(dataset, "run", detections(3)).status == 200
    return "run"


@pytest.fixture
def own(db):
    """The role that the program connects as. Its functions need READ COMMITTED."""
    db.execute("set role pgcoco")
    return db


# ---- stored, and found again


def test_an_evaluation_is_found_by_its_imports_and_parameters(own, dataset, run):
    begun = begin(own, dataset, run)
    assert begun[0] == id_of(own, dataset)
    assert list(begun[1:3]) == [row[0] for row in own.execute(
        "select import_id from coco.sources where dataset_id = %s order by source",
        (begun[0],))]
    assert begun[3:] == (None, None)
    evaluation_id = store(own, dataset, run)
    assert begin(own, dataset, run)[3] == evaluation_id
    spaced = own.execute("select evaluation_id from coco.evaluation_begin(%s, %s, %s)",
                         (dataset, run, psycopg.types.json.Json(params()))).fetchone()
    assert spaced == (evaluation_id,)


@pytest.mark.parametrize("more", [{"iou_type": "segm"}, {"exact": False}, {"max_dets": [1, 10, 50]},
                                  {"categories": [1]}, {"iou_thresholds": [0.5]}])
def test_other_parameters_are_another_evaluation(own, dataset, run, more):
    first = store(own, dataset, run)
    assert begin(own, dataset, run, params(**more))[3] is None
    second = store(own, dataset, run, with_params=params(**more))
    assert second != first
    assert begin(own, dataset, run)[3] == first
    assert begin(own, dataset, run, params(**more))[3] == second
    assert own.execute("select is_default from coco.evaluations where evaluation_id = %s",
                       (second,)).fetchone() == ("iou_type" in more,)


@pytest.mark.parametrize("sigmas, is_default", [
    ([s / 10 for s in (.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87,
                       .89, .89)], True),
    ([.1] * 17, False), ([.1] * 5, False), (None, False)])
def test_the_parameters_of_keypoints_may_be_cocos(own, sigmas, is_default):
    keypoints = params(iou_type="keypoints", max_dets=[20], sigmas=sigmas,
                       areas=[area for area in params()["areas"] if area["name"] != "small"])
    assert own.execute("select coco.is_default_params(%s::jsonb)",
                       (psycopg.types.json.Json(keypoints),)).fetchone() == (is_default,)


def test_stored_twice_the_first_numbers_stay(own, dataset, run):
    first = store(own, dataset, run)
    assert store(own, dataset, run, numbers(0.25)) == first
    assert document(own, first)["metrics"]["AP"] == 0.5


def test_stores_at_the_same_time_share_a_row(postgres, db, dataset, run):
    begun = begin(db, dataset, run)
    with postgres.connect() as other:
        first = store(other, dataset, run)  # not committed yet
        ids = []

        def store_too():
            with postgres.connect(autocommit=True) as third:
                ids.append(store(third, dataset, run, begun=begun))

        waits = threading.Thread(target=store_too)
        waits.start()
        wait_for(lambda: db.execute("select count(*) from pg_locks where not granted"
                                    " and locktype = 'transactionid'").fetchone()[0],
                 "a store that waits for another")
        other.commit()
        waits.join()
    assert ids == [first]
    assert len(with_curves(db, ids)) == 1


@pytest.mark.parametrize("dataset_name, run_name, code", [
    ("nobody", "run", "CO401"), ("{}", "no", "CO402"), ("{}", "ground_truth", "CO402")])
def test_an_unknown_run_has_no_evaluation(own, dataset, dataset_name, run_name, code):
    with pytest.raises(psycopg.Error) as error:
        begin(own, dataset_name.format(dataset), run_name)
    assert error.value.sqlstate == code


@pytest.mark.parametrize("more, code, words", [
    ({"split": "night"}, "CO400", "has no split night (it has no splits)"),
    ({"slice": "night"}, "CO404", "has no slice night (it has no slices)")])
def test_an_unknown_split_or_slice_is_named(own, dataset, run, more, code, words):
    with pytest.raises(psycopg.Error, match=words.replace("(", r"\(").replace(")", r"\)")) as error:
        begin(own, dataset, run, params(**more))
    assert error.value.sqlstate == code


def test_a_split_of_all_images_needs_no_digest(web, own, name):
    assert web.put(f"/datasets/{name}", street(), {"split": "val"}).status == 201
    assert web.put_run(name, "run", detections(3)).status == 200
    assert begin(own, name, "run", params(split="val"))[3:] == (None, None)
    with pytest.raises(psycopg.Error, match="its splits: val"):
        begin(own, name, "run", params(split="train"))


# ---- the document


def test_the_document_has_the_numbers_in_full(own, dataset, run):
    third = 1 / 3
    evaluation_id = store(own, dataset, run, numbers(third))
    own.execute("set extra_float_digits = 0")
    found = document(own, evaluation_id)
    assert found["stats"] == [third + i / 100 for i in range(12)]
    assert found["metrics"] == dict(zip(NAMES, found["stats"]))
    assert list(found["metrics"]) == NAMES
    assert (found["dataset"], found["run"], found["params"]) == (dataset, run, params())
    assert found["operating_point"] == numbers()["operating_point"]
    assert found["best_f1"] == numbers()["best_f1"]
    assert found["errors"] == numbers()["errors"]
    assert found["warnings"] == numbers()["warnings"]
    assert (found["duration_ms"], found["is_current"], found["is_default"]) == (42, True, True)
    assert (found["ece"], found["mce"], found["interval"]) == (0.0625, 0.25, None)
    assert [entry["category"] for entry in found["per_class"]] == ["person", "car", "dog"]
    person = found["per_class"][0]
    assert {key: person[key] for key in NAMES} == dict(
        zip(NAMES, of_class(1, third)["values"]))
    assert without(person, *NAMES) == {
        "category_id": 1, "category": "person", "truths": 5, "detections": 7,
        "operating_point": of_class(1, third)["operating_point"],
        "best_f1": of_class(1, third)["best_f1"], "ece": 0.125, "mce": 0.25,
        "errors": {"counts": {"background": 1}}, "note": None}


def test_a_class_without_ground_truth_says_so(own, dataset, run):
    dog = document(own, store(own, dataset, run))["per_class"][2]
    assert (dog["AP"], dog["AR100"]) == (-1, -1)
    assert dog["note"] == ("there is no ground truth of this class, so its AP and AR are -1; its 7 "
                           "detections are false positives")


def test_what_does_not_apply_is_null_in_columns(own, dataset, run):
    evaluation_id = store(own, dataset, run)
    assert own.execute("select ap, ap50, ar, \"values\"[1] from coco.evaluation_classes"
                       " where evaluation_id = %s order by category_id",
                       (evaluation_id,)).fetchall() == [
        (0.5, 0.501, 0.508, 0.5), (0.25, 0.251, 0.258, 0.25), (None, None, None, -1)]


def test_large_members_come_when_they_are_asked_for(own, dataset, run):
    evaluation_id = store(own, dataset, run)
    assert not {"curves", "matrix", "calibration"} & set(document(own, evaluation_id))
    found = document(own, evaluation_id, ["curves", "matrix", "calibration"])
    assert found["matrix"] == numbers()["matrix"]
    assert found["calibration"] == numbers()["calibration"]
    curves = found["curves"]
    assert curves["iou_thresholds"] == params()["iou_thresholds"]
    assert curves["recall"] == [i * 0.01 for i in range(101)]
    assert [entry["category_id"] for entry in curves["per_class"]] == [1, 3]
    assert curves["per_class"][0]["precision"] == curves_of(of_class(1, 0.5))[0]
    assert curves["per_class"][1]["scores"] == curves_of(of_class(3, 0.25))[1]
    assert curves["precision"][9][50] == pytest.approx((0.59 + 0.34) / 2)
    assert [len(curves["precision"]), len(curves["precision"][0])] == [10, 101]


def test_members_of_this_request_replace_what_is_stored(own, dataset, run):
    evaluation_id = store(own, dataset, run)
    found = document(own, evaluation_id, ["matrix"], {
        "operating_point": {"iou": 0.75}, "matrix": {"iou": 0.75}, "further": 1,
        "calibration": {"iou": 0.75},
        "classes": [{"category_id": 3, "operating_point": {"iou": 0.75}, "further": 2}]})
    assert (found["operating_point"], found["matrix"], found["further"]) == (
        {"iou": 0.75}, {"iou": 0.75}, 1)
    assert [entry["operating_point"]["iou"] for entry in found["per_class"]] == [0.5, 0.75, 0.5]
    assert found["per_class"][1]["further"] == 2
    assert "calibration" not in found and "classes" not in found
    assert found["per_class"][1]["AP"] == 0.25


def test_classes_that_were_not_asked_for_are_left_out(own, dataset, run):
    one = params(categories=[3])
    found = document(own, store(own, dataset, run, with_params=one))
    assert [entry["category_id"] for entry in found["per_class"]] == [3]


# ---- history


def test_a_replaced_run_keeps_its_numbers_without_curves(web, own, dataset, run):
    old = store(own, dataset, run)
    assert web.put_run(dataset, run, detections(2)).status == 200
    assert begin(own, dataset, run)[3] is None
    new = store(own, dataset, run, numbers(0.75))
    found = document(own, old, ["curves", "matrix"])
    assert (found["is_current"], found["curves"], found["matrix"]) == (False, None, None)
    assert found["metrics"]["AP"] == 0.5 and len(found["per_class"]) == 3
    assert with_curves(own, [old, new]) == [new]
    listed = web.get(f"/datasets/{dataset}/runs/{run}/evaluations").json()
    assert [(entry["evaluation_id"], entry["is_current"], entry["metrics"]["AP"])
            for entry in listed["evaluations"]] == [(new, True, 0.75), (old, False, 0.5)]
    assert own.execute("select evaluation_id, is_current, ap from coco.evaluation_history"
                       " where dataset = %s order by 1", (dataset,)).fetchall() == [
        (old, False, 0.5), (new, True, 0.75)]


def test_a_run_that_was_replaced_while_it_was_evaluated_is_history_at_once(web, own, dataset, run):
    begun = begin(own, dataset, run)
    assert web.put_run(dataset, run, detections(2)).status == 200
    late = store(own, dataset, run, begun=begun)
    assert document(own, late, ["curves"])["curves"] is not None
    assert begin(own, dataset, run)[3] is None
    new = store(own, dataset, run)
    assert with_curves(own, [late, new]) == [new]


def test_a_publication_waits_for_a_store(postgres, web, db, dataset, run):
    with postgres.connect() as other:
        kept = store(other, dataset, run)
        replaced = threading.Thread(target=web.put_run, args=(dataset, run, detections(2)))
        replaced.start()
        wait_for(lambda: db.execute("select count(*) from pg_locks where not granted"
                                    " and locktype = 'transactionid'").fetchone()[0],
                 "a publication that waits")
        other.commit()
        replaced.join()
    assert with_curves(db, [kept]) == []
    assert document(db, kept, ["matrix"])["matrix"] is None


def test_history_survives_a_deleted_run_and_a_new_ground_truth(web, own, dataset, run):
    old = store(own, dataset, run)
    assert web.delete(f"/datasets/{dataset}/runs/{run}").status == 204
    truth = street()
    truth["categories"][0]["name"] = "pedestrian"
    assert web.put(f"/datasets/{dataset}", truth).status == 200
    assert web.get(f"/datasets/{dataset}/runs/{run}/evaluations").json()["evaluations"][0][
        "evaluation_id"] == old
    assert web.put_run(dataset, run, detections(3)).status == 200
    new = store(own, dataset, run)
    assert [document(own, one)["per_class"][0]["category"] for one in (old, new)] == [
        "person", "pedestrian"]
    assert document(own, old)["is_current"] is False


def test_a_dataset_goes_with_its_evaluations(web, own, dataset, run):
    begun = begin(own, dataset, run)
    store(own, dataset, run)
    assert web.delete(f"/datasets/{dataset}").status == 204
    for table in ("evaluations", "slices"):
        assert own.execute(f"select count(*) from coco.{table} where dataset_id = %s",
                           begun[:1]).fetchone() == (0,)
    with pytest.raises(psycopg.Error) as error:
        store(own, dataset, run, begun=begun)
    assert error.value.sqlstate == "CO401"


def test_the_history_of_a_run_comes_in_pages(web, own, dataset, run):
    few = numbers(classes=[])
    ids = [store(own, dataset, run, few, params(max_dets=[1, 10, 100 + n])) for n in range(103)]
    address = f"/datasets/{dataset}/runs/{run}/evaluations"
    page = web.get(address).json()
    assert [entry["evaluation_id"] for entry in page["evaluations"]] == ids[:2:-1]
    rest = web.get(page["next"]).json()
    assert [entry["evaluation_id"] for entry in rest["evaluations"]] == ids[2::-1]
    assert "next" not in rest
    refused(web.get(address + "?after=x"), 400, "bad_request")
    refused(web.get(f"/datasets/{dataset}/runs/no/evaluations"), 404, "unknown_run")


# ---- bounds


def test_only_so_many_evaluations_of_an_import_are_kept(own, dataset, run):
    few = numbers(classes=[of_class(1, 0.5)])
    default = store(own, dataset, run, few)
    others = [store(own, dataset, run, few, params(max_dets=[1, 10, 101 + n])) for n in range(203)]
    assert stored(own, dataset, run) == [default, *others[3:]]
    assert with_curves(own, [default, *others]) == [default, *others[-8:]]


def test_forgotten_curves_are_computed_again_when_they_are_wanted(own, dataset, run):
    others = [params(max_dets=[1, 10, 101 + n]) for n in range(9)]
    first = [store(own, dataset, run, with_params=one) for one in others][0]
    assert begin(own, dataset, run, others[0])[3] == first
    assert begin(own, dataset, run, others[0], ["curves"])[3] is None
    assert begin(own, dataset, run, others[1], ["curves"])[3] is not None
    assert store(own, dataset, run, with_params=others[0]) == first
    assert document(own, first, ["curves"])["curves"] is not None


def test_an_evaluation_in_use_is_not_waited_for_when_others_are_forgotten(
        postgres, own, dataset, run):
    few = numbers(classes=[])
    others = [params(max_dets=[1, 10, 101 + n]) for n in range(201)]
    ids = [store(own, dataset, run, few, one) for one in others[:200]]
    with postgres.connect() as other:
        other.execute("select from coco.evaluations where evaluation_id = %s for update", ids[:1])
        store(own, dataset, run, few, others[200])
        assert ids[0] in stored(own, dataset, run)


def test_the_history_of_a_dataset_is_bounded(undone, dataset, run):
    kept = store(undone, dataset, run)
    undone.execute(
        "insert into coco.evaluations (dataset_id, run_name, ground_truth, import_id, iou_type,"
        " is_default, params, params_digest, evaluated_at, duration_ms, retired_at, image_count,"
        " truth_count, detection_count, names, stats)"
        " select dataset_id, 'old', 0, -n, iou_type, false, '{}', '', evaluated_at, 0,"
        " evaluated_at, 0, 0, 0, '{}', '{}'"
        " from coco.evaluations, generate_series(1, 10001) n where evaluation_id = %s", (kept,))
    undone.execute("select coco.run_delete(%s, %s)", (dataset, run))
    assert undone.execute("select count(*), bool_or(evaluation_id = %s) from coco.evaluations"
                          " where dataset_id = %s",
                          (kept, id_of(undone, dataset))).fetchone() == (10000, True)
