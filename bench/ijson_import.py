"""Reads a results file with ijson. With a database, copies its rows into a new table with psycopg.

ijson_import.py FILE [CONNINFO CREATE_TABLE COLUMNS CREATE_INDEX]

Prints seconds, rows and versions as JSON.
"""

import json
import sys
import time
from importlib.metadata import version

import ijson

BATCH = 1000  # rows sent at a time


def backend():
    try:
        return ijson.get_backend("yajl2_c")
    except ImportError:
        return ijson.get_backend("python")


def elements(path):
    with open(path, "rb") as file:
        # Doubles, or each number would become a Decimal.
        yield from backend().items(file, "item", use_float=True)


def read(path):
    return sum(1 for _ in elements(path))


def line(number, element, columns):
    """A row in COPY's text format. Several times faster than psycopg's write_row()."""
    x, y, w, h = element["bbox"]
    values = {
        "annotation_id": number, "image_id": element["image_id"],
        "category_id": element["category_id"], "bbox_x": x, "bbox_y": y, "bbox_w": w, "bbox_h": h,
        "area": w * h, "confidence": element["score"], "is_crowd": "f",
    }
    return "\t".join([str(values.get(name, r"\N")) for name in columns]) + "\n"


def copy_rows(copy, path, columns):
    number, lines = 0, []
    for number, element in enumerate(elements(path), 1):
        lines.append(line(number, element, columns))
        if len(lines) == BATCH:
            copy.write("".join(lines))
            lines.clear()
    copy.write("".join(lines))
    return number


def load(path, conninfo, create_table, columns, create_index):
    import psycopg

    with psycopg.connect(conninfo) as db:
        db.execute(create_table)
        with db.cursor().copy(f"copy bench.rows ({columns}) from stdin") as copy:
            rows = copy_rows(copy, path, columns.split(", "))
        db.execute(create_index)
    return rows


def main():
    path, *more = sys.argv[1:]
    start = time.monotonic()
    rows = load(path, *more) if more else read(path)
    seconds = time.monotonic() - start
    versions = {"ijson": f"{version('ijson')} ({backend().__name__.rsplit('.')[-1]})",
                "Python": sys.version.split()[0]}
    if more:
        versions["psycopg"] = version("psycopg")
    print(json.dumps({"seconds": seconds, "rows": rows, "versions": versions}))


main()
