"""The same rows in other forms: lines, a wrapper, a BOM, names for ids, categories from 0."""

import json

import pytest

from samples import array, count, detection, detections, reasons, rows, skips, street, without

LINES = "\n".join(json.dumps(row) for row in detections(3000))


@pytest.fixture
def plain(web, db, dataset):
    """What detections(3000) become."""
    assert web.put_run(dataset, "plain", detections(3000)).status == 200
    return rows(db, dataset, "plain")


@pytest.mark.parametrize("body", [
    LINES, LINES + "\n", "\n" + LINES + "\n\n", LINES.replace("\n", "\r\n"),
    LINES.replace("\n", " \n\t"), "\ufeff" + LINES, "\ufeff" + json.dumps(detections(3000)),
    json.dumps(detections(3000), indent=4).replace("\n", "\r\n"),
    json.dumps({"annotations": detections(3000)}),
    json.dumps({"info": {"a": [1]}, "images": street()["images"], "licenses": [],
                "annotations": detections(3000), "x": None}),
    json.dumps({"annotations": detections(3000),
                "images": [{"id": 1, "file_name": "somewhere/else/one.jpg"}, 7, {}]}),
    json.dumps({"info": "x" * 2_000_000, "annotations": detections(3000)}),
], ids=range(12))
def test_the_rows_are_the_same(web, db, dataset, plain, body):
    reply = web.put_run(dataset, "run", body.encode())
    assert (reply.status, reply.json().get("prediction_count")) == (200, 3000), reply
    assert rows(db, dataset, "run") == plain


def test_a_single_row_is_a_file_of_one_line(web, db, dataset):
    assert web.put_run(dataset, "run",
                       json.dumps(detection()).encode()).json()["prediction_count"] == 1


def test_an_object_that_is_no_row_is_skipped_as_one(web, dataset):
    reply = web.put_run(dataset, "run", b" {}")
    assert (reply.status, reply.json()["code"], reasons(reply.json())) == (
        422, "nothing_taken", {"missing_field": 1})


def test_lines_are_counted_and_placed(web, dataset):
    good = json.dumps(detection()).encode()
    bad = json.dumps(detection(category_id=999)).encode()
    body = good + b"\n\n" + bad + b"\n7\n" + good
    outcome = web.put_run(dataset, "run", body).json()
    assert outcome["prediction_count"] == 2
    assert skips(outcome) == {"unknown_category": (1, [(1, len(good) + 2)]),
                              "wrong_type": (1, [(2, body.index(b"7\n"))])}


@pytest.mark.parametrize("body, code", [
    (b'{"image_id": 1} {"image_id": 2}', "not_json"),
    (b'{"image_id": 1}, {"image_id": 2}', "not_json"),
    (b'{"image_id": 1}\n{"image_id": ', "truncated"), (b'{"image_id": 1}\n[', "truncated"),
    (b'{"image_id": 1,', "truncated"),
    (b'{"annotations": []}\n{}', "nothing_taken"), (b'{"annotations": {}}', "wrong_shape"),
    (b'{"annotations": [{]}', "not_json"),
    (b'{"annotations": [], "annotations": []}', "wrong_shape"),
    (b'{"info": "' + b"x" * 2_000_000 + b'"}', "wrong_shape"),
    (json.dumps(detections(1)).encode("utf-16"), "not_json"),
    (json.dumps(detections(1)).encode("utf-16-le"), "not_json"),
    (json.dumps(detections(1)).encode("utf-32"), "not_json"), (b"\xef\xbb\xbf", "empty_body")])
def test_what_is_broken_changes_nothing(web, db, dataset, body, code):
    assert web.put_run(dataset, "run", detections(5)).status == 200
    reply = web.put_run(dataset, "run", body)
    assert reply.json()["code"] == code, reply.json()
    assert count(db, dataset, "run") == 5


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_another_encoding_is_called_by_its_name(web, dataset, encoding):
    assert "UTF-16" in web.put_run(dataset, "run",
                                   json.dumps(detections(1)).encode(encoding)).json()["detail"]


def test_images_of_its_own_that_contradict_the_dataset_are_refused(web, db, dataset):
    body = {"images": [{"id": 1, "file_name": "two.jpg"}], "annotations": detections(3)}
    for document in (body, dict(reversed(body.items()))):
        reply = web.put_run(dataset, "run", document)
        assert (reply.status, reply.json()["code"]) == (422, "wrong_shape")
        assert "image 1 has another file name in the dataset" in reply.json()["detail"]
    assert count(db, dataset, "run") == 0


@pytest.mark.parametrize("name", ["\u4e2d.jpg", "\u00e9\".jpg", "b\t\x7f.jpg", "\U0001f600.jpg"])
@pytest.mark.parametrize("escaped", [True, False])
def test_images_are_compared_by_their_names_however_these_are_written(web, name, dataset, escaped):
    truth = street(images=[{"id": 1, "file_name": "one" + name}, *street()["images"][1:]])
    assert web.put(f"/datasets/{dataset}", truth).status == 200
    for own_name, status in (("two" + name, 422), ("elsewhere/one" + name, 200)):
        body = json.dumps({"images": [{"id": "1", "file_name": own_name}],
                           "annotations": detections(3)}, ensure_ascii=escaped)
        assert web.put_run(dataset, "run", body).status == status, own_name


def test_images_of_its_own_come_once(web, dataset):
    body = '{"images": [{"id": 1, "file_name": "one.jpg"}], "annotations": [], "images": []}'
    reply = web.put_run(dataset, "run", body)
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape")
    assert "second time" in reply.json()["detail"]


# ---- names and numbers


def test_images_may_be_named(web, db, dataset, plain):
    """By file name, by stem, by digits in a text; beside numbers, in one file."""
    names = {1: ["one", "one.jpg", "1", "01", "elsewhere/one.jpg"], 2: ["two"], 3: ["three.jpg", 3]}
    body = detections(3000)
    for n, row in enumerate(body):
        spelled = names[row["image_id"]]
        row["image_id"] = spelled[n % len(spelled)]
    body = [row if row["image_id"] != "elsewhere/one.jpg" else {**row, "image_id": "one"}
            for row in body]
    assert web.put_run(dataset, "run", body).json()["prediction_count"] == 3000
    assert rows(db, dataset, "run") == plain


def test_names_that_are_unknown_or_not_one_s_own_are_skipped(web, name):
    truth = street()
    truth["images"].append({"id": 4, "file_name": "other/one.jpg"})
    truth["images"].append({"id": 5, "file_name": "five.png"})
    assert web.put(f"/datasets/{name}", truth).status == 201
    body = [detection(image_id=image) for image in
            ("one", "one.jpg", "other/one.jpg", "five", "five.png", "five.jpg", "20301131_25", "",
             "two ", "tw\\u006f")]
    outcome = web.put_run(name, "run", body).json()
    details = {e["index"]: e["detail"] for group in outcome["skipped"] for e in group["examples"]}
    assert reasons(outcome) == {"unknown_image": 6}
    assert {0, 5, 6, 7, 8, 9} == details.keys()
    assert "more than one" in details[0]


def test_file_name_and_category_name_stand_for_ids(web, db, dataset):
    body = [{**without(detection(), "image_id", "category_id"), "file_name": "two.jpg",
             "category_name": "dog"},
            {**without(detection(), "category_id"), "category_name": "cat"},
            {**without(detection(), "image_id"), "file_name": "nine.jpg"},
            {**detection(), "file_name": "two.jpg", "category_name": "dog"}]
    outcome = web.put_run(dataset, "run", body, match="id").json()
    assert reasons(outcome) == {"unknown_category": 1, "unknown_image": 1}
    found = rows(db, dataset, "run")
    assert [row[:3] for row in found] == [(1, 2, 18), (4, 1, 1)]  # where there is an id, it counts
    assert [json.loads(row[-1])
            for row in found] == [{"file_name": "two.jpg", "category_name": "dog"}] * 2


def test_boxes_given_by_their_corners_are_worth_a_hint(web, name):
    """They are numbers like others; but half of them end far outside of their image."""
    assert web.put(f"/datasets/{name}", street()).status == 201  # 640 x 480 and more
    def boxes(make):
        return [detection(0, bbox=make(10 + 5 * n, 20 + 4 * n)) for n in range(100)]
    for body, hinted in ((boxes(lambda x, y: [x, y, x + 50, y + 40]), True),
                         (boxes(lambda x, y: [x, y, 50, 40]), False),
                         (boxes(lambda x, y: [x + 200, y, 200, 100]), False)):
        outcome = web.put_run(name, "run", body).json()
        assert outcome["prediction_count"] == 100
        assert ("[x, y, width, height]" in outcome.get("hint", "")) == hinted, outcome
    assert web.put(f"/datasets/{name}x",
                   street(images=[{"id": n} for n in (1, 2, 3)])).status == 201
    assert "hint" not in web.put_run(name + "x", "run",
                                     boxes(lambda x, y: [x, y, x + 50, y + 40])).json()


def test_a_file_name_of_digits_is_a_name(web, db, dataset):
    truth = street(images=[{"id": 1, "file_name": "42.jpg"}, {"id": 2, "file_name": "1.jpg"},
                           {"id": 3, "file_name": "7.jpg"}])
    assert web.put(f"/datasets/{dataset}", truth).status == 200
    body = [{**without(detection(), "image_id"), "file_name": "1"},
            {**detection(), "image_id": 1, "file_name": "7"}]
    for match, images in (("id", [2, 1]), ("name", [2, 3])):
        assert web.put_run(dataset, "run", body, match=match).json()["prediction_count"] == 2
        assert [row[1] for row in rows(db, dataset, "run")] == images


def test_categories_counted_from_0(web, db, name):
    truth = street()
    truth["categories"] = [{"id": n, "name": f"class {n}"} for n in (1, 2, 3)]
    truth["annotations"] = []
    assert web.put(f"/datasets/{name}", truth).status == 201
    body = [detection(n, category_id=n % 3) for n in range(9)]
    outcome = web.put_run(name, "run", body).json()
    assert reasons(outcome) == {"unknown_category": 3}
    assert "category_offset=1" in outcome["hint"]
    refused = web.put_run(name, "zeros", [detection(category_id=0)])
    assert refused.status == 422 and "category_offset=1" in refused.json()["detail"]
    shifted = web.put_run(name, "run", body, category_offset=1).json()
    assert (shifted["prediction_count"], shifted["skipped"]) == (9, []) and "hint" not in shifted
    assert [row[2] for row in rows(db, name, "run")] == [1 + n % 3 for n in range(9)]
    low = web.put_run(name, "run", [detection(category_id=c) for c in (4, 3)]).json()
    assert "category_offset=-1" in low["hint"]
    assert "hint" not in web.put_run(name, "run",
                                     [detection(category_id=c) for c in (9, 4, 3)]).json()


@pytest.mark.parametrize(
    "ids", [[0], [7], [-3, -1, 0, 90], [1, 65536], [1, 65537], [-2**31, 5, 2**31 - 1], []], ids=str)
def test_any_categories_are_known_and_no_others(web, db, name, ids):
    """Whether they lie close together or far apart."""
    truth = street(annotations=[], categories=[{"id": id, "name": f"class {id}"} for id in ids])
    assert web.put(f"/datasets/{name}", truth).status == 201
    tried = sorted({near for id in [*ids, 0, 2**31 - 1, -2**31] for near in (id - 1, id, id + 1)
                    if -2**31 <= near < 2**31})
    outcome = web.put_run(name, "run", [detection(category_id=id) for id in tried * 2]).json()
    if ids:
        assert [row[2] for row in rows(db, name, "run")] == ids * 2
    assert reasons(outcome) == {"unknown_category": 2 * (len(tried) - len(ids))}


@pytest.mark.parametrize("offset", ["x", "", "1.5", "99999999"])
def test_an_offset_that_makes_no_sense_is_400(web, dataset, offset):
    assert web.put_run(dataset, "run", array(*detections(2)), category_offset=offset).status == 400


def own(**more):
    """A file with ids of its own: two.jpg is 1, one.jpg is 2; dog is 7, an unknown one 8."""
    return {"images": [{"id": 1, "file_name": "two.jpg"}, {"id": 2, "file_name": "a/one.jpg"},
                       {"id": 3, "file_name": "nine.jpg"}],
            "categories": [{"id": 7, "name": "dog"}, {"id": 8, "name": "cat"}], **more}


def test_ids_of_its_own_are_matched_by_name(web, db, dataset):
    body = [detection(image_id=i, category_id=c)
            for i, c in ((1, 7), (2, 7), (3, 7), (1, 8), (9, 7), (1, 18))]
    outcome = web.put_run(dataset, "run", own(annotations=body), match="name").json()
    assert reasons(outcome) == {"unknown_image": 2, "unknown_category": 2}
    assert [row[:3] for row in rows(db, dataset, "run")] == [(1, 2, 18), (2, 1, 18)]
    flat = [{**detection(), "file_name": "two.jpg", "category_name": "dog"}, detection(1)]
    assert web.put_run(dataset, "run", flat, match="name").json()["prediction_count"] == 2
    assert [row[1:3] for row in rows(db, dataset, "run")] == [(2, 18), (2, 3)]


def in_order(body, *keys):
    return {key: body[key] for key in keys}


@pytest.mark.parametrize(
    "order", [("annotations", "images", "categories"), ("images", "annotations", "categories"),
              ("categories", "annotations", "images")])
def test_what_comes_behind_the_rows_is_matched_afterwards(web, db, dataset, order):
    mask = {"size": [480, 640], "counts": [10, 20, 480 * 640 - 30]}
    ids = (1, 7), (2, 7), (3, 7), (1, 8), (9, 7), (1, 18), (2, 7)
    body = [detection(n, image_id=i, category_id=c, score=n / 4) for n, (i, c) in enumerate(ids)]
    body += [{**detection(), "image_id": "three", "category_name": "car"},
             detection(image_id=1, category_id=7, segmentation=mask),
             detection(image_id=1, category_id=7, segmentation={"size": [1, 9], "counts": [9]}),
             {**without(detection(), "score"), "category_id": 7}]
    outcome = web.put_run(dataset, "run", in_order(own(annotations=body), *order),
                          match="name").json()
    assert reasons(outcome) == {"unknown_image": 2, "unknown_category": 2,
                                "invalid_segmentation": 1, "missing_field": 1}
    assert (outcome["prediction_count"], outcome["skipped_count"]) == (5, 6)
    details = [e["detail"] for group in outcome["skipped"] for e in group["examples"]]
    assert any("the file's own category 18 matches no" in detail for detail in details)
    assert any("the file's own image 9 matches no" in detail for detail in details)
    assert any("segmentation: size is 1 x 9" in detail for detail in details)
    found = rows(db, dataset, "run")
    assert [row[:3] for row in found] == [(1, 2, 18), (2, 1, 18), (7, 1, 18), (8, 3, 3), (9, 2, 18)]
    assert json.loads(found[-1][10]) == mask
    counts = db.execute("""select category_id, n, scores
                            from coco.class_counts join coco.runs using (import_id)
                           where dataset = %s order by 1""", (dataset,)).fetchall()
    assert [(c, n, {bin: k for bin, k in enumerate(scores) if k})
            for c, n, scores in counts] == [(3, 1, {0: 1}), (18, 4, {0: 2, 5: 1, 19: 1})]


ORDERS = [("images", "categories", "annotations"), ("annotations", "images", "categories"),
          ("images", "annotations", "categories")]


@pytest.mark.parametrize("order", ORDERS)
def test_an_offset_is_for_categories_that_are_not_the_files_own(web, db, dataset, order):
    body = own(annotations=[detection(image_id=1, category_id=7),
                            {**detection(image_id=2), "category_name": "car"}])
    assert web.put_run(dataset, "run", in_order(body, *order), match="name",
                       category_offset=1).json()["prediction_count"] == 2
    assert [row[1:3] for row in rows(db, dataset, "run")] == [(2, 18), (1, 3)]
    far = [detection(image_id=1, category_id=17), detection(image_id=1, category_id=2**31 - 1)]
    body = in_order({**body, "annotations": far}, *(key for key in order if key != "categories"))
    outcome = web.put_run(dataset, "run", body, match="name", category_offset=1).json()
    assert (outcome["prediction_count"], outcome["skipped_count"]) == (1, 1)
    if order[0] == "annotations":
        assert outcome["skipped"][0]["examples"][0]["detail"] == (
            "element 1: category 2147483648 is not in the dataset (3 categories: 1..18)")
    assert [row[1:3] for row in rows(db, dataset, "run")] == [(2, 18)]


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_measured_does_not_depend_on_where_images_stand(web, db, dataset, order):
    """Only the part of a polygon inside the image counts. It must be computed while rows pass."""
    inside, beyond = [[600, 10, 630, 10, 630, 50, 600, 50]], [[600, 10, 700, 10, 700, 50, 600, 50]]
    shapes = [{"segmentation": inside}, {"segmentation": beyond},
              {"segmentation": beyond, "bbox": [1, 2, 3, 4]},
              {"segmentation": [], "keypoints": [700, 1, 1, 720, 5, 1]}]
    body = own(
        annotations=[{"image_id": 1, "category_id": 7, "score": 0.5, **shape} for shape in shapes])
    outcome = web.put_run(dataset, "run", in_order(body, *order), match="name").json()
    found = {row[0]: row[3:8] for row in rows(db, dataset, "run")}
    due = {1: (600, 10, 30, 40, 1200), 2: (600, 10, 40, 40, 1600), 3: (1, 2, 3, 4, 12),
           4: (700, 1, 20, 4, 80)}
    if order[0] == "annotations":
        del due[2]
        assert reasons(outcome) == {"invalid_segmentation": 1}
        assert "need images before annotations" in outcome["skipped"][0]["examples"][0]["detail"]
    assert found == due


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("more", ["", ', "x": "\\u0000"', ', "x": "\\ud800"', ', "x": 1e999999'])
def test_a_mask_is_held_against_its_image_wherever_that_stands(web, db, dataset, order, more):
    truth = street(images=[{"id": 1, "file_name": "one.jpg", "width": 0, "height": 0},
                           *street()["images"][1:]])
    assert web.put(f"/datasets/{dataset}", truth).status == 200
    mask = '{"size": [480, 640], "counts": [307200]' + more + "}"
    row = '{"image_id": %d, "category_id": 7, "score": 0.5, "segmentation": ' + mask + "}"
    members = {key: json.dumps(value) for key, value in own().items()}
    empty = (row % 1).replace("307200", "0, 0").replace("480, 640", "0, 640")
    members["annotations"] = "[" + row % 1 + ", " + row % 2 + ", " + empty + "]"
    body = "{" + ", ".join(f'"{key}": {members[key]}' for key in order) + "}"
    outcome = web.put_run(dataset, "run", body, match="name").json()
    assert (outcome["prediction_count"], reasons(outcome)) == (
        2, {"invalid_segmentation": 1}), outcome
    assert [row[:3] for row in rows(db, dataset, "run")] == [(1, 2, 18), (2, 1, 18)]


def test_of_many_rows_without_a_counterpart_ten_are_shown(web, dataset):
    body = {"annotations": [detection(image_id=1, category_id=7)]
            + [detection(image_id=n, category_id=7) for n in range(100, 400)],
            **own()}
    outcome = web.put_run(dataset, "run", body, match="name").json()
    assert reasons(outcome) == {"unknown_image": 300}
    assert [example["detail"].split(":")[0] for example in outcome["skipped"][0]["examples"]] == [
        f"element {n}" for n in range(1, 11)]


def test_rows_without_own_images_or_categories_have_the_datasets_ids(web, db, dataset):
    body = {"annotations": [detection(0), detection(1), detection(2, image_id=77)]}
    outcome = web.put_run(dataset, "run", body, match="name").json()
    assert (outcome["prediction_count"], reasons(outcome)) == (2, {"unknown_image": 1})
    assert [row[:3] for row in rows(db, dataset, "run")] == [(1, 1, 1), (2, 2, 3)]
    assert web.put_run(dataset, "run", {"annotations": [detection(image_id=77)]},
                       match="name").json()["code"] == "nothing_taken"


@pytest.mark.parametrize("body", [
    json.dumps(own(annotations=[detection()]))[:-1] + ', "images": []}',
    own(images=[{"id": 1, "file_name": "one.jpg"}, {"id": 1, "file_name": "two.jpg"}],
        annotations=[detection()]),
    own(images=[{"id": n, "file_name": "one.jpg"} for n in range(100)], annotations=[detection()])])
def test_what_cannot_be_matched_is_422(web, db, dataset, body):
    reply = web.put_run(dataset, "run", body, match="name")
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape"), reply
    assert count(db, dataset, "run") == 0


def test_matching_by_anything_else_is_400(web, dataset):
    assert web.put_run(dataset, "run", detections(2), match="luck").status == 400
    assert web.put_run(dataset, "run", detections(2), match="id").status == 200
