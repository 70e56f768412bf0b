"""A file whose rows are valid one by one, but that looks wrong as a whole, is worth a hint.

Real files give none; the same files with their boxes written in another way do.
"""

import json

import pytest

from samples import array, detection, detections, street, without

REAL = ["coco_val2014_100/instances_val2014_100.json", "synthetic_bbox/pair.gt.json",
        "synthetic_keypoints/pair.gt.json", "synthetic_segm/pair.gt.json", "taco/annotations.json",
        "formats/wrapped/voc100_cvat_instances_default.json"]


def corners(x, y, w, h, *_):
    return [x, y, x + w, y + h]


def centre(x, y, w, h, *_):
    return [x + w / 2, y + h / 2, w, h]


def shares(x, y, w, h, width, height):
    return [x / width, y / height, w / width, h / height]


def double(*box_and_sides):
    return [2 * side for side in box_and_sides[:4]]


CORNERS, CENTRE = "corners [x1, y1, x2, y2]", "[centre x, centre y, width, height]"
WRITTEN = {
    "corners": (corners, f"bbox looks like {CORNERS}, because "),
    "corners in whole pixels": (lambda *box: [round(side) for side in corners(*box)],
                                f"bbox looks like {CORNERS}, because "),
    "centre": (centre, f"bbox looks like {CENTRE}, because "),
    "centre in whole pixels": (lambda *box: [round(side) for side in centre(*box)],
                               f"bbox looks like {CENTRE}, because "),
    "shares": (shares, " % of the boxes lie between 0 and 1: write"),
    "corners as shares": (lambda *box: shares(*corners(*box), *box[4:]),
                          f" % of the boxes lie between 0 and 1 and look like {CORNERS}: write"),
    "centre as shares": (lambda *box: shares(*centre(*box), *box[4:]),
                         f" % of the boxes lie between 0 and 1 and look like {CENTRE}: write"),
    "of a larger image": (double, " % of the boxes end far outside of their image: is bbox"),
}


def written(truth, way):
    """The ground truth with its boxes written in this way."""
    sides = {image["id"]: (image["width"], image["height"]) for image in truth["images"]}
    return {**truth, "annotations": [
        {**row, "bbox": way(*row["bbox"], *sides[row["image_id"]])} if row.get("bbox") else row
        for row in truth["annotations"]]}


def as_results(truth):
    return [{"image_id": row["image_id"], "category_id": row["category_id"], "bbox": row["bbox"],
             "score": 0.5} for row in truth["annotations"]]


def truth_hint(web, name, truth):
    reply = web.put(f"/datasets/{name}", truth, {"dry_run": 1})
    assert reply.status in (200, 201), reply
    return reply.json().get("hint")


def run_hint(web, dataset, rows, **query):
    reply = web.put_run(dataset, "run", rows, dry_run=1, **query)
    assert reply.status == 200, reply
    return reply.json().get("hint")


@pytest.mark.parametrize("file", REAL)
def test_boxes_that_are_written_in_another_way(web, data, name, file):
    truth = json.loads(data(file).read_bytes())
    truth["annotations"] = [row for row in truth["annotations"] if row.get("bbox")]
    added = web.put(f"/datasets/{name}", truth)
    assert added.status == 201 and "hint" not in added.json(), added
    assert run_hint(web, name, as_results(truth)) is None
    for way, hint in WRITTEN.values():
        other = written(truth, way)
        assert hint in truth_hint(web, name, other)
        assert hint in run_hint(web, name, as_results(other))


def test_real_files_give_no_hint(web, data, name):
    folder, seen = data("."), 0
    for number, path in enumerate(sorted(folder.glob("*/*.json"))
                                  + sorted(folder.glob("formats/*/*.json"))):
        reply = web.put(f"/datasets/{name}-{number}", path.read_bytes(), {"dry_run": 1})
        seen += reply.status == 200
        assert "hint" not in reply.json(), (path, reply)
    assert seen > 15


@pytest.mark.parametrize("truth, results", [
    ("coco_val2014_100/instances_val2014_100.json",
     "coco_val2014_100/instances_val2014_fakebbox100_results.json"),
    ("coco_val2014_100/instances_val2014_100.json",
     "coco_val2014_100/instances_val2014_fakesegm100_results.json"),
    ("synthetic_bbox/pair.gt.json", "synthetic_bbox/pair.dt.json"),
    ("synthetic_segm/pair.gt.json", "synthetic_segm/pair.dt.json"),
    ("synthetic_keypoints/pair.gt.json", "synthetic_keypoints/pair.dt.json"),
    ("formats/sahi/dataset.json", "formats/sahi/result.json"),
    ("formats/mmpose/example_coco_val.json", "formats/mmpose/example_coco_preds.json"),
    ("formats/detectron2/balloon_val_coco_format.json",
     "formats/detectron2/balloon_coco_instances_results.json")])
def test_real_results_give_no_hint(web, data, name, truth, results):
    assert web.put(f"/datasets/{name}", data(truth).read_bytes()).status == 201
    assert run_hint(web, name, data(results).read_bytes()) is None


def boxes(way, **more):
    return [detection(0, image_id=1, bbox=way(6 * n, 4 * n, 40, 80), **more) for n in range(100)]


def test_boxes_whose_images_come_after_them_are_looked_at_in_the_database(web, dataset):
    images = [{"id": 9, "file_name": "one.jpg"}]
    for way, hint in ((corners, CORNERS), (lambda *box: [*box], None)):
        rows = [{**row, "image_id": 9} for row in boxes(way)]
        found = run_hint(web, dataset, {"annotations": rows, "images": images}, match="name")
        assert hint is None and found is None or hint in found


@pytest.mark.parametrize("box", [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
def test_boxes_that_stand_for_none_are_no_shares_of_an_image(web, dataset, box):
    assert run_hint(web, dataset, boxes(lambda *_: box)) is None


def test_boxes_that_were_computed_are_not_looked_at(web, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    dot = {"size": [480, 640], "counts": [480 * 640]}
    rows = [{**without(detection(0), "bbox"), "segmentation": dot} for _ in range(100)]
    assert run_hint(web, name, rows) is None


def test_boxes_of_images_without_a_size_are_shares_or_not_looked_at(web, name):
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in (1, 2, 3)]
    assert web.put(f"/datasets/{name}", street(images=images)).status == 201
    assert run_hint(web, name, boxes(corners)) is None
    assert "between 0 and 1" in run_hint(web, name,
                                         boxes(lambda *box: shares(*box, 640, 480)))


@pytest.mark.parametrize("here, elsewhere, hinted", [
    (50, 50, True), (51, 49, False), (0, 100, True), (1, 4, False), (5, 5, True)])
def test_rows_of_another_split(web, dataset, here, elsewhere, hinted):
    rows = detections(here) + [detection(n, image_id=1000 + n) for n in range(elsewhere)]
    reply = web.put_run(dataset, "run", rows, dry_run=1).json()
    said = reply.get("hint", "") + reply.get("detail", "")
    assert ("the images of another split?" in said) == hinted, reply
    if hinted:
        assert f"{elsewhere} of {here + elsewhere} rows" in said


def test_annotations_of_another_split(web, name):
    rows = [{"id": n, "image_id": 1000 + n, "category_id": 1, "bbox": [1, 2, 3, 4]}
            for n in range(20, 30)]
    truth = street()
    reply = web.put(f"/datasets/{name}", {**truth, "annotations": truth["annotations"] + rows})
    assert "10 of 14 rows are for images that are not there" in reply.json()["hint"]


@pytest.mark.parametrize("there, sent, offset", [
    ([1, 2, 3], [0, 1, 2], 1), ([1, 2, 3], [0, 1, 2, 3], None), ([1, 2, 3], [2, 3, 4], -1),
    ([1, 2, 3], [1, 2, 3, 4], None), ([1, 2, 3], [3, 0], None), ([1, 3], [0, 2], 1),
    ([1, 3], [0, 2, 3], None)], ids=str)
def test_an_offset_is_hinted_at_if_no_class_is_lost_by_it(web, name, there, sent, offset):
    truth = street(categories=[{"id": n, "name": f"class {n}"} for n in there])
    truth["annotations"] = []
    assert web.put(f"/datasets/{name}", truth).status == 201
    rows = [{**detection(n), "category_id": category} for n, category in enumerate(sent)]
    reply = web.put_run(name, "run", rows, dry_run=1).json()
    said = reply.get("hint", "") + reply.get("detail", "")
    assert (f"category_offset={offset} would" if offset else "") in said
    assert ("category_offset=" in said) == (offset is not None), reply


def test_hints_are_given_together(web, name):
    truth = street()
    truth["categories"].append({"id": 2, "name": "bicycle"})
    assert web.put(f"/datasets/{name}", truth).status == 201
    wrong = boxes(corners) + [detection(n, category_id=17) for n in range(20)]
    hint = run_hint(web, name, array(*wrong))
    first, second = hint.split("; ")
    assert first == "category_offset=1 would make all unknown categories known"
    assert CORNERS in second


def test_the_command_line_prints_the_hint_of_a_dataset(shell, name):
    truth = written(street(annotations=[
        {"id": n, "image_id": 1, "category_id": 1, "bbox": [6 * n, 4 * n, 40, 80]}
        for n in range(100)]), corners)
    shell.write("truth.json", truth)
    out, _ = shell.run("import", "dataset", name, "truth.json", "--dry-run")
    assert f"  hint: bbox looks like {CORNERS}" in out
