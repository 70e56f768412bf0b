"""Where the rows of a results file may lie: in a member, image by image, under file names."""

import json

import pytest

from samples import count, detection, reasons, rows, skips, street, without

LISTS = ("annotations", "predictions", "results", "detections")
IMAGES = {1: "one.jpg", 2: "two.jpg", 3: "three.jpg"}


def body_rows(n=30):
    """Rows in the order of their images."""
    return sorted((detection(i) for i in range(n)), key=lambda row: row["image_id"])


def by_image(found, **outer):
    """[(image, its rows without the image)]"""
    return [(image, [without(row, "image_id") for row in found if row["image_id"] == image])
            for image in IMAGES]


def lines(elements):
    return "\n".join(json.dumps(element) for element in elements)


def stem(image):
    return IMAGES[image].removesuffix(".jpg")


ROWS = body_rows()
GROUPS = by_image(ROWS)
NESTED = {f"{by} {member}": [{by: IMAGES[image] if by == "file_name" else image, member: some}
                             for image, some in GROUPS]
          for by in ("image_id", "file_name") for member in LISTS}
SHAPES = {
    **{member: {member: ROWS} for member in LISTS},
    **{f"{member} and more": {"info": {"a": []}, "mAP": 0.5, "licenses": [{"id": 1}],
                              "images": street()["images"], member: ROWS,
                              "categories": street()["categories"], "notes": [detection(1)]}
       for member in LISTS},
    "one that is an array": {"results": {"mAP": 0.5}, "predictions": None, "detections": ROWS},
    **NESTED,
    **{f"lines, {name}": lines(elements) for name, elements in NESTED.items()},
    "rows behind their image's size": [{"detections": some, "width": 1, "image_id": image}
                                       for image, some in GROUPS],
    "stems": [{"image_id": stem(image), "detections": some} for image, some in GROUPS],
    "digits": [{"image_id": f"0{image}", "detections": some} for image, some in GROUPS],
    "images without rows": [{"image_id": 7, "detections": None}, {"file_name": "x", "results": []},
                            *NESTED["image_id detections"]],
    "rows that say it themselves": [
        {"image_id": image, "detections": [{"image_id": own, **row} for row in some]}
        for (image, some), own in zip(GROUPS, (1, "2", "three.jpg"))],
    "file names that say it, too": [
        {"file_name": IMAGES[image], "detections": [{"image_id": image, **row} for row in some]}
        for image, some in GROUPS],
    "ids of rows only": [{"model": "m", "detections": ROWS}],
    "rows among images": [*NESTED["image_id detections"][:2],
                          *({"image_id": 3, **row} for row in GROUPS[2][1])],
    "images among rows": [*({"image_id": 1, **row} for row in GROUPS[0][1]),
                          *NESTED["image_id detections"][1:]],
    "images in a member": {"results": NESTED["image_id detections"]},
    "one image, then lines": lines(NESTED["file_name results"]) + "\n\n",
    "file names": {IMAGES[image]: some for image, some in GROUPS},
    "file stems": {stem(image): some for image, some in GROUPS},
    "ids": {str(image): some for image, some in GROUPS},
    "file names and more": {"info": {"a": 1}, "licenses": [{"id": 1}], "model": "m", "none.jpg": [],
                            **{IMAGES[image]: some for image, some in GROUPS}, "time": 7},
    "file names with their ids": {IMAGES[image]: [{"image_id": image, **row} for row in some]
                                  for image, some in GROUPS},
    "escaped file names": json.dumps({IMAGES[image]: some for image, some in GROUPS}).replace(
        "three", "\\u0074hree"),
    "large members": {"info": "x" * 2_000_000, "predictions": ROWS},
    "large and by name": {"info": "x" * 2_000_000,
                          **{IMAGES[image]: some for image, some in GROUPS}},
}


@pytest.fixture
def due(web, db, shared_dataset):
    assert web.put_run(shared_dataset, "plain", ROWS).status == 200
    return rows(db, shared_dataset, "plain")


@pytest.mark.parametrize("shape", SHAPES)
def test_the_rows_are_those_of_an_array(web, db, shared_dataset, due, shape):
    reply = web.put_run(shared_dataset, "run", SHAPES[shape])
    assert (reply.status, reply.json().get("skipped")) == (200, []), reply
    assert [row[:-1] for row in rows(db, shared_dataset, "run")] == [row[:-1] for row in due]
    exported = web.get(f"/datasets/{shared_dataset}/runs/run/predictions").json()
    assert [without(row, "image_id") for row in exported] == [
        without(row, "image_id") for row in ROWS]


def padded(elements, size):
    """The same with a row of this many bytes more in the first image."""
    first = {**elements[0], "detections": [*elements[0]["detections"]]}
    first["detections"][0] = {**first["detections"][0], "remark": "x" * size}
    return [first, *elements[1:]]


@pytest.mark.parametrize("size", [10, 900_000, 1_040_000, 1_200_000, 3_000_000])
@pytest.mark.parametrize("count_of_lines", [1, 3])
def test_an_image_with_rows_of_any_size_is_a_line(web, db, shared_dataset, due, size,
                                                  count_of_lines):
    elements = padded(NESTED["image_id detections"], size)[:count_of_lines]
    for body in (lines(elements), lines(elements) + "\n", elements):
        outcome = web.put_run(shared_dataset, "run", body).json()
        assert (outcome["prediction_count"], outcome["skipped"]) == (10 * count_of_lines, [])
        assert [row[:10] for row in rows(db, shared_dataset, "run")] == [
            row[:10] for row in due[:10 * count_of_lines]]


@pytest.mark.parametrize("make", [
    lambda some: [{"image_id": 1, "detections": some[:3]}, {"image_id": 2, "detections": some[3:]}],
    lambda some: lines([{"file_name": "one.jpg", "results": some[:3]},
                        {"file_name": "two.jpg", "results": some[3:]}]),
    lambda some: {"one": some[:3], "two": some[3:]}], ids=["array", "lines", "names"])
def test_rows_are_numbered_across_images_and_found_at_their_byte(web, db, shared_dataset, make):
    some = [without(detection(n), "image_id") for n in range(6)]
    some[1]["category_id"] = 999
    some[4]["score"] = float("nan")
    some[5] = 7
    body = make(some)
    text = body if isinstance(body, str) else json.dumps(body)
    outcome = web.put_run(shared_dataset, "run", text).json()
    assert skips(outcome) == {
        "unknown_category": (1, [(1, text.index(json.dumps(some[1])))]),
        "non_finite": (1, [(4, text.index(json.dumps(some[4])))]),
        "wrong_type": (1, [(5, text.index("7]"))])}
    example, = next(group["examples"] for group in outcome["skipped"]
                    if group["reason"] == "unknown_category")
    offset = example["offset"]
    assert (example["line"], example["column"]) == (1, offset + 1)
    assert [row[:2] for row in rows(db, shared_dataset, "run")] == [(1, 1), (3, 1), (4, 2)]


def test_images_that_are_not_in_the_dataset_are_skipped_with_their_rows(web, shared_dataset):
    row = without(detection(), "image_id")
    one = {"image_id": 1, "detections": [row]}
    for body in ([one, {"image_id": 99, "detections": [row] * 3}],
                 [one, {"file_name": "x", "detections": [row] * 3}],
                 {"one": [row], "99": [row] * 2, "x.jpg": [row]}):
        outcome = web.put_run(shared_dataset, "run", body).json()
        assert (outcome["prediction_count"], reasons(outcome)) == (1, {"unknown_image": 3})
    refused = web.put_run(shared_dataset, "run", {"x.jpg": [row], "y.jpg": [row]})
    assert (refused.status, refused.json()["code"]) == (422, "nothing_taken")


@pytest.mark.parametrize("body", [
    [{"image_id": 1, "detections": []}], {"one.jpg": [], "two.jpg": []}, {"1": []},
    {"zz": [], "1": []}, {"1": [], "zz": []},
    {"detections": []}, {"info": {}, "results": []}], ids=str)
def test_no_rows_in_any_shape_are_a_run_of_nothing(web, db, shared_dataset, body):
    assert web.put_run(shared_dataset, "run", [detection()]).status == 200
    assert web.put_run(shared_dataset, "run", body).json()["prediction_count"] == 0
    assert count(db, shared_dataset, "run") == 0


ROW = without(detection(), "image_id")
REFUSED = {
    "two members": ({"predictions": [detection()], "results": [detection()]},
                    'there are rows in "predictions" and in "results"; keep one of both'),
    "two members of an image": ([{"image_id": 1, "detections": [ROW], "annotations": [ROW]}],
                                'there are rows in "detections" and in "annotations"'),
    "a member twice": ('{"results": [], "results": []}', "results appears a second time"),
    "a member that is no array": ({"predictions": {"one.jpg": [ROW]}, "n": 1},
                                  'expected an array of rows in "predictions"'),
    "a member and names": ({"one.jpg": [ROW], "results": [detection()]},
                           'the object has "one.jpg", "results"'),
    "a member and names after it": ({"results": [], "1": [ROW]},
                                    'the object has "results", "1"'),
    "names behind something else": ({"labels": [1, 2], "one.jpg": [ROW]},
                                    'the object has "labels", "one.jpg"'),
    "other members": ({"boxes": [[1, 2, 3, 4]], "scores": [0.5]},
                      'the object has "boxes", "scores"'),
    "members without anything": ({"boxes": [], "scores": []}, 'the object has "boxes", "scores"'),
    "another name for the rows": ({"dets": [detection()]}, "a row names another image"),
    "a large object": ({"info": "x" * 2_000_000, "b": 1}, 'the object has "info", "b"'),
    "long names": ({"n" * 500: [], "\u202ex\n": []},
                   'the object has "' + "n" * 24 + '...", "?x\\n"'),
    "another id in the row": ([{"image_id": 1, "detections": [{**ROW, "image_id": 2}]}],
                              "a row names another image"),
    "another name in the row": ([{"image_id": 1, "detections": [{**ROW, "file_name": "two"}]}],
                                "a row names another image"),
    "another id below a name": ({"one.jpg": [{**ROW, "image_id": 2}]},
                                "a row names another image"),
    "another id in a member": (
        {"info": "x" * 2_000_000, "image_id": 1, "detections": [detection(1)]},
        "a row names another image"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_not_taken_is_refused_as_a_whole_and_named(web, db, shared_dataset, what):
    assert web.put_run(shared_dataset, "run", [detection()]).status == 200
    body, said = REFUSED[what]
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    reply = web.put_run(shared_dataset, "run", text)
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape"), reply
    assert said in reply.json()["detail"]
    assert count(db, shared_dataset, "run") == 1


@pytest.mark.parametrize("body, said", [
    ([{"filename": "one.jpg", "objects": [{"class_id": 1}]}], '"filename", "objects"'),
    (lines([{"image": "one.jpg", "detections": [{"xmin": 1, "class_name": "a"}]}] * 2),
     '"xmin", "class_name"'),
    ([{"image_id": 1, "caption": "a street"}], '"image_id", "caption"'),
    ([{"image_id": 1, "detections": {"a": 1}}], '"image_id", "detections"'),
    ([{"image_id": 1, "category_id": 1, "score": 0.5, "x1": 1, "y1": 2}], '"score", "x1", "y1"')],
    ids=range(5))
def test_elements_that_are_no_rows_are_skipped_with_the_names_of_their_members(
        web, shared_dataset, body, said):
    problem = web.put_run(shared_dataset, "run", body).json()
    assert problem["code"] == "nothing_taken"
    assert reasons(problem).keys() == {"missing_field"}
    assert said in problem["skipped"][0]["examples"][0]["detail"]


def test_an_image_larger_than_an_element_may_be_is_refused(web, shared_dataset):
    rows_of_one = [{**ROW, "remark": "x" * 1_000_000}] * 17
    body = [{"image_id": 1, "detections": rows_of_one}]
    reply = web.put_run(shared_dataset, "run", body)
    assert (reply.status, reply.json()["code"]) == (422, "element_too_large")
    # Where each row is read by itself, only a row has that limit.
    assert web.put_run(shared_dataset, "run", {"one": rows_of_one}).status == 200


@pytest.mark.parametrize("shape", [{"bbox": [1, 2, 3, 4]}, {"segmentation": [[1, 1, 9, 1, 9, 9]]},
                                   {"keypoints": [1, 2, 2]}, {"poly": [1, 1, 9, 1, 9, 9]},
                                   {"rbox": [100, 100, 50, 20, 0.5]}], ids=", ".join)
def test_the_first_row_under_a_key_is_known_by_its_shape(web, shared_dataset, shape):
    outcome = web.put_run(shared_dataset, "run",
                          {"one": [{"category_id": 1, **shape}, {**shape, **ROW}]}).json()
    assert (outcome["prediction_count"], reasons(outcome)) == (1, {"missing_field": 1})


def test_a_long_name_around_many_rows_is_looked_up_once(web, shared_dataset):
    """If each row cost as much as the name, this would be 3 TB."""
    body = [{"file_name": "x" * 10_000_000, "detections": [{"category_id": 1}] * 300_000},
            detection()]
    outcome = web.put_run(shared_dataset, "run", body).json()
    assert (outcome["prediction_count"], reasons(outcome)) == (1, {"name_too_long": 300_000})


@pytest.mark.parametrize("body", [
    [{**detection(), "keypoints": []}],
    {"predictions": [detection()]},
    [{"image_id": "one.jpg", "category_id": 1, "score": 0.9, "rbox": [100, 100, 50, 20, 0.5],
      "poly": [73, 97, 117, 121, 127, 103, 83, 79]}],
    [{"file_name": "one.jpg", "detections": [ROW]}], {"one": [ROW]}], ids=range(5))
def test_the_command_takes_the_same(web, db, shell, shared_dataset, body):
    file = shell.write("run.json", body)
    assert web.put_run(shared_dataset, "sent", body).json()["prediction_count"] == 1
    shell.run("import", "run", shared_dataset, "--name", "typed", file)
    assert rows(db, shared_dataset, "typed") == rows(db, shared_dataset, "sent")
    assert rows(db, shared_dataset, "typed")[0][1] == 1


# ---- match=name


def own(**more):
    """A file with ids of its own: two.jpg is 1, one.jpg is 2; dog is 7."""
    return {"images": [{"id": 1, "file_name": "two.jpg"}, {"id": 2, "file_name": "one.jpg"}],
            "categories": [{"id": 7, "name": "dog"}], **more}


@pytest.mark.parametrize("order", [("images", "categories", "results"),
                                   ("results", "images", "categories")])
def test_ids_around_the_rows_are_matched_like_those_in_them(web, db, shared_dataset, order):
    row = {**ROW, "category_id": 7}
    body = own(results=[{"image_id": 1, "detections": [row, {**row, "image_id": 1}]},
                        {"image_id": 2, "detections": [row]},
                        {"file_name": "three.jpg", "detections": [row]}])
    outcome = web.put_run(shared_dataset, "run", {key: body[key] for key in order},
                          match="name").json()
    assert (outcome["prediction_count"], outcome["skipped"]) == (4, []), outcome
    assert [row[1:3] for row in rows(db, shared_dataset, "run")] == [(2, 18), (2, 18), (1, 18),
                                                                     (3, 18)]
    wrong = own(results=[{"image_id": 1, "detections": [{**row, "image_id": 2}]}])
    reply = web.put_run(shared_dataset, "run", {key: wrong[key] for key in order}, match="name")
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape")


def test_a_file_name_around_the_rows_counts_more_than_its_id(web, db, shared_dataset):
    body = [{"image_id": 1, "file_name": "two.jpg", "detections": [ROW]}]
    assert web.put_run(shared_dataset, "run", body, match="name").json()["prediction_count"] == 1
    assert [row[1] for row in rows(db, shared_dataset, "run")] == [2]


def test_categories_beside_the_names_of_images_are_matched_by_name(web, db, shared_dataset):
    row = {**ROW, "category_id": 7}
    for body in ({"two.jpg": [row], "categories": own()["categories"]},
                 {"categories": own()["categories"], "two.jpg": [row]}):
        assert web.put_run(shared_dataset, "run", body,
                           match="name").json()["prediction_count"] == 1
        assert [row[1:3] for row in rows(db, shared_dataset, "run")] == [(2, 18)]


# ---- names of members in messages


SCRIPT = "<script>alert(1)</script>"
IN_QUOTES = f'{{"{SCRIPT[:20]}\\u202e": [1], "\x7fx\u202e": [2]}}'


def test_names_of_members_are_text_on_a_page_and_stay_out_of_the_log(web, home, shared_dataset):
    path = f"/datasets/{shared_dataset}/runs/run"
    log = home.logs["site_worker"][0]
    before = len(log.read_text())
    for body in (IN_QUOTES, f"[{IN_QUOTES}]"):
        page = web.put(path, body, accept="text/html")
        assert page.status == 422
        assert "<script>" not in page.text and not set("\u202e\x7f") & set(page.text)
        assert "&lt;script&gt;" in page.text
        assert "script" not in log.read_text()[before:]


def test_names_of_members_are_printable_at_a_terminal(shell, shared_dataset):
    for n, body in enumerate((IN_QUOTES, f"[{IN_QUOTES}]")):
        file = shell.write(f"{n}.json", body.encode())
        out, err = shell.run("import", "run", shared_dataset, file, status=1)
        assert "<script>" in out + err
        assert not set("\u202e\x7f") & set(out + err)


def test_names_in_a_file_of_a_directory_are_cut_between_characters(shell, db, shared_dataset):
    """There the message also holds the name of the file, and is cut once more."""
    for length in range(20):
        row = {"x" * length: 1, **{"\u4e2d" * 7 + str(n): n for n in range(9)}}
        shell.write("files/one.json", {"filename": "one.jpg", "annotations": [row]})
        _, err = shell.run("import", "run", shared_dataset, "--format", "detection_annotation",
                           "files", status=1)
        assert "class_id is missing" in err and "\ufffd" not in err
