"""What went wrong, over HTTP: the errors of a run, its images, and suspected labels."""

import collections
import json

import psycopg
import pytest

from client import Client, refused
from samples import array, detections, street
from stack import DATA, wait_for

RUN = "/datasets/wrong/runs/run"
ERRORS = RUN + "/errors"


@pytest.fixture(scope="module")
def wrong(site):
    """A client, and a run of real size that is imported once."""
    if not DATA.is_dir():
        pytest.skip(f"no data folder at {DATA}; set PGCOCO_DATA")
    web = Client(site)
    for path, file in (("/datasets/wrong", "pair.gt.json"), (RUN, "pair.dt.json")):
        body = (DATA / "synthetic_bbox" / file).read_bytes()
        assert web.request("PUT", path, body).status in (200, 201)
    yield web
    assert web.delete("/datasets/wrong").status == 204


def document(web, address):
    reply = web.get(address)
    assert reply.status == 200, reply
    return reply.json()


def follow(web, address, member):
    """The elements of all pages."""
    found = []
    while address:
        page = document(web, address)
        found += page[member]
        address = page.get("next")
    return found


def test_every_error_is_listed_surest_first(wrong):
    counts = document(wrong, RUN + "/evaluation")["errors"]["counts"]
    errors = follow(wrong, ERRORS + "?limit=1000", "errors")
    found = collections.Counter(error["type"] for error in errors)
    assert found == {name: n for name, n in counts.items()
                     if name not in ("true_positive", "ignored")}
    scores = [error["confidence"] for error in errors if error["type"] != "missed"]
    assert scores == sorted(scores, reverse=True) and len(scores) > 100 and len(set(scores)) > 50


def test_each_detection_and_ground_truth_has_one_outcome(wrong, db):
    document(wrong, ERRORS)
    detections, truths, ids = db.execute(
        "select count(*) filter (where not is_truth), count(*) filter (where is_truth),"
        " count(distinct annotation_id) from coco.matches m join coco.datasets d"
        " on d.id = m.dataset_id where d.name = 'wrong' and source = 'run'").fetchone()
    evaluation = document(wrong, RUN + "/evaluation")
    assert (detections, truths) == (evaluation["detections"], evaluation["truths"])
    assert ids == detections


def test_errors_of_a_type_class_image_and_confidence(wrong):
    everything = follow(wrong, ERRORS + "?limit=1000", "errors")
    some = [error for error in everything if error["type"] == "background"]
    one = some[len(some) // 2]
    category, image = one["category_id"], one["image_id"]
    for query, kept in (("type=background", lambda e: True),
                        (f"type=background&category={category}",
                         lambda e: e["category_id"] == category),
                        (f"type=background&image_id={image}", lambda e: e["image_id"] == image),
                        ("type=background&min_confidence=0.5", lambda e: e["confidence"] >= .5)):
        found = follow(wrong, f"{ERRORS}?{query}&limit=7", "errors")
        wanted = [error for error in some if kept(error)]
        assert [(e["image_id"], e["annotation_id"]) for e in found] \
            == [(e["image_id"], e["annotation_id"]) for e in wanted] != []


def test_images_behind_each_cell_of_the_matrix_add_up(wrong):
    matrix = document(wrong, RUN + "/evaluation?include=matrix")["matrix"]
    off_diagonal = [cell for cell in matrix["cells"] if cell[0] != cell[1]]
    assert len(off_diagonal) > 50
    for truth, predicted, count in matrix["cells"][::7]:
        cell = "&".join(f"{name}={'background' if id is None else id}"
                        for name, id in (("truth", truth), ("predicted", predicted)))
        images = follow(wrong, f"{ERRORS}/images?{cell}&min_confidence=0.25&limit=1000", "images")
        assert sum(image["count"] for image in images) == count, cell


@pytest.mark.parametrize("part", ["slice=some", "split=val", "split=val&slice=some"])
def test_images_and_labels_with_errors_are_those_of_the_part(web, name, part):
    """Of six images three are in the slice, four in the split; each has a wrong class, the first
    two below the least score."""
    box = [0, 0, 20, 20]
    truth = lambda ids: street(
        images=[{"id": i, "file_name": f"{i}.jpg", "width": 99, "height": 99} for i in ids],
        annotations=[{"id": i, "image_id": i, "category_id": 1, "bbox": box, "area": 400,
                      "iscrowd": 0} for i in ids])
    web.put(f"/datasets/{name}", truth([1, 2, 3, 4]), {"split": "val"})
    web.post(f"/datasets/{name}/annotations", truth([5, 6]), {"split": "train"})
    web.put_run(name, "run", [{"image_id": i, "category_id": 3, "bbox": box, "score": i / 10}
                              for i in range(1, 7)])
    web.put(f"/datasets/{name}/slices/some", b'{"image_ids": [3, 4, 5]}')
    chosen = {"slice=some": [3, 4, 5], "split=val": [3, 4], "split=val&slice=some": [3, 4]}[part]
    run = f"/datasets/{name}/runs/run"
    cell = f"{run}/errors/images?truth=1&predicted=3&min_confidence=0.25&{part}"
    assert [image["image_id"] for image in follow(web, cell + "&limit=1", "images")] == chosen
    matrix = document(web, f"{run}/evaluation?include=matrix&confidence=0.25&{part}")["matrix"]
    assert [1, 3, len(chosen)] in matrix["cells"]
    worst = document(web, f"{run}/errors/images?min_confidence=0.25&{part}")["images"]
    ids = {"slice=some": [3, 4, 5], "split=val": [1, 2, 3, 4], "split=val&slice=some": [3, 4]}[part]
    assert sorted(image["image_id"] for image in worst) == ids
    labels = follow(web, f"{run}/errors/labels?min_confidence=0.1&limit=1&{part}", "label_errors")
    assert [row["image_id"] for row in labels] == ids[::-1]


def test_images_with_most_errors_come_first(wrong):
    images = follow(wrong, ERRORS + "/images?limit=50", "images")
    errors = [image["errors"] for image in images]
    assert errors == sorted(errors, reverse=True) and len(images) > 100
    for image in images:
        tp, fp, fn = (image[name] for name in
                      ("true_positives", "false_positives", "false_negatives"))
        assert image["errors"] == fp + fn
        assert image["f1"] == (2 * tp / (2 * tp + fp + fn) if 2 * tp + fp + fn else None)


def test_suspected_labels_are_confident_and_well_placed(wrong):
    found = follow(wrong, ERRORS + "/labels?min_confidence=0.5&min_iou=0.6&limit=20",
                   "label_errors")
    assert {row["type"] for row in found} == {"classification", "background"}
    assert all(row["confidence"] >= .5 for row in found)
    assert all(row["iou"] >= .6 for row in found if row["type"] == "classification")


def test_the_four_counts_of_the_predecessor(wrong, db):
    document(wrong, ERRORS)
    summary = db.execute(
        "select sum(true_positives)::int, sum(label_errors)::int,"
        " sum(hard_false_positives)::int, sum(false_negatives)::int"
        " from coco.match_summary m join coco.datasets d on d.id = m.dataset_id"
        " where d.name = 'wrong' and m.source = 'run'").fetchone()
    counts = document(wrong, RUN + "/evaluation")["errors"]["counts"]
    assert summary[:3] == (counts["true_positive"], counts["classification"],
                           sum(counts[name] for name in
                               ("localisation", "both", "duplicate", "background")))
    assert 0 < summary[3] < 898


def test_pages_of_errors_go_on_after_ids_of_64_bits(web, name):
    largest = (1 << 63) - 1
    truth = street(images=[{"id": largest - n} for n in (1, 0)],
                   annotations=[{"id": largest - n, "image_id": largest - n, "category_id": 1,
                                 "bbox": [0, 0, 9, 9], "area": 81, "iscrowd": 0} for n in (1, 0)])
    assert web.put(f"/datasets/{name}", truth).status == 201
    assert web.put_run(name, "run", array(*(
        {"image_id": largest - n, "category_id": 1, "bbox": [50, 50, 9, 9], "score": 0.5}
        for n in (1, 0)))).status == 200
    errors = f"/datasets/{name}/runs/run/errors"
    assert [error["truth_id"] for error in follow(web, errors + "?type=missed&limit=1", "errors")
            ] == [largest - 1, largest]
    assert [image["image_id"] for image in follow(web, errors + "/images?limit=1", "images")
            ] == [largest - 1, largest]


@pytest.mark.parametrize("query, status, words", [
    ("?type=nothing", 400, "type must be true_positive or"),
    ("?category=999", 400, "category 999 is not in dataset wrong"),
    ("?limit=0", 400, "limit must be a whole number from 1 to 1000"),
    ("?after=x", 400, "after must be"),
    ("?min_confidence=x", 400, "min_confidence must be"),
    ("?iou_type=boxes", 400, "iou_type must be"),
    ("/images?truth=1", 400, "predicted"),
    ("/images?split=none", 400, "has no split none"),
    ("?image_id=9223372036854775808", 400, "image_id must be a whole number"),
    ("?after=t9223372036854775808", 400, "after must be"),
])
def test_what_makes_no_sense_is_refused(wrong, query, status, words):
    refused(wrong.get(ERRORS + query), status, "bad_request", words)


def test_the_new_leaf_is_analyzed_after_the_answer(postgres, empty, pgcoco):
    """As plain CGI, since only this process collects in this database."""
    postgres.migrate(database=empty)
    run = "/datasets/street/runs/run"
    for method, path, body in (("PUT", "/datasets/street", json.dumps(street()).encode()),
                               ("PUT", run, array(*detections(9))), ("GET", run + "/errors", b"")):
        done = pgcoco(input=body, PGDATABASE=empty, REQUEST_METHOD=method, PATH_INFO=path,
                      CONTENT_LENGTH=len(body))
        assert b"import" in done.stdout, done
    with psycopg.connect(postgres.conninfo("postgres", empty)) as db:
        assert db.execute("select count(*) from coco.match_sources s join pg_stats p"
                          " on p.tablename = 'm_' || s.matches_id").fetchone()[0] > 5


def test_pages_begin_at_the_smallest_and_end_at_the_largest_id(web, name):
    ids = [-2 ** 63, 1 - 2 ** 63, 2 ** 63 - 2, 2 ** 63 - 1]
    truths = street(images=[{"id": id, "file_name": f"{id}.jpg"} for id in ids],
                    annotations=[{"id": id, "image_id": id, "category_id": 1,
                                  "bbox": [0, 0, 9, 9], "area": 81, "iscrowd": 0} for id in ids])
    assert web.put(f"/datasets/{name}", truths).status == 201
    assert web.put_run(name, "run", []).status == 200
    errors = f"/datasets/{name}/runs/run/errors"
    missed = follow(web, errors + "?limit=1", "errors")
    assert [row["truth_id"] for row in missed] == ids
    images = follow(web, errors + "/images?limit=1", "images")
    assert [image["image_id"] for image in images] == ids


def test_a_run_that_is_replaced_has_other_errors(web, dataset):
    address = f"/datasets/{dataset}/runs/run/errors"
    refused(web.get(address), 404, "unknown_run")
    assert web.put_run(dataset, "run", array(*detections(9))).status == 200
    first = document(web, address)
    assert web.put_run(dataset, "run", array(*detections(3))).status == 200
    second = document(web, address)
    assert second["import"] > first["import"]
    assert len(second["errors"]) != len(first["errors"])
