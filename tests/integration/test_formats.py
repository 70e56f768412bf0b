"""Files as real tools write them. Each is imported, or refused for the right reason.

Where a file has no ground truth of its own, one is made from the ids it uses.
"""

import json

import pytest

from masks import extent_and_area, mask_pixels, polygon_pixels
from samples import rows

EMPTY = {"images": [], "categories": [], "annotations": []}


def truth_of(body, first_category=None):
    """A ground truth that has every image and category of these rows, by id or by name."""
    file = json.loads(body)
    if isinstance(file, list):
        file = {"annotations": file}
    found = [row for row in file.get("annotations", []) if isinstance(row, dict)]
    images = {row["image_id"] for row in found if "image_id" in row}
    categories = sorted({row["category_id"] for row in found if "category_id" in row})
    numbers = sorted({int(i) for i in images if isinstance(i, int) or i.isdigit()})
    names = sorted(i for i in images if isinstance(i, str) and not i.isdigit())
    first_free = max(numbers, default=0) + 1
    own = {image["id"]: image["file_name"] for image in file.get("images", [])}
    return {
        "images": [{"id": i, "file_name": own.get(i, f"{i}.jpg")} for i in numbers]
        + [{"id": first_free + n, "file_name": name if "." in name else name + ".jpg"}
           for n, name in enumerate(names)],
        "categories": [{"id": i, "name": f"class {i}"} for i in categories],
        "annotations": [],
    }


# (file, its ground truth or None, rows taken, {reason: rows skipped}). A word in the place of the
# rows taken is the code of the refusal.
RESULTS = [
    ("detectron2/balloon_coco_instances_results.json", "detectron2/balloon_val_coco_format.json",
     47, {}),
    ("detectron2/objects_coco_instances_results.json", None, 148, {}),
    ("detectron2/textlines_coco_instances_results.json", None, 100, {}),
    ("detectron2/cars_coco_instances_results.json", None, 260, {}),
    ("detectron2/empty_coco_results.json", None, 0, {}),
    ("mmdetection/tables_results.bbox.json", None, 200, {}),
    ("mmdetection/tables_results.segm.json", None, 200, {}),
    ("mmdetection/zero_based_result.bbox.json", None, 330, {}),
    ("mmdetection/inferencer_demo.json", None, "wrong_shape", {}),
    ("ultralytics/fish_numeric_stems_predictions.json", None, 600, {}),
    ("ultralytics/coco91_two_rows_predictions.json", None, 2, {}),
    ("ultralytics/signboard_mixed_ids_predictions.json", None, 1551, {}),
    ("ultralytics/pills_file_name_predictions.json", None, 300, {}),
    ("ultralytics/mammals_spaces_in_stems_predictions.json", None, 400, {}),
    ("ultralytics/mammals_int_score_new_predictions.json", None, 5, {}),
    ("ultralytics/mammals_xyxy_activations.json", None, 40, {}),
    ("darknet/coco_results.json", None, 127, {}),
    ("rtdetr_paddle/href_detr_bbox.json", None, 70, {}),
    ("rtdetr_paddle/ships_bbox.json", None, 200, {}),
    ("rtdetr_paddle/ppyoloe_negative_xy_bbox.json", None, 100, {}),
    ("mmpose/test_coco_det_AP_H_56.json", None, 118, {}),
    ("mmpose/test_crowdpose_det_AP_40.json", None, 6, {}),
    ("mmpose/test_humanart_det_AP_H_56.json", None, 13, {}),
    ("mmpose/posetrack18_human_detections.json", None, 40, {}),
    ("mmpose/example_coco_preds.json", "mmpose/example_coco_val.json", 73, {}),
    ("mmpose/example_crowdpose_preds.json", "mmpose/example_crowdpose_val.json", 15, {}),
    ("mmpose/example_wholebody_preds.json", None, 3, {}),
    ("cocoapi/person_keypoints_val2014_fakekeypoints100_results.json", None, 125, {}),
    ("cocoapi/captions_val2014_fakecap_results.json", None, "nothing_taken",
     {"missing_field": 200}),
    ("sahi/result.json", "sahi/dataset.json", 89, {}),
    ("faster_coco_eval/dt_dataset.json", "faster_coco_eval/gt_dataset.json", 9, {}),
    ("faster_coco_eval/dt_ignore_test.json", "faster_coco_eval/gt_ignore_test.json", 63, {}),
    ("data_visor/coco_predictions.json", "data_visor/small_coco.json", 8, {"unknown_category": 1}),
    ("wrapped/nids_extra_fields_results.json", None, 67, {}),
    ("wrapped/nids_no_categories_results.json", None, 146, {}),
    ("wrapped/nids_list_of_lists_results.json", None, "nothing_taken", {"wrong_type": 3}),
    ("wrapped/textlines_no_score_xyxy_predictions.json", None, "nothing_taken",
     {"missing_field": 328}),
    ("wrapped/voc100_coco_dets.json", "wrapped/voc100_cvat_instances_default.json", "wrong_shape",
     {}),
    ("panoptic/mapillary_string_ids_empty_bbox.json", None, "nothing_taken", {}),
    ("panoptic/panoptic_examples.json", EMPTY, "nothing_taken", {"missing_field": 2}),
    ("torchvision/maskrcnn_x1y1x2y2_predictions.json", None, "nothing_taken",
     {"missing_field": 60}),
    ("jsonl/go_detector_detections.jsonl", EMPTY, "nothing_taken", {}),
    ("jsonl/fudu_detections.jsonl", EMPTY, "nothing_taken", {}),
]


@pytest.mark.parametrize("file, truth, taken, skipped", RESULTS, ids=[case[0] for case in RESULTS])
def test_results(web, db, data, name, file, truth, taken, skipped):
    body = data("formats/" + file).read_bytes()
    made = truth if isinstance(truth, dict) else truth_of(body) if truth is None else data(
        "formats/" + truth).read_bytes()
    assert web.put(f"/datasets/{name}", made).status == 201
    reply = web.put_run(name, "run", body)
    outcome = reply.json()
    found = {group["reason"]: group["count"] for group in outcome.get("skipped", [])}
    if isinstance(taken, str):
        assert (reply.status, outcome["code"]) == (422, taken), outcome
        assert web.get(f"/datasets/{name}/runs/run").status == 404
    else:
        assert (reply.status, outcome.get("prediction_count")) == (200, taken), outcome
    assert not skipped and found.keys() <= {"missing_field"} or found == skipped, found


def test_a_file_of_masks_has_the_boxes_of_its_file_of_boxes(web, db, data, name):
    boxes, masks = (data(f"formats/mmdetection/tables_results.{kind}.json").read_bytes()
                    for kind in ("bbox", "segm"))
    assert web.put(f"/datasets/{name}", truth_of(boxes)).status == 201
    for run, body in (("boxes", boxes), ("masks", masks)):
        assert web.put_run(name, run, body).json()["prediction_count"] == 200
    with_masks = rows(db, name, "masks")
    assert [row[:10] for row in with_masks] == [row[:10] for row in rows(db, name, "boxes")]
    assert [json.loads(row[10])
            for row in with_masks] == [row["segmentation"] for row in json.loads(masks)]


def test_categories_from_0_against_a_ground_truth_from_1(web, data, name):
    body = data("formats/detectron2/cars_coco_instances_results.json").read_bytes()
    assert web.put(f"/datasets/{name}",
                   {**truth_of(body), "categories": [{"id": 1, "name": "car"}]}).status == 201
    refused = web.put_run(name, "run", body)
    assert (refused.status, refused.json()["code"]) == (422, "nothing_taken")
    assert "category_offset=1" in refused.json()["detail"]
    assert web.put_run(name, "run", body, category_offset=1).json()["prediction_count"] == 260


GROUND_TRUTH = [
    ("detectron2/balloon_val_coco_format.json", (13, 50), {}),
    ("roboflow/plants_annotations.coco.json", (11, 26), {}),
    ("roboflow/rbc_2021_annotations.coco.json", (10, 221), {}),
    ("sahi/dataset.json", (2, 249), {}),
    ("cvat/attributes_instances_default.json", (3, 10), {}),
    ("wrapped/voc100_cvat_instances_default.json", (100, 273), {}),
    ("wrapped/voc100_big_image_ids_instances_v2.json", None, {}),
    ("label_studio/result.json", (30, 120), {}),
    ("label_studio/brush_to_coco_result.json", (12, 28), {}),
    ("taco/annotations_unofficial_infinity.json", (15, 70), {"non_finite": 15}),
    ("lvis/lvis_val_10_images.json", (10, 46), {}),
    ("mmpose/example_coco_val.json", None, {}),
    ("mmpose/example_crowdpose_val.json", None, {}),
    ("faster_coco_eval/gt_dataset.json", (3, 9), {}),
    ("faster_coco_eval/gt_ignore_test.json", (1, 14), {}),
    ("datumaro/instances_val.json", None, {}),
    ("data_visor/small_coco.json", (10, 17), {}),
    ("panoptic/panoptic_coco_detection_format.json", None, {}),
    ("panoptic/panoptic_examples.json", "nothing_taken", {"missing_field": 2}),
    ("datumaro/labels_val.json", "nothing_taken", {"missing_field": 2}),
    ("data_visor/malformed_coco.json", "nothing_taken",
     {"missing_field": 1, "unknown_category": 2}),
    ("mmdetection/coco_wrong_format_sample.json", (1, 1), {"duplicate_id": 1}),
    ("label_studio/coco_import_input.json", (2, 2), {}),
]


@pytest.mark.parametrize("file, counts, skipped", GROUND_TRUTH,
                         ids=[case[0] for case in GROUND_TRUTH])
def test_ground_truth(web, data, name, file, counts, skipped):
    body = data("formats/" + file).read_bytes()
    reply = web.put(f"/datasets/{name}", body)
    outcome = reply.json()
    whole = json.loads(body)
    if isinstance(counts, str):
        assert (reply.status, outcome["code"]) == (422, counts), outcome
        assert web.get(f"/datasets/{name}").status == 404
    else:
        due = counts or (len(whole["images"]), len(whole["annotations"]))
        assert (reply.status, outcome.get("image_count"), outcome.get("annotation_count")) == (
            201, *due), outcome
    assert {group["reason"]: group["count"] for group in outcome["skipped"]} == skipped


def test_a_file_with_ids_of_its_own_goes_in_by_names(web, db, data, name):
    truth = json.loads(data("formats/wrapped/voc100_cvat_instances_default.json").read_bytes())
    body = json.loads(data("formats/wrapped/voc100_coco_dets.json").read_bytes())
    assert web.put(f"/datasets/{name}", truth).status == 201
    # The categories come after the rows that need them.
    assert list(body) == ["images", "annotations", "categories"]
    images = {image["file_name"]: image["id"] for image in truth["images"]}
    categories = {category["name"]: category["id"] for category in truth["categories"]}
    own_images = {image["id"]: images[image["file_name"]] for image in body["images"]}
    own_categories = {category["id"]: categories.get(category["name"])
                      for category in body["categories"]}
    for order in (body, dict(sorted(body.items())),
                  {key: body[key] for key in ("images", "categories", "annotations")}):
        reply = web.put_run(name, "dets", order, match="name")
        assert reply.json().get("prediction_count") == 452, reply
        assert [row[1:3] for row in rows(db, name, "dets")] == [
            (own_images[row["image_id"]], own_categories[row["category_id"]])
            for row in body["annotations"]]


def test_masks_without_a_box_get_theirs_from_the_pixels(web, db, data, name):
    """Area and box of every mask of a real file, held against its pixels."""
    folder = "coco_val2014_100/"
    assert web.put(f"/datasets/{name}",
                   data(folder + "instances_val2014_100.json").read_bytes()).status == 201
    body = data(folder + "instances_val2014_fakesegm100_results.json").read_bytes()
    assert web.put_run(name, "segm", body).json()["skipped_count"] == 0
    found = {row[0]: row[3:8] for row in rows(db, name, "segm")}
    for n, row in enumerate(json.loads(body)):
        assert found[n + 1] == extent_and_area(
            mask_pixels(row["segmentation"]), row["segmentation"]["size"][0]), n


def test_polygons_without_a_box_get_theirs_from_the_pixels(web, db, data, name):
    """The outlines of a real ground truth as if they had been detected."""
    truth = json.loads(data("coco_val2014_100/instances_val2014_100.json").read_bytes())
    sizes = {image["id"]: (image["height"], image["width"]) for image in truth["images"]}
    body = [{"image_id": one["image_id"], "category_id": one["category_id"], "score": 0.5,
             "segmentation": one["segmentation"]}
            for one in truth["annotations"] if isinstance(one["segmentation"], list)]
    assert web.put(f"/datasets/{name}", truth).status == 201
    outcome = web.put_run(name, "segm", body).json()
    assert (outcome["prediction_count"], outcome["skipped_count"]) == (len(body), 0)
    assert len(body) > 800
    for row, due in zip(rows(db, name, "segm"), body):
        height, width = sizes[due["image_id"]]
        assert row[3:8] == extent_and_area(polygon_pixels(due["segmentation"], height, width),
                                           height), due


def test_keypoints_without_a_box_get_theirs_from_the_points(web, db, data, name):
    body = data("formats/mmpose/example_coco_preds.json").read_bytes()
    assert web.put(f"/datasets/{name}", truth_of(body)).status == 201
    assert web.put_run(name, "pose", body).json()["prediction_count"] == 73
    for row, due in zip(rows(db, name, "pose"), json.loads(body)):
        x, y = due["keypoints"][0::3], due["keypoints"][1::3]
        box = (min(x), min(y), max(x) - min(x), max(y) - min(y))
        assert row[3:8] == (*box, box[2] * box[3])
