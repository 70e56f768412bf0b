"""The objects of a ground truth and a results file, with boxes, areas and masks as pycocotools'
loadRes and annToRLE make them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "integration"))
import masks  # noqa: E402


def objects(ground_truth, results, iou_type):
    """Ground truths and detections in the order of their files."""
    sizes = {image["id"]: (image.get("height", 0), image.get("width", 0))
             for image in ground_truth["images"]}
    truths = [truth_of(row, n, iou_type, sizes) for n, row in
              enumerate(ground_truth["annotations"])]
    found = [detection_of(row, n, iou_type, sizes) for n, row in enumerate(results)]
    return truths, found


def truth_of(row, n, iou_type, sizes):
    is_crowd = bool(row.get("iscrowd", 0))
    is_ignored = is_crowd or iou_type == "keypoints" and row["num_keypoints"] == 0
    return {"row": n, "id": row["id"], "image": row["image_id"], "class": row["category_id"],
            "bbox": row["bbox"], "area": row["area"], "iscrowd": is_crowd, "ignored": is_ignored,
            "keypoints": row.get("keypoints"), "segmentation": row.get("segmentation"),
            "picture": sizes[row["image_id"]], "extra": {"num_keypoints": row["num_keypoints"]}
            if "num_keypoints" in row else {}, "mask": drawn(row, iou_type, sizes)}


def detection_of(row, n, iou_type, sizes):
    one = {"row": n, "id": n + 1, "image": row["image_id"], "class": row["category_id"],
           "score": row["score"], "is_area_of_shape": not row.get("bbox"),
           "keypoints": row.get("keypoints"),
           "segmentation": row.get("segmentation"), "picture": sizes[row["image_id"]],
           "mask": drawn(row, iou_type, sizes)}
    if row.get("bbox"):
        one["bbox"] = row["bbox"]
        one["area"] = row["bbox"][2] * row["bbox"][3]
    elif one["mask"]:
        *one["bbox"], one["area"] = masks.extent_and_area(one["mask"][2], one["mask"][0])
    else:
        x, y = one["keypoints"][0::3], one["keypoints"][1::3]
        one["bbox"] = [min(x), min(y), max(x) - min(x), max(y) - min(y)]
        one["area"] = one["bbox"][2] * one["bbox"][3]
    return one


def drawn(row, iou_type, sizes):
    """(height, width, set of pixels, gaps) of a segmentation.

    Gaps are the places where a run of length 0 follows another run.
    """
    if iou_type != "segm":
        return None
    segmentation = row["segmentation"]
    if isinstance(segmentation, list):
        height, width = sizes[row["image_id"]]
        return height, width, masks.polygon_pixels(segmentation, height, width), set()
    height, width = segmentation["size"]
    runs = segmentation["counts"]
    if isinstance(runs, str):
        runs = masks.unpack(runs)
    gaps = {sum(runs[:n]) for n in range(1, len(runs)) if runs[n] == 0}
    return height, width, masks.runs_pixels(runs), gaps
