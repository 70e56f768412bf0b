"""What a ground truth lacks is made up for it, and said: boxes, areas, ids, sizes."""

import itertools
import json
import random

import pytest

from masks import extent_and_area, made_up_polygons, polygon_pixels
from samples import reasons, rows, select, street, without

BOX = (3, 4, 5, 6, 7)  # where samples.rows has x, y, w, h and area
SQUARE = [[10, 10, 30, 10, 30, 20, 10, 20]]  # 20 by 10 pixels
RLE = {"size": [48, 64], "counts": [48 * 2 + 4, 3, 45, 3, 48 * 61 - 7]}  # 2 by 3 pixels


def annotation(n=1, **more):
    return {"id": n, "image_id": 1, "category_id": 1, **more}


def file_of(*annotations, **image):
    return {"images": [{"id": 1, **image}], "categories": [{"id": 1, "name": "c"}],
            "annotations": list(annotations)}


def boxes(db, name, source="ground_truth"):
    return [row[3:8] for row in rows(db, name, source)]


@pytest.fixture
def send(web, name):
    def send(file, status=201, **query):
        reply = web.put(f"/datasets/{name}", file, query)
        assert reply.status == status, reply
        return reply.json()
    return send


# ---- masks without boxes ------------------------------------------------------------------

@pytest.mark.parametrize("box", [{}, {"bbox": []}, {"bbox": None}], ids=["none", "empty", "null"])
def test_a_mask_without_a_box_gets_both(web, db, send, name, box):
    row = annotation(segmentation=[[1, 2, 9, 2, 9, 8]], **box)
    answer = send(file_of(row, width=64, height=48))
    x, y, w, h, area = extent_and_area(polygon_pixels(row["segmentation"], 48, 64), 48)
    assert boxes(db, name) == [(x, y, w, h, area)]
    assert answer["notes"] == [
        "1 annotation has a mask and no box: the box is that of the mask",
        "1 annotation has no area: it is that of the mask, or of the box where there is no mask"]
    assert web.get(f"/datasets/{name}/annotations").json()["annotations"] == [
        {**without(row, "bbox"), "iscrowd": 0}], "what was made up is not in the file"


@pytest.mark.parametrize("order", itertools.permutations(["images", "annotations", "categories"]),
                         ids="-".join)
def test_polygons_are_measured_in_their_image_as_those_of_runs_are(web, db, name, send, order):
    rng = random.Random(6)
    shapes = [made_up_polygons(rng) for n in range(1500)]  # more than a page
    shapes[9] = [[-1e300, -1e300, 1e300, -1e300, 1e300, 1e300, -1e300, 1e300]]
    truth = street(annotations=[
        {"id": n + 1, "image_id": 1 + n % 3, "category_id": 1, "segmentation": shape}
        for n, shape in enumerate(shapes)])
    send({key: truth[key] for key in order})
    run = [{**without(row, "id"), "score": 0.5} for row in truth["annotations"]]
    assert web.put_run(name, "run", run).json()["prediction_count"] == 1500
    assert boxes(db, name) == boxes(db, name, "run")
    assert boxes(db, name)[9] == (0, 0, 640, 480, 640 * 480)


def test_masks_of_images_with_texts_as_ids(db, name, send):
    """Another image has the size in which the mask would be cut."""
    send({"images": [{"id": "a", "width": 15, "height": 48}, {"id": 1, "width": 64, "height": 48},
                     {"id": "b", "width": 64, "height": 48}],
          "annotations": [annotation(1, segmentation=SQUARE), annotation(2, segmentation=SQUARE)
                          | {"image_id": "a"}, annotation(3, bbox=[1, 2, 3, 4])
                          | {"image_id": "b"}],
          "categories": [{"id": 1, "name": "c"}]})
    assert [(row[1], *row[3:8]) for row in rows(db, name, "ground_truth")] == [
        (1, 10, 10, 20, 10, 200), (2, 10, 10, 5, 10, 50), (3, 1, 2, 3, 4, 12)]


@pytest.mark.parametrize("mask, due", [
    (RLE, (2, 4, 2, 3, 6)), ({"size": [48, 64], "counts": [48 * 64]}, (0, 0, 0, 0, 0)),
    ({**RLE, "size": [64, 48]}, "invalid_segmentation"),
    ({"size": [4, 4], "counts": [16]}, "invalid_segmentation"),
    ({"size": [48, 64], "counts": [1]}, "invalid_segmentation"),
    ([[1, 2, 3, 4]], "invalid_segmentation"), ("text", "invalid_segmentation"),
    ([[]], "missing_field"), ([], "missing_field"), (None, "missing_field")],
    ids=range(10))
def test_a_mask_must_be_one_of_its_image(db, name, send, mask, due):
    good = annotation(2, bbox=[1, 2, 3, 4], area=5)
    answer = send(file_of(good, annotation(1, segmentation=mask), width=64, height=48))
    if isinstance(due, str):
        assert reasons(answer) == {due: 1}
        assert answer["annotation_count"] == 1
        assert "element 1" in answer["skipped"][0]["examples"][0]["detail"] or mask in ([], None)
    else:
        assert boxes(db, name) == [due, (1, 2, 3, 4, 5)]


def test_an_area_in_the_file_stays(web, db, name, send):
    row = annotation(segmentation=SQUARE, area=7.25)
    send(file_of(row, width=64, height=48))
    assert boxes(db, name) == [(10, 10, 20, 10, 7.25)]
    assert web.get(f"/datasets/{name}/annotations").json()["annotations"] == [
        {**row, "iscrowd": 0}]


def test_large_masks_pass_one_by_one(db, name, send):
    many = ",".join(["[10,10,30,10,30,20,10,20]", *["[11,11,12,11,12,12]"] * 60_000])  # 1.2 MB
    rows_of_file = ", ".join(f'{{"id":{n},"image_id":1,"category_id":1,"segmentation":[{many}]}}'
                             for n in range(4))
    send('{"images":[{"id":1,"width":64,"height":48}],"categories":[{"id":1,"name":"c"}],'
         f'"annotations":[{rows_of_file}]}}')
    assert boxes(db, name) == [(10, 10, 20, 10, 200)] * 4


def test_images_without_sizes_do_not_cut_masks(db, name, send):
    answer = send(file_of(annotation(1, segmentation=SQUARE), annotation(2, segmentation=RLE),
                          annotation(3, segmentation=[[0, 0, 1e6, 0, 1e6, 9, 0, 9]])))
    assert boxes(db, name) == [(10, 10, 20, 10, 200), (2, 4, 2, 3, 6)]
    assert reasons(answer) == {"invalid_segmentation": 1}
    assert "columns" in answer["skipped"][0]["examples"][0]["detail"]


# ---- areas --------------------------------------------------------------------------------

@pytest.mark.parametrize("more, area", [
    ({}, 12), ({"area": None}, 12), ({"area": 5}, 5), ({"segmentation": SQUARE}, 200),
    ({"segmentation": RLE}, 6), ({"segmentation": []}, 12), ({"segmentation": [[1, 2]]}, 12),
    ({"segmentation": {"size": [1, 1], "counts": [1]}}, 12), ({"segmentation": "text"}, 12)],
    ids=range(9))
def test_a_missing_area_is_that_of_the_mask_or_of_the_box(web, db, name, send, more, area):
    row = annotation(bbox=[1, 2, 3, 4], **more)
    answer = send(file_of(row, width=64, height=48))
    assert boxes(db, name) == [(1, 2, 3, 4, area)]
    unmeasured = bool(more.get("segmentation")) and area == 12
    assert len(answer["notes"]) == (0 if more.get("area") else 1 + unmeasured)
    if unmeasured:
        assert answer["notes"][1] == ("1 annotation without an area has a mask that was not"
                                      " measured: the area is that of the box")
    derived = select(db, "area_derived, bbox_derived", name, "ground_truth")
    assert derived == [(not more.get("area"), False)]
    due = {key: value for key, value in row.items() if value is not None}
    assert web.get(f"/datasets/{name}/annotations").json()["annotations"] == [
        {**due, "iscrowd": 0}]


def test_an_area_that_no_double_holds_stays_unknown(db, name, send):
    send(file_of(annotation(bbox=[0, 0, 1e200, 1e200])))
    assert boxes(db, name) == [(0, 0, 1e200, 1e200, None)]


# ---- ids ----------------------------------------------------------------------------------

def ids(db, name):
    return [(row[0], row[3]) for row in rows(db, name, "ground_truth")]


def numbered(*annotation_ids):
    """Annotations with these ids, or without one; x is the place in the file."""
    return file_of(*(without(annotation(id, bbox=[n, 2, 3, 4], area=1), *([] if id else ["id"]))
                     for n, id in enumerate(annotation_ids)))


@pytest.mark.parametrize("given, due", [
    ((None, None, None), [1, 2, 3]),
    ((None, None, 7, None), [8, 9, 7, 11]),
    ((7, None, 2, None), [7, 9, 2, 11]),
    ((1, 2, 3, None), [1, 2, 3, 7]),
    ((-5, None), [-5, 2]),
], ids=str)
def test_annotations_without_ids_are_numbered(web, db, name, send, given, due):
    answer = send(numbered(*given))
    missing = sum(one is None for one in given)
    assert answer["notes"] == [f"{missing} annotations have no id and got a number"
                               if missing > 1 else "1 annotation has no id and got a number"]
    assert ids(db, name) == sorted(zip(due, range(9)))
    out = web.get(f"/datasets/{name}/annotations").json()["annotations"]
    assert [row["bbox"][0] for row in out] == list(range(len(given))), "in the order of the file"


@pytest.mark.parametrize("given", [(None, None), (-5, None, None), (7, None, None)], ids=str)
def test_notes_count_the_annotations_that_stay(send, given):
    file = numbered(*given)
    file["annotations"][-1]["image_id"] = 99
    assert "1 annotation has no id and got a number" in send(file)["notes"]


def test_a_skipped_row_leaves_a_gap(db, name, send):
    file = numbered(None, None, None)
    del file["annotations"][1]["category_id"]
    send(file)
    assert ids(db, name) == [(1, 0), (3, 2)]


def test_no_number_is_left(send):
    answer = send(numbered(2**63 - 1, None), status=422)
    assert answer["code"] == "wrong_shape" and "renumber=1" in answer["detail"]


def test_repeated_ids_are_kept_with_new_ones_on_request(db, name, send):
    file = numbered(5, 5, 6, 5)
    answer = send(file)
    assert answer["notes"] == [
        "2 annotations repeat ids and were skipped; renumber=1 keeps them with new ids"]
    assert ids(db, name) == [(5, 0), (6, 2)]
    answer = send(file, status=200, renumber=1)
    assert answer["notes"] == ["4 annotations have new ids: their places in the file, from 1"]
    assert ids(db, name) == [(1, 0), (2, 1), (3, 2), (4, 3)]
    assert send(numbered(5), status=200, renumber=1)["notes"] == [
        "1 annotation has a new id: its place in the file, from 1"]


@pytest.mark.parametrize("id", ["a", None, 2**70, 1.5, [], "5"], ids=str)
def test_an_id_that_is_no_number_does_not_matter_then(db, name, send, id):
    row = annotation(id, bbox=[1, 2, 3, 4], area=1)
    assert send(file_of(row, row), renumber=1)["skipped_count"] == 0
    assert ids(db, name) == [(1, 1), (2, 1)]


def test_an_id_that_is_a_text_is_skipped_with_the_way_out(send):
    answer = send(file_of(annotation("uuid", bbox=[1, 2, 3, 4]),
                          annotation(bbox=[1, 2, 3, 4])))
    assert answer["skipped"][0]["examples"][0]["detail"] == (
        "id is a string, not a number; renumber=1 gives new ids")


def test_everything_at_once_in_the_order_of_the_file(web, db, name, send):
    rows_of_file = [
        annotation(4, bbox=[0, 2, 3, 4], area=1),
        without(annotation(bbox=[1, 2, 3, 4]), "id"),
        annotation(4, bbox=[2, 2, 3, 4], area=1),
        annotation(9, segmentation=SQUARE) | {"image_id": "t"},
        annotation(8, segmentation=[[1, 2]]) | {"image_id": "t"},
        annotation(7, bbox=[5, 2, 3, 4], area=1) | {"image_id": "nowhere"},
        annotation(6, segmentation=[[1, 2]]) | {"image_id": "nowhere"},
        annotation(5, bbox=[7, 2, 3, 4], area=1, category_id=2),
        annotation(3, bbox=[8, 2, 3, 4], area=1)]
    file = file_of(*rows_of_file, width=64, height=48)
    file["images"].append({"id": "t", "width": 64, "height": 48})
    answer = send(file)
    assert reasons(answer) == {"invalid_segmentation": 2, "unknown_image": 1, "duplicate_id": 1,
                               "unknown_category": 1}
    assert (answer["annotation_count"], answer["skipped_count"]) == (4, 5)
    assert answer["notes"][1:-1] == [
        "1 annotation has no id and got a number",
        "1 annotation has a mask and no box: the box is that of the mask",
        "2 annotations have no area: it is that of the mask, or of the box where there is no mask"]
    out = web.get(f"/datasets/{name}/annotations").json()["annotations"]
    assert [(row["id"], row["image_id"]) for row in out] == [(4, 1), (11, 1), (9, "t"), (3, 1)]
    assert db.execute("select count(*) from pg_class where relname ~ '^(late|masks)_'"
                      ).fetchone() == (0,)


def test_the_command_renumbers(pgcoco, db, name):
    file = json.dumps(numbered(5, 5)).encode()
    done = pgcoco("import", "dataset", name, "-", input=file)
    assert b"1 annotation repeats an id and was skipped; --renumber keeps" in done.stdout
    done = pgcoco("import", "dataset", name, "-", "--renumber", input=file)
    assert b"2 annotations have new ids" in done.stdout
    assert ids(db, name) == [(1, 0), (2, 1)]


def test_a_file_that_lacks_nothing_has_no_notes(send):
    assert send(street())["notes"] == []
