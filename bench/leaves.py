"""What thousands of other runs cost: the same questions in a small database and in a large one."""

import re
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import rows
from servers import say

PROBE = "probe"
RUNS = 5
AT_ONCE = 4
REPEAT = 101

IMAGE = ("select * from coco.annotations where dataset_id = {id} and source = 'run0'"
         " and image_id = {image}")
STATISTICS = """
    select c.category_id, c.n from coco.class_counts c join coco.sources s using (import_id)
    where s.dataset_id = {id} and s.source = 'run0'"""


def write_once(path, text):
    if not path.exists():
        path.write_text(text)
    return path


def fill(bench, datasets):
    """Datasets of three images with RUNS runs of ten rows each."""
    truth = write_once(bench.work / "tiny-truth.json", rows.json.dumps(rows.truth(3)))
    results = write_once(bench.work / "tiny-results.json", "[" + rows.block(0, 10, 3) + "]")

    def make(n):
        bench.upload(truth, f"/datasets/filler{n}")
        for run in range(RUNS):
            bench.upload(results, f"/datasets/filler{n}/runs/run{run}")
        if n % 100 == 99:
            say(f"{n + 1} datasets of {datasets}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(make, range(datasets)))


def median_of(repeat, ask):
    seconds = []
    for _ in range(repeat):
        start = time.monotonic()
        ask()
        seconds.append(time.monotonic() - start)
    return statistics.median(seconds)


def in_new_connection(bench, query):
    with bench.postgres.connect(user="pgcoco", autocommit=True) as connection:
        connection.execute(query).fetchall()


def planning_seconds(connection, query):
    plans = []
    for _ in range(REPEAT):
        lines = connection.execute("explain (summary) " + query).fetchall()
        plans.append(float(re.search(r"Planning Time: ([\d.]+) ms", str(lines))[1]) / 1000)
    return statistics.median(plans)


def after_publications(bench, connection, query, file):
    """The first answer to one who is connected, when a run has just been published."""
    seconds = []
    for _ in range(11):
        bench.upload(file, f"/datasets/{PROBE}/runs/other")
        start = time.monotonic()
        connection.execute(query).fetchall()
        seconds.append(time.monotonic() - start)
    return statistics.median(seconds)


def probe(bench, small, large, images):
    id, = bench.db.execute("select id from coco.datasets where name = %s", [PROBE]).fetchone()
    image = IMAGE.format(id=id, image=rows.image_ids(images)[images // 2])
    counted = STATISTICS.format(id=id)
    with bench.postgres.connect(user="pgcoco", autocommit=True) as connection:
        connection.prepare_threshold = None
        answers = {
            "import of 1,000 rows": median_of(
                11, lambda: bench.upload(small, f"/datasets/{PROBE}/runs/other")),
            "import of 500,000 rows": median_of(
                5, lambda: bench.upload(large, f"/datasets/{PROBE}/runs/run0")),
            "rows of one image": median_of(REPEAT, lambda: connection.execute(image).fetchall()),
            "planning of it": planning_seconds(connection, image),
            "the same in a new connection": median_of(
                REPEAT, lambda: in_new_connection(bench, image)),
            "the same right after a publication": after_publications(
                bench, connection, image, small),
            "counts by class": median_of(REPEAT, lambda: connection.execute(counted).fetchall()),
            "dataset document": median_of(REPEAT, lambda: connection.execute(
                f"select coco.dataset_document('{PROBE}')").fetchall()),
            "run document": median_of(REPEAT, lambda: connection.execute(
                f"select coco.run_document('{PROBE}', 'run0')").fetchall()),
        }
    bench.settle()
    return answers


def measure(bench, datasets, images):
    small, large = bench.results_file(1_000, images), bench.results_file(500_000, images)
    bench.make_dataset(PROBE, images)
    for run in range(RUNS):
        bench.upload(large, f"/datasets/{PROBE}/runs/run{run}")
    bench.upload(small, f"/datasets/{PROBE}/runs/other")
    bench.settle()
    few = probe(bench, small, large, images)
    fill(bench, datasets)
    bench.settle()
    many = probe(bench, small, large, images)
    leaves, = bench.db.execute("select count(*) from coco.sources").fetchone()
    return {"leaves": leaves, "few": few, "many": many}
