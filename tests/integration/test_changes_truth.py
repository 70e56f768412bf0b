"""A ground truth is replaced under its runs, which keep, or lose, the rows that refer to it."""

import json

import psycopg
import pytest

from client import refused
from meanwhile import standstill, watching
from samples import array, count, detection, detections, id_of, reasons, rows, street, without
from stack import wait_for

IMAGES = street()["images"]
CLASSES = street()["categories"]
TRUTHS = street()["annotations"]


@pytest.fixture
def path(web, dataset):
    """The path of a dataset with a run of 30 rows in all images and classes, and one of 10 rows in
    the first image, of the first class."""
    assert web.put_run(dataset, "all", array(*detections(30))).status == 200
    assert web.put_run(dataset, "first", array(*[detection(0)] * 10)).status == 200
    return f"/datasets/{dataset}"


def smaller(images=IMAGES, categories=CLASSES, **more):
    """A ground truth with some of the images and categories of the street."""
    ids = {image["id"] for image in images}, {category["id"] for category in categories}
    return street(images=images, categories=categories, annotations=[
        row for row in TRUTHS if row["image_id"] in ids[0] and row["category_id"] in ids[1]],
        **more)


def all_counts(db, dataset, source):
    """The kept counts of a source, and the same by counting its rows."""
    of_source = (" from coco.{} c join coco.sources s using (dataset_id, import_id)"
                 " where s.dataset_id = %s and s.source = %s")
    kept = dict(db.execute("select category_id, sum(n)" + of_source.format("class_counts")
                           + " group by 1", (id_of(db, dataset), source)).fetchall())
    per_image = db.execute("select c.per_image, c.n" + of_source.format("import_statistics"),
                           (id_of(db, dataset), source)).fetchall()
    by_class, by_image = {}, {}
    for row in rows(db, dataset, source):
        by_class[row[2]] = by_class.get(row[2], 0) + 1
        by_image[row[1]] = by_image.get(row[1], 0) + 1
    return kept, per_image, by_class, by_image


def assert_all_is_counted(web, db, dataset):
    document = web.get(f"/datasets/{dataset}").json()
    runs = web.get(f"/datasets/{dataset}/runs").json()["runs"]
    for run in runs:
        name = run["run_name"]
        kept, per_image, by_class, by_image = all_counts(db, dataset, name)
        assert kept == by_class
        assert [n for _, n in per_image] == [count(db, dataset, name)]
        assert per_image[0][0][0] == document["image_count"] - len(by_image)
        assert sum(per_image[0][0]) == document["image_count"]
        assert run["prediction_count"] == count(db, dataset, name)
        assert run["skipped_count"] == sum(reasons(run).values())
    assert document["prediction_count"] == sum(run["prediction_count"] for run in runs)
    assert document["annotation_count"] == count(db, dataset, "ground_truth")
    statistics = web.get(f"/datasets/{dataset}/statistics").json()
    assert statistics["summary"]["pred_annotations"] == document["prediction_count"]
    assert statistics["summary"]["total_images"] == document["image_count"]


# ---- nothing is lost ----------------------------------------------------------------------------

def test_a_ground_truth_is_replaced_and_the_runs_stay_as_they_are(web, db, dataset, path):
    before = [rows(db, dataset, run) for run in ("all", "first")], web.get(f"{path}/runs").json()
    new = street(images=IMAGES + [{"id": 4, "file_name": "four.jpg"}],
                 categories=CLASSES + [{"id": 19, "name": "cat"}],
                 annotations=TRUTHS[:2] + [dict(TRUTHS[0], id=99, image_id=4, category_id=19)])
    reply = web.put(path, new)
    assert (reply.status, reply.json()["annotation_count"]) == (200, 3), reply
    assert "runs" not in reply.json()
    assert ([rows(db, dataset, run) for run in ("all", "first")],
            web.get(f"{path}/runs").json()) == before
    assert count(db, dataset, "ground_truth") == 3
    assert_all_is_counted(web, db, dataset)


def test_another_split_reaches_the_counts_of_the_runs(web, db, dataset, path):
    assert web.put(path, street(), {"split": "val"}).status == 200
    assert_all_is_counted(web, db, dataset)
    shown = web.get(f"{path}/statistics?split=val").json()["split_breakdown"]
    assert [(s["split_name"], s["gt_count"], s["pred_count"]) for s in shown] == [("val", 4, 40)]
    assert web.put(path, street(), {"split": "test"}).status == 200
    shown = web.get(f"{path}/statistics?split=test").json()["split_breakdown"]
    assert [(s["split_name"], s["gt_count"], s["pred_count"]) for s in shown] == [("test", 4, 40)]


def test_what_no_run_uses_may_go(web, db, dataset):
    assert web.put_run(dataset, "first", array(*[detection(0)] * 3)).status == 200
    reply = web.put(f"/datasets/{dataset}", smaller(IMAGES[:1], CLASSES[:1]))
    assert (reply.status, reply.json()["image_count"]) == (200, 1), reply
    assert count(db, dataset, "first") == 3
    assert_all_is_counted(web, db, dataset)


def test_evaluations_and_errors_are_those_of_the_new_ground_truth(web, db, path):
    before = web.get(f"{path}/runs/all/evaluation").json()
    totals = web.get(f"{path}/runs/all/errors").json()["totals"]
    assert web.put(path, street(annotations=TRUTHS[:2])).status == 200
    after = web.get(f"{path}/runs/all/evaluation").json()
    assert after["ground_truth_import"] > before["ground_truth_import"]
    assert after["import"] == before["import"]
    history = web.get(f"{path}/runs/all/evaluations").json()["evaluations"]
    assert [one["is_current"] for one in history] == [True, False]
    assert totals["truths"] == len(TRUTHS)
    assert web.get(f"{path}/runs/all/errors").json()["totals"]["truths"] == 2


def test_slices_keep_the_images_that_are_still_there(web, dataset):
    path = f"/datasets/{dataset}"
    assert web.put_run(dataset, "first", array(detection(0))).status == 200
    web.put(f"{path}/slices/some", {"image_ids": [1, 3]})
    assert web.put(path, smaller(IMAGES[:2])).status == 200
    assert web.get(f"{path}/slices/some").json()["image_ids"] == [1]


# ---- something is lost --------------------------------------------------------------------------

def test_what_a_run_would_lose_is_said_and_nothing_changes(web, db, dataset, path):
    before = [rows(db, dataset, source) for source in ("ground_truth", "all", "first")]
    reply = web.put(path, smaller(IMAGES[:1], CLASSES[:2]))
    refused(reply, 409, "dataset_has_runs", "run all", "2 images (2, 3)", "1 categories (18)",
            "force=1")
    assert reply.json()["runs"] == [
        {"run_name": "all", "image_count": 2, "image_ids": [2, 3], "category_count": 1,
         "categories": [{"category_id": 18, "name": "dog", "name_in_file": None,
                         "row_count": 10}]}]
    reply = web.put(path, smaller(IMAGES[1:]))
    assert [(run["run_name"], run["image_ids"]) for run in reply.json()["runs"]] == [
        ("all", [1]), ("first", [1])]
    assert "1 other runs likewise" in reply.json()["detail"]
    assert [rows(db, dataset, source) for source in ("ground_truth", "all", "first")] == before


def test_the_list_is_bounded(web, name):
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in range(1, 61)]
    assert web.put(f"/datasets/{name}", street(images=images, annotations=[])).status == 201
    body = array(*(detection(0, image_id=n) for n in range(1, 61)))
    for n in range(23):
        assert web.put_run(name, f"run{n:02}", body).status == 200
    reply = web.put(f"/datasets/{name}", street(images=images[:10], annotations=[]))
    refused(reply, 409, "dataset_has_runs", "50 images (11, 12, 13)", "at least 19 other runs")
    listed = reply.json()["runs"]
    assert [run["run_name"] for run in listed] == [f"run{n:02}" for n in range(20)]
    assert {(run["image_count"], len(run["image_ids"])) for run in listed} == {(50, 10)}


def test_force_drops_the_rows_and_says_so(web, db, dataset, path, collect):
    body = array(*detections(30), {"image_id": 77, "category_id": 1, "bbox": [1, 1, 1, 1],
                                   "score": 0.5})
    assert web.put_run(dataset, "all", body).json()["skipped_count"] == 1
    kept = [row for row in rows(db, dataset, "all") if row[1] == 1 and row[2] != 18]
    first = web.get(f"{path}/runs/first").json()
    reply = web.put(path, smaller(IMAGES[:1], CLASSES[:2]), {"force": 1})
    assert reply.status == 200, reply
    assert reply.json()["runs"] == [
        {"run_name": "all", "prediction_count": len(kept), "dropped_count": 30 - len(kept)}]
    assert f"runs lost {30 - len(kept)} rows" in reply.json()["message"]
    assert reply.json()["notes"][-1].endswith("not in the file: all")
    assert rows(db, dataset, "all") == kept
    run = web.get(f"{path}/runs/all").json()
    assert reasons(run) == {"unknown_category": 10, "unknown_image": 1 + 30 - 10 - len(kept)}
    assert run["skipped_count"] + run["prediction_count"] == 31, "rows of its file"
    assert run["replaced_count"] == 30
    details = [one["detail"] for group in run["skipped"] for one in group["examples"]]
    assert "category 18 (dog) is not in the dataset any more" in details
    assert "image 2 is not in the dataset any more" in details
    assert any("77" in detail for detail in details), "those of the file"
    assert web.get(f"{path}/runs/first").json() == first
    assert_all_is_counted(web, db, dataset)
    collect()


def test_force_where_nothing_is_lost_drops_nothing(web, db, dataset, path):
    before = rows(db, dataset, "all"), web.get(f"{path}/runs").json()
    assert "runs" not in web.put(path, street(), {"force": 1}).json()
    assert (rows(db, dataset, "all"), web.get(f"{path}/runs").json()) == before


def test_a_run_may_lose_all_its_rows_and_be_imported_again(web, db, dataset, path):
    assert web.put(path, smaller(IMAGES[1:]), {"force": 1}).status == 200
    assert web.get(f"{path}/runs/first").json()["prediction_count"] == 0
    assert_all_is_counted(web, db, dataset)
    assert web.put_run(dataset, "first", array(detection(1))).json()["replaced_count"] == 0


def test_notes_stay_with_a_run_that_loses_rows(web, path):
    web.request("PATCH", f"{path}/runs/all", b'{"notes": "mine"}')
    assert web.put(path, smaller(IMAGES[1:]), {"force": 1}).status == 200
    assert web.get(f"{path}/runs/all").json()["notes"] == "mine"


def test_masks_and_other_members_of_a_run_outlive_a_loss(web, dataset):
    wide = [detection(n, segmentation=[[1, 1, 9, 1, 9, 9]], track=n) for n in range(6)]
    assert web.put_run(dataset, "wide", array(*wide)).status == 200
    assert web.put(f"/datasets/{dataset}", smaller(IMAGES[:2]), {"force": 1}).status == 200
    out = web.get(f"/datasets/{dataset}/runs/wide/predictions").json()
    assert out == [row for row in wide if row["image_id"] < 3]


def test_a_dry_run_says_what_would_be_lost(web, db, dataset, path, token):
    reply = web.put(path, smaller(IMAGES[1:]), {"force": 1, "dry_run": 1, "import": token})
    assert (reply.status, reply.json()["dry_run"]) == (200, True)
    assert [(run["run_name"], run["dropped_count"]) for run in reply.json()["runs"]] == [
        ("all", 10), ("first", 10)]
    assert (count(db, dataset, "all"), count(db, dataset, "first")) == (30, 10)
    assert web.put(path, smaller(IMAGES[1:]), {"dry_run": 1}).json()["code"] == "dataset_has_runs"
    assert count(db, dataset, "ground_truth") == len(TRUTHS)


@pytest.mark.parametrize("used", [1, 3], ids=["few of them used", "all of them used"])
def test_lost_images_are_found_whichever_way_is_shorter(web, db, name, used):
    """Along the lost images, or along those that the run uses."""
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in range(1, 31)]
    assert web.put(f"/datasets/{name}", street(images=images, annotations=[])).status == 201
    body = [detection(0, image_id=n) for n in range(1, 31) if n <= 10 * used]
    assert web.put_run(name, "run", array(*body, *body)).status == 200
    for first in (1, 8, 30):
        lost = [row for row in body if row["image_id"] < first]
        reply = web.put(f"/datasets/{name}", street(images=images[first - 1:], annotations=[]),
                        {"dry_run": 1})
        assert reply.status == (409 if lost else 200)
        if lost:
            assert reply.json()["runs"][0]["image_count"] == len(lost)
            assert reply.json()["runs"][0]["image_ids"] == [r["image_id"] for r in lost][:10]


# ---- the same id, another thing -----------------------------------------------------------------

def renamed(things, names):
    return [dict(thing, **{key: name}) for thing, name in zip(things, names)
            for key in (("file_name",) if "file_name" in thing else ("name",))]


def test_a_class_is_spelled_better(web, path):
    better = renamed(CLASSES, ["Person", "Car", "Dog"])
    assert web.put(path, street(categories=better)).status == 200


def test_images_move_to_another_folder(web, path):
    moved = renamed(IMAGES, [f"val/{image['file_name']}" for image in IMAGES])
    assert web.put(path, street(images=moved)).status == 200


@pytest.mark.parametrize("names, lost", [
    (["car", "person", "dog"], [1, 3]), (["car", "dog", "bus"], [1, 3, 18]),
    (["bus", "car", "person"], [1, 18])], ids=str)
def test_classes_that_are_counted_anew_are_others(web, path, names, lost):
    """The rows of runs would get the names of other classes."""
    reply = web.put(path, street(categories=renamed(CLASSES, names)))
    assert reply.json()["code"] == "dataset_has_runs"
    found = reply.json()["runs"][0]["categories"]
    assert [one["category_id"] for one in found] == lost
    assert {one["name_in_file"] for one in found} <= set(names)


def test_images_that_are_counted_anew_are_others(web, path):
    reply = web.put(path, street(images=renamed(IMAGES, ["two.jpg", "one.jpg", "three.jpg"])))
    assert reply.json()["code"] == "dataset_has_runs"
    assert reply.json()["runs"][0]["image_ids"] == [1, 2]


TEXTS = ["a-1", "b-2", "\U0001f680 <b>'\""]


def texts(ids, *more):
    return {"images": [{"id": id} for id in [*ids, *more]], "categories": CLASSES,
            "annotations": [{"id": 1, "image_id": ids[0], "category_id": 1, "bbox": [1, 1, 5, 5]}]}


def test_images_with_texts_as_ids_keep_their_numbers(web, db, name):
    assert web.put(f"/datasets/{name}", texts(TEXTS)).status == 201
    body = [without(detection(0), "image_id") | {"image_id": text} for text in TEXTS]
    assert web.put_run(name, "run", array(*body)).status == 200
    assert web.put(f"/datasets/{name}", texts(["new", *TEXTS[::-1]])).status == 200
    assert web.get(f"/datasets/{name}/runs/run/predictions").json() == body
    assert web.put_run(name, "more", array(dict(body[0], image_id="new"))).status == 200
    reply = web.put(f"/datasets/{name}", texts(TEXTS[:2]))
    assert [run["image_ids"] for run in reply.json()["runs"]] == [["new"], [TEXTS[2]]]
    reply = web.put(f"/datasets/{name}", texts(TEXTS[:2]), {"force": 1})
    assert [run["dropped_count"] for run in reply.json()["runs"]] == [1, 1]
    assert web.get(f"/datasets/{name}/runs/run/predictions").json() == body[:2]


# ---- at the same time ---------------------------------------------------------------------------

def test_readers_see_the_old_pair_or_the_new_one(postgres, web, db, dataset, path):
    """Ground truth, images, classes and runs change in one commit."""
    # Ground truths, images, rows of both runs, and of all runs.
    first, last = (4, 3, 30, 10, 40), (3, 2, 20, 10, 30)
    states = {first, last, (4, 3, 20, 10, 30)}
    id = id_of(db, dataset)
    rows = f"(select count(*) from coco.annotations where dataset_id = {id} and source = '{{}}')"
    query = (f"select {rows.format('ground_truth')},"
             f" (select count(*) from coco.images where dataset_id = {id}),"
             f" {rows.format('all')}, {rows.format('first')},"
             f" (select prediction_count from coco.datasets where id = {id})")

    def look(reader):
        return reader.execute(query).fetchone()

    def look_over_http(_):
        found = web.get(path).json()
        return tuple(found[key] for key in ("annotation_count", "image_count", "prediction_count"))

    with watching(postgres, look, look, look_over_http) as (*seen, over_http):
        for _ in range(5):
            assert web.put(path, smaller(IMAGES[:2]), {"force": 1}).status == 200
            assert web.put(path, street()).status == 200
            assert web.put_run(dataset, "all", array(*detections(30))).status == 200
        assert web.put(path, smaller(IMAGES[:2]), {"force": 1}).status == 200
    assert all({first, last} <= one <= states for one in seen), seen
    assert {(4, 3, 40), (3, 2, 30)} <= over_http <= {(s[0], s[1], s[4]) for s in states}


def test_an_old_snapshot_keeps_the_old_pair(postgres, web, db, dataset, path):
    with postgres.connect() as reader:
        reader.execute("set transaction isolation level repeatable read")
        before = [rows(reader, dataset, source) for source in ("ground_truth", "all")]
        assert web.put(path, smaller(IMAGES[:1]), {"force": 1}).status == 200
        assert [rows(reader, dataset, source) for source in ("ground_truth", "all")] == before
    assert count(db, dataset, "all") == 10


def test_no_run_is_imported_while_a_ground_truth_is_replaced(web, dataset, path, token):
    with web.sender("PUT", f"{path}?import={token}&force=1") as sender:
        sender.send(json.dumps(street(annotations=TRUTHS * 30000)).encode()[:-1])
        wait_for(lambda: web.import_state(token).get("state") == "running", "the import")
        refused(web.put_run(dataset, "all", array(detection(0))), 409, "import_running")
        refused(web.request("PATCH", f"{path}/runs/all", b'{"name": "other"}'), 409,
                "import_running")
        sender.send(b"}")
        assert sender.reply().status == 200


# ---- step by step -------------------------------------------------------------------------------

@pytest.fixture
def importer(postgres, pgcoco):
    with postgres.connect(user="pgcoco") as connection:
        yield connection
    assert pgcoco("gc", "--grace", "0").returncode == 0


def load(importer, dataset, token, images, force=True):
    """Transaction 1 of a ground truth without annotations."""
    import_id, dataset_id, _, _, image_stage, category_stage = importer.execute(
        "select * from coco.dataset_import_begin(%s, 'put', null, %s)", (dataset, token)).fetchone()
    for n in images:
        importer.execute(f"insert into {image_stage} (image_id, index, byte_offset)"
                         " values (%s, 0, 0)", (n,))
    for one in CLASSES:
        importer.execute(f"insert into {category_stage} values (%s, 0, 0, %s)",
                         (one["id"], one["name"]))
    importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'ground_truth')",
                     (import_id, token, dataset_id, dataset))
    assert importer.execute("select refusal from coco.dataset_settle_runs(%s, %s, %s)",
                            (import_id, dataset_id, force)).fetchone() == (None,)
    importer.commit()
    return import_id


def attach(importer, import_id):
    importer.execute("select coco.import_attach(%s)", (import_id,))
    importer.commit()
    importer.execute("select coco.import_announce(%s)", (import_id,))
    importer.commit()


PUBLISH = ("select document from"
           " coco.dataset_publish(%s, null, null, null, null, 0, 0, '[]', 10, '[]')")


def made_for(db, import_id):
    return [id for id, in db.execute(
        "select import_id from coco.imports where made_for = %s order by 1", (import_id,))]


def test_readers_see_nothing_of_it_before_the_last_commit(importer, web, db, dataset, path, token):
    before = [rows(db, dataset, source) for source in ("ground_truth", "all", "first")]
    import_id = load(importer, dataset, token, [1])
    attach(importer, import_id)
    assert [rows(db, dataset, source) for source in ("ground_truth", "all", "first")] == before
    importer.execute(PUBLISH, (import_id,))
    assert [rows(db, dataset, source) for source in ("ground_truth", "all", "first")] == before
    importer.commit()
    assert [count(db, dataset, one) for one in ("ground_truth", "all", "first")] == [0, 10, 10]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_ended_between_two_steps_it_leaves_nothing(
        importer, collect_until, web, db, dataset, path, token, steps):
    before = [rows(db, dataset, source) for source in ("ground_truth", "all", "first")]
    import_id = load(importer, dataset, token, [1])
    leaves = [import_id, *made_for(db, import_id)]
    assert len(leaves) == 2
    if steps > 0:
        attach(importer, import_id)
    if steps > 1:
        importer.execute(PUBLISH, (import_id,))
        importer.rollback()
    collect_until(lambda: {db.execute("select to_regclass('coco_parts.a_' || %s)", (leaf,)
                                      ).fetchone() for leaf in leaves} == {(None,)},
                  "a collection of all leaves", "--grace", "0")
    assert [rows(db, dataset, source) for source in ("ground_truth", "all", "first")] == before
    with pytest.raises(psycopg.Error) as error:
        importer.execute(PUBLISH, (import_id,))
    importer.rollback()
    assert error.value.sqlstate == "CO903"
    assert web.put(path, street()).status == 200


def test_one_leaf_alone_is_not_collected_while_all_go_on(
        importer, collect_until, web, db, dataset, path, token):

    def collect_once(grace):
        collect_until(lambda: True, "a collection", "--grace", grace)

    import_id = load(importer, dataset, token, [1])
    collect_once("3600")
    attach(importer, import_id)
    importer.execute("select coco.import_resume(%s, 'publish')", (import_id,))
    collect_once("0")
    importer.execute(PUBLISH, (import_id,))
    importer.commit()
    collect_once("0")
    assert (count(db, dataset, "ground_truth"), count(db, dataset, "all")) == (0, 10)


def test_a_run_that_was_replaced_meanwhile_is_not_lost(
        importer, postgres, web, db, dataset, path, token):
    """The worker stood still between two transactions, and its place was free."""
    import_id = load(importer, dataset, token, [1])
    with standstill(postgres, import_id):
        assert web.put_run(dataset, "all", array(*detections(9))).status == 200
    attach(importer, import_id)
    with pytest.raises(psycopg.Error) as error:
        importer.execute(PUBLISH, (import_id,))
    importer.rollback()
    assert error.value.sqlstate == "CO903" and "run all" in str(error.value)
    assert (count(db, dataset, "ground_truth"), count(db, dataset, "all")) == (4, 9)


def test_a_failure_ends_the_leaves_that_were_made_for_it(importer, web, db, dataset, path, token):
    import_id = load(importer, dataset, token, [1])
    importer.execute("select coco.import_failed(%s, %s, %s, 'ground_truth', '{}', 1)",
                     (import_id, token, dataset))
    importer.commit()
    assert db.execute("select distinct phase, finished_at is null from coco.imports"
                      " where %s in (import_id, made_for)", (import_id,)).fetchall() == [
                          ("failed", False)]
    assert web.import_state(token)["state"] == "failed"
    assert web.put(path, street()).status == 200


def test_no_statement_of_it_reads_all_rows_of_a_run_that_loses_nothing(
        importer, db, dataset, path, token):
    """However many rows a run has, kept counts and an index tell what it uses."""
    leaf, = db.execute("select 'coco_parts.a_' || import_id from coco.sources"
                       " where dataset_id = %s and source = 'first'", (id_of(db, dataset),)
                       ).fetchone()

    def read():
        importer.execute("select pg_stat_clear_snapshot()")
        return importer.execute("select seq_scan, idx_scan > 0 from pg_stat_xact_all_tables"
                                " where relid = %s::regclass", (leaf,)).fetchone()

    import_id, dataset_id, _, _, image_stage, category_stage = importer.execute(
        "select * from coco.dataset_import_begin(%s, 'put', null, %s)", (dataset, token)).fetchone()
    importer.execute(f"insert into {image_stage} (image_id, index, byte_offset) values (1, 0, 0)")
    for one in CLASSES:
        importer.execute(f"insert into {category_stage} values (%s, 0, 0, %s)",
                         (one["id"], one["name"]))
    importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'ground_truth')",
                     (import_id, token, dataset_id, dataset))
    importer.execute("select coco.dataset_settle_runs(%s, %s, false)", (import_id, dataset_id))
    assert read() == (0, True)
    importer.rollback()


def test_the_command_replaces_a_ground_truth_under_runs(pgcoco, db, dataset, path):
    file = json.dumps(smaller(IMAGES[1:])).encode()
    done = pgcoco("import", "dataset", dataset, "-", input=file)
    assert done.returncode == 1 and b"--force drops these rows" in done.stderr, done
    done = pgcoco("import", "dataset", dataset, "-", "--force", input=file)
    assert done.returncode == 0 and b"runs lost 20 rows" in done.stdout, done
    assert (count(db, dataset, "all"), count(db, dataset, "first")) == (20, 0)
