"""Compares the engine's numbers of a pair with the plain evaluator's."""

import random
from array import array

import analysis
import errors
import slow
from exchange import EngineEnded

KEYPOINTS_WITHIN = 1e-12


def differences(engine, pair, seed):
    """Sentences; none if all is alike. seed: for threads and the like, which must not matter."""
    settings = pair["settings"]
    scene = slow.Scene(pair["ground_truth"], pair["results"], settings)
    rng = random.Random(seed)
    try:
        got = engine.evaluate(scene, threads=rng.randint(1, 3), depth=rng.choice([0, 10, 200]))
    except EngineEnded as ended:
        return [str(ended)]
    within = KEYPOINTS_WITHIN if settings["iou_type"] == "keypoints" else 0
    return list(compared(expected(scene), got, within))


def expected(scene):
    """{name: list}"""
    drawn = slow.curves(scene)
    return {**drawn, **slow.metrics(scene, drawn), "counts": slow.counts(scene),
            **analysis.operations(scene), **analysis.confusion(scene), **errors.findings(scene)}


def compared(wanted, got, within):
    if list(wanted) != list(got):
        yield f"lists: {sorted(set(wanted) ^ set(got))}, or in another order"
        return
    for name, numbers in wanted.items():
        numbers = array("d", numbers)
        if numbers == got[name] and numbers.tobytes() == got[name].tobytes():
            continue
        if len(numbers) != len(got[name]):
            yield f"{name}: {len(got[name])} numbers instead of {len(numbers)}"
            continue
        for n, (one, other) in enumerate(zip(numbers, got[name])):
            if not abs(one - other) <= within:
                yield f"{name}[{n}]: {other!r} instead of {one!r}"
                break
