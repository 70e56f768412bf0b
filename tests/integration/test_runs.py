"""Predictions become rows: all of a file or nothing, each row accounted for."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from masks import extent_and_area, made_up_polygons, polygon_pixels
from samples import (array, count, detection, detections, element_offsets, reasons, rows, skips,
                     street, without)
from stack import FIXTURES


def test_an_import_succeeds_with_its_counts_and_the_skipped_row(web, db, name):
    body = (FIXTURES / "street_results.json").read_bytes()
    assert web.put(f"/datasets/{name}", (FIXTURES / "street.json").read_bytes()).status == 201

    reply = web.put_run(name, "yolov8", body)

    assert reply.status == 200, reply
    outcome = reply.json()
    assert (outcome["dataset"], outcome["run_name"]) == (name, "yolov8")
    assert (outcome["prediction_count"], outcome["skipped_count"], outcome["replaced_count"]) == (
        8, 1, 0)
    unmapped = [n for n, row in enumerate(json.loads(body)) if row["category_id"] == 999]
    assert skips(outcome) == {
        "unknown_category": (1, [(unmapped[0], element_offsets(body)[unmapped[0]])])}
    assert outcome["skipped"][0]["examples"][0]["detail"] == (
        "category 999 is not in the dataset (3 categories: 1..3)")
    assert outcome["bytes"] == len(body)
    assert outcome["duration_ms"] >= 0 and outcome["message"]
    taken = [(n + 1, row["image_id"], row["category_id"], row["score"], *row["bbox"])
             for n, row in enumerate(json.loads(body)) if row["category_id"] != 999]
    assert taken == db.execute(
        "select annotation_id, image_id, category_id, confidence, bbox_x, bbox_y, bbox_w, bbox_h"
        " from coco.annotations where source = 'yolov8' and dataset_id = %s order by annotation_id",
        (outcome["dataset_id"],)).fetchall()


def test_a_second_import_replaces_the_run(web, db, dataset):
    assert web.put_run(dataset, "yolov8", detections(5)).json()["replaced_count"] == 0

    outcome = web.put_run(dataset, "yolov8", detections(3, start=100)).json()

    assert (outcome["prediction_count"], outcome["replaced_count"]) == (3, 5)
    assert [row[8] for row in rows(db, dataset, "yolov8")] == [0.1, 0.101, 0.102]


def test_ground_truth_is_the_same_rows_before_and_after_imports(web, db, dataset):
    before = rows(db, dataset, "ground_truth")
    web.put_run(dataset, "a", detections(5))
    web.put_run(dataset, "a", detections(4))
    web.put_run(dataset, "b", detections(3))
    web.delete(f"/datasets/{dataset}/runs/a")
    assert len(before) == 4
    assert rows(db, dataset, "ground_truth") == before


def test_an_unknown_dataset_is_404(web):
    reply = web.put_run("nobody", "yolov8", detections(2))
    assert reply.status == 404
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    problem = reply.json()
    assert (problem["status"], problem["code"], problem["type"]) == (
        404, "unknown_dataset", "about:blank")
    assert "nobody" in problem["detail"] and problem["title"]


ONE = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}
SKIPPED = [
    ("unknown_category", {**ONE, "category_id": 999}),
    ("unknown_category", {**ONE, "category_id": -1}),
    ("unknown_image", {**ONE, "image_id": 4}),
    ("missing_field", without(ONE, "image_id")),
    ("missing_field", without(ONE, "category_id")),
    ("missing_field", without(ONE, "bbox")),
    ("missing_field", without(ONE, "score")),
    ("missing_field", {}),
    ("wrong_type", {**ONE, "score": "high"}),
    ("unknown_image", {**ONE, "image_id": "nobody"}),
    ("wrong_type", {**ONE, "image_id": 1.5}),
    ("wrong_type", {**ONE, "category_id": [1]}),
    ("wrong_type", {**ONE, "category_id": True}),
    ("non_finite", {**ONE, "score": float("nan")}),
    ("non_finite", {**ONE, "bbox": [1, 2, float("inf"), 4]}),
    ("non_finite", {**ONE, "bbox": [float("-inf"), 2, 3, 4]}),
    ("non_finite", {**ONE, "remark": [{"deep": float("nan")}]}),
    ("missing_field", {**ONE, "bbox": []}),
    ("missing_field", {**ONE, "score": None}),
    ("wrong_type", {**ONE, "bbox": "1 2 3 4"}),
    ("invalid_bbox", {**ONE, "bbox": [1, 2, 3]}),
    ("invalid_bbox", {**ONE, "bbox": [1, 2, 3, 4, 5]}),
    ("invalid_bbox", {**ONE, "bbox": [1, 2, -3, 4]}),
    ("invalid_bbox", {**ONE, "bbox": [1, 2, 3, -0.001]}),
    ("invalid_bbox", {**ONE, "bbox": [1, 2, 3, "four"]}),
    ("out_of_range", '{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 1e999}'),
    ("out_of_range", '{"image_id": 1, "category_id": 1, "bbox": [1, -1e999, 3, 4], "score": 1}'),
    ("out_of_range", {**ONE, "image_id": 2**63}),
    ("out_of_range", {**ONE, "category_id": 2**31}),
    ("out_of_range", {**ONE, "bbox": [1, 2, 1e200, 1e200]}),
]


@pytest.mark.parametrize("reason, element", SKIPPED,
                         ids=[f"{r}-{n}" for n, (r, _) in enumerate(SKIPPED)])
def test_a_row_that_cannot_be_taken_is_named_with_its_reason_index_and_byte(
        web, db, shared_dataset, reason, element):
    dataset = shared_dataset
    body = array(detection(0), element, detection(2), between=" ,\n\t")

    reply = web.put_run(dataset, "run", body)

    assert reply.status == 200, reply
    assert reply.json()["prediction_count"] == 2
    assert skips(reply.json()) == {reason: (1, [(1, element_offsets(body)[1])])}
    assert [row[0] for row in rows(db, dataset, "run")] == [1, 3]
    document = web.get(f"/datasets/{dataset}/runs/run").json()
    assert document["skipped"] == reply.json()["skipped"]
    assert (document["skipped_count"], document["prediction_count"]) == (1, 2)


def test_at_most_ten_examples_of_each_reason_are_shown_and_all_are_counted(web, dataset):
    elements = [{**ONE, "category_id": 999}, {**ONE, "image_id": 999}] * 12 + [ONE]
    body = array(*elements)
    offsets = element_offsets(body)
    outcome = web.put_run(dataset, "run", body).json()
    assert skips(outcome) == {
        "unknown_category": (12, [(n, offsets[n]) for n in range(0, 20, 2)]),
        "unknown_image": (12, [(n, offsets[n]) for n in range(1, 20, 2)]),
    }
    assert outcome["skipped_count"] == 24


def test_a_file_of_which_nothing_can_be_taken_leaves_the_old_run(web, db, dataset, collect):
    web.put_run(dataset, "run", detections(5))
    before = rows(db, dataset, "run")

    reply = web.put_run(dataset, "run", [{**ONE, "category_id": 999}] * 3)

    assert reply.status == 422
    problem = reply.json()
    assert problem["code"] == "nothing_taken"
    assert reasons(problem) == {"unknown_category": 3}
    assert rows(db, dataset, "run") == before
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 5
    collect()


def test_a_file_of_which_nothing_can_be_taken_makes_no_run(web, dataset):
    assert web.put_run(dataset, "run", [{**ONE, "image_id": 999}]).status == 422
    assert web.get(f"/datasets/{dataset}/runs/run").status == 404
    assert web.get(f"/datasets/{dataset}/runs").json() == {"runs": []}


@pytest.mark.parametrize("body", [b"[]", b" \r\n[\t ] \n"])
def test_an_empty_array_is_a_run_of_nothing_and_replaces_the_old_run(web, db, dataset, body):
    web.put_run(dataset, "run", detections(5))
    reply = web.put_run(dataset, "run", body)
    assert reply.status == 200
    assert (reply.json()["prediction_count"], reply.json()["replaced_count"]) == (0, 5)
    assert count(db, dataset, "run") == 0
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 0


def test_counts_stay_true_over_several_runs(web, db, dataset):
    def counts():
        document = web.get(f"/datasets/{dataset}").json()
        return (document["run_count"], document["prediction_count"],
                document["annotation_count"])

    assert counts() == (0, 0, 4)
    assert web.put_run(dataset, "a", detections(5)).json()["replaced_count"] == 0
    assert counts() == (1, 5, 4)
    assert web.put_run(dataset, "b", detections(7)).json()["prediction_count"] == 7
    assert counts() == (2, 12, 4)
    assert web.put_run(dataset, "a", detections(2)).json()["replaced_count"] == 5
    assert counts() == (2, 9, 4)
    assert web.put_run(dataset, "a", detections(3)).json()["replaced_count"] == 2
    assert counts() == (2, 10, 4)
    runs = web.get(f"/datasets/{dataset}/runs").json()["runs"]
    assert {run["run_name"]: run["prediction_count"] for run in runs} == {"a": 3, "b": 7}
    assert web.delete(f"/datasets/{dataset}/runs/b").status == 204
    assert counts() == (1, 3, 4)
    assert db.execute("select run_name, prediction_count from coco.runs where dataset = %s",
                      (dataset,)).fetchall() == [("a", 3)]


def test_a_deleted_run_is_gone_and_leaves_no_table(web, db, dataset, collect):
    web.put_run(dataset, "a", detections(5))
    web.put_run(dataset, "b", detections(5))
    assert web.delete(f"/datasets/{dataset}/runs/a").status == 204
    assert web.get(f"/datasets/{dataset}/runs/a").status == 404
    assert web.delete(f"/datasets/{dataset}/runs/a").json()["code"] == "unknown_run"
    assert count(db, dataset, "a") == 0
    assert count(db, dataset, "b") == 5
    collect()


def test_an_unknown_run_is_answered_with_some_that_there_are(web, dataset):
    def said():
        replies = [web.get(f"/datasets/{dataset}/runs/x"),
                   web.delete(f"/datasets/{dataset}/runs/x"),
                   web.get(f"/datasets/{dataset}/runs/x/predictions")]
        assert {(reply.status, reply.json()["code"]) for reply in replies} == {(404, "unknown_run")}
        return {reply.json()["detail"] for reply in replies}

    assert said() == {f"dataset {dataset} has no run x (it has no runs)"}
    for run in "cab":
        web.put_run(dataset, run, detections(1))
    assert said() == {f"dataset {dataset} has no run x (its runs: a, b, c)"}
    web.put_run(dataset, "d", detections(1))
    assert said() == {f"dataset {dataset} has no run x (its runs: a, b, c, ...)"}


def test_a_replaced_run_leaves_no_table(web, dataset, collect):
    for n in range(3):
        assert web.put_run(dataset, "run", detections(n + 1)).status == 200
    collect()


def test_a_dataset_can_be_named_by_its_id(web, dataset):
    number = web.get(f"/datasets/{dataset}").json()["id"]
    outcome = web.put_run(number, "run", detections(2)).json()
    assert (outcome["dataset"], outcome["dataset_id"]) == (dataset, number)
    assert web.get(f"/datasets/{number}/runs/run").json()["dataset"] == dataset


def test_a_run_document_says_what_when_and_how_long(web, dataset):
    body = array(*detections(4))
    web.put_run(dataset, "run", body)
    document = web.get(f"/datasets/{dataset}/runs/run").json()
    assert (document["dataset"], document["run_name"], document["prediction_count"]) == (
        dataset, "run", 4)
    assert (document["skipped_count"], document["skipped"], document["bytes"]) == (0, [], len(body))
    assert document["imported_at"] and document["duration_ms"] >= 0


def test_rows_keep_the_files_order_numbers_and_unknown_keys(web, db, dataset):
    elements = [
        '{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}',
        '{"score":1,"bbox":[0.1,0.2,0.3,0.7],"category_id":3,"image_id":2,"model":"v8",'
        '  "nested":{"a" : [1,{}]}}',
        '{"image_id": 3.0, "category_id": 18.0, "bbox": [-5, -6.5, 0, 0], "score": -2.5}',
        '{"image_id": 3e0, "category_id": 180e-1, "bbox": [1e2, 1E+2, 2.5e-1, 1], "score": 1.5}',
        '{"image_id": 1, "category_id": 1, "bbox": [0, 0, 121, 163], "area": 247753, "score": 0,'
        ' "id": 77}',
    ]
    assert web.put_run(dataset, "run",
                       array(*elements, between=",\n")).json()["prediction_count"] == 5
    found = rows(db, dataset, "run")
    assert [row[:9] for row in found] == [
        (1, 1, 1, 1.0, 2.0, 3.0, 4.0, 12.0, 0.5),
        (2, 2, 3, 0.1, 0.2, 0.3, 0.7, 0.3 * 0.7, 1.0),
        (3, 3, 18, -5.0, -6.5, 0.0, 0.0, 0.0, -2.5),
        (4, 3, 18, 100.0, 100.0, 0.25, 1.0, 0.25, 1.5),
        (5, 1, 1, 0.0, 0.0, 121.0, 163.0, 121.0 * 163.0, 0.0),
    ]
    extra = [json.loads(row[12] or "{}") for row in found]
    assert extra[0] == {} and extra[1] == {"model": "v8", "nested": {"a": [1, {}]}}
    assert '{"a" : [1,{}]}' in found[1][12], "the text is kept as it came"


def test_the_last_of_a_repeated_key_wins(web, db, dataset):
    element = ('{"image_id": 999, "score": "x", "image_id": 2, "category_id": 1, "bbox": [1],'
               ' "score": 0.25,'
               ' "bbox": [1, 2, 3, 4]}')
    assert web.put_run(dataset, "run", array(element)).status == 200
    assert [row[1:9]
            for row in rows(db, dataset, "run")] == [(2, 1, 1.0, 2.0, 3.0, 4.0, 12.0, 0.25)]


def test_a_key_written_with_escapes_is_that_key(web, db, dataset):
    element = (r'{"\u0069mage_id": 2, "category\u005fid": 1, "b\u0062ox": [1, 2, 3, 4],'
               r' "scor\u0065": 0.25}')
    assert web.put_run(dataset, "run", array(element)).status == 200
    assert [row[1:9]
            for row in rows(db, dataset, "run")] == [(2, 1, 1.0, 2.0, 3.0, 4.0, 12.0, 0.25)]


def test_what_jsonb_refuses_is_kept_in_unknown_keys(web, db, dataset):
    odd = (r'{"nul": "a\u0000b", "lone": "\ud800 \udc00x", "huge": 1e999999, "key \u0000": [1.00,'
           r' -0]}')
    element = odd[:-1] + ', "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}'
    assert web.put_run(dataset, "run", array(element)).status == 200
    extra = rows(db, dataset, "run")[0][12]
    for piece in (r'"a\u0000b"', r'"\ud800 \udc00x"', "1e999999", r'"key \u0000"', "[1.00, -0]"):
        assert piece in extra
    assert json.loads(extra) == json.loads(odd)


def test_doubles_are_the_nearest_to_their_text(web, db, dataset):
    texts = ["0.1", "1e-324", "5e-324", "2.2250738585072011e-308", "1.7976931348623157e308",
             "123456789012345678901", "0.30000000000000004", "9007199254740993",
             "1.00000000000000011102230246251565404236316680908203125",
             "1.00000000000000011102230246251565404236316680908203124", "-0.0", "8.41e-21",
             "0.9958186745643616"]
    elements = [f'{{"image_id":1,"category_id":1,"bbox":[{text},0,0,0],"score":{text}}}'
                for text in texts]
    assert web.put_run(dataset, "run", array(*elements)).json()["prediction_count"] == len(texts)
    found = rows(db, dataset, "run")
    assert [repr(row[8]) for row in found] == [repr(float(text)) for text in texts]
    assert [repr(row[3]) for row in found] == [repr(float(text)) for text in texts]


def test_ids_beyond_32_bits_are_kept(web, db, name):
    big = 2**63 - 1
    truth = street(images=[{"id": big, "file_name": "big.jpg", "width": 1, "height": 1}],
                   annotations=[
        {"id": big, "image_id": big, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12,
         "iscrowd": 0}])
    assert web.put(f"/datasets/{name}", truth).json()["annotation_count"] == 1
    assert web.put_run(name, "run", [{**ONE, "image_id": big}]).json()["prediction_count"] == 1
    assert rows(db, name, "run")[0][1] == big
    assert rows(db, name, "ground_truth")[0][:2] == (big, big)


def test_a_posted_run_takes_its_name_from_the_query(web, dataset):
    outcome = web.post(f"/datasets/{dataset}/predictions", detections(2),
                       {"run_name": "from.query-1"}).json()
    assert outcome["run_name"] == "from.query-1"
    assert web.get(f"/datasets/{dataset}/runs/from.query-1").status == 200


@pytest.mark.parametrize("request_it", [
    lambda web, d: web.put_run(d, "ground_truth", detections(1)),
    lambda web, d: web.post(f"/datasets/{d}/predictions", detections(1),
                            {"run_name": "ground_truth"}),
    lambda web, d: web.post_form(f"/datasets/{d}/predictions", [
        ("run_name", "ground_truth"), ("file", "x.json", detections(1))]),
    lambda web, d: web.post_form(f"/datasets/{d}/predictions",
                                 [("file", "ground_truth.json", detections(1))]),
], ids=["path", "query", "field", "file name"])
def test_ground_truth_is_no_name_for_a_run(web, db, dataset, request_it):
    before = rows(db, dataset, "ground_truth")
    reply = request_it(web, dataset)
    assert (reply.status, reply.json()["code"]) == (400, "bad_request"), reply
    assert "ground_truth" in reply.json()["detail"]
    assert rows(db, dataset, "ground_truth") == before
    assert web.get(f"/datasets/{dataset}/runs").json() == {"runs": []}


def test_ground_truth_is_not_deleted_as_a_run(web, db, dataset):
    assert web.delete(f"/datasets/{dataset}/runs/ground_truth").status in (400, 404)
    assert count(db, dataset, "ground_truth") == 4


def test_real_predictions_are_taken_bit_for_bit(web, db, name, data):
    folder = data("coco_val2014_100")
    assert web.put(f"/datasets/{name}",
                   (folder / "instances_val2014_100.json").read_bytes()).status == 201
    body = (folder / "instances_val2014_fakebbox100_results.json").read_bytes()

    outcome = web.put_run(name, "fakebbox", body).json()

    assert (outcome["prediction_count"], outcome["skipped_count"], outcome["skipped"]) == (
        734, 0, [])
    expected = [(n + 1, row["image_id"], row["category_id"], *(float(v).hex() for v in row["bbox"]),
                 (float(row["bbox"][2]) * float(row["bbox"][3])).hex(), float(row["score"]).hex())
                for n, row in enumerate(json.loads(body))]
    found = [(*row[:3], *(value.hex() for value in row[3:9])) for row in rows(db, name, "fakebbox")]
    assert found == expected


@pytest.mark.parametrize("folder", ["synthetic_bbox"])
def test_synthetic_predictions_are_taken_bit_for_bit(web, db, name, data, folder):
    assert web.put(f"/datasets/{name}", (data(folder) / "pair.gt.json").read_bytes()).status == 201
    body = (data(folder) / "pair.dt.json").read_bytes()
    elements = json.loads(body)
    outcome = web.put_run(name, "pair", body).json()
    assert outcome["prediction_count"] + outcome["skipped_count"] == len(elements)
    truth = json.loads((data(folder) / "pair.gt.json").read_bytes())
    images = {image["id"] for image in truth["images"]}
    categories = {category["id"] for category in truth["categories"]}
    expected = [(n + 1, row["image_id"], row["category_id"], *(float(v).hex() for v in row["bbox"]),
                 float(row["score"]).hex())
                for n, row in enumerate(elements)
                if row["image_id"] in images and row["category_id"] in categories]
    assert [(*row[:3], *(value.hex() for value in (*row[3:7], row[8])))
            for row in rows(db, name, "pair")] == expected


def test_many_runs_of_a_dataset_are_imported_at_once(web, dataset):
    with ThreadPoolExecutor(4) as pool:
        replies = list(
            pool.map(lambda n: web.put_run(dataset, f"run{n}", detections(100 + n)), range(8)))
    assert [reply.status for reply in replies] == [200] * 8
    assert web.get(f"/datasets/{dataset}").json()["prediction_count"] == sum(range(100, 108))


MASK = [[1, 2, 3, 4, 5, 6.5]]


@pytest.mark.parametrize("first_other", [0, 1, 3000, 5999])
def test_rows_that_are_more_than_a_box_may_come_at_any_place(web, db, dataset, first_other):
    """A leaf begins with the columns of boxes and gets the others when a row needs them."""
    body = detections(6000)
    for n in range(first_other, 6000, 7):
        body[n]["segmentation"] = MASK
        body[n + 1 if n < 5999 else n]["note"] = n
    assert web.put_run(dataset, "run", body).json()["prediction_count"] == 6000
    taken = db.execute("""
        select annotation_id, confidence, segmentation, a.extra, keypoints is null, is_crowd
        from coco.annotations a join coco.datasets d on d.id = a.dataset_id
        where d.name = %s and source = 'run' order by annotation_id""", (dataset,)).fetchall()
    assert taken == [(n + 1, row["score"], row.get("segmentation"),
                      {"note": row["note"]} if "note" in row else None, True, False)
                     for n, row in enumerate(body)]


def test_polygons_without_a_box_are_measured_by_their_pixels_in_the_picture(web, db, dataset):
    rng = random.Random(5)
    body = [{**without(detection(n), "bbox"), "image_id": 1 + n % 2,
             "segmentation": made_up_polygons(rng)} for n in range(100)]
    body[7]["bbox"] = [1, 2, 3, 4]
    body[8]["bbox"] = []
    body[9]["segmentation"] = [[-1e300, -1e300, 1e300, -1e300, 1e300, 1e300, -1e300, 1e300]]
    due = [extent_and_area(polygon_pixels(row["segmentation"], 480, 640), 480)
           for row in body[:9] + body[10:]]
    due = due[:9] + [(0, 0, 640, 480, 640 * 480)] + due[9:]
    due[7] = (1, 2, 3, 4, 12)
    assert web.put_run(dataset, "run", body).json()["prediction_count"] == 100
    assert [row[3:8] for row in rows(db, dataset, "run")] == due
    assert 60 < sum(one[4] > 0 for one in due) < 100


def test_polygons_in_a_picture_of_unknown_size_are_whole_unless_they_are_too_large(web, db, name):
    assert web.put(f"/datasets/{name}", street(
        images=[{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2, 3)])).status == 201
    shapes = [[[10, 10, 2020, 10, 2020, 20, 10, 20]], [[10, 10, 1e300, 10, 20, 20]],
              [[0, 0, 1e6, 0, 1e6, 9, 0, 9]]]
    body = [{**without(ONE, "bbox"), "segmentation": shape} for shape in shapes]
    outcome = web.put_run(name, "run", array(*body)).json()
    assert reasons(outcome) == {"invalid_segmentation": 2}
    assert [row[3:8] for row in rows(db, name, "run")] == [(10, 10, 2010, 10, 20100)]
    details = [one["detail"] for one in outcome["skipped"][0]["examples"]]
    assert "more than 1048576 pixels a side" in details[0]
    assert "more than 524288 columns" in details[1]


def test_what_is_wrong_behind_the_first_mask_leaves_nothing(web, db, dataset, collect):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    body = json.dumps(detections(3000) + [detection(segmentation=MASK)] + detections(3000))
    assert web.put_run(dataset, "run", body[:-1].encode()).status == 400
    assert count(db, dataset, "run") == 5
    collect()
