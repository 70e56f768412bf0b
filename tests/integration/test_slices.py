"""Slices: sets of images, made of ids, by a filter or by SQL, and what is evaluated of them."""

import gzip
import json
import threading

import psycopg
import pytest

from client import refused
from evaluated import begin, document, numbers, params, store
from samples import detections, id_of, street
from stack import wait_for


def put(web, dataset, slice_name, **body):
    return web.put(f"/datasets/{dataset}/slices/{slice_name}", body)


def images(db, dataset, slice_name):
    return [row[0] for row in db.execute(
        "select image_id from coco.slices where dataset_id = %s and slice = %s order by 1",
        (id_of(db, dataset), slice_name))]


def with_text_ids(*names):
    """A ground truth whose images are named by these texts."""
    return street(images=[{"id": name, "file_name": name + ".jpg"} for name in names],
                  annotations=[{"id": 1, "image_id": names[0], "category_id": 1,
                                "bbox": [1, 2, 3, 4], "area": 12, "iscrowd": 0}])


# ---- made


def test_a_slice_is_made_of_ids_and_replaced(web, db, dataset):
    reply = put(web, dataset, "night", image_ids=[3, 1, 1])
    assert reply.status == 200, reply
    assert reply.json() == {"dataset": dataset, "slice": "night", "image_count": 2}
    assert images(db, dataset, "night") == [1, 3]
    assert put(web, dataset, "night", image_ids=[2]).status == 200
    assert images(db, dataset, "night") == [2]


def test_texts_name_images_that_have_them(web, db, name):
    assert web.put(f"/datasets/{name}", with_text_ids("b", "a", "7")).status == 201
    assert put(web, name, "night", image_ids=["7", "a"]).json()["image_count"] == 2
    assert web.get(f"/datasets/{name}/slices/night").json()["image_ids"] == ["7", "a"]


def test_ids_may_be_the_smallest_and_the_largest_there_are(web, db, name):
    ids = [-2 ** 63, -1, 2 ** 63 - 1]
    truths = street(images=[{"id": id, "file_name": f"{id}.jpg"} for id in ids], annotations=[])
    assert web.put(f"/datasets/{name}", truths).status == 201
    assert put(web, name, "ends", image_ids=[ids[0], ids[2]]).json()["image_count"] == 2
    assert web.get(f"/datasets/{name}/slices/ends").json()["image_ids"] == [ids[0], ids[2]]
    refused(put(web, name, "ends", image_ids=[2 ** 63]), 422, "wrong_shape", "1 ids", str(2 ** 63))


@pytest.mark.parametrize("body, words", [
    ({"image_ids": [1, 9, 8]}, ["2 ids that are not in dataset", ": 8, 9"]),
    ({"image_ids": ["1"]}, ["1 ids that are not in dataset", ": 1"]),
    ({"image_ids": [1.5, True, None, {}, 10 ** 30]}, ["5 ids", "..."]),
    ({"image_ids": 1}, ["must be an array"]),
    ({"image_ids": None}, ["must be an array"]),
    ({"image_ids": []}, ["selects none of the 3 images"]),
    ({"filter": {"min_width": 9999}}, ["selects none"]),
    ({}, ["either image_ids or a filter"]),
    ({"image_ids": [1], "filter": {}}, ["either image_ids or a filter"]),
    ({"ids": [1]}, ['has no member "ids"', "image_ids, filter"]),
    ({"filter": []}, ["filter must be an object"]),
    ({"filter": {"width": 1}}, ['filter has no member "width"', "min_width"]),
    ({"filter": {"min_width": "1"}}, ["min_width must be a whole number"]),
    ({"filter": {"min_width": 1.5}}, ["min_width must be a whole number"]),
    ({"filter": {"file_name": 1}}, ["file_name must be a text"]),
    ({"filter": {"file_name": "x" * 1001}}, ["file_name must be a text"]),
    ({"filter": {"file_name": "x\\"}}, ["escapes nothing"]),
    ({"filter": {"file_name": "\0"}}, ["u0000"]),
    ({"filter": {"file_name": "\ud800"}}, []),
    ({"filter": {"category_id": 2}}, ["category 2 is not in dataset", "3 categories: 1..18"]),
    ('{"image_ids": [1], "image_ids": [2]}', ['"image_ids" twice']),
])
def test_what_a_slice_cannot_be_is_said_and_the_old_one_stays(web, db, dataset, body, words):
    assert put(web, dataset, "night", image_ids=[1]).status == 200
    refused(web.put(f"/datasets/{dataset}/slices/night", body), 422, "wrong_shape", *words)
    assert images(db, dataset, "night") == [1]


@pytest.mark.parametrize("body, status, code", [
    (b"", 400, "empty_body"), (b'{"image_ids": [1,}', 400, "not_json"),
    (b"[1]", 422, "wrong_shape"),
    (b'{"image_ids": [1', 400, "truncated"), (b'{"image_ids": [NaN]}', 422, "wrong_shape"),
    (b'{"filter": {"split": NaN}}', 422, "wrong_shape"), (b'{"filter": {}} x', 400, "not_json"),
    (b'{"image_ids": ' + b"[" * 1000 + b"]" * 1000 + b"}", 422, "too_deep"),
    (b'{"image_ids": [' + b" " * (16 << 20) + b"1]}", 413, "body_too_large"),
])
def test_a_body_that_is_no_json_is_refused(web, dataset, body, status, code):
    refused(web.put(f"/datasets/{dataset}/slices/night", body), status, code)


def test_a_body_may_be_compressed(web, db, dataset):
    body = gzip.compress(json.dumps({"image_ids": [2]}).encode())
    assert web.put(f"/datasets/{dataset}/slices/night", body,
                   headers={"Content-Encoding": "gzip"}).status == 200
    assert images(db, dataset, "night") == [2]


@pytest.mark.parametrize("filter, expected", [
    ({}, [1, 2, 3]),
    ({"split": "val"}, [1, 2, 3]),
    ({"file_name": "t%"}, [2, 3]),
    ({"file_name": "_n_.jpg"}, [1]),
    ({"min_width": 641}, [3]),
    ({"max_width": 640, "min_height": 480}, [1, 2]),
    ({"max_height": 480, "file_name": "%o.jpg"}, [2]),
    ({"category_id": 1}, [1, 2]),
    ({"category_id": 1, "max_truths": 0}, [3]),
    ({"category_id": 3, "min_truths": 1, "max_truths": 1}, [1]),
    ({"min_truths": 2}, [1]),
    ({"max_truths": 1}, [2, 3]),
    ({"min_truths": 0}, [1, 2, 3]),
    ({"file_name": r"\o%"}, [1]),
])
def test_a_filter_selects_images(web, db, name, filter, expected):
    assert web.put(f"/datasets/{name}", street(), {"split": "val"}).status == 201
    assert put(web, name, "some", filter=filter).json()["image_count"] == len(expected)
    assert images(db, name, "some") == expected


def test_an_unknown_split_or_dataset_is_named(web, dataset):
    refused(put(web, dataset, "some", filter={"split": "val"}), 400, "bad_request", "no splits")
    refused(put(web, "nobody", "some", filter={}), 404, "unknown_dataset")
    refused(put(web, dataset, "-x", filter={}), 400, "bad_request")


def test_two_that_write_the_same_slice_take_turns(postgres, web, db, dataset):
    with postgres.connect() as other:
        other.execute("select coco.slice_put(%s, 'night', '{\"image_ids\": [1]}')", (dataset,))
        second = threading.Thread(target=put, args=(web, dataset, "night"),
                                  kwargs={"image_ids": [2, 3]})
        second.start()
        other.commit()
        second.join()
    assert images(db, dataset, "night") == [2, 3]


# ---- seen, and deleted


def test_slices_are_listed_with_their_counts(web, db, dataset):
    assert web.get(f"/datasets/{dataset}/slices").json() == {"dataset": dataset, "slices": []}
    put(web, dataset, "night", image_ids=[1, 2])
    db.execute("insert into coco.slices values (%s, 'day', 3), (%s, 'day', 99)",
               (id_of(db, dataset),) * 2)
    assert web.get(f"/datasets/{dataset}/slices").json()["slices"] == [
        {"slice": "day", "image_count": 1}, {"slice": "night", "image_count": 2}]
    assert web.get(f"/datasets/{dataset}/slices?after=day").json()["slices"] == [
        {"slice": "night", "image_count": 2}]


def test_the_list_comes_in_pages(web, db, dataset):
    db.execute("insert into coco.slices select %s, 's' || lpad(n::text, 3, '0'), 1"
               " from generate_series(1, 501) n", (id_of(db, dataset),))
    page = web.get(f"/datasets/{dataset}/slices").json()
    assert (len(page["slices"]), page["slices"][-1]["slice"]) == (500, "s500")
    assert page["next"] == f"/datasets/{dataset}/slices?after=s500"
    assert [one["slice"] for one in web.get(page["next"]).json()["slices"]] == ["s501"]


def test_the_images_of_a_slice_come_in_pages(web, db, dataset):
    id = id_of(db, dataset)
    db.execute("insert into coco.images (dataset_id, image_id) select %s, n"
               " from generate_series(-10001, -1) n", (id,))
    db.execute("insert into coco.slices select %s, 'all', image_id from coco.images"
               " where dataset_id = %s", (id, id))
    page = web.get(f"/datasets/{dataset}/slices/all").json()
    assert (page["image_count"], page["image_ids"]) == (10004, list(range(-10001, -1)))
    rest = web.get(page["next"]).json()
    assert rest["image_ids"] == [-1, 1, 2, 3] and "next" not in rest
    for after in ("x", "-1", str(1 << 64)):
        refused(web.get(f"/datasets/{dataset}/slices/all?after={after}"), 400, "bad_request",
                f'not "{after}"')


def test_ids_may_have_64_bits(web, db, dataset):
    id = id_of(db, dataset)
    ids = [-(1 << 63) + 1, *range((1 << 63) - 10001, 1 << 63)]
    db.execute("insert into coco.images (dataset_id, image_id) select %s, unnest(%s::bigint[])",
               (id, ids))
    assert put(web, dataset, "all", image_ids=ids).status == 200
    page = web.get(f"/datasets/{dataset}/slices/all").json()
    rest = web.get(page["next"]).json()
    assert page["image_ids"] + rest["image_ids"] == ids and len(page["image_ids"]) == 10000
    refused(put(web, dataset, "all", image_ids=[1 << 63]), 422, "wrong_shape", str(1 << 63))


def test_a_slice_is_deleted(web, db, dataset):
    put(web, dataset, "night", image_ids=[1])
    put(web, dataset, "day", image_ids=[2])
    assert web.delete(f"/datasets/{dataset}/slices/night").status == 204
    for answer in (web.get(f"/datasets/{dataset}/slices/night"),
                   web.delete(f"/datasets/{dataset}/slices/night")):
        refused(answer, 404, "unknown_slice", "no slice night (its slices: day)")


def test_a_reader_reads_slices_and_does_not_write_them(web, reader, dataset):
    put(web, dataset, "night", image_ids=[1])
    assert reader.execute("select coco.slices_document(%s) -> 'slices' -> 0 ->> 'slice',"
                          " coco.slice_document(%s, 'night') ->> 'image_count'",
                          (dataset, dataset)).fetchone() == ("night", "1")
    for statement in ("insert into coco.slices values (1, 'x', 1)",
                      "select coco.slice_put('a', 'x', '{}')",
                      "select coco.slice_delete('a', 'x')"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


# ---- a new ground truth


def test_a_new_ground_truth_keeps_the_images_that_are_still_there(web, db, dataset):
    put(web, dataset, "night", image_ids=[1, 3])
    put(web, dataset, "day", image_ids=[2])
    truth = street()
    truth["images"] = [image for image in truth["images"] if image["id"] != 2]
    truth["images"].append({"id": 4, "file_name": "four.jpg"})
    assert web.put(f"/datasets/{dataset}", truth).status == 200
    assert db.execute("select slice, image_id from coco.slices where dataset_id = %s order by 2",
                      (id_of(db, dataset),)).fetchall() == [("night", 1), ("night", 3)]


def test_images_named_by_texts_keep_their_slices_under_other_numbers(web, db, name):
    assert web.put(f"/datasets/{name}", with_text_ids("a", "b", "c")).status == 201
    put(web, name, "night", image_ids=["a", "b"])
    put(web, name, "day", image_ids=["c"])
    assert web.put(f"/datasets/{name}", with_text_ids("b", "a", "d")).status == 200
    assert images(db, name, "night") == [1, 2]
    assert web.get(f"/datasets/{name}/slices/night").json()["image_ids"] == ["b", "a"]
    assert images(db, name, "day") == []


def test_a_new_ground_truth_waits_for_a_slice_that_is_being_made(postgres, web, db, name):
    assert web.put(f"/datasets/{name}", with_text_ids("a", "b")).status == 201
    with postgres.connect() as other:
        other.execute("select coco.slice_put(%s, 'night', '{\"image_ids\": [\"a\"]}')", (name,))
        again = threading.Thread(target=web.put,
                                 args=(f"/datasets/{name}", with_text_ids("b", "a")))
        again.start()
        wait_for(lambda: db.execute("select count(*) from pg_locks where not granted"
                                    " and locktype = 'transactionid'").fetchone()[0],
                 "a publication that waits")
        other.commit()
        again.join()
    assert web.get(f"/datasets/{name}/slices/night").json()["image_ids"] == ["a"]


def test_a_number_that_an_import_gives_is_not_that_of_the_file(web, db, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    put(web, name, "night", image_ids=[1, 2])
    assert web.put(f"/datasets/{name}", with_text_ids("a", "b", "c")).status == 200
    assert images(db, name, "night") == []


def test_an_id_may_become_a_text(web, db, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    put(web, name, "night", image_ids=[1, 2])
    assert web.put(f"/datasets/{name}", with_text_ids("a", "2")).status == 200
    assert web.get(f"/datasets/{name}/slices/night").json()["image_ids"] == ["2"]
    assert web.put(f"/datasets/{name}", street()).status == 200
    assert images(db, name, "night") == [2]


# ---- evaluated


@pytest.fixture
def sliced(web, dataset):
    """`dataset` with a run and the slices day and night."""
    assert web.put_run(dataset, "run", detections(3)).status == 200
    put(web, dataset, "night", image_ids=[1, 3])
    put(web, dataset, "day", image_ids=[2])
    return dataset


def test_a_slice_that_has_changed_is_evaluated_anew(web, db, sliced):
    night = params(slice="night")
    evaluation_id = store(db, sliced, "run", with_params=night)
    assert begin(db, sliced, "run", night)[3] == evaluation_id
    put(web, sliced, "night", image_ids=[1, 2])
    assert begin(db, sliced, "run", night)[3] is None
    other = store(db, sliced, "run", numbers(0.25), night)
    assert other != evaluation_id
    put(web, sliced, "night", image_ids=[3, 1])
    assert begin(db, sliced, "run", night)[3] == evaluation_id
    assert document(db, evaluation_id)["slice"] == "night"


def slices_of(db, dataset, **more):
    return db.execute("select coco.evaluation_slices(%s, 'run', %s, null)",
                      (dataset, psycopg.types.json.Json(params(**more)))).fetchone()[0]


def test_the_table_of_slices_has_what_is_stored(web, db, sliced):
    store(db, sliced, "run", numbers(0.5))
    night = store(db, sliced, "run", numbers(0.25), params(slice="night"))
    store(db, sliced, "run", numbers(0.75), params(slice="day", exact=False))
    table = slices_of(db, sliced, slice="day")
    assert (table["whole"]["metrics"]["AP"], table["whole"]["image_count"]) == (0.5, 3)
    assert [(row["slice"], row["image_count"], row["evaluation_id"],
             row["metrics"] and row["metrics"]["AP"]) for row in table["slices"]] == [
        ("day", 1, None, None), ("night", 2, night, 0.25)]
    assert [row[0] for row in db.execute("select * from coco.slices_to_evaluate(%s, 'run', %s)",
            (sliced, psycopg.types.json.Json(params())))] == ["day"]
    put(web, sliced, "night", image_ids=[1])
    assert [row["metrics"] for row in slices_of(db, sliced)["slices"]] == [None, None]


def test_the_table_of_slices_comes_in_pages(db, sliced):
    db.execute("insert into coco.slices select %s, 's' || lpad(n::text, 3, '0'), 1"
               " from generate_series(1, 100) n", (id_of(db, sliced),))
    table = slices_of(db, sliced)
    assert len(table["slices"]) == 100
    assert table["next"] == f"/datasets/{sliced}/runs/run/evaluation/slices?after=s098"


@pytest.fixture
def english(postgres, db, shell):
    """A database that sorts as English does, with a dataset `set` and a run of it."""
    try:
        db.execute("create database english template template0 locale_provider icu"
                   " icu_locale 'en'")
    except (psycopg.errors.SyntaxError, psycopg.errors.FeatureNotSupported) as error:
        pytest.skip(f"no database with a locale of ICU: {error}")
    try:
        postgres.apply_roles("english")
        postgres.migrate(database="english")
        shell.write("truth.json", street())
        shell.write("run.json", detections(3))
        target = ("--db", "dbname=english", "--quiet")
        shell.run("import", "dataset", *target, "set", "truth.json")
        shell.run("import", "run", *target, "set", "run.json")
        with psycopg.connect(postgres.conninfo("pgcoco", "english"), autocommit=True) as own:
            yield own
    finally:
        db.execute("drop database english with (force)")


def test_the_pages_of_slices_do_not_depend_on_the_collation(english):
    names = sorted(f"{letter}{n:02}" for letter in "aBcD" for n in range(30))
    english.cursor().executemany("insert into coco.slices select id, %s, 1 from coco.datasets",
                                 [(name,) for name in names])
    pages = [english.execute("select coco.evaluation_slices('set', 'run', %s, %s)",
                             (psycopg.types.json.Json(params()), after)).fetchone()[0]
             for after in (None, names[99])]
    assert [row["slice"] for page in pages for row in page["slices"]] == names
    assert pages[0]["next"].endswith(f"after={names[99]}") and "next" not in pages[1]


def test_a_slice_has_a_bound_of_ids(web, dataset):
    path = f"/datasets/{dataset}/slices/many"
    refused(web.put(path, b'{"image_ids": [' + b"1," * 1000000 + b"1]}"), 422, "wrong_shape",
            "1000001 ids")
    assert web.put(path, b'{"image_ids": [' + b"1," * 999999 + b"2]}").json()["image_count"] == 2
