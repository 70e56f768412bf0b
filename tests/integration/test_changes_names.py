"""Datasets and runs get other names."""

import json

import psycopg
import pytest

from client import refused
from meanwhile import standstill, watching
from samples import array, count, detections, id_of, rows, street
from stack import wait_for


def patch(web, path, body, query=""):
    return web.request("PATCH", path + query, json.dumps(body).encode())


@pytest.fixture
def run(web, dataset):
    """The path of a run."""
    assert web.put_run(dataset, "old", array(*detections(40))).status == 200
    return f"/datasets/{dataset}/runs/old"


def counts(db, dataset, source):
    return db.execute(
        "select category_id, split, n, scores, sizes from coco.class_counts c"
        " join coco.sources s using (dataset_id, import_id)"
        " where s.dataset_id = %s and s.source = %s order by 1", (id_of(db, dataset), source)
    ).fetchall(), db.execute(
        "select split, n, most_per_image, per_image, sizes, scores from coco.import_statistics c"
        " join coco.sources s using (dataset_id, import_id)"
        " where s.dataset_id = %s and s.source = %s", (id_of(db, dataset), source)).fetchall()


# ---- datasets -----------------------------------------------------------------------------------

def test_a_dataset_gets_another_name(web, db, dataset, run, name):
    web.put(f"/datasets/{dataset}/slices/night", {"image_ids": [1, 3]})
    before = web.get(f"/datasets/{dataset}").json(), rows(db, dataset, "old")
    reply = patch(web, f"/datasets/{dataset}", {"name": name})
    assert (reply.status, reply.json()) == (200, {**before[0], "name": name})
    assert web.get(f"/datasets/{dataset}").json()["code"] == "unknown_dataset"
    assert rows(db, name, "old") == before[1]
    assert web.get(f"/datasets/{name}/slices/night").json()["image_ids"] == [1, 3]
    assert web.put_run(name, "old", array(*detections(3))).status == 200
    assert web.put(f"/datasets/{dataset}", street()).status == 201, "the old name is free"


def test_a_dataset_is_renamed_by_its_id_and_to_its_own_name(web, db, dataset):
    path = f"/datasets/{id_of(db, dataset)}"
    assert patch(web, path, {"name": dataset}).json()["name"] == dataset
    assert patch(web, path, {"name": dataset + "x"}).json()["name"] == dataset + "x"
    assert patch(web, path, {"name": "x" * 63}).json()["name"] == "x" * 63
    assert web.delete(path).status == 204


@pytest.mark.parametrize("body, status, code, word", [
    ({"name": "123"}, 400, "bad_request", "must not be a number"),
    ({"name": "a b"}, 400, "bad_request", "1 to 63 letters"),
    ({"name": "x" * 64}, 400, "bad_request", "1 to 63 letters"),
    ({"name": "<b>\U0001f680"}, 400, "bad_request", '"<b>?"'),
    ({"name": ""}, 400, "bad_request", "1 to 63 letters"),
    ({"name": None}, 422, "wrong_shape", "name must be a text"),
    ({}, 422, "wrong_shape", "changes nothing"),
    ({"notes": "x"}, 422, "wrong_shape", 'no member "notes"'),
], ids=str)
def test_a_dataset_does_not_take_any_name(web, dataset, body, status, code, word):
    refused(patch(web, f"/datasets/{dataset}", body), status, code, word)
    assert web.get(f"/datasets/{dataset}").status == 200


def test_a_dataset_does_not_take_the_name_of_another(web, dataset, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    refused(patch(web, f"/datasets/{dataset}", {"name": name}), 409, "dataset_exists", name)
    refused(patch(web, "/datasets/nobody", {"name": "somebody"}), 404, "unknown_dataset")


def test_nobody_renames_a_dataset_while_something_is_imported(web, dataset, name, token):
    run = f"/datasets/{dataset}/runs/run"
    with web.sender("PUT", f"{run}?import={token}") as sender:
        sender.send(array(*detections(5000))[:-1])
        wait_for(lambda: web.import_state(token).get("state") == "running", "the import")
        refused(patch(web, f"/datasets/{dataset}", {"name": name}), 409, "import_running", dataset)
        sender.send(b"]")
        assert sender.reply().status == 200
    assert patch(web, f"/datasets/{dataset}", {"name": name}).status == 200


def test_an_import_that_stood_still_is_published_under_the_new_name(
        postgres, pgcoco, web, dataset, name, token):
    with postgres.connect(user="pgcoco") as importer:
        import_id, dataset_id, _, _ = importer.execute(
            "select * from coco.run_import_begin(%s, 'run', %s)", (dataset, token)).fetchone()
        importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'run')",
                         (import_id, token, dataset_id, dataset))
        importer.commit()
        refused(patch(web, f"/datasets/{dataset}", {"name": name}), 409, "import_running")
        with standstill(postgres, import_id):
            assert patch(web, f"/datasets/{dataset}", {"name": name}).status == 200
        importer.execute("select coco.import_attach(%s)", (import_id,))
        importer.commit()
        importer.execute("select coco.run_publish(%s, 0, 0, '[]', 2)", (import_id,))
        importer.commit()
    assert web.get(f"/datasets/{name}/runs/run").json()["dataset"] == name
    assert pgcoco("gc", "--grace", "0").returncode == 0


# ---- runs ---------------------------------------------------------------------------------------

def test_a_run_gets_another_name_and_keeps_what_belongs_to_it(web, db, dataset, run):
    patch(web, run, {"notes": "n", "tags": ["t"], "metadata": {"epoch": 1}})
    evaluated = web.get(f"{run}/evaluation").json()
    before = web.get(run).json(), rows(db, dataset, "old"), counts(db, dataset, "old")
    reply = patch(web, run, {"name": "new"})
    assert reply.status == 200, reply
    after = web.get(f"/datasets/{dataset}/runs/new").json()
    new = {"run_name": "new"} | {key: after[key] for key in ("imported_at", "duration_ms")}
    assert after == {**before[0], **new}
    assert after.items() <= reply.json().items()
    assert "old" in reply.json()["message"] and "new" in reply.json()["message"]
    assert (rows(db, dataset, "new"), counts(db, dataset, "new")) == before[1:]
    assert web.get(run).json()["code"] == "unknown_run"
    assert count(db, dataset, "old") == 0
    moved = web.get(f"/datasets/{dataset}/runs/new/evaluation").json()
    assert moved["evaluation_id"] == evaluated["evaluation_id"], "it was not made again"
    assert moved["stats"] == evaluated["stats"]
    history = web.get(f"/datasets/{dataset}/runs/new/evaluations").json()["evaluations"]
    assert [one["is_current"] for one in history] == [True]
    assert web.get(f"/datasets/{dataset}").json()["prediction_count"] == 40
    assert [r["run_name"] for r in web.get(f"/datasets/{dataset}/runs").json()["runs"]] == ["new"]


def test_a_run_is_exported_under_its_new_name_as_before(web, dataset, run):
    wide = array(*(d | {"segmentation": [[1, 1, 9, 1, 9, 9]], "epoch": n}
                   for n, d in enumerate(detections(7))))
    for body in (array(*detections(9)), wide):
        assert web.put(run, body).status == 200
        before = web.get(run + "/predictions").json()
        assert patch(web, run, {"name": "exported"}).status == 200
        path = f"/datasets/{dataset}/runs/exported"
        assert web.get(path + "/predictions").json() == before
        assert web.delete(path).status == 204


def test_a_copy_of_boxes_is_as_narrow_as_the_original(web, db, dataset, run):
    def pages():
        """Those with rows: PostgreSQL may have added others to the file."""
        leaf, = db.execute("select import_id from coco.sources"
                           " where dataset_id = %s and source <> 'ground_truth'",
                           (id_of(db, dataset),)).fetchone()
        return db.execute("select count(distinct (ctid::text::point)[0])"
                          f" from coco_parts.a_{leaf}").fetchone()

    assert web.put(run, array(*detections(2000))).status == 200
    before = pages()
    assert patch(web, run, {"name": "new"}).status == 200
    assert pages() == before


def test_errors_of_a_run_are_found_again_under_its_new_name(web, dataset, run):
    before = web.get(run + "/errors").json()
    assert patch(web, run, {"name": "new"}).status == 200
    after = web.get(f"/datasets/{dataset}/runs/new/errors").json()
    assert after["totals"] == before["totals"] and after["errors"] == before["errors"]


def test_a_name_and_notes_change_in_one_commit_or_not_at_all(web, dataset, run):
    path = f"/datasets/{dataset}/runs/new"
    refused(patch(web, run, {"name": "new", "notes": "x" * 65537}), 422, "wrong_shape", "together")
    assert web.get(run).json()["notes"] is None and web.get(path).status == 404
    assert patch(web, run, {"name": "new", "notes": "both"}).json()["notes"] == "both"
    assert web.get(path).json()["notes"] == "both"
    assert patch(web, path, {"name": "new", "notes": None}).json()["notes"] is None


@pytest.mark.parametrize("body, status, code, word", [
    ({"name": "ground_truth"}, 400, "bad_request", "reserved"),
    ({"name": "a/b"}, 400, "bad_request", "1 to 63 letters"),
    ({"name": "<b>\U0001f680"}, 400, "bad_request", '"<b>?"'),
    ({"name": 7}, 422, "wrong_shape", "name must be a text"),
    ({"name": "taken"}, 409, "run_exists", "has a run taken"),
], ids=str)
def test_a_run_does_not_take_any_name(web, dataset, run, body, status, code, word):
    assert web.put_run(dataset, "taken", array(*detections(2))).status == 200
    refused(patch(web, run, body), status, code, word)
    assert web.get(run).json()["prediction_count"] == 40
    assert web.get(f"/datasets/{dataset}/runs/taken").json()["prediction_count"] == 2


def test_a_run_takes_a_name_of_63_characters(web, dataset, run):
    assert patch(web, run, {"name": "X" * 63}).status == 200
    assert web.get(f"/datasets/{dataset}/runs/{'X' * 63}").json()["prediction_count"] == 40


def test_a_new_name_is_an_import_of_its_own_token(web, dataset, run, token):
    assert patch(web, run, {"name": "new"}, f"?import={token}").json()["import"] == token
    state = web.import_state(token)
    assert (state["state"], state["run_name"]) == ("done", "new")
    path = f"/datasets/{dataset}/runs/new"
    refused(patch(web, path, {"name": "other"}, f"?import={token}"), 409, "token_in_use")


def test_nobody_renames_a_run_while_it_is_imported(web, run, token):
    with web.sender("PUT", f"{run}?import={token}") as sender:
        sender.send(array(*detections(5000))[:-1])
        wait_for(lambda: web.import_state(token).get("state") == "running", "the import")
        refused(patch(web, run, {"name": "new"}), 409, "import_running")
        assert patch(web, run, {"notes": "at any time"}).status == 200
        sender.send(b"]")
        assert sender.reply().status == 200
    assert patch(web, run, {"name": "new"}).json()["prediction_count"] == 5000


def test_a_reader_sees_the_run_under_one_of_both_names_at_any_time(
        postgres, web, db, dataset, run):
    """One query for both: neither none of them nor twice the rows."""
    query = ("select source, count(*) from coco.annotations"
             f" where dataset_id = {id_of(db, dataset)} and source in ('old', 'new') group by 1")
    with watching(postgres, *[lambda reader: tuple(reader.execute(query).fetchall())] * 3) as seen:
        names = ["old", "new"]
        for n in range(11):
            was, becomes = names[n % 2], names[(n + 1) % 2]
            assert patch(web, f"/datasets/{dataset}/runs/{was}", {"name": becomes}).status == 200
    assert seen == [{(("old", 40),), (("new", 40),)}] * 3


def test_an_old_snapshot_still_sees_the_old_name(postgres, web, db, dataset, run):
    with postgres.connect() as reader:
        reader.execute("set transaction isolation level repeatable read")
        assert count(reader, dataset, "old") == 40
        assert patch(web, run, {"name": "new"}).status == 200
        assert (count(reader, dataset, "old"), count(reader, dataset, "new")) == (40, 0)
    assert (count(db, dataset, "old"), count(db, dataset, "new")) == (0, 40)


@pytest.fixture
def copier(postgres, pgcoco):
    with postgres.connect(user="pgcoco") as connection:
        yield connection
    assert pgcoco("gc", "--grace", "0").returncode == 0


def test_a_run_that_is_replaced_between_two_steps_is_not_renamed(copier, web, db, dataset, token):
    assert web.put_run(dataset, "old", array(*detections(4))).status == 200
    id, = copier.execute("select coco.run_copy_begin(%s, 'old', 'new', %s)",
                         (dataset, token)).fetchone()
    copier.commit()
    assert web.put_run(dataset, "old", array(*detections(6))).status == 200
    copier.execute("select coco.import_attach(%s)", (id,))
    copier.commit()
    with pytest.raises(psycopg.Error) as error:
        copier.execute("select coco.run_rename_publish(%s, '{\"name\": \"new\"}')", (id,))
    copier.rollback()
    assert error.value.sqlstate == "CO903"
    assert (count(db, dataset, "old"), count(db, dataset, "new")) == (6, 0)


def test_a_copy_that_ends_between_two_steps_leaves_nothing(
        copier, collect_until, web, db, dataset, token):
    assert web.put_run(dataset, "old", array(*detections(4))).status == 200
    id, = copier.execute("select coco.run_copy_begin(%s, 'old', 'new', %s)",
                         (dataset, token)).fetchone()
    copier.commit()
    assert web.import_state(token)["state"] == "running"
    collect_until(lambda: db.execute("select to_regclass('coco_parts.a_' || %s) is null",
                                     (id,)).fetchone()[0],
                  "a collection of the leaf", "--grace", "0")
    assert (count(db, dataset, "old"), count(db, dataset, "new")) == (4, 0)
    assert web.put_run(dataset, "new", array(*detections(1))).status == 200
