"""The demo's files are those that its program makes, and say what is drawn."""

import importlib.util
import json
import sys

import pytest

import pictures
from stack import FIXTURES

DEMO = FIXTURES / "demo"
RUNS = ("baseline", "improved")
PICTURES = 1_250_000  # bytes of all of them
SPREAD = 6  # of 255: what JPEG and versions of python3-pil may change, on the average


@pytest.fixture(scope="module")
def program():
    """Its modules, by name. Other programs of the project have modules of the same names, so these
    are not left where an import would find them."""
    names = [path.stem for path in DEMO.glob("*.py")
             if path.stem != "paint" or importlib.util.find_spec("PIL")]
    others = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    sys.path.insert(0, str(DEMO))
    try:
        return {name: importlib.import_module(name) for name in names}
    finally:
        sys.path.remove(str(DEMO))
        for name in names:
            sys.modules.pop(name, None)
        sys.modules.update(others)


@pytest.fixture(scope="module")
def composed(program):
    return program["scenes"].compose()


def read(name):
    return json.loads((DEMO / f"{name}.json").read_text())


def truths():
    """Each annotation with its image."""
    for split in ("train", "val"):
        document = read(split)
        images = {image["id"]: image for image in document["images"]}
        for row in document["annotations"]:
            yield row, images[row["image_id"]]


def points_of(numbers):
    return list(zip(numbers[::2], numbers[1::2]))


def rows_of(bitmaps, row, image):
    """The pixels of a row's mask."""
    mask, width, height = row["segmentation"], image["width"], image["height"]
    if isinstance(mask, list):
        return bitmaps.fill([points_of(numbers) for numbers in mask], width, height)
    rows, at, bit = [0] * height, 0, 0
    for length in mask["counts"]:
        for place in range(at, at + length if bit else at):
            rows[place % height] |= 1 << place // height
        at, bit = at + length, 1 - bit
    assert (at, mask["size"]) == (width * height, [height, width])
    return rows


def test_the_program_makes_the_same_files_again(program):
    made = program["draw"].files()
    assert set(made) == {file.name for file in DEMO.glob("*.json")}
    for name, text in made.items():
        assert text == (DEMO / name).read_text(), name


def test_every_image_has_a_small_picture_of_its_size():
    images = [image for split in ("train", "val") for image in read(split)["images"]]
    files = [DEMO / "pictures" / image["file_name"] for image in images]
    assert len(images) == 60
    assert sorted(files) == sorted((DEMO / "pictures").glob("*/*.jpg"))
    for image, file in zip(images, files):
        assert pictures.jpeg_size(file.read_bytes()) == (image["width"], image["height"])
    assert sum(file.stat().st_size for file in files) < PICTURES


def test_boxes_and_areas_are_those_of_the_masks(program):
    bitmaps, crowds = program["bitmaps"], 0
    for row, image in truths():
        rows = rows_of(bitmaps, row, image)
        # The tip of a wing may be thinner than a pixel.
        left, top, right, bottom = bitmaps.extent(rows)
        x, y, wide, tall = row["bbox"]
        assert (x, y, x + wide, y + tall) == pytest.approx((left, top, right, bottom), abs=2.5), row
        # Half of the pixels on a border are within it, more or less.
        assert bitmaps.count(rows) == pytest.approx(row["area"], rel=0.12, abs=12), row
        crowds += row["iscrowd"]
    assert crowds == 10


def test_keypoints_that_are_seen_lie_on_their_person(program):
    bitmaps, seen, hidden = program["bitmaps"], 0, 0
    for row, image in truths():
        if "keypoints" not in row:
            continue
        rows = rows_of(bitmaps, row, image)
        triples = list(zip(*(row["keypoints"][i::3] for i in range(3))))
        assert row["num_keypoints"] == sum(v > 0 for *_, v in triples)
        for x, y, v in triples:
            near = [line >> max(0, int(x) - 2) & 31 for line in rows[max(0, int(y) - 2):int(y) + 3]]
            assert v < 2 or any(near), row
            seen, hidden = seen + (v == 2), hidden + (v == 1)
    assert seen > 1000 and hidden > 10


def test_the_runs_are_of_the_kinds_that_are_promised():
    """Polygons and run lengths, keypoints of people, and a few rows that cannot be taken."""
    baseline, improved = (read(run) for run in RUNS)
    assert {type(row["segmentation"]) for row in improved} == {dict}
    assert {type(row.get("segmentation", [])) for row in baseline} == {list}
    for rows in (baseline, improved):
        assert all(("keypoints" in row) == (row["category_id"] == 8) for row in rows)
        assert all(0 < row["score"] < 1 for row in rows)
    strange = [(row["image_id"], row["category_id"]) for row in baseline
               if row["category_id"] > 8 or row["image_id"] > 60]
    assert strange == [(17, 99), (44, 99), (900, 5)]


def differing(bitmaps, one, other):
    """The pixels in which two pictures differ clearly."""
    from PIL import ImageChops
    changed = ImageChops.difference(one, other).convert("L").point(lambda v: 255 * (v > 6))
    data, width = changed.tobytes(), one.width
    return [sum(1 << x for x in range(width) if data[y * width + x]) for y in range(one.height)]


def test_pictures_show_what_their_masks_say(program, composed):
    """A thing in the air throws no shadow: without it, just the pixels of its mask are others."""
    pytest.importorskip("PIL")
    from PIL import Image, ImageChops, ImageStat
    bitmaps, truth, paint, tried = program["bitmaps"], program["truth"], program["paint"], 0
    for scene in composed[:20:3]:
        picture = paint.picture(scene)
        kept = Image.open(DEMO / "pictures" / scene.name)
        assert max(ImageStat.Stat(ImageChops.difference(picture, kept)).mean) < SPREAD
        flying = [thing for thing in scene.things if not thing.crowd
                  and thing.kind in ("balloon", "kite") and thing.size > 40]
        for thing in flying[:1] if scene.light == "day" else ():
            things = scene.things
            scene.things = [one for one in things if one is not thing]
            seen = differing(bitmaps, picture, paint.picture(scene))
            scene.things = things
            drawn = bitmaps.fill(truth.outline(thing), scene.width, scene.height)
            common = bitmaps.count([a & b for a, b in zip(seen, drawn)])
            whole = bitmaps.count(bitmaps.union(seen, drawn))
            assert common / whole > 0.85, (scene.name, thing.kind)
            tried += 1
    assert tried > 1
