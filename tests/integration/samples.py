"""Small COCO files, and the same rows as the database should hold them."""

import json
import re


def street(**more):
    """A ground truth of three pictures, three categories and four annotations."""
    return {
        "info": {"description": "three streets", "year": 2024},
        "licenses": [{"id": 1, "name": "CC0", "url": "http://example.org/cc0"}],
        "images": [
            {"id": 1, "file_name": "one.jpg", "width": 640, "height": 480},
            {"id": 2, "file_name": "two.jpg", "width": 640, "height": 480},
            {"id": 3, "file_name": "three.jpg", "width": 800, "height": 600},
        ],
        "categories": [
            {"id": 1, "name": "person", "supercategory": "person"},
            {"id": 3, "name": "car", "supercategory": "vehicle"},
            {"id": 18, "name": "dog", "supercategory": "animal"},
        ],
        "annotations": [
            {"id": 10, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], "area": 1100.5,
             "iscrowd": 0},
            {"id": 11, "image_id": 1, "category_id": 3, "bbox": [1.5, 2.25, 3, 4], "area": 11,
             "iscrowd": 0},
            {"id": 12, "image_id": 2, "category_id": 1, "bbox": [0, 0, 640, 480], "area": 300000,
             "iscrowd": 1},
            {"id": 13, "image_id": 3, "category_id": 18, "bbox": [5, 5, 5, 5], "area": 25,
             "iscrowd": 0},
        ],
        **more,
    }


def detection(n=0, **more):
    """One good row of a results file; n makes it differ from others."""
    return {"image_id": 1 + n % 3, "category_id": (1, 3, 18)[n % 3], "bbox": [n, 2.5, 10, 20.125],
            "score": (n % 1000) / 1000, **more}


def detections(count, start=0):
    return [detection(n) for n in range(start, start + count)]


def without(row, *keys):
    return {key: value for key, value in row.items() if key not in keys}


def array(*elements, between=", "):
    """A results file of these elements: values, or JSON text as it stands."""
    texts = (element if isinstance(element, str) else json.dumps(element) for element in elements)
    return ("[" + between.join(texts) + "]").encode()


def element_offsets(body, key=None):
    """The first byte of each element of the top-level array, or of the array called key."""
    text = body.decode("latin-1")  # so that a position is a byte
    opening = re.search(rf'"{key}"\s*:\s*\[' if key else r"\s*\[", text)
    here, offsets = opening.end(), []
    while (here := re.compile(r"[\s,]*").match(text, here).end()) < len(text) and text[here] != "]":
        offsets.append(here)
        here = json.JSONDecoder().raw_decode(text, here)[1]
    return offsets


def skips(document):
    """The skip report without its sentences: {reason: (count, [(index, offset), ...])}."""
    return {group["reason"]: (group["count"],
                              [(one.get("index"), one.get("offset")) for one in group["examples"]])
            for group in document["skipped"]}


def reasons(document):
    """{reason: count}"""
    return {group["reason"]: group["count"] for group in document["skipped"]}


def big_results(size):
    """The pieces of a results file of at least so many bytes, about 64 KiB each."""
    sent, n = 0, 0
    opening = b"["
    while sent < size:
        piece = opening + b",".join(json.dumps(detection(n + i)).encode() for i in range(700))
        opening, n, sent = b",", n + 700, sent + len(piece)
        yield piece
    yield b"]"


COLUMNS = ("annotation_id, image_id, category_id, bbox_x, bbox_y, bbox_w, bbox_h, area, confidence,"
           " is_crowd, segmentation::text, keypoints, extra::text")


def id_of(db, dataset):
    """The id of a dataset; None if there is none."""
    found = db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()
    return found and found[0]


def select(db, what, dataset, source):
    """Reads the view that everybody reads. A subquery in place of the id would be planned with the
    thousands of leaves that the tests leave."""
    return db.execute(f"select {what} from coco.annotations"
                      " where dataset_id = %s::bigint and source = %s",
                      (id_of(db, dataset), source)).fetchall()


def rows(db, dataset, source):
    """All rows of a run, or of 'ground_truth'."""
    return sorted(select(db, COLUMNS, dataset, source), key=lambda row: row[0])


def count(db, dataset, source):
    return select(db, "count(*)", dataset, source)[0][0]


def hold_bucket(reader, dataset):
    """Locks the bucket of a dataset, in a transaction that stays open, and reads no leaf."""
    id, = reader.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()
    reader.execute(
        f"select from coco.annotation_versions where dataset_id = {id} and source = 'nobody'")


def grow_old(db):
    """What is being made has committed nothing for an hour: it is given up for dead at once, and
    not after the seconds of grace."""
    for table in ("imports", "match_sets"):
        db.execute(f"update coco.{table} set phase_at = phase_at - interval '1 hour'"
                   " where finished_at is null")


def waiting_reads(db):
    """How many requests wait for a lock of the database."""
    return db.execute("select count(*) from pg_locks where not granted").fetchone()[0]


def leaves(db):
    """The tables of imports and matches, published or not, and of unfinished ground truths."""
    return {name for name, in db.execute(
        r"select relname from pg_class where relnamespace = 'coco_parts'::regnamespace"
        r" and relkind = 'r' and relname ~ '_[0-9]+$'")}


def published_leaves(db):
    return {name for name, in db.execute(
        "select 'a_' || import_id from coco.sources"
        " union all select 'm_' || matches_id from coco.match_sources")}
