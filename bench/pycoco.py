"""pycocotools evaluates two files: bench/pycoco.py IOU_TYPE GROUND_TRUTH RESULTS

Prints JSON: the seconds of loading and of evaluating, without the start of the interpreter, and the
numbers. What pycocotools prints goes to standard error.
"""

import contextlib
import importlib.metadata
import json
import sys
import time
from pathlib import Path

import numpy
import pycocotools
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def version():
    try:
        return importlib.metadata.version("pycocotools")
    except importlib.metadata.PackageNotFoundError:
        return f"of {Path(pycocotools.__file__).parent}"


def mean_of_known(numbers):
    known = numbers[numbers > -1]
    return float(numpy.mean(known)) if known.size else -1.0


def main():
    iou_type, truth, results = sys.argv[1:]
    with contextlib.redirect_stdout(sys.stderr):
        start = time.monotonic()
        loaded = COCO(truth)
        detections = loaded.loadRes(results)
        between = time.monotonic()
        evaluation = COCOeval(loaded, detections, iou_type)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        end = time.monotonic()
    precision = evaluation.eval["precision"]
    classes = {int(id): mean_of_known(precision[:, :, k, 0, -1])
               for k, id in enumerate(evaluation.params.catIds)}
    print(json.dumps({"load_seconds": between - start, "evaluation_seconds": end - between,
                      "stats": [float(number) for number in evaluation.stats],
                      "classes": classes, "versions": {"pycocotools": version(),
                                                       "numpy": numpy.__version__}}))


main()
