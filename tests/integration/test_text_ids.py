"""Ground truths whose image ids are texts, such as UUIDs and the stems of file names."""

import itertools
import json

import pytest

from samples import array, detection, reasons, rows, street, without

TEXTS = ["f_003", "f_001", "0b0e7a3c-6d0b-4f33-9d5f-1f6a4c1c9e11"]  # not in the order of texts


def truth(texts=TEXTS, **more):
    """street() with texts as the ids of its images."""
    ids = dict(zip((1, 2, 3), texts))
    plain = street(**more)
    plain["images"] = [{**image, "id": ids[image["id"]]} for image in plain["images"]]
    plain["annotations"] = [{**row, "image_id": ids[row["image_id"]]}
                            for row in plain["annotations"]]
    return plain


def images(db, name):
    return db.execute(
        "select image_id, text_id, file_name from coco.images where dataset_id ="
        " (select id from coco.datasets where name = %s) order by 1", (name,)).fetchall()


def image_of(db, dataset, source):
    return [row[:2] for row in rows(db, dataset, source)]


def row_of(image, **more):
    return {**detection(), "category_id": 1, "image_id": image, **more}


def details(document):
    return [example["detail"] for group in document["skipped"] for example in group["examples"]]


@pytest.fixture
def texts(web, name):
    reply = web.put(f"/datasets/{name}", truth())
    assert reply.status == 201, reply
    return name


@pytest.mark.parametrize("order", itertools.permutations(["images", "annotations", "categories"]),
                         ids="-".join)
def test_images_are_numbered_in_the_order_of_the_file(web, db, name, order):
    file = truth()

    reply = web.put(f"/datasets/{name}", {key: file[key] for key in order})

    assert (reply.status, reply.json()["skipped_count"]) == (201, 0), reply
    assert reply.json()["notes"] == [
        "3 images have texts as ids: they were numbered in the order of the file; rows of runs name"
        " them by the texts"]
    assert images(db, name) == [(n, text, f"{word}.jpg") for n, (text, word) in enumerate(
        zip(TEXTS, ("one", "two", "three")), 1)]
    assert image_of(db, name, "ground_truth") == [(10, 1), (11, 1), (12, 2), (13, 3)]
    assert [row[2:10] for row in rows(db, name, "ground_truth")][:2] == [
        (1, 10.0, 20.0, 30.0, 40.0, 1100.5, None, False),
        (3, 1.5, 2.25, 3.0, 4.0, 11.0, None, False)]


def test_the_example_of_a_frame(web, db, name):
    reply = web.put(f"/datasets/{name}", {
        "images": [{"id": "f_001", "file_name": "f_001.jpg"}],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [{"id": 1, "image_id": "f_001", "category_id": 1, "bbox": [1, 2, 3, 4]}]})
    assert (reply.status, reply.json()["annotation_count"]) == (201, 1), reply
    assert images(db, name) == [(1, "f_001", "f_001.jpg")]


def test_a_row_of_a_run_names_an_image_by_its_text(web, db, texts):
    body = [row_of(TEXTS[1]), row_of("two"), row_of("one.jpg"), row_of(TEXTS[2]), row_of("f_009"),
            without(row_of(1, file_name="three.jpg"), "image_id")]
    reply = web.put_run(texts, "run", body)
    assert reasons(reply.json()) == {"unknown_image": 1}, reply
    assert image_of(db, texts, "run") == [(1, 2), (2, 2), (3, 1), (4, 3), (6, 3)]


def test_the_number_of_such_an_image_is_not_its_id(web, db, texts):
    """A file that counts its images has counted others, or in another order."""
    reply = web.put_run(texts, "run", [row_of(TEXTS[0]), row_of(1), row_of(3)])
    assert reasons(reply.json()) == {"unknown_image": 2}
    assert "image 1 is not in the dataset, whose image ids are texts" in details(reply.json())
    assert image_of(db, texts, "run") == [(1, 1)]


def test_an_id_comes_before_a_file_name(web, db, name):
    file = truth()
    file["images"][0]["file_name"], file["images"][1]["file_name"] = TEXTS[1], TEXTS[0]
    assert web.put(f"/datasets/{name}", file).status == 201
    named = without(row_of(1, file_name=TEXTS[0]), "image_id")
    assert web.put_run(name, "run", [row_of(TEXTS[0]), named]).status == 200
    assert image_of(db, name, "run") == [(1, 1), (2, 2)]


@pytest.mark.parametrize("order", [("images", "annotations"), ("annotations", "images")],
                         ids="-".join)
@pytest.mark.parametrize("own", [(1, 2, 3), TEXTS], ids=["numbers", "texts"])
def test_own_images_of_a_results_file_are_matched_by_name(web, db, texts, order, own):
    file = {"images": [{"id": own[0], "file_name": "three.jpg"},
                       {"id": own[1], "file_name": "two.jpg"}],
            "annotations": [row_of(own[1]), row_of(own[0])]}
    reply = web.put_run(texts, "run", {key: file[key] for key in order}, match="name")
    if own == TEXTS and order[0] == "annotations":
        assert (reply.status, reply.json()["code"]) == (422, "wrong_shape")
        assert "put images before the rows" in reply.json()["detail"]
    else:
        assert reply.status == 200, reply
        assert image_of(db, texts, "run") == [(1, 2), (2, 3)]


def test_texts_come_after_the_numbers_of_a_file_that_has_both(web, db, name):
    file = truth([7, "b", "a"])
    file["annotations"] += [
        {"id": 20 + n, "image_id": image, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12}
        for n, image in enumerate((8, 9, "c"))]
    reply = web.put(f"/datasets/{name}", file)
    assert reasons(reply.json()) == {"unknown_image": 3}, reply
    assert sorted(details(reply.json())) == [
        f"annotation {20 + n}: image {image} is not in the file"
        for n, image in enumerate((8, 9, "c"))]
    assert [row[:2] for row in images(db, name)] == [(7, None), (8, "b"), (9, "a")]
    answer = web.put_run(name, "run", [row_of(7), row_of("a"), row_of(8)]).json()
    assert answer["skipped_count"] == 1
    assert image_of(db, name, "run") == [(1, 7), (2, 9)]


def test_numbers_in_annotations_are_not_the_ids_of_images_with_texts(web, db, name):
    reply = web.put(f"/datasets/{name}", {**truth(), "annotations": street()["annotations"][:1]
                                          + truth()["annotations"][1:2]})
    assert reasons(reply.json()) == {"unknown_image": 1}
    assert image_of(db, name, "ground_truth") == [(11, 1)]
    reply = web.put(f"/datasets/{name}", {**truth(), "annotations": street()["annotations"]})
    assert (reply.status, reply.json()["code"]) == (422, "nothing_taken")
    assert reasons(reply.json()) == {"unknown_image": 4}


def test_texts_of_digits_are_numbers_and_come_back_as_they_came(web, db, name):
    file = truth(["0007", "8", str(2**63 - 1)])
    assert web.put(f"/datasets/{name}", file).json()["notes"] == []
    assert [row[:2] for row in images(db, name)] == [(7, "0007"), (8, "8"),
                                                     (2**63 - 1, str(2**63 - 1))]
    body = [row_of("0007"), row_of(7), row_of(8), row_of("007")]
    assert web.put_run(name, "run", body).json()["skipped_count"] == 0
    assert [image for _, image in image_of(db, name, "run")] == [7, 7, 8, 7]
    assert web.get(f"/datasets/{name}/annotations").json() == file
    assert [row["image_id"] for row in web.get(f"/datasets/{name}/runs/run/predictions").json()
            ] == ["0007", "0007", "8", "0007"]


@pytest.mark.parametrize("digits", [r"\u0037", r"0\u0030\u0037", r"\u00307", " 7 ", "007  ",
                                    r"\t7\u0020"])
def test_escaped_digits_are_a_number_like_others(web, db, name, digits):
    file = json.dumps(truth(["seven", 8, 9])).replace("seven", digits)
    reply = web.put(f"/datasets/{name}", file)
    assert (reply.json()["notes"], reply.json()["skipped_count"]) == ([], 0), reply
    text = json.loads(f'"{digits}"')
    assert [row[:2] for row in images(db, name)] == [(7, text), (8, None), (9, None)]
    assert db.execute("select first_text_image from coco.datasets where name = %s",
                      (name,)).fetchone() == (None,)
    body = json.dumps([row_of("seven"), row_of(7)]).replace("seven", digits)
    assert web.put_run(name, "run", body).json()["skipped_count"] == 0
    assert image_of(db, name, "run") == [(1, 7), (2, 7)]


def test_one_text_is_said_as_one(web, name):
    assert web.put(f"/datasets/{name}", truth(["a", 2, 3])).json()["notes"] == [
        "1 image has a text as its id: it was numbered in the order of the file; rows of runs name"
        " it by the text"]


def test_the_first_number_that_was_given_is_known(web, db, name):
    assert web.put(f"/datasets/{name}", truth(["8", str(2**63), "a"])).status == 201
    assert db.execute("select first_text_image from coco.datasets where name = %s",
                      (name,)).fetchone() == (9,)


def test_more_digits_than_a_number_has_are_a_text(web, db, name):
    long = [str(2**63), "20260101123045" * 2]
    file = truth([*long, 9])
    assert web.put(f"/datasets/{name}", file).json()["skipped_count"] == 0
    assert [row[:2] for row in images(db, name)] == [(9, None), (10, long[0]), (11, long[1])]
    assert web.put_run(name, "run", [row_of(text) for text in long] + [row_of(10)]
                       ).json()["skipped_count"] == 1
    assert image_of(db, name, "run") == [(1, 10), (2, 11)]
    assert web.get(f"/datasets/{name}/annotations").json()["annotations"] == file["annotations"]


def test_the_first_of_a_repeated_text_is_taken(web, db, name):
    file = truth()
    file["images"].insert(1, {"id": TEXTS[0], "file_name": "again.jpg"})
    reply = web.put(f"/datasets/{name}", file)
    assert reasons(reply.json()) == {"duplicate_id": 1}
    assert details(reply.json()) == [f"image {TEXTS[0]} comes a second time"]
    assert images(db, name)[:2] == [(1, TEXTS[0], "one.jpg"), (2, TEXTS[1], "two.jpg")]


@pytest.mark.parametrize("text, reason", [
    ("", "wrong_type"), ("a\0b", "wrong_type"), ("\ud800", "wrong_type"),
    ("x" * 1025, "out_of_range"), ("\u00e9" * 513, "out_of_range")], ids=range(5))
def test_a_text_that_cannot_be_an_id(web, name, text, reason):
    file = truth([TEXTS[0], text, TEXTS[2]])
    reply = web.put(f"/datasets/{name}", file)
    assert reasons(reply.json()) == {reason: 2}, "the image and its annotation"


@pytest.mark.parametrize("text", ["\u00e9\u4e2d\U0001f600", "a\"b\\c/'", " ", "\x7f\t\n", "null",
                                  "-1", "1e3", "x" * 1024, "\U0001f600" * 256])
def test_any_text_comes_back_as_it_came(web, db, name, text):
    file = truth([text, TEXTS[1], TEXTS[2]])
    assert web.put(f"/datasets/{name}", file).json()["skipped_count"] == 0
    assert web.put_run(name, "run", [row_of(text)]).json()["prediction_count"] == 1
    assert web.get(f"/datasets/{name}/annotations").json() == file
    assert web.get(f"/datasets/{name}/runs/run/predictions").json() == [row_of(text)]


def test_messages_show_texts_in_printable_letters(web, name):
    file = truth()
    file["annotations"][0]["image_id"] = "\u202e\x1b[31m" + "y" * 500
    reply = web.put(f"/datasets/{name}", file)
    assert details(reply.json()) == [
        "annotation 10: image ??[31m" + "y" * 34 + "... is not in the file"]


def test_more_of_them_than_a_page_holds(web, db, name):
    ids = [f"frame-{n * 7919 % 10007:05}" for n in range(2500)]
    file = {"images": [{"id": text} for text in ids], "categories": [{"id": 1, "name": "a"}],
            "annotations": [{"id": n, "image_id": text, "category_id": 1, "bbox": [1, 2, 3, 4]}
                            for n, text in enumerate(reversed(ids))]}
    assert web.put(f"/datasets/{name}", file).json()["annotation_count"] == 2500
    assert web.put_run(name, "run", [row_of(text) for text in ids]).json()["skipped_count"] == 0
    assert image_of(db, name, "run") == [(n, n) for n in range(1, 2501)]
    assert image_of(db, name, "ground_truth") == [(n, 2500 - n) for n in range(2500)]
    out = web.get(f"/datasets/{name}/annotations").json()
    assert [row["image_id"] for row in out["annotations"]] == ids[::-1], "in the order of the file"


def test_a_dataset_is_replaced_by_one_with_other_ids(web, db, texts):
    assert web.put(f"/datasets/{texts}", truth(TEXTS[::-1])).status == 200
    assert [row[:2] for row in images(db, texts)] == [(1, TEXTS[2]), (2, TEXTS[1]), (3, TEXTS[0])]
    assert web.put(f"/datasets/{texts}", street()).status == 200
    assert images(db, texts)[0] == (1, None, "one.jpg")
    assert web.put_run(texts, "run", [row_of(1)]).json()["prediction_count"] == 1
    reply = web.put(f"/datasets/{texts}", truth())
    assert reply.json()["code"] == "dataset_has_runs", "its rows refer to the numbers"


def test_no_number_is_left(web, name):
    reply = web.put(f"/datasets/{name}", truth([2**63 - 1, "a", "b"]))
    assert (reply.status, reply.json()["code"]) == (422, "wrong_shape")
    assert "9223372036854775807" in reply.json()["detail"]


def test_the_command_says_it(pgcoco, name):
    done = pgcoco("import", "dataset", name, "-", input=json.dumps(truth()).encode())
    assert done.returncode == 0, done.stderr
    assert b"  3 images have texts as ids: they were numbered" in done.stdout
    done = pgcoco("import", "run", name, "-", "--name", "run", input=array(row_of(TEXTS[1])))
    assert done.returncode == 0, done.stderr
    out = pgcoco("export", name, "run")
    assert json.loads(out.stdout) == [row_of(TEXTS[1])]
