"""Many readers at once, alone and beside an import."""

import itertools
import random
import statistics
import threading
import time

import reads

SECONDS = 10  # alone
IMPORTED = "imported"
IMAGES = 5_000  # of the dataset into which the run is imported


class Reader(threading.Thread):
    """Asks for one page after the other until it is told to stop."""

    def __init__(self, bench, number, paths, is_over):
        super().__init__(daemon=True)
        self.browser, self.paths, self.is_over = reads.Browser(bench.site), paths, is_over
        self.choose = random.Random(number)
        self.waits, self.statuses = [], {}

    def run(self):
        while not self.is_over.is_set():
            seconds, status, *_ = self.browser.ask(self.choose.choice(self.paths))
            self.waits.append(seconds)
            self.statuses[status] = self.statuses.get(status, 0) + 1


def paths_of(datasets):
    rest = ["/images?", "/images?sort=-annotations", "/images?category=80",
            "/images?source=one&category=1", "/facets", "/statistics", "/images/{third_id}",
            "/images/{third_id}/annotations"]
    return [dataset.path(one) for dataset, one in itertools.product(datasets, rest)]


def crowd_while(bench, datasets, count, work):
    """What the readers saw during work(), and its result."""
    is_over = threading.Event()
    readers = [Reader(bench, n, paths_of(datasets), is_over) for n in range(count)]
    start = time.monotonic()
    for reader in readers:
        reader.start()
    result = work()
    seconds = time.monotonic() - start
    is_over.set()
    for reader in readers:
        reader.join()
    waits = sorted(itertools.chain.from_iterable(reader.waits for reader in readers))
    statuses = {}
    for reader in readers:
        for status, times in reader.statuses.items():
            statuses[status] = statuses.get(status, 0) + times
    return {"seconds": seconds, "answers": len(waits), "statuses": statuses,
            "median": statistics.median(waits), "p99": waits[int(len(waits) * 0.99)],
            "longest": waits[-1]}, result


def measure(bench, datasets, readers, import_rows, rounds):
    file = bench.results_file(import_rows, IMAGES)
    bench.make_dataset(IMPORTED, IMAGES)

    def upload():
        return bench.upload(file, f"/datasets/{IMPORTED}/runs/one")[0]

    upload()
    alone = [upload() for _ in range(rounds)]
    calm, _ = crowd_while(bench, datasets, readers, lambda: time.sleep(SECONDS))
    beside, imports = crowd_while(bench, datasets, readers,
                                  lambda: [upload() for _ in range(rounds)])
    return {"readers": readers, "rows": import_rows, "calm": calm, "beside": beside,
            "import_alone": alone, "import_beside": imports}
