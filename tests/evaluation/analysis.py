"""Precision and recall at a confidence, calibration, and the confusion matrix, written plainly.

The rules are those of src/evaluation/operating_point.h and confusion.h.
"""

from collections import Counter

import slow

BINS = 10
CROSS_CLASS_DEPTH = 100
BACKGROUND, LEFT_OUT = -1, -2


def ratio(part, whole):
    return part / whole if whole else -1.0


# ---- operating points


def point(confidence, detections, truths):
    """detections: [(score, is matched)]; those of at least this confidence are taken."""
    taken = [is_matched for score, is_matched in detections if score >= confidence]
    hits = sum(taken)
    misses, lost = len(taken) - hits, truths - hits
    return [confidence, hits, misses, lost, ratio(hits, hits + misses), ratio(hits, hits + lost),
            ratio(2 * hits, 2 * hits + misses + lost)]


def best_point(detections, truths):
    """Of all confidences; the highest of those with the best F1."""
    points = [point(score, detections, truths)
              for score in sorted({score for score, _ in detections}, reverse=True)]
    return max(points, key=lambda one: one[-1]) if points else point(-1.0, [], truths)


def bins_of(detections):
    """[count, hits, sum of scores] of each bin."""
    bins = [[0, 0, 0.0] for _ in range(BINS)]
    for score, is_matched in detections:
        n = sum(score >= edge / BINS for edge in range(1, BINS))
        bins[n][0] += 1
        bins[n][1] += is_matched
        bins[n][2] += score
    return bins


def calibration(bins):
    """[count, hits, confidence, precision] of each bin, then ECE and MCE."""
    answer, gaps, weighted = [], [-1.0], 0.0
    for count, hits, total in bins:
        answer += [count, hits, ratio(total, count), ratio(hits, count)]
        if count:
            gaps.append(abs(answer[-2] - answer[-1]))
            weighted += count * gaps[-1]
    return answer + [ratio(weighted, sum(count for count, _, _ in bins)), max(gaps)]


def operation(scene, detections, truths, bins):
    return (point(scene.settings["confidence"], detections, truths)
            + best_point(detections, truths) + calibration(bins) + [truths, len(detections)])


def operations(scene):
    """{class number, or "all": list of numbers}"""
    settings = scene.settings
    answer, everything, all_truths, all_bins = {}, [], 0, bins_of([])
    for k, number in enumerate(scene.classes):
        if not scene.has_class(number):
            continue
        images = slow.matched_images(scene, number, settings["iou"], settings["areas"][0])
        detections = [(score, is_matched) for score, is_matched, is_ignored
                      in slow.surest_first(images, settings["max_dets"][-1]) if not is_ignored]
        truths = sum(count for _, count in images)
        bins = bins_of(detections)
        answer[f"operation_{k}"] = operation(scene, detections, truths, bins)
        everything += detections
        all_truths += truths
        all_bins = [[a + b for a, b in zip(one, other)] for one, other in zip(all_bins, bins)]
    return {**answer, "operation_all": operation(scene, everything, all_truths, all_bins)}


# ---- confusion


def takes_of(scene, image, iou, confidence):
    """{row of a detection: row of a truth, BACKGROUND or LEFT_OUT} of an image."""
    least = min(iou, 1 - 1e-10)
    answer = {found["row"]: LEFT_OUT for found in scene.found_in(image)}
    truths = [truth for truth in scene.truths_of(image) if not truth["ignored"]]
    ignored = [truth for truth in scene.truths_of(image) if truth["ignored"]]
    for found in scene.found_in(image)[:CROSS_CLASS_DEPTH]:
        if found["score"] < confidence:
            continue
        near = [truth for truth in truths if scene.iou(found, truth) >= least
                and truth["row"] not in answer.values()]
        if near:
            best = min(near, key=lambda truth: (-scene.iou(found, truth),
                                                truth["class"] != found["class"], truth["row"]))
            answer[found["row"]] = best["row"]
        elif not any(scene.iou(found, truth) >= least and truth["class"] == found["class"]
                     for truth in ignored):
            answer[found["row"]] = BACKGROUND
    return answer


def confusion(scene):
    """takes: of each detection, by row; cells: [truth, predicted, count]: indexes of classes."""
    takes = {}
    for image in scene.images:
        takes.update(takes_of(scene, image, scene.settings["iou"], scene.settings["confidence"]))
    pairs = Counter()
    class_of = {truth["row"]: truth["class"] for truth in scene.truths}
    for found in scene.found:
        taken = takes[found["row"]]
        if taken != LEFT_OUT and scene.has_image(found["image"]):
            pairs[class_of.get(taken), found["class"]] += 1
    for truth in scene.truths:
        is_missed = not truth["ignored"] and truth["row"] not in takes.values()
        if is_missed and scene.has_image(truth["image"]):
            pairs[truth["class"], None] += 1
    place = {number: k for k, number in enumerate(scene.classes)} | {None: len(scene.classes)}
    cells = sorted([place[truth], place[predicted], count]
                   for (truth, predicted), count in pairs.items()
                   if scene.settings["categories"] is None
                   or any(number is not None and scene.has_class(number)
                          for number in (truth, predicted)))
    return {"takes": [takes[found["row"]] for found in scene.found],
            "cells": [number for cell in cells for number in cell]}
