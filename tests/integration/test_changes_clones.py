"""Copies of datasets and of runs, which live on their own."""

import json

import psycopg
import pytest

from client import refused
from meanwhile import watching
from samples import array, count, detections, id_of, rows, street
from test_changes_names import counts


@pytest.fixture
def path(web, dataset):
    """The path of a dataset with two runs and a slice."""
    assert web.put_run(dataset, "a", array(*detections(30))).status == 200
    assert web.put_run(dataset, "b", array(*detections(7), {"image_id": 99})).status == 200
    web.put(f"/datasets/{dataset}/slices/night", {"image_ids": [1, 3]})
    web.request("PATCH", f"/datasets/{dataset}/runs/a",
                json.dumps({"notes": "<b>'\U0001f680", "tags": ["t"]}).encode())
    return f"/datasets/{dataset}"


def clone(web, path, name=None, **query):
    return web.post(f"{path}/clone", b"", {**({"name": name} if name else {}), **query})


def without_names(document):
    return {key: value for key, value in document.items()
            if key not in ("dataset_id", "dataset", "run_name", "imported_at", "duration_ms",
                           "replaced_count", "id", "name", "created_at")}


def test_a_run_is_cloned_and_lives_on_its_own(web, db, dataset, path):
    before = web.get(f"{path}/runs/a").json()
    reply = clone(web, f"{path}/runs/a", "copy")
    assert (reply.status, reply.headers["Location"]) == (201, f"{path}/runs/copy")
    copy = web.get(reply.headers["Location"]).json()
    assert without_names(copy) == without_names(before)
    assert copy.items() <= reply.json().items()
    assert web.get(f"{path}/runs/a").json() == before
    assert rows(db, dataset, "copy") == rows(db, dataset, "a")
    assert counts(db, dataset, "copy") == counts(db, dataset, "a")
    assert web.get(path).json()["prediction_count"] == 67
    assert web.put(f"{path}/runs/a", array(*detections(1))).status == 200
    assert web.delete(f"{path}/runs/a").status == 204
    assert count(db, dataset, "copy") == 30
    assert web.get(f"{path}/runs/copy/predictions").json() == detections(30)
    assert web.get(f"{path}/runs/copy").json()["notes"] == "<b>'\U0001f680"
    assert web.get(path).json()["prediction_count"] == 37


def test_a_dataset_is_cloned_with_its_runs(web, db, dataset, path, name, collect):
    reply = clone(web, path, name)
    assert (reply.status, reply.headers["Location"]) == (201, f"/datasets/{name}")
    assert "with 2 runs" in reply.json()["message"]
    assert without_names(web.get(f"/datasets/{name}").json()) == without_names(
        web.get(path).json())
    for source in ("ground_truth", "a", "b"):
        assert rows(db, name, source) == rows(db, dataset, source)
        assert counts(db, name, source) == counts(db, dataset, source)
    for rest in ("/annotations", "/runs/a/predictions", "/slices/night"):
        ours, theirs = (web.get(f"/datasets/{d}{rest}").json() for d in (dataset, name))
        assert ours == theirs or ours == {**theirs, "dataset": dataset}
    for ours, theirs in zip(web.get(f"{path}/runs").json()["runs"],
                            web.get(f"/datasets/{name}/runs").json()["runs"], strict=True):
        assert without_names(ours) == without_names(theirs)
    evaluated = [web.get(f"/datasets/{d}/runs/a/evaluation").json() for d in (dataset, name)]
    assert evaluated[0]["stats"] == evaluated[1]["stats"]
    assert web.delete(path).status == 204
    assert count(db, name, "a") == 30 and web.get(f"/datasets/{name}").status == 200
    assert web.put(f"/datasets/{name}", street()).status == 200
    collect()


def test_a_dataset_is_cloned_without_its_runs(web, db, path, name):
    document = clone(web, path, name, runs=0).json()
    assert (document["prediction_count"], document["annotation_count"]) == (0, 4)
    assert web.get(f"/datasets/{name}/runs").json()["runs"] == []


def test_a_dataset_of_several_splits_and_texts_is_cloned(web, db, name, dataset):
    texts = {"images": [{"id": "x-1"}, {"id": "<y>'"}], "categories": street()["categories"],
             "annotations": [{"id": 77, "image_id": "<y>'", "category_id": 1,
                              "bbox": [1, 1, 2, 2]}]}
    assert web.post(f"/datasets/{dataset}/annotations?split=train", texts).status == 200
    assert clone(web, f"/datasets/{dataset}", name).status == 201
    assert web.get(f"/datasets/{name}/annotations").json() == web.get(
        f"/datasets/{dataset}/annotations").json()
    first, second = (web.get(f"/datasets/{d}/statistics").json()["split_breakdown"]
                     for d in (dataset, name))
    assert first == second
    assert web.put_run(name, "run", array({"image_id": "x-1", "category_id": 1,
                                           "bbox": [1, 1, 2, 2], "score": 1})).status == 200


def test_a_clone_has_its_pictures_in_the_same_place(web, db, path, name):
    there = "https://example.org/{file_name}"
    assert web.put(f"{path}/pictures", {"url": there}).status in (200, 201)
    assert clone(web, path, name).status == 201
    assert web.get(f"/datasets/{name}").json()["pictures"]["url"] == there


def test_a_copy_needs_a_name_that_is_free(web, path, name, dataset):
    refused(clone(web, path), 400, "bad_request", "no name")
    refused(clone(web, f"{path}/runs/a"), 400, "bad_request", "no name")
    refused(clone(web, path, "123"), 400, "bad_request", "must not be a number")
    refused(clone(web, path, "a b"), 400, "bad_request", "1 to 63")
    assert web.put(f"/datasets/{name}", street()).status == 201
    refused(clone(web, path, name), 409, "dataset_exists", name)
    refused(clone(web, f"{path}/runs/a", "b"), 409, "run_exists", "run b")
    refused(clone(web, f"{path}/runs/a", "a"), 409, "run_exists", "run a")
    refused(clone(web, f"{path}/runs/a", "ground_truth"), 400, "bad_request", "reserved")
    refused(clone(web, f"{path}/runs/none", "c"), 404, "unknown_run")
    refused(clone(web, "/datasets/nobody", name + "x"), 404, "unknown_dataset")
    assert clone(web, path, "n" * 63).status == 201
    assert web.delete("/datasets/" + "n" * 63).status == 204


def test_a_clone_is_an_import_of_its_own_token(web, path, name, token):
    assert clone(web, path, name, **{"import": token}).json()["import"] == token
    state = web.import_state(token)
    assert (state["state"], state["dataset"]) == ("done", name)
    assert "imports" not in state, "those of its runs are not files of an upload"


def test_the_history_has_the_figures_of_each_copy(web, db, path, name):
    assert clone(web, path, name).status == 201
    assert db.execute(
        "select source, row_count, skipped_count, state from coco.import_history"
        " where dataset = %s order by source", (name,)).fetchall() == [
                ("a", 30, 0, "published"), ("b", 7, 1, "published"),
                ("ground_truth", 4, 0, "published")]


def test_evaluations_of_a_copy_repeat_the_hint_of_the_file(web, path, dataset):
    """What may be wrong with the file is wrong with its rows in any copy."""
    body = array(*(dict(row, bbox=[0.1, 0.2, 0.3, 0.4]) for row in detections(400)))
    hint = web.put(f"{path}/runs/a", body).json()["hint"]
    assert clone(web, f"{path}/runs/a", "copy").json()["hint"] == hint
    web.request("PATCH", f"{path}/runs/copy", b'{"name": "again"}')
    warnings = web.get(f"{path}/runs/again/evaluation").json()["warnings"]
    assert hint in [one["message"] for one in warnings]


def test_a_reader_sees_all_of_a_clone_or_nothing(postgres, web, path, name):
    query = ("select (select count(*) from coco.runs where dataset = %(name)s),"
             " (select image_count from coco.datasets where name = %(name)s)")

    def look(reader):
        return reader.execute(query, {"name": name}).fetchone()

    with watching(postgres, look) as (seen,):
        for _ in range(3):
            assert clone(web, path, name).status == 201
            assert web.delete(f"/datasets/{name}").status == 204
        assert clone(web, path, name).status == 201
    assert seen == {(0, None), (2, 3)}


def test_a_clone_that_ends_between_two_steps_leaves_nothing(
        postgres, collect_until, web, db, path, dataset, name, token):
    with postgres.connect(user="pgcoco") as cloner:
        id, = cloner.execute("select coco.dataset_clone_begin(%s, %s, true, %s)",
                             (dataset, name, token)).fetchone()
        cloner.commit()
        leaves = [leaf for leaf, in db.execute(
            "select 'coco_parts.a_' || import_id from coco.imports"
            " where %s in (import_id, made_for)", (id,))]
        assert len(leaves) == 3
        cloner.execute("select coco.import_attach(%s)", (id,))
        cloner.commit()
        collect_until(lambda: {db.execute("select to_regclass(%s)", (leaf,)).fetchone()
                               for leaf in leaves} == {(None,)},
                      "a collection of all leaves", "--grace", "0")
        with pytest.raises(psycopg.Error) as error:
            cloner.execute("select coco.dataset_clone_publish(%s)", (id,))
        assert error.value.sqlstate == "CO903"
    assert web.get(f"/datasets/{name}").status == 404
    assert clone(web, path, name).status == 201


def test_an_original_that_is_replaced_between_two_steps_is_not_cloned(
        postgres, pgcoco, web, db, path, dataset, name, token):
    with postgres.connect(user="pgcoco") as cloner:
        id, = cloner.execute("select coco.dataset_clone_begin(%s, %s, true, %s)",
                             (dataset, name, token)).fetchone()
        cloner.commit()
        assert web.put(f"{path}/runs/a", array(*detections(3))).status == 200
        cloner.execute("select coco.import_attach(%s)", (id,))
        cloner.commit()
        with pytest.raises(psycopg.Error) as error:
            cloner.execute("select coco.dataset_clone_publish(%s)", (id,))
        cloner.rollback()
    assert error.value.sqlstate == "CO903" and id_of(db, name) is None
    assert pgcoco("gc", "--grace", "0").returncode == 0
