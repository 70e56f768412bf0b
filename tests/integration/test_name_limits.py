"""Names are bounded: a file name has 4096 bytes at most, the name of a class 1024."""

import json

import pytest

from samples import detection, reasons, rows, street, without
from stack import MIB, is_sanitized, peak_memory

FILE, CLASS = 4096, 1024


def name_of(size, n=0):
    """A name of this many bytes, in letters of two bytes, that ends in a number."""
    end = f"{n:05}"
    letters = (size - len(end)) // 2
    return "x" * (size - len(end) - 2 * letters) + "\u00e9" * letters + end


def too_long(outcome):
    (group,) = [group for group in outcome["skipped"] if group["reason"] == "name_too_long"]
    return group["count"], {example["detail"] for example in group["examples"]}


@pytest.mark.parametrize("escaped", [True, False])
def test_images_and_categories_of_a_ground_truth(web, db, name, escaped):
    truth = street(images=[*street()["images"], {"id": 8, "file_name": name_of(FILE)},
                           {"id": 9, "file_name": name_of(FILE + 1)}],
                   categories=[*street()["categories"], {"id": 8, "name": name_of(CLASS)},
                               {"id": 9, "name": name_of(CLASS + 1)}])
    truth["annotations"].append({"id": 99, "image_id": 9, "category_id": 9, "bbox": [1, 2, 3, 4]})
    outcome = web.put(f"/datasets/{name}", json.dumps(truth, ensure_ascii=escaped)).json()
    assert (outcome["image_count"], outcome["category_count"]) == (4, 4)
    assert too_long(outcome) == (2, {"file_name is longer than 4096 bytes",
                                     "name is longer than 1024 bytes"})
    assert reasons(outcome) == {"name_too_long": 2, "unknown_category": 1}
    named = [{**without(detection(), "image_id"), "file_name": name_of(FILE)},
             {**without(detection(), "category_id"), "category_name": name_of(CLASS)}]
    assert web.put_run(name, "run", json.dumps(named, ensure_ascii=escaped)).status == 200
    assert [row[1:3] for row in rows(db, name, "run")] == [(8, 1), (1, 8)]


@pytest.mark.parametrize("match", [None, "name"])
@pytest.mark.parametrize("shape", [list, lambda body: {"annotations": body}])
def test_rows_of_a_run(web, dataset, match, shape):
    """In each place where a row can have a name."""
    image, category = name_of(FILE + 1), name_of(CLASS + 1)
    body = [detection(image_id=image), {**without(detection(), "image_id"), "file_name": image},
            {**without(detection(), "category_id"), "category_name": category},
            detection(file_name=image), detection(category_name=category), detection()]
    outcome = web.put_run(dataset, "run", shape(body), **{"match": match} if match else {}).json()
    assert (outcome["prediction_count"], too_long(outcome)[0]) == (1, 5)
    # Where they are not used, they are kept like other members.
    kept = web.put_run(dataset, "run", shape(body[3:]), match="id").json()
    assert (kept["prediction_count"], kept["skipped_count"]) == (3, 0)


def test_images_and_categories_of_a_results_file(web, dataset):
    huge = name_of(5_000_000)
    own = {"images": [{"id": 1, "file_name": huge}, {"id": 2, "file_name": "two.jpg"}],
           "categories": [{"id": 1, "name": huge}, {"id": 3, "name": "car"}],
           "annotations": [detection(0), detection(1)]}
    reply = web.put_run(dataset, "run", own)
    assert reply.status == 422 and "image 1 has another file name" in reply.json()["detail"]
    for body in (own, dict(reversed(own.items()))):
        outcome = web.put_run(dataset, "run", body, match="name").json()
        assert (outcome["prediction_count"], outcome["skipped_count"]) == (1, 1)


def pages(db, function, dataset):
    """The ids of each page, and its bytes."""
    after = None
    while True:
        page = db.execute(f"select id, name from coco.{function}"
                          "((select id from coco.datasets where name = %s), %s)",
                          (dataset, after)).fetchall()
        if not page:
            return
        yield [id for id, _ in page], sum(len((text or "").encode()) for _, text in page)
        after = page[-1][0]


@pytest.mark.parametrize("function, key, size", [("image_name_page", "file_name", FILE),
                                                 ("category_name_page", "name", CLASS)])
def test_a_page_of_names_is_bounded_in_bytes(web, db, name, function, key, size):
    long = {n: name_of(size, n) for n in range(2 * MIB // size)}
    of_kind = [{"id": n, key: text} for n, text in long.items()]
    images = [*of_kind, {"id": 90_000}, {"id": 90_001}] if key == "file_name" else []
    truth = {"images": images, "categories": of_kind if key == "name" else []}
    assert web.put(f"/datasets/{name}", truth).status == 201
    found = list(pages(db, function, name))
    assert [id for ids, _ in found for id in ids] == [one["id"] for one in images or of_kind]
    assert all(bytes <= MIB + size for _, bytes in found) and len(found) <= 3


@pytest.mark.parametrize("names", ["images", "categories"])
def test_many_of_the_longest_names_need_little_more_memory_than_their_bytes(own_site, name, names):
    """They come from the database in pages of a bounded size."""
    size, field = {"images": (FILE, "file_name"), "categories": (CLASS, "name")}[names]
    number = 12 * MIB // size
    long = [{"id": n, field: name_of(size, n)} for n in range(number)]
    client = own_site(watched=True)
    assert client.put(f"/datasets/{name}", street(annotations=[], **{names: long})).status == 201
    assert client.put_run(name, "run", [detection()]).status == 200
    before = max(map(peak_memory, client.site.workers()))
    key, id = {"images": ("file_name", "image_id"),
               "categories": ("category_name", "category_id")}[names]
    known = {"images": {"category_id": 1}, "categories": {"image_id": 1}}[names]
    body = [{**without(detection(**known), id), key: name_of(size, n)} for n in (0, number - 1)]
    assert client.put_run(name, "run", body).json()["prediction_count"] == 2
    if not is_sanitized():
        more = max(map(peak_memory, client.site.workers())) - before
        assert 11 * MIB < more <= 20 * MIB, f"{more / MIB:.1f} MiB"
