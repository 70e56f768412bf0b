"""A file of any size goes through in constant memory and without a temporary file.

PGCOCO_TEST_ROWS sets how many predictions are generated (200,000; about 150 bytes each).
"""

import os
import random

import pytest

from samples import count
from stack import MIB, forget_peak_memory, is_sanitized, peak_memory

ROWS = int(os.environ.get("PGCOCO_TEST_ROWS", 200_000))
IMAGES = 5000


def truth():
    images = ",".join(f'{{"id":{n},"file_name":"{n:012}.jpg","width":640,"height":480}}'
                      for n in range(IMAGES))
    categories = ",".join(f'{{"id":{n},"name":"class {n}"}}' for n in range(1, 91))
    return f'{{"images":[{images}],"categories":[{categories}]}}'


def prediction(n):
    number = random.Random(n)
    return (n % IMAGES, 1 + n % 90, number.random() * 600, number.random() * 400,
            number.random() * 200, number.random() * 200, number.random())


def write_predictions(path):
    with open(path, "w") as file:
        for n in range(ROWS):
            image, category, x, y, w, h, score = prediction(n)
            file.write(f'{"," if n else "["}{{"image_id": {image}, "category_id": {category},'
                       f' "bbox": [{x!r}, {y!r}, {w!r}, {h!r}], "score": {score!r}}}')
        file.write("]")


@pytest.fixture(scope="module")
def predictions(tmp_path_factory):
    path = tmp_path_factory.mktemp("memory") / "predictions.json"
    write_predictions(path)
    yield path
    path.unlink()


@pytest.mark.parametrize("how", ["put", "chunked", "form"])
def test_a_large_import_needs_little_memory_and_no_temporary_file(
        own_site, db, name, predictions, how):
    client = own_site(watched=True)
    assert client.put(f"/datasets/{name}", truth()).json()["image_count"] == IMAGES
    folders = {path: path.stat().st_mtime_ns for path in client.site.temp.iterdir()}
    assert folders

    path, args = {
        "put": (f"/datasets/{name}/runs/large", ["-T", predictions]),
        "chunked": (f"/datasets/{name}/runs/large",
                    ["-T", predictions, "-H", "Transfer-Encoding: chunked"]),
        "form": (f"/datasets/{name}/predictions",
                 ["-F", "run_name=large", "-F", f"file=@{predictions}"]),
    }[how]
    code, status, _, body = client.curl(path, *args)

    assert (code, status) == (0, 200), body
    assert count(db, name, "large") == ROWS
    for n in {0, 1, ROWS // 3, ROWS // 2, ROWS - 1}:
        found = db.execute(
            "select image_id, category_id, bbox_x, bbox_y, bbox_w, bbox_h, confidence"
            " from coco.annotations a"
            " join coco.datasets d on d.id = a.dataset_id where d.name = %s and annotation_id = %s"
            " and source = 'large'", (name, n + 1)).fetchall()
        assert found == [prediction(n)]
    # A file made there and removed again would have changed its folder's time.
    assert {path: path.stat().st_mtime_ns for path in folders} == folders
    if not is_sanitized():  # a sanitizer's shadow memory is not the program's
        peaks = [peak_memory(worker) for worker in client.site.workers()]
        assert max(peaks) <= 24 * MIB + 16 * IMAGES, [f"{peak / MIB:.1f} MiB" for peak in peaks]


def test_large_exports_need_little_memory(own_site, name, predictions):
    client = own_site(watched=True)
    assert client.put(f"/datasets/{name}", truth()).status == 201
    path = f"/datasets/{name}/runs/large"
    assert client.curl(path, "-T", predictions)[:2] == (0, 200)
    workers = client.site.workers()
    for query in ("format=coco", "format=csv", "format=jsonl", "format=yolo", "format=csv&gzip=1",
                  "format=coco&source=large", "format=yolo&category=class%201"):
        for worker in workers:
            forget_peak_memory(worker)
        code, status, _, body = client.curl(f"{path}/predictions?{query}", "-o", os.devnull)
        assert (code, status) == (0, 200), body
        assert client.site.workers() == workers
        if not is_sanitized():
            peaks = [peak_memory(worker) for worker in workers]
            assert max(peaks) <= 24 * MIB, (query, [f"{peak / MIB:.1f} MiB" for peak in peaks])


def test_the_largest_element_there_may_be_needs_a_bounded_amount(own_site, name):
    """All that one can ask for at the same time: 16 MB, a million tokens, and all of it is kept."""
    client = own_site(watched=True)
    assert client.put(f"/datasets/{name}", truth()).status == 201
    body = ('[{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5,'
            f' "x": [{"1.1234567890123," * 999_950}1]}}]')
    for _ in range(4):
        assert client.put(f"/datasets/{name}/runs/large", body).json()["prediction_count"] == 1
    if not is_sanitized():
        peaks = [peak_memory(worker) for worker in client.site.workers()]
        assert 40 * MIB < max(peaks) <= 64 * MIB, [f"{peak / MIB:.1f} MiB" for peak in peaks]
