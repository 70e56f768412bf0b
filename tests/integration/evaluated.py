"""Made-up numbers of evaluations, as the program hands them to coco.evaluation_store."""

import json

NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]
AREAS = [{"name": "all", "low": 0, "high": 10000000000}, {"name": "small", "low": 0, "high": 1024},
         {"name": "medium", "low": 1024, "high": 9216},
         {"name": "large", "low": 9216, "high": 10000000000}]


def params(**more):
    """COCO's parameters, as the program writes them."""
    return {"iou_type": "bbox", "exact": True,
            "iou_thresholds": [0.5 + i * 0.049999999999999996 for i in range(10)],
            "max_dets": [1, 10, 100], "areas": AREAS, "sigmas": None, "categories": None,
            "split": None, "slice": None, **more}


def point(confidence=0.25, **more):
    return {"iou": 0.5, "confidence": confidence, "precision": 0.75, "recall": 0.6,
            "f1": 2 / 3, "true_positives": 3, "false_positives": 1, "false_negatives": 2, **more}


def of_class(category_id, ap, truths=5, **more):
    """The numbers of a class; ap -1 is one without a ground truth, which has no curves."""
    return {"category_id": category_id,
            "values": [ap if ap == -1 else ap + i / 1000 for i in range(12)],
            "truths": truths, "detections": 7, "operating_point": point(),
            "best_f1": point(0.4), "ece": 0.125, "mce": 0.25,
            "errors": {"counts": {"background": 1}}, **more}


def numbers(ap=0.5, classes=None, **more):
    """Those of a whole evaluation, of the classes of samples.street()."""
    if classes is None:
        classes = [of_class(1, ap), of_class(3, ap / 2), of_class(18, -1, truths=0)]
    return {"names": NAMES, "stats": [ap + i / 100 for i in range(12)], "images": 3, "truths": 10,
            "detections": 21, "operating_point": point(), "best_f1": point(0.4),
            "calibration": {"iou": 0.5, "bins": [], "ece": 0.0625, "mce": 0.25},
            "matrix": {"iou": 0.5, "confidence": 0.25, "classes": [1, 3, 18],
                       "cells": [[1, 1, 3], [None, 3, 2], [18, None, 1]]},
            "errors": {"counts": {"background": 2}, "dap": {"background": 0.03125}},
            "warnings": [{"code": "id_0", "message": "an annotation has the id 0"}],
            "classes": classes, **more}


def begin(db, dataset, run, with_params=None, include=None):
    """(dataset_id, ground_truth, import_id, evaluation_id, image_digest)"""
    return db.execute("select * from coco.evaluation_begin(%s, %s, %s::json, %s)",
                      (dataset, run, json.dumps(with_params or params()), include)).fetchone()


def store(db, dataset, run, with_numbers=None, with_params=None, begun=None):
    """Stores an evaluation with its curves, and returns its id. begun: what begin() gave, before
    something else happened."""
    with_numbers = with_numbers or numbers()
    dataset_id, ground_truth, import_id, _, digest = begun or begin(db, dataset, run, with_params)
    with db.transaction():
        evaluation_id, = db.execute(
            "select coco.evaluation_store(%s, %s, %s, %s, %s::json, %s, %s::json, 42)",
            (dataset_id, run, ground_truth, import_id, json.dumps(with_params or params()), digest,
             json.dumps(with_numbers))).fetchone()
        if not db.execute("select coco.has_curves(%s)", (evaluation_id,)).fetchone()[0]:
            store_curves(db, evaluation_id, with_numbers["classes"])
    return evaluation_id


def store_curves(db, evaluation_id, classes):
    with db.cursor().copy("copy coco.evaluation_curves from stdin") as copy:
        copy.set_types(["int8", "int4", "float8[]", "float8[]"])
        for one in classes:
            if one["values"][0] != -1:
                copy.write_row((evaluation_id, one["category_id"], *curves_of(one)))


def curves_of(one):
    """The precision and the scores of a class: 10 lists of 101 numbers each."""
    return ([[one["values"][0] + t / 100] * 101 for t in range(10)],
            [[0.9 - r / 200 for r in range(101)] for _ in range(10)])


def document(db, evaluation_id, include=None, more=None):
    return db.execute("select coco.evaluation_document(%s, %s, %s::json)",
                      (evaluation_id, include, more and json.dumps(more))).fetchone()[0]


def stored(db, dataset, run):
    """The ids of what is stored of a run."""
    return [row[0] for row in db.execute(
        "select e.evaluation_id from coco.evaluations e join coco.datasets d on d.id = e.dataset_id"
        " where d.name = %s and e.run_name = %s order by 1", (dataset, run))]


def with_curves(db, ids):
    """Those of these evaluations whose curves are stored."""
    return [row[0] for row in db.execute(
        "select distinct evaluation_id from coco.evaluation_curves where evaluation_id = any (%s)"
        " order by 1", (ids,))]
