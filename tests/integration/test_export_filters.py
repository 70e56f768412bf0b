"""Exports of chosen images: what a list of images shows, with all rows of the source."""

import json
from urllib.parse import quote

import pytest

import loaders
from test_export_formats import FIELDS, SOURCES, fields, get, records, same
from test_images import FILTERS, KINDS, NAMES, SLICE, images_of


@pytest.fixture(scope="module", params=KINDS)
def images(site, postgres, request):
    with images_of(site, postgres, "exp", request.param) as made:
        yield made


@pytest.mark.parametrize("query, where", FILTERS, ids=[query for query, _ in FILTERS])
def test_the_chosen_images_have_all_their_rows(images, query, where):
    """In the order of the images, and then of the file; without a filter in that of the file."""
    if "ground_truth" in where and "source" not in query:
        query += "&source=ground_truth"
    query, chosen = images.usual(query), images.ids(images.usual(where))
    for path, source in SOURCES:
        path = path.replace("run/", "r/")
        source = source.replace("run", "r")
        wanted = [row for row in fields(images.db, images.name, source) if row[1] in chosen]
        if query:
            wanted.sort(key=lambda row: (row[1], row[0]))
        found = records(get(images.web, images.name, path, f"format=csv&{query}").body)
        assert [(int(record["annotation_id"]), int(record["image_id"])) for record in found] == [
            row[:2] for row in wanted]
        if images.name != "exp-few-rows":
            continue  # the same rows
        for record, row in zip(found, wanted):
            for name, value in zip(FIELDS, row):
                assert same(record[name], value), (name, record)
        lines = get(images.web, images.name, path, f"format=jsonl&{query}").text.splitlines()
        assert [json.loads(line)["image_id"] for line in lines] == [row[1] for row in wanted]
        coco = get(images.web, images.name, path, f"format=coco&{query}").json()
        assert [json.loads(line) for line in lines] == (
            coco if source == "r" else coco["annotations"])
        if source == "ground_truth":
            assert [image["id"] for image in coco["images"]] == chosen
            assert len(coco["categories"]) == 4
        files = loaders.members(get(images.web, images.name, path, f"format=yolo&{query}").body)
        sized = set(chosen) & set(images.ids("width > 0 and height > 0"))
        assert sum(name.endswith(".txt") for name in files) == len(sized) + 1 + bool(sized)


def test_a_filter_of_rows_is_about_the_exported_run_unless_a_source_is_given(images):
    path = "runs/r/predictions"
    for query, source in (("category=2", "r"), ("category=2&source=ground_truth", "ground_truth")):
        found = records(get(images.web, images.name, path, "format=csv&" + query).body)
        assert {int(record["image_id"]) for record in found} == {
            id for id, in images.db.execute(
                "select image_id from coco.annotations where dataset_id = %s and source = %s"
                " and category_id = 2 intersect select image_id from coco.annotations"
                " where dataset_id = %s and source = 'r'", (images.id, source, images.id))}


@pytest.mark.parametrize("name", NAMES)
def test_an_image_is_chosen_by_any_name(images, name):
    id = images.one("select image_id from coco.images where dataset_id = %s and file_name = %s",
                    [images.id, name])
    for query in (f"file_name={quote(name)}", f"search={quote(name)}*", f"search={quote(name)}"):
        coco = get(images.web, images.name, "annotations", query).json()
        assert [image["id"] for image in coco["images"]] == [id]


def test_chosen_rows_are_imported_again(images):
    """As a dataset of its own, with the ids of the first."""
    query = "slice=s&format=coco"
    copy = images.name + "-copy"
    assert images.web.put(f"/datasets/{copy}", get(
        images.web, images.name, "annotations", query).body, {"split": "val"}).status == 201
    assert images.web.put_run(copy, "r", get(
        images.web, images.name, "runs/r/predictions", query).body).status == 200
    chosen = images.ids(SLICE)
    for source in ("ground_truth", "r"):
        wanted = [row for row in fields(images.db, images.name, source) if row[1] in chosen]
        found = fields(images.db, copy, source)
        if source == "r":  # whose ids are places in the file, image by image
            wanted.sort(key=lambda row: row[1])
            wanted = [(place, *row[1:]) for place, row in enumerate(wanted, 1)]
        assert found == wanted and found
    assert images.web.delete(f"/datasets/{copy}").status == 204


def test_an_empty_value_is_no_filter(images):
    empty = "search=&file_name=&category=&source=&split=&slice="
    for path in ("annotations", "runs/r/predictions"):
        assert get(images.web, images.name, path, empty).body == get(
            images.web, images.name, path, "").body


def test_no_image_is_chosen(images):
    for path in ("annotations", "runs/r/predictions"):
        query = "file_name=nobody.jpg&format="
        assert get(images.web, images.name, path, query + "jsonl").body == b""
        assert records(get(images.web, images.name, path, query + "csv").body) == []
        loaders.members(get(images.web, images.name, path, query + "yolo").body)
    assert get(images.web, images.name, "annotations", query + "coco").json()["images"] == []


LEAF = "select import_id from coco.sources where dataset_id = %s and source = 'r'"
READ = ("select coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
        " from pg_stat_xact_all_tables where relid = %s::regclass")


def exported(db, images, **arguments):
    """Runs the statements of an export in this transaction: how many rows they gave, and how many
    of the leaf they read."""
    leaf = f"coco_parts.a_{images.one(LEAF, [images.id])}"
    named = "".join(f", {name} => %({name})s" for name in arguments)
    commands = db.execute(f"select command from coco.export_run(%(d)s, 'r'{named})",
                          {"d": images.name, **arguments}).fetchall()
    before, given = db.execute(READ, (leaf,)).fetchone()[0], 0
    for command, in commands:
        if command:
            with db.cursor().copy(command) as copy:
                given += sum(1 for _ in copy) - 1  # the end of the format is a message, too
    return given, db.execute(READ, (leaf,)).fetchone()[0] - before


@pytest.mark.parametrize("format", ["coco", "csv", "jsonl", "yolo"])
@pytest.mark.parametrize("analyzed", [False, True])
def test_an_export_reads_the_rows_of_its_images_once(images, undone, format, analyzed):
    if not analyzed:
        leaf = f"coco_parts.a_{images.one(LEAF, [images.id])}"
        undone.execute("delete from pg_statistic where starelid = %s::regclass", (leaf,))
        undone.execute("update pg_class set reltuples = -1, relpages = 0 where oid = %s::regclass",
                       (leaf,))
    undone.execute("set local role pgcoco")
    total = images.one("select count(*) from coco.annotations where dataset_id = %s"
                       " and source = 'r'", [images.id])
    for filters, where in (({}, "true"), ({"slice": "s"}, SLICE),
                           ({"file_name": "100%.jpg"}, "file_name = '100%.jpg'")):
        chosen = images.ids(where)
        rows = images.one("select count(*) from coco.annotations where dataset_id = %s"
                          " and source = 'r' and image_id = any (%s)", [images.id, chosen])
        given, read = exported(undone, images, format=format, **filters)
        assert read == rows and (rows < total) == bool(filters)
        assert format == "yolo" or given == rows
