"""What the database reads for a request is bounded by what the request is about: not by the images
of other datasets, nor by pages that were read before, nor by rows that were deleted."""

import json

import pytest

IMAGES, MASKS = 20_000, 1_000


@pytest.fixture
def new_table(undone):
    """coco.images as in a new database: the planner has no statistics of it."""
    images = "'coco.images'::regclass"
    undone.execute(f"delete from pg_statistic where starelid = {images}")
    undone.execute(f"update pg_class set reltuples = -1, relpages = 0 where oid = {images}")
    return undone


def add_images(db, name, text):
    """A dataset whose images have the texts as ids that the expression gives."""
    dataset, = db.execute("insert into coco.datasets (name) values (%s) returning id",
                          (name,)).fetchone()
    db.execute("insert into coco.images (dataset_id, image_id, file_name, text_id)"
               f" select %s, n, n || '.jpg', {text} from generate_series(1, %s) n",
               (dataset, IMAGES))
    db.execute("insert into coco.categories (dataset_id, category_id, name)"
               " select %s, n, 'class ' || n from generate_series(1, %s) n", (dataset, IMAGES))
    return dataset


def rows_read(db, table, query, *parameters):
    """How many rows of a table the query reads, and its answer."""
    def read():
        return db.execute(
            "select seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_xact_all_tables"
            " where relid = %s::regclass", (table,)).fetchone()[0]

    before = read()
    answer = db.execute(query, parameters).fetchall()
    return read() - before, answer


@pytest.mark.parametrize("table, page, key, size", [
    ("images", "image_page(%s, %s)", "image_id", 10_000),
    ("images", "text_id_page(%s, %s)", "text_id", 1_000),
    ("images", "image_name_page(%s, %s)", "id", 10_000),
    ("categories", "category_ids(%s, %s)", "category_ids", 10_000),
    ("categories", "category_name_page(%s, %s)", "id", 10_000)])
@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
def test_a_page_reads_its_own_rows(new_table, name, table, page, key, size, plan):
    new_table.execute(f"set local plan_cache_mode = {plan}")
    dataset = add_images(new_table, name, "'t' || n")
    after, total, page = None, 0, f"select {key} from coco.{page}"
    for _ in range(IMAGES // size):
        read, rows = rows_read(new_table, "coco." + table, page, dataset, after)
        assert len(rows) == size
        after, total = rows[-1][0], total + read
    assert total <= IMAGES + IMAGES // size


@pytest.mark.parametrize("text, expected", [("null", False), ("'t' || n", True),
                                            ("case n when 20000 then 'last' end", True)])
def test_an_export_reads_one_image_to_learn_of_text_ids(undone, name, text, expected):
    add_images(undone, name + "-other", "'t' || n")
    add_images(undone, name, text)
    undone.execute("analyze coco.images")
    read, answer = rows_read(
        undone, "coco.images",
        "select coco.exported_image_id(coco.dataset_find(%s)) like '%%text_id%%'", name)
    assert answer == [(expected,)] and read <= 1


def test_numbers_in_file_names_are_looked_up_in_one_dataset(undone, name):
    add_images(undone, name + "-other", "null")
    dataset = add_images(undone, name, "null")
    undone.execute("analyze coco.images")
    read, answer = rows_read(undone, "coco.images",
                             "select coco.are_file_numbers(%s, '{1,20000}')", dataset)
    assert answer == [(True,)] and read <= IMAGES


def blocks(db, query):
    plan, = db.execute("explain (analyze, buffers, format json) " + query).fetchone()
    return plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]


@pytest.mark.parametrize("repeated", ["image_id", "text_id"])
def test_a_mask_is_not_measured_with_repeats_of_its_image(undone, name, token, repeated):
    """The index of the staged images has those only that stay."""
    import_id, leaf = undone.execute(
        "select import_id, leaf from coco.dataset_import_begin(%s, 'replace', null, %s)",
        (name, token)).fetchone()
    undone.execute("select coco.widen_leaf_to_finish(%s, false)", (leaf,))
    value = {"image_id": "1", "text_id": "'one'"}[repeated]
    undone.execute(
        f"insert into coco_parts.images_{import_id} ({repeated}, index, byte_offset, file_name)"
        f" select {value}, n, 9 * n, n || '.jpg' from generate_series(0, %s) n", (IMAGES,))
    reason, count, _, examples = undone.execute(
        "select * from coco.dataset_stage_check(%s)", (import_id,)).fetchone()
    assert (reason, count) == ("duplicate_id", IMAGES)
    assert [one["index"] for one in examples] == list(range(1, 11))
    kept = undone.execute(f"select index, file_name from coco_parts.images_{import_id}").fetchall()
    assert kept == [(0, "0.jpg")]
    undone.execute(
        f"insert into {leaf} (annotation_id, image_id, image_text, bbox_x, bbox_y, bbox_w, bbox_h,"
        " category_id, segmentation, bbox_derived, is_crowd, area_derived, place, mask_bytes)"
        " select n, 1, %s, 0, 0, 0, 0, 1, '[]', true, false, true, n, 2"
        " from generate_series(1, %s) n", ("one" if repeated == "text_id" else None, MASKS))
    undone.execute("select coco.masks_begin(%s)", (import_id,))
    page, = undone.execute("select coco.mask_page(%s, 0)", (import_id,)).fetchone()
    assert len(page) == MASKS, json.dumps(page)[:300]
    assert blocks(undone, f"select coco.mask_page({import_id}, 0)") < 8 * MASKS
