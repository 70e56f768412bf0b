"""Every number of the statistics equals what counting the rows of the database gives."""

import random
import re
from collections import Counter

import pytest

from client import Client, with_query
from conftest import names
from samples import array, detection, id_of, select, street
from stack import wait_for

PER_IMAGE = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
SIDES = [0, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048]
NAMES = ["person", "'; drop table coco.images; --", "<b>car</b> & \"co\"", "é" * 300, "\U0001f6b2"]


def a_dataset(seed, images=60, annotations=400):
    """A ground truth with sizes of all kinds, images without annotations, and hostile names."""
    rng = random.Random(seed)
    sides = [0, 3.9, 4, 8, 31.999, 32, 64, 95.9, 96, 97, 128, 300, 600, 1100, 2048, 5000]

    def box():
        w, h = rng.choice(sides), rng.choice(sides)
        return {"bbox": [rng.randrange(100), 5, w, h],
                "area": rng.choice([w * h, w * h / 2, 1024, 9216])}

    return {"images": [{"id": n, "file_name": f"{n}.jpg", "width": 640, "height": 480}
                       for n in range(1, images + 1)],
            "categories": [{"id": 7 * n, "name": name} for n, name in enumerate(NAMES)],
            "annotations": [{"id": n, "image_id": int(1 + images * rng.random() ** 3),
                             "category_id": 7 * int(4 * rng.random() ** 2), "iscrowd": n % 5 == 0,
                             **box()} for n in range(1, annotations + 1)]}


def a_run(seed, images=60, rows=1500):
    rng = random.Random(seed)
    return array(*({"image_id": 1 + int(images * rng.random() ** 2),
                    "category_id": 7 * rng.randrange(5), "score": rng.choice([0, .05, .5, .999, 1,
                                                                           rng.random()]),
                    "bbox": [1, 2, rng.random() * 300, rng.random() * 300]} for _ in range(rows)))


@pytest.fixture(scope="module")
def counted(site):
    """A dataset with two runs and a slice."""
    web = Client(site)
    name = f"set{next(names)}"
    assert web.put(f"/datasets/{name}", a_dataset(1), {"split": "val"}).status == 201
    for seed, run in enumerate(("first", "second.run"), 2):
        assert web.put_run(name, run, a_run(seed)).status == 200
    for slice, ids in (("some", list(range(3, 20))), ("one", [60])):
        assert web.put(f"/datasets/{name}/slices/{slice}", {"image_ids": ids}).status == 200
    return name


def bins(values, lows):
    """How many values are from each number up to the next."""
    ends = [*lows[1:], float("inf")]
    return [sum(low <= value < end for value in values) for low, end in zip(lows, ends)]


def due(db, dataset, source, images=None):
    """The numbers of a source, counted row by row."""
    taken = [row for row in select(db, "image_id, category_id, area, confidence", dataset, source)
             if images is None or row[0] in images]
    all_images = {id for id, in db.execute("select image_id from coco.images where dataset_id = %s",
                                           (id_of(db, dataset),))}
    per_image = Counter(row[0] for row in taken)
    rows = [per_image[image] for image in (all_images if images is None else images)]
    areas = [area for _, _, area, _ in taken]
    return {"count": len(taken), "images_without": rows.count(0), "most_per_image": max(rows),
            "mean_per_image": pytest.approx(len(taken) / len(rows)),
            "per_image": bins(rows, PER_IMAGE),
            "areas": dict(zip(("small", "medium", "large"), bins(areas, [0, 32 ** 2, 96 ** 2]))),
            "sizes": bins(areas, [side * side for side in SIDES]),
            "scores": None if source == "ground_truth" else
            bins([min(score, .9999) for *_, score in taken], [n / 20 for n in range(20)]),
            "class_counts": {str(id): n for id, n in Counter(row[1] for row in taken).items()}}


def shown(numbers):
    """The same of a document."""
    found = {key: numbers[key] for key in ("count", "images_without", "most_per_image",
                                           "mean_per_image", "areas", "class_counts")}
    for key in ("per_image", "sizes", "scores"):
        found[key] = numbers[key] and [one["count"] for one in numbers[key]]
    return found


def statistics(web, dataset, **query):
    reply = web.get(with_query(f"/datasets/{dataset}/statistics", query))
    assert reply.status == 200, reply
    return reply.json()


def test_numbers_of_the_ground_truth_and_of_each_run_are_those_of_their_rows(web, db, counted):
    document = statistics(web, counted)
    assert shown(document["ground_truth"]) == due(db, counted, "ground_truth")
    assert [run["run_name"] for run in document["runs"]] == ["first", "second.run"]
    for run in document["runs"]:
        assert shown(run) == due(db, counted, run["run_name"])
    assert "next" not in document


def test_bins_say_their_ends(web, counted):
    run = statistics(web, counted)["runs"][0]
    for key, lows in (("per_image", PER_IMAGE), ("sizes", SIDES),
                      ("scores", [n / 20 for n in range(20)])):
        assert [one["low"] for one in run[key]] == lows
        assert [one["high"] for one in run[key]] == [*lows[1:], 1 if key == "scores" else None]


def test_the_summary_the_splits_and_the_classes(web, db, counted):
    document = statistics(web, counted)
    truths = due(db, counted, "ground_truth")["class_counts"]
    runs = [due(db, counted, run)["class_counts"] for run in ("first", "second.run")]
    assert document["summary"] == {"total_images": 60, "gt_annotations": 400,
                                   "pred_annotations": 3000, "total_categories": 5, "total_runs": 2}
    assert document["split_breakdown"] == [
        {"split_name": "val", "image_count": 60, "gt_count": 400, "pred_count": 3000}]
    classes = document["class_distribution"]
    assert {one["category_id"]: (one["category_name"], one["gt_count"], one["pred_count"])
            for one in classes} == {
        7 * n: (name[:256], truths.get(str(7 * n), 0), sum(run[str(7 * n)] for run in runs))
        for n, name in enumerate(NAMES)}
    assert [one["gt_count"] for one in classes] == sorted(truths.values(), reverse=True) + [0]


def test_one_run_or_one_split_can_be_asked_for(web, db, counted):
    document = statistics(web, counted, run="first", split="val")
    assert [run["run_name"] for run in document["runs"]] == ["first"]
    assert document["summary"]["pred_annotations"] == 1500
    assert document["split_breakdown"][0]["pred_count"] == 1500
    assert {str(one["category_id"]): one["pred_count"] for one in document["class_distribution"]
            } == due(db, counted, "first")["class_counts"]
    whole = statistics(web, counted)
    assert statistics(web, counted, split="val") == {**whole, "split": "val"}


@pytest.mark.parametrize("slice, images", [("some", range(3, 20)), ("one", [60])])
def test_a_slice_is_counted_by_its_images(web, db, counted, slice, images):
    document = statistics(web, counted, slice=slice, run="second.run")
    assert shown(document["ground_truth"]) == due(db, counted, "ground_truth", images)
    assert shown(document["runs"][0]) == due(db, counted, "second.run", images)
    assert document["summary"] == {
        "total_images": len(images), "gt_annotations": document["ground_truth"]["count"],
        "pred_annotations": document["runs"][0]["count"], "total_categories": 5, "total_runs": 2}
    assert sum(one["pred_count"] for one in document["class_distribution"]
               ) == document["runs"][0]["count"]
    assert statistics(web, counted, slice=slice, run="second.run",
                      split="val") == {**document, "split": "val"}


def test_without_a_run_a_slice_has_no_predictions(web, counted):
    document = statistics(web, counted, slice="some")
    assert document["runs"] == [] and document["summary"]["pred_annotations"] is None
    assert {one["pred_count"] for one in document["class_distribution"]} == {None}


def test_a_dataset_that_is_almost_empty(web, name):
    assert web.put(f"/datasets/{name}",
                   {"images": [], "categories": [], "annotations": []}).status == 201
    assert web.put_run(name, "nothing", b"[]").status == 200
    document = statistics(web, name)
    assert document["summary"] == {"total_images": 0, "gt_annotations": 0, "pred_annotations": 0,
                                   "total_categories": 0, "total_runs": 1}
    assert document["class_distribution"] == document["split_breakdown"] == []
    for one in (document["ground_truth"], document["runs"][0]):
        assert (one["count"], one["mean_per_image"], one["most_per_image"]) == (0, None, 0)


def test_runs_come_in_pages(web, dataset):
    for n in range(23):
        assert web.put_run(dataset, f"run{n:02}", array(detection(n))).status == 200
    first = statistics(web, dataset, split="")
    assert [run["run_name"] for run in first["runs"]] == [f"run{n:02}" for n in range(20)]
    assert first["next"] == f"/datasets/{dataset}/statistics?after=run19"
    last = web.get(first["next"]).json()
    assert [run["run_name"] for run in last["runs"]] == ["run20", "run21", "run22"]
    assert "next" not in last and last["summary"] == first["summary"]
    assert first["summary"]["pred_annotations"] == first["summary"]["total_runs"] == 23


def test_a_run_whose_images_come_after_its_rows_is_counted(web, db, dataset):
    own = street()
    body = {"annotations": [{**detection(n), "category_id": 1 + n % 2, "image_id": 90 + n % 3}
                            for n in range(50)],
            "images": [{"id": 90 + n, "file_name": image["file_name"]}
                       for n, image in enumerate(own["images"])],
            "categories": [{"id": 1, "name": "dog"}, {"id": 2, "name": "car"}]}
    assert web.put_run(dataset, "late", body, match="name").status == 200
    assert shown(statistics(web, dataset)["runs"][0]) == due(db, dataset, "late")


def test_a_replaced_import_leaves_no_counts(web, db, dataset):
    for rows in (5, 9):
        assert web.put_run(dataset, "run", array(*map(detection, range(rows)))).status == 200
        assert shown(statistics(web, dataset)["runs"][0]) == due(db, dataset, "run")
    assert web.delete(f"/datasets/{dataset}/runs/run").status == 204
    assert web.put(f"/datasets/{dataset}", street()).status == 200
    assert web.delete(f"/datasets/{dataset}").status == 204
    assert db.execute("select count(*) from coco.import_statistics t where not exists"
                      " (select from coco.sources s where s.import_id = t.import_id)"
                      ).fetchone() == (0,)


def test_a_large_ground_truth_is_counted_by_the_maintenance(web, db, name):
    """Until then the document has its classes."""
    rows = 200_001
    annotations = ",".join(
        f'{{"id":{n},"image_id":{n % 3 + 1},"category_id":{n % 2 + 1},"bbox":[0,0,{n % 40},8]}}'
        for n in range(1, rows + 1))
    truth = ('{"images":[{"id":1},{"id":2},{"id":3},{"id":4}],"categories":[{"id":1,"name":"a"},'
             f'{{"id":2,"name":"b"}}],"annotations":[{annotations}]}}')
    assert web.put(f"/datasets/{name}", truth.encode()).status == 201
    first = statistics(web, name)
    assert [one["gt_count"] for one in first["class_distribution"]] == [100_001, 100_000]
    assert first["summary"]["gt_annotations"] == first["ground_truth"]["count"] == rows
    truths = wait_for(lambda: (now := statistics(web, name)["ground_truth"])["sizes"] and now,
                      "the maintenance")
    assert shown(truths) == due(db, name, "ground_truth")
    assert truths["images_without"] == 1


def test_what_was_not_counted_at_the_import_is_counted_by_the_maintenance(web, db, counted):
    """Until then the document has what was."""
    before = statistics(web, counted)
    with db.transaction(force_rollback=True):
        ids = [id for id, in db.execute(
            "delete from coco.import_statistics t using coco.datasets d"
            " where d.id = t.dataset_id and d.name = %s returning import_id", (counted,))]
        db.execute("update coco.class_counts set sizes = null where import_id = any (%s)", (ids,))
        bare = db.execute("select coco.statistics_document(%s)", (counted,)).fetchone()[0]
        assert bare["summary"] == before["summary"]
        assert bare["class_distribution"] == before["class_distribution"]
        assert bare["runs"][0]["sizes"] is None and bare["runs"][0]["images_without"] is None
        commands = {command for command, in db.execute(
            "select command from coco.due_counts() where action = 'count'")}
        for id in ids:
            command, = (one for one in commands if one.endswith(f"coco.count_again({id})"))
            db.execute(command)
            db.execute(f"select coco.count_again({id})")  # again is harmless
        again = db.execute("select coco.statistics_document(%s)", (counted,)).fetchone()[0]
        assert again == before


def test_a_slice_that_is_too_large_is_refused(web, db, name):
    truth = {"images": [{"id": n} for n in range(1, 10002)], "categories": [{"id": 1, "name": "a"}],
             "annotations": []}
    assert web.put(f"/datasets/{name}", truth).status == 201
    for ids in (10000, 10001):
        body = {"image_ids": list(range(1, ids + 1))}
        assert web.put(f"/datasets/{name}/slices/s{ids}", body).status == 200
    assert statistics(web, name, slice="s10000")["summary"]["total_images"] == 10000
    reply = web.get(f"/datasets/{name}/statistics?slice=s10001")
    assert (reply.status, reply.json()["code"]) == (400, "bad_request")
    assert "more than 10000 images" in reply.json()["detail"]


@pytest.mark.parametrize("query, status, code", [
    ({"split": "train"}, 400, "bad_request"), ({"slice": "nowhere"}, 404, "unknown_slice"),
    ({"run": "nobody"}, 404, "unknown_run"), ({"run": "ground_truth"}, 404, "unknown_run"),
    ({"after": "'"}, 400, "bad_request"), ({"splits": "val"}, 400, "bad_request")])
def test_wrong_parameters(web, counted, query, status, code):
    reply = web.get(with_query(f"/datasets/{counted}/statistics", query))
    assert (reply.status, reply.json()["code"]) == (status, code)


def test_an_unknown_dataset(web):
    for what in ("statistics", "health"):
        assert web.get(f"/datasets/nowhere/{what}").json()["code"] == "unknown_dataset"


def test_readers_may_ask_and_browsers_get_a_page(web, reader, counted):
    for slice in (None, "some"):
        document = reader.execute("select coco.statistics_document(%s, null, %s, 'first')",
                                  (counted, slice)).fetchone()[0]
        assert document["runs"][0]["run_name"] == "first"
    page = web.get(f"/datasets/{counted}/statistics", accept="text/html")
    assert page.status == 200 and b"<b>car</b>" not in page.body


def test_many_classes_are_bounded(web, db, name):
    classes = [{"id": n, "name": "\U0001f6b2" * 256} for n in range(2100)]
    truth = {"images": [{"id": 1}], "categories": classes,
             "annotations": [{"id": n + 1, "image_id": 1, "category_id": n, "bbox": [0, 0, 1, 1]}
                             for n in range(2100)]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    document = web.get(f"/datasets/{name}/statistics")
    assert len(document.json()["class_distribution"]) == 2000
    assert len(document.json()["ground_truth"]["class_counts"]) == 2000
    assert len(document.body) < 3 << 20


def plan(db, query):
    return "\n".join(line for line, in db.execute("explain " + query))


def test_views_for_people_give_the_same_numbers(web, db, reader, counted):
    document = statistics(web, counted)
    classes = reader.execute(
        "select source, category_id, n, small, medium, large, split from coco.class_statistics"
        " where dataset = %s", (counted,)).fetchall()
    for one in (dict(document["ground_truth"], run_name="ground_truth"), *document["runs"]):
        mine = [row for row in classes if row[0] == one["run_name"]]
        assert {str(row[1]): row[2] for row in mine} == one["class_counts"]
        assert one["areas"] == {name: sum(row[n] for row in mine)
                                for n, name in enumerate(("small", "medium", "large"), 3)}
        assert {row[6] for row in mine} == {"val"}
    assert reader.execute(
        "select run_name, prediction_count, mean_per_image, ap from coco.run_summary"
        " where dataset = %s order by 1", (counted,)).fetchall() == [
        ("first", 1500, 25.0, None), ("second.run", 1500, 25.0, None)]


def test_annotations_with_names_are_read_from_one_leaf(db, reader, counted):
    where = f"dataset_id = {id_of(db, counted)} and source = 'first'"
    shown = reader.execute("select annotation_id, file_name, category, bbox_w, confidence, split"
                           f" from coco.annotation_view where {where} order by 1").fetchall()
    rows = sorted(select(db, "annotation_id, image_id, category_id, bbox_w, confidence", counted,
                         "first"))
    assert shown == [(row[0], f"{row[1]}.jpg", NAMES[row[2] // 7], *row[3:], "val") for row in rows]
    text = plan(db, f"select * from coco.annotation_view where {where}")
    assert len(set(re.findall(r" on (a_\d+) ", text))) == 1, text


def test_every_column_of_the_views_is_a_number_a_name_or_a_time_and_has_a_comment(db):
    views = ("class_statistics", "run_summary", "evaluation_summary", "annotation_view")
    columns = db.execute(
        "select c.relname, a.attname, format_type(a.atttypid, null),"
        "       col_description(a.attrelid, a.attnum)"
        " from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where c.relnamespace = 'coco'::regnamespace and c.relname = any (%s) and a.attnum > 0",
        (list(views),)).fetchall()
    assert {row[0] for row in columns} == set(views)
    assert {row[2] for row in columns} <= {"bigint", "integer", "text", "double precision",
                                           "boolean", "timestamp with time zone"}
    assert [row for row in columns if not row[3]] == []
    for view in views:
        assert "timestamp with time zone" in {row[2] for row in columns if row[0] == view}
