"""Names of images and classes: beside ids, which they must not contradict, and instead of ids."""

import json

import pytest

from samples import array, count, detection, reasons, rows, street, without

# Ids in the order of the files, and file names that are numbers.
TRUTH = {"images": [{"id": 1, "file_name": "0002.jpg"}, {"id": 2, "file_name": "0003.jpg"},
                    {"id": 3, "file_name": "a/b.c.jpg"}, {"id": 4}, {"id": 5, "file_name": ""}],
         "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "car"},
                        {"id": 3, "name": "stop sign"}, {"id": 4, "name": "stop sign"}],
         "annotations": []}
CONTRADICTION = (422, "wrong_shape")


@pytest.fixture
def truth(web, name):
    assert web.put(f"/datasets/{name}", TRUTH).status == 201
    return name


def row(image, category=1, **more):
    return {"image_id": image, "category_id": category, "bbox": [10, 20, 30, 40], "score": 0.9,
            **more}


def as_lines(*these):
    return "\n".join(map(json.dumps, these)).encode()


def as_wrapped(*these):
    return json.dumps({"annotations": these}).encode()


SHAPES = {"array": array, "lines": as_lines, "wrapped": as_wrapped}


def places(db, dataset, run="run"):
    return [found[1:3] for found in rows(db, dataset, run)]


# ---- names beside ids


# (row, what the refusal says, where match=name puts the row)
CONTRADICTIONS = [
    (row(2, file_name="0002.jpg"),
     'image 2 has another file name in the dataset ("0003.jpg", not "0002.jpg")', (1, 1)),
    (row("2", file_name="a\\0002.jpg"), "image 2 has another file name", (1, 1)),
    (row("b.c", file_name="0003.jpg"), 'image "b.c" has another file name', (2, 1)),
    (row(1, file_name="nobody.jpg"), 'not "nobody.jpg"', None),
    (row(9, file_name="0003.jpg"), '"0003.jpg" is not image 9 in the dataset', (2, 1)),
    (row(4, file_name="0003.jpg"), '"0003.jpg" is not image 4 in the dataset', (2, 1)),
    (row(5, file_name="0003.jpg"), '"0003.jpg" is not image 5 in the dataset', (2, 1)),
    (row(1, 1, file_name="0002", category_name="car"),
     'category 1 has another name in the dataset ("person", not "car")', (1, 2)),
    (row(1, 1, file_name="0002", category_name="CAR"), "category 1 has another name", (1, 2)),
    (row(1, 1, file_name="0002", category_name="stop sign"), "category 1 has another name", None),
    (row(1, 9, file_name="0002", category_name="car"), '"car" is not category 9', (1, 2)),
    (row(1, 0, file_name="0002", category_name="person"), '"person" is not category 0', (1, 1)),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bad, says, named", CONTRADICTIONS, ids=[c[1] for c in CONTRADICTIONS])
def test_a_row_whose_names_contradict_its_ids(web, db, truth, bad, says, named, shape):
    write = SHAPES[shape]
    good = row(1, 2, file_name="0002.jpg", category_name="car")
    assert web.put_run(truth, "run", write(good)).status == 200
    body = write(good, good, bad)
    reply = web.put_run(truth, "run", body)
    problem = reply.json()
    assert (reply.status, problem["code"]) == CONTRADICTION
    assert (problem["index"], problem["offset"]) == (2, body.rindex(b'{"image_id"'))
    assert says in problem["detail"] and "match=name" in problem["detail"]
    assert places(db, truth) == [(1, 2)]
    assert web.put_run(truth, "run", body, match="name").status == 200
    assert places(db, truth) == [(1, 2), (1, 2)] + ([named] if named else [])


@pytest.mark.parametrize("shape", SHAPES)
def test_with_match_id_the_names_beside_ids_are_not_looked_at(web, db, truth, shape):
    bad = [case[0] for case in CONTRADICTIONS]
    outcome = web.put_run(truth, "run", SHAPES[shape](*bad), match="id").json()
    assert reasons(outcome) == {"unknown_image": 1, "unknown_category": 2}
    assert places(db, truth) == [(int({"b.c": 3}.get(one["image_id"], one["image_id"])),
                                  one["category_id"])
                                 for one in bad if one["image_id"] != 9
                                 and one["category_id"] not in (0, 9)]


@pytest.mark.parametrize("shape", SHAPES)
def test_names_that_say_the_same_as_the_ids_or_nothing(web, db, truth, shape):
    """Other folders and endings, other zeros, another case; names that nothing has; no names."""
    images = [(1, [*"2", "0002", "0002.jpg", "2.png", "x/y/0002.tif", "C:\\x\\00002.JPG"]),
              (3, ["a/b.c.jpg", "b.c", "b.c.png", "d/b.c"]), (4, ["nobody.jpg", ""]),
              (5, ["nobody.jpg", ""]), (1, [None, 7, ["0003.jpg"], "", "\x00", "\ud800"])]
    categories = [(1, ["person", "Person", "PERSON", "pedestrian", "", None, 2, "car\x00"]),
                  (3, ["stop sign", "Stop Sign"]), (4, ["stop sign"])]
    body = [row(image, file_name=name) for image, names in images for name in names]
    body += [row(1, category, category_name=name) for category, names in categories
             for name in names]
    outcome = web.put_run(truth, "run", SHAPES[shape](*body)).json()
    assert outcome.get("prediction_count") == len(body), outcome
    assert places(db, truth) == [(one["image_id"], one["category_id"]) for one in body]


def test_names_are_compared_after_the_offset(web, db, truth):
    body = [row(1, 0, category_name="person"), row(1, 1, category_name="car")]
    assert web.put_run(truth, "run", body).status == 422
    for of_file in ({}, {"categories": [{"id": 0, "name": "person"}, {"id": 1, "name": "car"},
                                        {"id": 2**63 - 1, "name": "far"}]}):
        assert web.put_run(truth, "run", {**of_file, "annotations": body},
                           category_offset=1).status == 200
        assert places(db, truth) == [(1, 1), (1, 2)]


# ---- what a file says about its own ids


# (members, what the refusal says, where match=name puts a row with image 1, category 1)
OWN = [
    ({"categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "person"}]},
     'category 1 has another name in the dataset ("person", not "car")', (3, 2)),
    ({"categories": [{"id": 9, "name": "dog"}, {"id": "1", "name": "Car"}]},
     "category 1 has another name", (3, 2)),
    ({"categories": [{"id": 1, "name": "bus"}, {"id": 0, "name": "person"}]},
     '"person" is not category 0', None),
    ({"images": [{"id": 1, "file_name": "x/0003.jpg"}]},
     'image 1 has another file name in the dataset ("0002.jpg", not "x/0003.jpg")', (2, 1)),
    ({"images": [{"id": 1, "file_name": "other.jpg"}]}, "image 1 has another file name", None),
    ({"images": [{"id": 77, "file_name": "0003.jpg"}, {"id": 1, "file_name": "0002"}]},
     '"0003.jpg" is not image 77', (1, 1)),
]


@pytest.mark.parametrize("first", ["rows", "names"])
@pytest.mark.parametrize("members, says, named", OWN, ids=[case[1] for case in OWN])
def test_a_file_whose_names_contradict_its_ids(web, db, truth, members, says, named, first):
    one = row("b.c" if "categories" in members else 1, 1)
    body = {"annotations": [one], **members} if first == "rows" else {**members,
                                                                      "annotations": [one]}
    reply = web.put_run(truth, "run", body)
    assert (reply.status, reply.json()["code"]) == CONTRADICTION
    assert says in reply.json()["detail"] and "match=name" in reply.json()["detail"]
    assert count(db, truth, "run") == 0
    assert web.put_run(truth, "run", body, match="id").status == 200
    assert places(db, truth) == [(3 if "categories" in members else 1, 1)]
    reply = web.put_run(truth, "run", body, match="name")
    assert (reply.status == 200) == bool(named), reply
    assert not named or places(db, truth) == [named]


@pytest.mark.parametrize("first", ["rows", "names"])
def test_a_file_whose_names_say_the_same_as_its_ids_or_nothing(web, db, truth, first):
    own = {"categories": [{"id": 1, "name": "Person"}, {"id": 2, "name": "vehicle"}, {"id": 3}, 7,
                          {"id": 4, "name": "stop sign"}, {"id": 99, "name": "zebra"}],
           "images": [{"id": 1, "file_name": "x/2.png"}, {"id": 99, "file_name": "zebra.jpg"}, {}]}
    body = [row(1, 1), row(2, 2)]
    whole = {"annotations": body, **own} if first == "rows" else {**own, "annotations": body}
    assert web.put_run(truth, "run", whole).status == 200
    assert places(db, truth) == [(1, 1), (2, 2)]


# (ids of a.jpg and b.jpg in the dataset, own images of the file as id: name, the row's image,
#  where it lands without match and with match=name; None: the file is refused, or the row skipped)
TEXTS = {
    "exchanged texts": (("a", "b"), {"a": "b.jpg", "b": "a.jpg"}, "a", None, "b"),
    "exchanged stems": ((1, 2), {"a": "b.jpg", "b": "a.jpg"}, "a", None, "b"),
    "the same texts": (("a", "b"), {"a": "x/a.png", "b": "b.jpg"}, "b", "b", "b"),
    "stems": ((1, 2), {"a": "a.jpg", "b": "b.jpg"}, "b", "b", "b"),
    "other texts": ((1, 2), {"u1": "b.jpg"}, "u1", None, "b"),
    "a text of another file": (("a", "b"), {"a": "c.jpg"}, "a", None, None),
    "a text that is not given": (("a", "b"), {"b": "b.jpg"}, "a", "a", None),
    "numbers, and a text": (("a", "b"), {7: "b.jpg"}, "a", None, "a"),
    "one text for two": ((1, 2), [("u1", "a.jpg"), ("u1", "b.jpg")], "u1", None, None),
    "one text given twice": ((1, 2), [("u1", "b.jpg"), ("u1", "x/b.png")], "u1", None, "b"),
}


@pytest.mark.parametrize("write", [lambda one: {"annotations": [one]},
                                   lambda one: {one.pop("image_id"): [one]}], ids=["list", "key"])
@pytest.mark.parametrize("what", TEXTS)
def test_texts_as_ids_of_its_own_images(web, db, name, what, write):
    ids, own, image, plain, matched = TEXTS[what]
    files = {**TRUTH, "images": [{"id": ids[0], "file_name": "a.jpg"},
                                 {"id": ids[1], "file_name": "b.jpg"}]}
    assert web.put(f"/datasets/{name}", files).status == 201
    own = [{"id": id, "file_name": f} for id, f in (own if isinstance(own, list) else own.items())]
    for query, due in (({}, plain), ({"match": "name"}, matched)):
        reply = web.put_run(name, "run", {"images": own, **write(row(image))}, **query)
        assert reply.status == (200 if due else 422), reply
        assert not due or places(db, name) == [("ab".index(due) + 1, 1)]


def test_the_contradiction_names_the_text(web, name):
    files = {**TRUTH, "images": [{"id": "a", "file_name": "a.jpg"}, {"id": "b"}]}
    assert web.put(f"/datasets/{name}", files).status == 201
    says = 'image "a" has another file name in the dataset ("a.jpg", not "b.jpg")'
    for body in ([row("a", file_name="b.jpg")], [{"image_id": "a", "file_name": "b.jpg",
                                                  "detections": [row("a")]}],
                 {"annotations": [], "images": [{"id": "a", "file_name": "b.jpg"}]}):
        reply = web.put_run(name, "run", body)
        assert (reply.status, reply.json()["code"]) == CONTRADICTION
        assert says in reply.json()["detail"]


@pytest.mark.parametrize("own, image, taken", [
    ({"a": "b.jpg", "b": "a.jpg"}, "a", False), ({"a": "a.jpg", "b": "b.jpg"}, "b", True),
    ({"u1": "b.jpg"}, "u1", False), ({"u1": "b.jpg"}, 2, False)], ids=str)
def test_images_with_texts_as_ids_come_before_rows_that_they_change(web, db, name, own, image,
                                                                         taken):
    files = {**TRUTH, "images": [{"id": "a", "file_name": "a.jpg"},
                                 {"id": "b", "file_name": "b.jpg"}]}
    assert web.put(f"/datasets/{name}", files).status == 201
    own = [{"id": id, "file_name": file} for id, file in own.items()]
    reply = web.put_run(name, "run", {"annotations": [row(image)], "images": own}, match="name")
    if taken:
        assert places(db, name) == [(2, 1)]
    elif image == 2:
        assert reply.json()["code"] == "nothing_taken", "a number is no text"
    else:
        assert (reply.status, reply.json()["code"]) == CONTRADICTION
        assert "put images before the rows" in reply.json()["detail"]


def test_categories_of_its_own_come_once(web, truth):
    body = '{"categories": [], "annotations": [], "categories": []}'
    reply = web.put_run(truth, "run", body)
    assert (reply.status, reply.json()["code"]) == CONTRADICTION
    assert "second time" in reply.json()["detail"]


def test_names_in_a_refusal_are_cut_and_printable(web, name):
    long = "\u4e2d" * 1000
    truth = {**TRUTH, "images": [{"id": 1, "file_name": long + ".jpg"}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    reply = web.put_run(name, "run", [row(1, file_name="a\n\u202eb<\x7f>\u00e9" + long)])
    detail = reply.json()["detail"]
    assert '"' + "\u4e2d" * 22 + '...", not "a??b<?>\u00e9' + "\u4e2d" * 19 + '..."' in detail


# ---- numbers that are file names


@pytest.mark.parametrize("shape", SHAPES)
def test_numbers_are_file_names(web, db, truth, shape):
    numbers = [2, "3", "0002", 1, 12345678901234567, -2, 2]
    body = SHAPES[shape](*(row(image, 2) for image in numbers))
    outcome = web.put_run(truth, "run", body, match="name").json()
    assert reasons(outcome) == {"unknown_image": 3}
    assert places(db, truth) == [(1, 2), (2, 2), (1, 2), (1, 2)]
    details = [example["detail"] for example in outcome["skipped"][0]["examples"]]
    assert all("file name" in detail and "number" in detail for detail in details), details
    assert "12345678901234567" in details[1]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_number_that_two_files_are_called_by_is_neither(web, db, name, shape):
    truth = {**TRUTH, "images": [{"id": 1, "file_name": "02.jpg"}, {"id": 2, "file_name": "2.png"},
                                 {"id": 7, "file_name": "000.jpg"}, {"id": 8, "file_name": "7"}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    body = SHAPES[shape](row(2), row(0), row(7), row("02.jpg"))
    outcome = web.put_run(name, "run", body, match="name").json()
    assert reasons(outcome) == {"unknown_image": 1}
    assert places(db, name) == [(7, 1), (8, 1), (1, 1)]
    assert "more than one" in outcome["skipped"][0]["examples"][0]["detail"]


def test_numbers_are_ids_where_the_file_has_images_of_its_own(web, db, truth):
    own = {"images": [{"id": 2, "file_name": "b.c.jpg"}], "annotations": [row(2)]}
    for body in (own, dict(reversed(own.items()))):
        assert web.put_run(truth, "run", body, match="name").status == 200
        assert places(db, truth) == [(3, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_hint_where_unknown_ids_are_file_names(web, name, shape):
    names = ["000042.jpg", "a/77.png", "88", "1x.jpg"]
    truth = {**TRUTH, "images": [{"id": n + 1, "file_name": file} for n, file in enumerate(names)]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    for images, hinted in (((1, 42, 77, 88), True), ((1, 42, 43), False), ((1, 2), False),
                           (tuple([42, 77, 88] * 40), True)):
        reply = web.put_run(name, "run", SHAPES[shape](*map(row, images))).json()
        said = reply.get("hint", "") + reply.get("detail", "")
        assert ("match=name" in said) == hinted, reply
    assert reply["code"] == "nothing_taken"
    assert web.put_run(name, "run", SHAPES[shape](*map(row, images)),
                       match="name").json()["prediction_count"] == 120


# ---- names


# Two names that have one 64-bit FNV-1a hash.
SAME_HASH = "hrid5jux0x5bh.jpg", "tlecgsubo3toh.jpg"


def test_names_of_one_hash_are_two_names(web, db, name):
    first, second = SAME_HASH
    truth = {**TRUTH, "images": [{"id": 1, "file_name": first}, {"id": 2, "file_name": "two.jpg"}],
             "categories": [{"id": 1, "name": first}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    named = [{**without(row(0), "image_id"), "file_name": file} for file in (first, second)]
    outcome = web.put_run(name, "run", named).json()
    assert (outcome["prediction_count"], reasons(outcome)) == (1, {"unknown_image": 1})
    assert web.put_run(name, "run", [row(2, file_name=second)]).status == 422
    both = {**TRUTH, "images": [{"id": n + 1, "file_name": file}
                                for n, file in enumerate(SAME_HASH)]}
    assert web.put(f"/datasets/{name}x", both).status == 201
    assert web.put_run(name + "x", "run", named).json()["prediction_count"] == 2
    assert places(db, name + "x") == [(1, 1), (2, 1)]


def test_classes_are_found_in_any_case(web, db, name):
    truth = {**TRUTH, "categories": [{"id": 1, "name": "Cat"}, {"id": 2, "name": "cat"},
                                     {"id": 3, "name": "Traffic Light"}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    body = [{**without(row(1), "category_id"), "category_name": spelled}
            for spelled in ("cat", "Cat", "CAT", "traffic light", "traffic  light")]
    outcome = web.put_run(name, "run", body).json()
    assert reasons(outcome) == {"unknown_category": 2}
    assert places(db, name) == [(1, 2), (1, 1), (1, 3)]
