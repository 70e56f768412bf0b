"""A second file, with a split of its own, is added to a ground truth."""

import json

import psycopg
import pytest

from client import refused
from meanwhile import standstill, watching
from samples import array, count, detection, detections, id_of, reasons, rows, street
from test_changes_truth import assert_all_is_counted

IMAGES = street()["images"]
CLASSES = street()["categories"]
TRUTHS = street()["annotations"]


def more(first_image=11, first_annotation=101, **members):
    """Another file of two images and three annotations."""
    return street(**{
        "images": [{"id": first_image + n, "file_name": f"more{n}.jpg", "width": 640,
                    "height": 480} for n in range(2)],
        "annotations": [dict(TRUTHS[n], id=first_annotation + n, image_id=first_image + n % 2)
                        for n in (0, 1, 3)],
        **members})


@pytest.fixture
def path(web, name):
    """The path of a dataset with the split val and a run."""
    assert web.put(f"/datasets/{name}", street(), {"split": "val"}).status == 201
    assert web.put_run(name, "run", array(*detections(30))).status == 200
    return f"/datasets/{name}"


def add(web, path, file, **query):
    return web.post(f"{path}/annotations", file, query)


def test_a_second_split_is_added(web, db, name, path):
    before = [rows(db, name, source) for source in ("ground_truth", "run")]
    reply = add(web, path, more(), split="train")
    assert reply.status == 200, reply
    document = reply.json()
    assert document["added"] == {
        "image_count": 2, "annotation_count": 3, "category_count": 0, "image_id_offset": 0,
        "annotation_id_offset": 0, "import": document["added"]["import"]}
    assert (document["image_count"], document["annotation_count"]) == (5, 7)
    assert document["splits"] == ["train", "val"]
    assert "2 images and 3 annotations of them are new" in document["message"]
    after = [rows(db, name, source) for source in ("ground_truth", "run")]
    assert after[0][:4] == before[0] and [row[:2] for row in after[0][4:]] == [
        (101, 11), (102, 12), (104, 12)]
    assert after[1] == before[1]
    out = web.get(f"{path}/annotations").json()
    assert out["annotations"] == TRUTHS + more()["annotations"], "in the order of the files"
    assert out["images"] == IMAGES + more()["images"] and out["categories"] == CLASSES
    assert out["info"] == street()["info"]


def test_every_number_is_that_of_both_files(web, db, name, path):
    assert add(web, path, more(), split="train").status == 200
    assert web.put_run(name, "both", array(*[detection(n, image_id=(1, 2, 3, 11)[n % 4])
                                             for n in range(20)])).status == 200
    split = {(s["split_name"]): (s["image_count"], s["gt_count"], s["pred_count"])
             for s in web.get(f"{path}/statistics").json()["split_breakdown"]}
    assert split == {"train": (2, 3, 5), "val": (3, 4, 45)}
    for source in ("ground_truth", "run", "both"):
        kept = dict(((c, s), n) for c, s, n in db.execute(
            "select category_id, c.split, n from coco.class_counts c"
            " join coco.sources s using (dataset_id, import_id)"
            " where s.dataset_id = %s and s.source = %s", (id_of(db, name), source)))
        counted = dict(((c, s), n) for c, s, n in db.execute(
            "select a.category_id, i.split, count(*) from coco.annotations a"
            " join coco.images i using (dataset_id, image_id)"
            f" where a.dataset_id = {id_of(db, name)} and a.source = %s group by 1, 2", (source,)))
        assert kept == counted
        for one, images in (("train", 2), ("val", 3)):
            per_image, = db.execute(
                "select per_image from coco.import_statistics c"
                " join coco.sources s using (dataset_id, import_id)"
                " where s.dataset_id = %s and s.source = %s and c.split = %s",
                (id_of(db, name), source, one)).fetchone()
            used, = db.execute(
                "select count(distinct a.image_id) from coco.annotations a"
                " join coco.images i using (dataset_id, image_id)"
                f" where a.dataset_id = {id_of(db, name)} and a.source = %s and i.split = %s",
                (source, one)).fetchone()
            assert (per_image[0], sum(per_image)) == (images - used, images)


def test_each_split_is_evaluated_on_its_own(web, db, name, path):
    alone = web.get(f"{path}/runs/run/evaluation").json()["stats"]
    assert add(web, path, more(), split="train").status == 200
    assert web.get(f"{path}/runs/run/evaluation?split=val").json()["stats"] == alone
    for query in ("?split=train", ""):
        assert web.get(f"{path}/runs/run/evaluation{query}").status == 200
    assert sorted(db.execute(
        "select coalesce(split, ''), image_count, truth_count from coco.evaluations"
        " where dataset_id = %s and retired_at is null", (id_of(db, name),)).fetchall()) == [
            ("", 5, 7), ("train", 2, 3), ("val", 3, 4)]
    assert [i["image_id"] for i in web.get(f"{path}/images?split=train").json()["images"]] == [
        11, 12]


def test_a_third_file_and_one_of_a_split_that_is_there(web, db, name, path):
    assert add(web, path, more(), split="train").status == 200
    assert add(web, path, more(21, 201), split="train").status == 200
    document = add(web, path, more(31, 301)).json()
    assert (document["image_count"], document["splits"]) == (9, ["train", "val"])
    assert db.execute("select split, count(*) from coco.images where dataset_id = %s group by 1"
                      " order by 1", (id_of(db, name),)).fetchall() == [
                          ("train", 4), ("val", 3), (None, 2)]
    shown = web.get(f"{path}/statistics").json()["split_breakdown"]
    assert [(s["split_name"], s["image_count"], s["gt_count"], s["pred_count"]) for s in shown] == [
        ("train", 4, 6, 0), ("val", 3, 4, 30), (None, 2, 3, 0)]


def test_a_whole_ground_truth_replaces_all_splits(web, db, name, path):
    assert add(web, path, more(), split="train").status == 200
    assert web.put_run(name, "both", array(detection(0), detection(0, image_id=11))).status == 200
    assert web.put(path, street(), {"split": "test"}).json()["code"] == "dataset_has_runs"
    assert web.put(path, street(), {"split": "test", "force": 1}).status == 200
    assert web.get(path).json()["splits"] == ["test"]
    assert_all_is_counted(web, db, name)


def test_new_categories_are_added_and_those_of_the_dataset_stay(web, db, name, path):
    file = more(categories=[dict(CLASSES[0], supercategory="other"),
                            {"id": 40, "name": "b\U0001f680s"}],
                annotations=[dict(TRUTHS[0], id=101, image_id=11, category_id=40)])
    assert add(web, path, file).json()["added"]["category_count"] == 1
    assert web.get(f"{path}/annotations").json()["categories"] == [
        *CLASSES, {"id": 40, "name": "b\U0001f680s"}]
    assert web.get(f"{path}/statistics").json()["summary"]["total_categories"] == 4


@pytest.mark.parametrize("categories, words", [
    ([{"id": 1, "name": "<b>car's"}, {"id": 3, "name": "car"}],
     ["1 categories have other names", "1 is <b>car's in the file and person in the dataset"]),
    ([{"id": 7, "name": "dog"}], ["other ids", "dog is 7 in the file and 18 in the dataset"]),
], ids=["name", "id"])
def test_categories_must_agree(web, path, categories, words):
    before = web.get(path).json()
    file = more(categories=categories, annotations=[])
    refused(add(web, path, file, renumber=1), 422, "wrong_shape", *words)
    assert web.get(path).json() == before


def test_ids_that_are_there_are_422_with_examples(web, db, name, path):
    before = rows(db, name, "ground_truth")
    refused(add(web, path, more(2)), 422, "wrong_shape", "2 images have ids",
            "already: 2, 3; renumber=1")
    refused(add(web, path, more(11, 10)), 422, "wrong_shape", "3 annotations have ids",
            "already: 10, 11, 13; renumber=1")
    big = street(images=[{"id": n} for n in range(1, 50)], annotations=[])
    assert web.put(path, big).status == 200
    refused(add(web, path, big), 422, "wrong_shape", "49 images", ": 1, 2, 3, ...")
    assert web.put(path, street()).status == 200
    assert rows(db, name, "ground_truth") == before


def test_renumber_shifts_what_is_there(web, db, name, path):
    document = add(web, path, more(2, 12), renumber=1, split="train").json()
    assert (document["added"]["image_id_offset"], document["added"]["annotation_id_offset"]) == (
        2, 2)  # 2 follows 3, and 12 follows 13
    assert [row[:2] for row in rows(db, name, "ground_truth")][4:] == [(14, 4), (15, 5), (17, 5)]
    assert web.get(f"{path}/images/4").json()["file_name"] == "more0.jpg"
    document = add(web, path, more(50, 12), renumber=1).json()
    assert document["added"]["image_id_offset"] == 0, "only what is there is shifted"
    assert document["added"]["annotation_id_offset"] == 6
    assert_all_is_counted_of_splits(web, db, name)


def assert_all_is_counted_of_splits(web, db, name):
    document = web.get(f"/datasets/{name}").json()
    assert document["annotation_count"] == count(db, name, "ground_truth")
    statistics = web.get(f"/datasets/{name}/statistics").json()
    assert sum(s["gt_count"] for s in statistics["split_breakdown"]) == document["annotation_count"]
    assert statistics["summary"]["pred_annotations"] == document["prediction_count"]


def test_no_id_is_left_to_shift_to(web, path):
    assert web.put(path, street(images=IMAGES + [{"id": 2**63 - 1}])).status == 200
    refused(add(web, path, more(1), renumber=1), 422, "wrong_shape", "no ids are left")


def test_skipped_rows_and_bytes_are_those_of_both(web, name, path):
    first = web.get(path).json()
    file = more(annotations=[*more()["annotations"], dict(TRUTHS[0], id=200, image_id=99)])
    document = add(web, path, file).json()
    assert reasons(document) == {"unknown_image": 1} and document["skipped_count"] == 1
    assert document["bytes"] == first["bytes"] + len(json.dumps(file).encode())
    again = more(21, 201, annotations=[dict(TRUTHS[0], id=300, image_id=98),
                                       dict(TRUTHS[0], id=301, image_id=21)])
    assert reasons(add(web, path, again).json()) == {"unknown_image": 2}
    bad = more(41, 401, annotations=[dict(TRUTHS[0], id=n, image_id=n) for n in (41, 97)])
    refused(add(web, path, bad, max_skipped=0), 422, "too_many_skipped")


def test_masks_and_other_members_are_those_of_both(web, path):
    first = [dict(TRUTHS[0], segmentation=[[1, 1, 9, 1, 9, 9]], note="\U0001f680")]
    second = [dict(TRUTHS[0], id=900, image_id=11, segmentation=[[2, 2, 9, 2, 9, 9]], by="x")]
    assert web.put(path, street(annotations=first)).status == 200
    assert add(web, path, more(annotations=second)).status == 200
    assert web.get(f"{path}/annotations").json()["annotations"] == first + second


TEXTS = ["a-1", "b-2"]


def texts(ids, first=1):
    return {"images": [{"id": id} for id in ids], "categories": CLASSES,
            "annotations": [{"id": first + n, "image_id": id, "category_id": 1,
                             "bbox": [1, 1, 5, 5]} for n, id in enumerate(ids)]}


def test_images_with_texts_as_ids_are_added(web, db, name):
    path = f"/datasets/{name}"
    assert web.put(path, texts(TEXTS)).status == 201
    assert web.put_run(name, "run", array(*[{"image_id": t, "category_id": 1, "bbox": [1, 1, 1, 1],
                                             "score": 1} for t in TEXTS])).status == 200
    assert add(web, path, texts(["c-3", "<d>'"], 11)).status == 200
    assert db.execute("select image_id, text_id from coco.images where dataset_id = %s order by 1",
                      (id_of(db, name),)).fetchall() == [
                          (1, "a-1"), (2, "b-2"), (3, "c-3"), (4, "<d>'")]
    out = web.get(f"{path}/annotations").json()["annotations"]
    assert [row["image_id"] for row in out] == [*TEXTS, "c-3", "<d>'"]
    refused(add(web, path, texts(["b-2"], 21), renumber=1), 422, "wrong_shape",
            "1 images are in the dataset already: b-2")
    refused(add(web, path, more(11, 101)), 422, "wrong_shape", "whose ids are texts")


def test_texts_are_added_to_numbers(web, db, path, name):
    assert add(web, path, texts(TEXTS, 500)).status == 200
    assert db.execute("select image_id, text_id from coco.images where dataset_id = %s order by 1",
                      (id_of(db, name),)).fetchall() == [
                          (1, None), (2, None), (3, None), (4, "a-1"), (5, "b-2")]
    assert [row[1] for row in rows(db, name, "ground_truth")] == [1, 1, 2, 3, 4, 5]


def test_slices_and_runs_stay(web, db, name, path):
    web.put(f"{path}/slices/some", {"image_ids": [1, 3]})
    web.request("PATCH", f"{path}/runs/run", b'{"notes": "mine"}')
    run = web.get(f"{path}/runs/run").json()
    assert add(web, path, more()).status == 200
    assert web.get(f"{path}/slices/some").json()["image_ids"] == [1, 3]
    assert web.get(f"{path}/runs/run").json() == run


def test_a_dry_run_adds_nothing(web, path):
    before = web.get(path).json()
    reply = add(web, path, more(), dry_run=1)
    assert (reply.json()["image_count"], reply.json()["dry_run"]) == (5, True)
    assert web.get(path).json() == before


def test_a_dataset_must_exist(web):
    refused(add(web, "/datasets/nobody", more()), 404, "unknown_dataset")
    refused(add(web, "/datasets/999999999", more()), 404, "unknown_dataset")


def test_an_addition_is_an_import_of_its_own_token(web, path, token):
    assert add(web, path, more(), **{"import": token}).status == 200
    assert web.import_state(token)["outcome"]["added"]["image_count"] == 2


def test_a_broken_file_adds_nothing(web, db, name, path, collect):
    before = rows(db, name, "ground_truth"), web.get(path).json()
    whole = json.dumps(more()).encode()
    for broken in (whole[:-30], b"[]", b"", whole.replace(b'"bbox"', b'"box"')):
        assert add(web, path, broken).status in (400, 422)
    assert (rows(db, name, "ground_truth"), web.get(path).json()) == before
    collect()


def test_readers_see_the_file_with_its_images_or_not_at_all(postgres, web, db, name, path):
    id = id_of(db, name)
    query = (f"select (select count(*) from coco.annotations where dataset_id = {id}"
             " and source = 'ground_truth'),"
             f" (select count(*) from coco.images where dataset_id = {id}),"
             f" (select count(*) from coco.annotations where dataset_id = {id}"
             " and source = 'run')")
    with watching(postgres, lambda reader: reader.execute(query).fetchone()) as (seen,):
        for n in range(1, 6):
            assert add(web, path, more(100 * n, 100 * n)).status == 200
    states = [(4 + 3 * n, 3 + 2 * n, 30) for n in range(6)]
    assert {states[0], states[-1]} <= seen <= {*states}


def test_it_is_not_added_to_another_ground_truth_than_it_was_compared_with(
        postgres, pgcoco, web, db, name, path, token):
    with postgres.connect(user="pgcoco") as importer:
        import_id, dataset_id, *_, images, _ = importer.execute(
            "select * from coco.dataset_import_begin(%s, 'add', null, %s)", (name, token)
        ).fetchone()
        importer.execute(f"insert into {images} (image_id, index, byte_offset) values (77, 0, 0)")
        added, = importer.execute("select coco.dataset_merge(%s, %s, false)",
                                  (import_id, dataset_id)).fetchone()
        importer.execute("select coco.import_loaded(%s, %s, %s, %s, 'ground_truth')",
                         (import_id, token, dataset_id, name))
        importer.execute("select coco.dataset_settle_runs(%s, %s, false, %s)",
                         (import_id, dataset_id, json.dumps(added)))
        importer.commit()
        with standstill(postgres, import_id):
            assert web.put(path, street()).status == 200
        importer.execute("select coco.import_attach(%s)", (import_id,))
        importer.commit()
        with pytest.raises(psycopg.Error) as error:
            importer.execute("select coco.dataset_publish(%s, null, null, null, null, 0, 0, '[]',"
                             " 1, '[]')", (import_id,))
        assert error.value.sqlstate == "CO903"
    assert count(db, name, "ground_truth") == 4
    assert pgcoco("gc", "--grace", "0").returncode == 0


def test_the_command_adds_a_file(pgcoco, db, name, path):
    file = json.dumps(more(2, 10)).encode()
    done = pgcoco("import", "dataset", name, "-", "--add", "--split", "train", input=file)
    assert done.returncode == 1 and b"already: 2, 3; --renumber gives them others" in done.stderr
    done = pgcoco("import", "dataset", name, "-", "--add", "--renumber", "--split", "train",
                  input=file)
    assert done.returncode == 0 and done.stdout == (
        f"dataset {name}: 5 images, 7 annotations, 3 categories (extended)\n".encode()), done
    assert count(db, name, "ground_truth") == 7
    for other in ("--create", "--if-missing", "--force"):
        assert pgcoco("import", "dataset", name, "-", "--add", other, input=file).returncode == 2
