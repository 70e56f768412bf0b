"""Talks to the program evaluate_pairs: writes a pair in words, reads lists of doubles."""

import json
import subprocess
from array import array

import slow

IOU_TYPES = ["bbox", "segm", "keypoints"]


class Engine:
    """The program, which evaluates one pair after the other."""

    def __init__(self, program):
        self.program = program
        self.process = None

    def evaluate(self, scene, threads=1, depth=None):
        """{name: list}. Raises EngineEnded if the program does."""
        if self.process is None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE)
        try:
            self.process.stdin.write(words_of(scene, threads, depth).encode())
            self.process.stdin.flush()
            return dict(self.lists())
        except (BrokenPipeError, EngineEnded):
            status = self.process.wait()
            self.process = None
            raise EngineEnded(f"evaluate_pairs has ended with status {status}") from None

    def lists(self):
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise EngineEnded
            name, count = line.decode().split()
            if name == "end":
                return
            numbers = array("d")
            numbers.frombytes(self.process.stdout.read(8 * int(count)))
            yield name, numbers

    def close(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()
            self.process.stdout.close()
            self.process = None


class EngineEnded(Exception):
    pass


def words_of(scene, threads, depth):
    """The settings that are as usual are left out, so that the engine takes its own."""
    settings = scene.settings
    usual = slow.default_settings(settings["iou_type"])
    unusual = {name: [] if settings[name] == usual[name] else settings[name]
               for name in ("thresholds", "max_dets", "areas", "sigmas")}
    rows = [["pair", threads, max(depth or 0, settings["max_dets"][-1])],
            [IOU_TYPES.index(settings["iou_type"]), int(settings["exact"])],
            counted(unusual["thresholds"]), counted(unusual["max_dets"]),
            [len(unusual["areas"])] + [part for area in unusual["areas"] for part in area],
            [settings["iou"], settings["confidence"]],
            counted(unusual["sigmas"]), counted(scene.images), counted(scene.classes),
            flags(scene.images, settings["images"]),
            flags(scene.classes, settings["categories"]),
            [len(scene.truths)]]
    image = {number: n for n, number in enumerate(scene.images)}
    number_of = {number: n for n, number in enumerate(scene.classes)}
    rows += [[one["id"], one["area"], *one["bbox"], image[one["image"]], number_of[one["class"]],
              int(one["iscrowd"]), *shape(settings, one)] for one in scene.truths]
    rows.append([len(scene.found)])
    rows += [[one["score"], one["id"], -1 if one["is_area_of_shape"] else one["area"],
              *one["bbox"], image[one["image"]], number_of[one["class"]], *shape(settings, one)]
             for one in scene.found]
    return "".join(" ".join(map(word, row)) + "\n" for row in rows)


def shape(settings, one):
    """JSON without spaces, as the database holds it."""
    if settings["iou_type"] == "segm":
        return [*one["picture"], json.dumps(one["segmentation"], separators=(",", ":"))]
    if settings["iou_type"] == "keypoints":
        extra = [json.dumps(one["extra"], separators=(",", ":"))] if "extra" in one else []
        return [json.dumps(one["keypoints"], separators=(",", ":")), *extra]
    return []


def word(value):
    return value.hex() if isinstance(value, float) else str(value)


def counted(values):
    return [len(values), *values]


def flags(ids, selected):
    return [0] if selected is None else counted([int(number in selected) for number in ids])
