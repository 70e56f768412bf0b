"""Readers that never pause while a run is replaced again and again.

Measures how long they waited, and whether every answer was wholly one run.
"""

import json
import json
import subprocess
import sys
import time

from servers import say
from stack import TOP

DATASET = "watched"
OTHER = "bystander"
MARK = 2  # the second file's scores lie between this and 1: beyond all of the first
CALM_SECONDS = 20

# Each answer must be one that a single run gives.
IMAGE = """
    select count(*), count(*) filter (where confidence >= 1) from coco.annotations
    where dataset_id = {id} and source = 'detector' and image_id = {image}"""

KINDS = {
    "one image of the run": IMAGE,
    "one image of the run, twice in REPEATABLE READ": IMAGE,
    "one image of another run, prepared": IMAGE,
    "run document, count and class counts": """
        select (coco.run_document({id}::text, 'detector') ->> 'prediction_count')::bigint,
               row_count,
               (select sum(n) from coco.class_counts c where c.import_id = s.import_id)::bigint
        from coco.sources s where dataset_id = {id} and source = 'detector'""",
}


class Reader:
    """A process of its own (bench/reader.py) that asks one question without pause."""

    def __init__(self, bench, kind, query, calm_until, pause):
        self.kind = kind
        options = {"conninfo": bench.postgres.conninfo("postgres"), "query": query,
                   "calm_until": calm_until, "prepared": "prepared" in kind,
                   "repeatable": "REPEATABLE" in kind, "pause": pause}
        self.process = subprocess.Popen(
            [sys.executable, TOP / "bench/reader.py", json.dumps(options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self):
        """It ends when its standard input does, and reports."""
        self.report = json.loads(self.process.communicate()[0])


def start_readers(bench, ids, image, calm_until, pause):
    readers = []
    for kind, query in KINDS.items():
        id = ids[OTHER if "another" in kind else DATASET]
        readers.append(Reader(bench, kind, query.format(id=id, image=image), calm_until, pause))
    return readers


def catalog(bench):
    """Bytes of the catalogs that tables come and go in, and rows that are there."""
    sizes = bench.db.execute("""
        select relname, pg_total_relation_size(oid) from pg_class
        where relname in ('pg_class', 'pg_attribute', 'pg_attrdef', 'pg_constraint', 'pg_depend',
                          'pg_index', 'pg_inherits', 'pg_statistic', 'pg_type')
          and relnamespace = 'pg_catalog'::regnamespace""").fetchall()
    return {"bytes": sum(size for _, size in sizes),
            "rows": bench.db.execute("select count(*) from pg_class").fetchone()[0]}


LEFT_OVER = r"""
select (select count(*) from pg_class
         where relnamespace = 'coco_parts'::regnamespace and relkind = 'r')
       - (select count(*) from coco.sources),
       (select count(*) from pg_inherits where inhdetachpending)"""


ALL_ROWS = """
    select (select row_count from coco.sources where dataset_id = {id} and source = 'detector'),
           count(*), count(*) filter (where confidence >= 1)
    from coco.annotations where dataset_id = {id} and source = 'detector'"""


def replace_again_and_again(bench, files, counts, times, id):
    """When each import began and ended.

    All rows are counted between two imports. That takes seconds, and no leaf that is replaced
    meanwhile can be dropped, so this question is not asked without pause.
    """
    spans = []
    for n in range(times):
        start = time.monotonic()
        bench.upload(files[n % 2], f"/datasets/{DATASET}/runs/detector")
        spans.append((start, time.monotonic()))
        found = bench.db.execute(ALL_ROWS.format(id=id)).fetchone()
        if found != (counts[n % 2], counts[n % 2], 0 if n % 2 else counts[n % 2]):
            raise RuntimeError(f"after publication {n + 1} there are {found} rows")
        if n % 10 == 9:
            say(f"{n + 1} of {times}")
    return spans


def is_at_a_publication(start, seconds, spans):
    """Whether a wait overlaps the 0.2 seconds before or after the end of an import."""
    return any(start - 0.2 < end < start + seconds + 0.2 for _, end in spans)


def summary(reader, spans, allowed):
    report = reader.report
    seen = {tuple(answer) for answer in report.pop("seen")}
    at_publication = [seconds for start, seconds in report.pop("longest")
                      if is_at_a_publication(start, seconds, spans)]
    return {"kind": reader.kind, **report, "publishing_max": max(at_publication, default=0),
            "wrong": [list(answer) for answer in sorted(
                seen - {tuple(map(str, answer)) for answer in allowed})][:5]}


def allowed_answers(bench, kind, files, counts, image):
    """What one or the other run answers, from the files' own shape."""
    if "another" in kind:
        files, counts = files[:1], counts[:1]
    if "image" in kind:
        return {(here, here * bool(n)) for n, here in enumerate(image[: len(files)])}
    if "document" in kind:
        return {(count, count, count) for count in counts}
    return {(count, count, count * bool(n)) for n, count in enumerate(counts)}


def per_image(count, images, position):
    """How many predictions the generator gives to the image at this position of the list."""
    return -(-(position + 1) * count // images) - -(-position * count // images)


def measure(bench, rows_, count, images, times, pause):
    """rows_: the module that writes files."""
    counts = [count, count - count // 100]
    files = [bench.results_file(counts[0], images), bench.results_file(counts[1], images, MARK)]
    position = images // 2
    image = rows_.image_ids(images)[position]
    here = [per_image(c, images, position) for c in counts]
    for dataset in (DATASET, OTHER):
        bench.make_dataset(dataset, images)
        bench.upload(files[0], f"/datasets/{dataset}/runs/detector")
    ids = dict(bench.db.execute("select name, id from coco.datasets where name in (%s, %s)",
                                [DATASET, OTHER]).fetchall())
    bench.settle()
    before = catalog(bench)
    calm_until = time.monotonic() + CALM_SECONDS
    readers = start_readers(bench, ids, image, calm_until, pause)
    time.sleep(CALM_SECONDS)
    spans = replace_again_and_again(bench, files[::-1], counts[::-1], times, ids[DATASET])
    for reader in readers:
        reader.stop()
    bench.settle()
    leaves, pending = bench.db.execute(LEFT_OVER).fetchone()
    return {"publications": times, "rows": count, "pause": pause,
            "readers": [
                summary(reader, spans, allowed_answers(bench, reader.kind, files, counts, here))
                for reader in readers],
            "left_over": {"leaves": leaves, "pending": pending},
            "catalog": {"before": before, "after": catalog(bench)}}
