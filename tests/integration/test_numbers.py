"""Numbers as people's files have them: as texts, as points of two numbers, as turned boxes."""

import json
import math

import pytest

from samples import array, detections, reasons, rows, select, street, without

ONE = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}
RLE = {"size": [480, 640], "counts": [10, 20, 480 * 640 - 30]}
PLAIN = {**ONE, "segmentation": RLE, "keypoints": [1, 2, 2]}


def numbers(row):
    """What the columns of a row hold, but for JSON, which is kept as it came."""
    return row[1:10]


@pytest.mark.parametrize("more", [
    {"score": "0.5"}, {"score": " 0.5 "}, {"score": "5e-1"}, {"score": "0.5\n"}, {"score": "00.5"},
    {"score": "0.5" + "0" * 5000}, {"image_id": "1"}, {"image_id": "0001"}, {"category_id": "1"},
    {"category_id": "1.0"}, {"category_id": "\t1"}, {"bbox": ["1", "2.0", " 3", "4e0"]},
    {"segmentation": {**RLE, "size": ["480", "640"]}},
    {"segmentation": {**RLE, "counts": ["10", 20, "307170"]}},
    {"keypoints": ["1", "2.0", "2"]},
    {key: str(value) for key, value in ONE.items() if key != "bbox"}], ids=range(16))
def test_a_text_is_taken_where_a_number_is_due(web, db, shared_dataset, more):
    outcome = web.put_run(shared_dataset, "run", [PLAIN, {**PLAIN, **more}]).json()
    assert (outcome["prediction_count"], outcome["skipped"]) == (2, []), outcome
    plain, found = rows(db, shared_dataset, "run")
    assert numbers(found) == numbers(plain)


@pytest.mark.parametrize("text, reason", [
    *((text, "non_finite") for text in ("NaN", "nan", "inf", "-inf", "Infinity", "-Infinity",
                                        " NaN ", "\u0049nf")),
    *((text, "wrong_type") for text in ("high", "", " ", "0x10", "1,5", "1_000", "+1", ".5", "1.",
                                        "--1", "1 2", "e5", "\u0661", "0.5\\u0000", "nano")),
    ("1e999", "out_of_range")])
def test_a_text_that_is_no_number_is_skipped(web, shared_dataset, text, reason):
    def skipped(**more):
        return reasons(web.put_run(shared_dataset, "run", [ONE, {**ONE, **more}]).json())

    in_box = reason if reason != "wrong_type" else "invalid_bbox"
    assert skipped(score=text) == {reason: 1}
    assert skipped(bbox=[1, 2, 3, text]) == {in_box: 1}
    assert skipped(bbox=[text, 2, 3, 4]) == {in_box: 1}


def test_texts_are_numbers_in_a_ground_truth(web, db, name):
    truth = street()
    assert web.put(f"/datasets/{name}", truth).status == 201
    def as_texts(element, *keys):
        return {key: str(value) if key in keys else value for key, value in element.items()}
    texts = street(
        images=[as_texts(image, "width", "height") for image in truth["images"]],
        categories=[as_texts(category, "id") for category in truth["categories"]],
        annotations=[{**as_texts(one, "id", "image_id", "category_id", "area", "iscrowd"),
                      "bbox": [str(number) for number in one["bbox"]]}
                     for one in truth["annotations"]])
    assert web.put(f"/datasets/{name}-texts", texts).json()["skipped"] == []
    assert rows(db, name + "-texts", "ground_truth") == rows(db, name, "ground_truth")
    exported = [web.get(f"/datasets/{one}/annotations").json() for one in (name, name + "-texts")]
    assert exported[0] == exported[1]


@pytest.mark.parametrize("crowd, found", [
    (0, False), (1, True), (0.0, False), (1.0, True), (True, True), (False, False), (None, False),
    ("0", False), ("1", True), ("0.0", False), ("1.0", True), (" 1 ", True), ("true", True),
    ("false", False), ("True", True), ("False", False),
    (2, "out_of_range"), ("2", "out_of_range"), (-1, "out_of_range"), ("yes", "wrong_type"),
    ("", "wrong_type"), (0.5, "wrong_type"), ([], "wrong_type"), ("nan", "non_finite")])
def test_a_crowd_is_0_or_1_in_any_notation(web, db, name, crowd, found):
    good, other = street()["annotations"][:2]
    outcome = web.put(f"/datasets/{name}",
                      street(annotations=[good, {**other, "iscrowd": crowd}])).json()
    if isinstance(found, str):
        assert reasons(outcome) == {found: 1}
    else:
        assert rows(db, name, "ground_truth")[1][9] is found


# ---- keypoints


BOX = (1, 2, 3, 4, 12)


@pytest.mark.parametrize("points, box, found", [
    ([], True, BOX), ([], False, "missing_field"),
    ([1, 2, 2, 5, 8, 0], True, BOX), ([1, 2, 2, 5, 8, 0], False, (1, 2, 4, 6, 24)),
    ([1, 2, 5, 8], True, BOX), ([1, 2, 5, 8], False, (1, 2, 4, 6, 24)),
    ([1, 2], False, (1, 2, 0, 0, 0)),
    ([1, 2, 5, 8, 3, 3, 7, 7, 9, 9], False, (1, 2, 8, 7, 56)),
    # Both would do: triples, as COCO has them.
    ([1, 2, 5, 8, 3, 3], False, (1, 2, 7, 1, 7)),
    ([[1, 2], [5, 8]], False, (1, 2, 4, 6, 24)), ([[1, 2, 0.5], [5, 8, 1]], True, BOX),
    ([[1, 2], [5, 8], [3, 3]], False, (1, 2, 4, 6, 24)), ([[1, 2, 2], [5, 8]], True, BOX),
    ([1, 2, 3, 4, 5], True, "invalid_keypoints"), ([1], True, "invalid_keypoints"),
    ([1, 2, None], True, "invalid_keypoints"), ([1, 2, "x"], True, "invalid_keypoints"),
    ([[1]], True, "invalid_keypoints"), ([[1, 2, 3, 4]], True, "invalid_keypoints"),
    ([[1, 2], 3], True, "invalid_keypoints"), ([[1, [2]]], True, "invalid_keypoints"),
    ([[]], True, "invalid_keypoints"), ([[[1, 2]]], True, "invalid_keypoints"),
    ({"x": [1], "y": [2]}, True, "invalid_keypoints"), ("1 2 2", True, "invalid_keypoints")],
    ids=str)
def test_keypoints_are_triples_or_pairs(web, db, shared_dataset, points, box, found):
    row = {**(ONE if box else without(ONE, "bbox")), "keypoints": points}
    outcome = web.put_run(shared_dataset, "run", [ONE, row]).json()
    if isinstance(found, str):
        assert reasons(outcome) == {found: 1}
        return
    assert outcome["skipped"] == [], outcome
    assert rows(db, shared_dataset, "run")[1][3:8] == found
    exported = web.get(f"/datasets/{shared_dataset}/runs/run/predictions").json()
    assert exported == [ONE, row]


# ---- turned boxes, as ultralytics writes them


CORNERS = [73, 97, 117, 121, 127, 103, 83, 79]


def turned(x, y, w, h, angle):
    """The box around a rectangle that is turned by an angle."""
    c, s = abs(math.cos(angle)), abs(math.sin(angle))
    wide, high = w * c + h * s, w * s + h * c
    return x - wide / 2, y - high / 2, wide, high


@pytest.mark.parametrize("more, found", [
    ({"poly": CORNERS, "rbox": [100, 100, 50, 20, 0.5]}, (73, 79, 54, 42)),
    ({"poly": CORNERS}, (73, 79, 54, 42)),
    ({"poly": [str(n) for n in CORNERS]}, (73, 79, 54, 42)),
    ({"poly": CORNERS, "bbox": [1, 2, 3, 4]}, (1, 2, 3, 4)),
    ({"poly": CORNERS, "bbox": []}, (73, 79, 54, 42)),
    ({"poly": [], "rbox": [100, 100, 50, 20, 0.5]}, turned(100, 100, 50, 20, 0.5)),
    ({"rbox": [100, 100, 50, 20, 0.5]}, turned(100, 100, 50, 20, 0.5)),
    ({"rbox": [100, 100, 50, 20, -2.5]}, turned(100, 100, 50, 20, -2.5)),
    ({"rbox": [100, 100, 50, 20, 0]}, (75, 90, 50, 20)),
    ({"poly": CORNERS[:5]}, "invalid_bbox"), ({"poly": CORNERS[:4]}, "invalid_bbox"),
    ({"poly": [*CORNERS[:7], "x"]}, "invalid_bbox"), ({"poly": "73 97"}, "invalid_bbox"),
    ({"rbox": [100, 100, 50, 20]}, "invalid_bbox"), ({"rbox": {"x": 1}}, "invalid_bbox"),
    ({"rbox": [100, 100, -50, 20, 0.5]}, "invalid_bbox"),
    ({"rbox": [100, 100, 50, 20, None]}, "invalid_bbox"),
    ({"rbox": [1e308, 1, 1e308, 1e308, 0.5]}, "out_of_range"),
    ({"poly": []}, "missing_field"), ({"poly": None, "rbox": None}, "missing_field")], ids=str)
def test_a_turned_box_becomes_the_box_around_it(web, db, shared_dataset, more, found):
    row = {**without(ONE, "bbox"), **more}
    outcome = web.put_run(shared_dataset, "run", [ONE, row]).json()
    if isinstance(found, str):
        assert reasons(outcome) == {found: 1}
        return
    assert outcome["skipped"] == [], outcome
    assert rows(db, shared_dataset, "run")[1][3:8] == pytest.approx((*found, found[2] * found[3]))
    (_, _), (_, derived) = sorted(select(db, "annotation_id, bbox_derived", shared_dataset, "run"))
    assert derived == (not more.get("bbox"))
    exported = web.get(f"/datasets/{shared_dataset}/runs/run/predictions").json()[1]
    assert exported == {key: value for key, value in row.items() if key != "bbox" or value}


def test_a_row_that_lacks_something_names_what_it_has(web, shared_dataset):
    long = "x" * 300
    cases = [
        (without(ONE, "score"), 'score is missing; the row has "image_id", "category_id", "bbox"'),
        ({**ONE, "score": None}, "score is null"), ({**ONE, "bbox": []}, "bbox is empty"),
        ({}, "image_id is missing; the row has no members"),
        ({"x\u202e\x7f\u0085": 1, "\u4e2d": 2},
         'image_id is missing; the row has "x???", "\u4e2d"'),
        ({long: 1, "b": 2}, f'image_id is missing; the row has "{"x" * 24}...", "b"'),
        ({f"member{n:02}": n for n in range(50)}, "image_id is missing; the row has "
         + "".join(f'"member{n:02}", ' for n in range(8)) + "...")]
    body = json.dumps([ONE, *(row for row, _ in cases)], ensure_ascii=False)
    outcome = web.put_run(shared_dataset, "run", body).json()
    assert [example["detail"] for example in outcome["skipped"][0]["examples"]] == [
        detail for _, detail in cases]


def test_numbers_and_texts_mix_in_one_file(web, db, shared_dataset):
    """Rows of both kinds, one after the other, are what they would be alone."""
    mixed = [{**row, "score": str(row["score"])} if n % 3 else row
             for n, row in enumerate(detections(3000))]
    assert web.put_run(shared_dataset, "plain", detections(3000)).status == 200
    assert web.put_run(shared_dataset, "mixed", array(*mixed)).json()["prediction_count"] == 3000
    assert rows(db, shared_dataset, "mixed") == rows(db, shared_dataset, "plain")
