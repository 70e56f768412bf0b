"""A small dataset and a large one that repeats its images, and how long their pages take.

Both answer alike: a page of the large one has what that of the small one has, and more behind it.
"""

import http.client
import json
import re
import statistics
import threading
import time

import rows
import scenes
from servers import say
from stack import wait_for

RUN = "one"
SLICE = "night"
SLICED = 100  # images of the slice
LARGEST_ID = 2**31 - 1

# The parameters of GET …/images. The dataset's third image, and its last, fill the braces.
PAGES = {
    "no filter": "",
    "sort=-id": "sort=-id",
    "sort=file_name": "sort=file_name",
    "sort=-size": "sort=-size",
    "sort=annotations": "sort=annotations",
    "sort=-annotations": "sort=-annotations",
    "at: the last page": "at={last_place}",
    "split": "split=val",
    "slice": "slice=night",
    "file_name": "file_name={third}",
    "search, in each name": "search=.jpg",
    "search, in one name of a thousand": "search=123",
    "search, in no name": "search=nothing",
    "search, a beginning": "search=00000000*",
    "category, frequent": "category=1",
    "category, rare": "category=80",
    "category, rare, sort=-annotations": "category=80&sort=-annotations",
    "category of a run, frequent": "source=one&category=1",
    "category of a run, rare": "source=one&category=80",
    "source": "source=one",
    "min_confidence=0.9": "source=one&min_confidence=0.9",
    "min_confidence=0.999": "source=one&min_confidence=0.999",
    "category and min_confidence": "source=one&category=80&min_confidence=0.9",
    "all of them": "source=one&category=1&min_confidence=0.2&split=val&slice=night&search=.jpg",
}

OUTCOMES = {
    "outcome=true_positive": "source=one&outcome=true_positive",
    "outcome=missed": "source=one&outcome=missed",
    "outcome=duplicate": "source=one&outcome=duplicate",
    "outcome=background, surely": "source=one&outcome=background&min_confidence=0.39",
    "outcome and category": "source=one&outcome=background&category=80",
}

OTHERS = {
    "one image": "/images/{third_id}",
    "its annotations": "/images/{third_id}/annotations",
    "annotations of 100 images": "/annotations/batch?image_ids={hundred}",
    "facets": "/facets",
    "statistics": "/statistics",
    "statistics of a run": "/statistics?run=one",
    "statistics of a slice": "/statistics?slice=night&run=one",
    "health": "/health",
    "the run": "/runs/one",
    "the dataset": "",
}


class Dataset:
    def __init__(self, bench, name, images, copies):
        self.bench, self.name, self.copies = bench, name, copies
        self.ids = rows.image_ids(images)
        self.images = images * copies
        last_id = self.ids[-1] + (copies - 1) * shift(images)
        self.places = {"third": f"{self.ids[2]:012}.jpg", "third_id": self.ids[2],
                       "last": f"{last_id:012}.jpg", "last_place": self.images - 50,
                       "hundred": ",".join(map(str, self.ids[:100]))}

    def path(self, rest):
        return f"/datasets/{self.name}{rest.format(**self.places)}"

    def figures(self):
        truths, predictions = self.bench.db.execute(
            "select annotation_count, prediction_count from coco.datasets where name = %s",
            (self.name,)).fetchone()
        return {"images": self.images, "annotations": truths, "predictions": predictions}


# ---- files

def shift(images):
    """What a copy of the images adds to their ids; the same to those of annotations, sixtyfold."""
    return images * 100


def shifted(text, pattern, by):
    return re.sub(pattern, lambda m: m[1] + str(int(m[2]) + by), text) if by else text


def predictions(text, images, copies):
    """The array of the small run, again and again with other image ids."""
    for copy in range(copies):
        yield ("[" if copy == 0 else ", ") + shifted(text, r'("image_id": )(\d+)',
                                                     copy * shift(images))
    yield "]"


def truth_pieces(truth, images, copies):
    annotations = json.dumps(truth["annotations"])[1:-1]
    yield json.dumps({"categories": truth["categories"]})[:-1] + ', "images": ['
    for copy in range(copies):
        moved = [{**image, "id": (id := image["id"] + copy * shift(images)),
                  "file_name": f"{id:012}.jpg"} for image in truth["images"]]
        yield (", " if copy else "") + json.dumps(moved)[1:-1]
    yield '], "annotations": ['
    for copy in range(copies):
        text = shifted(annotations, r'("image_id": )(\d+)', copy * shift(images))
        yield (", " if copy else "") + shifted(text, r'("id": )(\d+)', copy * shift(images) * 60)
    yield "]}"


# ---- datasets

def send(bench, path, pieces):
    """Uploads text while it is made."""
    import subprocess
    curl = bench.curl("-", path, stdin=subprocess.PIPE)

    def feed():
        with curl.stdin:
            for piece in pieces:
                curl.stdin.write(piece)

    feeder = threading.Thread(target=feed)
    feeder.start()
    # communicate() would close the pipe that the thread writes to.
    text = curl.stdout.read()
    feeder.join()
    curl.wait()
    answer, status = text.rsplit("\n", 1)
    if status not in ("200", "201"):
        raise RuntimeError(f"the upload to {path} failed: HTTP {status}: {answer[:2000]}")
    return json.loads(answer)


def make_dataset(bench, name, images, copies):
    truth = json.loads(scenes.truth_file(bench.work, "bbox", images).read_text())
    results = scenes.results_file(bench.work, "bbox", images, 1).read_text()[1:-1]
    dataset = Dataset(bench, name, images, copies)
    start = time.monotonic()
    send(bench, dataset.path("?split=val"), truth_pieces(truth, images, copies))
    send(bench, dataset.path(f"/runs/{RUN}"), predictions(results, images, copies))
    say(f"{name}: imported in {time.monotonic() - start:.0f} s")
    bench.db.execute("insert into coco.slices select d.id, %s, i.image_id from coco.datasets d,"
                     " lateral (select image_id from coco.images where dataset_id = d.id"
                     " order by image_id limit %s) i where d.name = %s", (SLICE, SLICED, name))
    return dataset


IS_PREPARED = """
select not exists (
    select from coco.maintenance('1 day', '1 day', true, true)
    where action in ('analyze', 'index', 'keys'))
"""


def make_datasets(bench, images, copies, with_outcomes):
    datasets = [make_dataset(bench, "small", images, 1),
                make_dataset(bench, "large", images, copies)]
    for dataset in datasets if with_outcomes else []:
        start = time.monotonic()
        bench.get(dataset.path(f"/runs/{RUN}/errors"))
        say(f"{dataset.name}: outcomes in {time.monotonic() - start:.0f} s")
    start = time.monotonic()
    wait_for(lambda: bench.collect() or bench.db.execute(IS_PREPARED).fetchone()[0],
             "the maintenance", seconds=3600)
    wait_for(lambda: '"pending"' not in bench.get(datasets[1].path("/health"))[1],
             "the report on the ground truth", seconds=3600)
    say(f"the maintenance was done after {time.monotonic() - start:.0f} s")
    bench.db.execute("vacuum analyze")
    bench.settle()
    return datasets


# ---- reads

class Browser:
    """A connection that is kept, as browsers do."""

    def __init__(self, site):
        self.connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=600)

    def ask(self, path, headers=None):
        """Seconds, status, ETag, body."""
        start = time.monotonic()
        self.connection.request("GET", path, headers={"Accept": "application/json",
                                                      **(headers or {})})
        reply = self.connection.getresponse()
        body = reply.read()
        return time.monotonic() - start, reply.status, reply.headers["ETag"], body


def kinds(with_outcomes):
    """What is asked for: (name, path, whether the client has the answer already)."""
    pages = {**PAGES, **(OUTCOMES if with_outcomes else {})}
    return [*((f"images: {name}", "/images?" + query, False) for name, query in pages.items()),
            *((name, rest, False) for name, rest in OTHERS.items()),
            ("images: 304", "/images?", True), ("facets: 304", "/facets", True)]


def ask_once(browser, dataset, rest, is_known):
    path = dataset.path(rest)
    headers = {"If-None-Match": browser.ask(path)[2]} if is_known else {}
    seconds, status, _, body = browser.ask(path, headers)
    if status != (304 if is_known else 200):
        raise RuntimeError(f"{path}: HTTP {status}: {body[:2000]}")
    return seconds, body


def found(body):
    """How many images a page has, and whether there is another."""
    document = json.loads(body) if body else {}
    if not isinstance(document.get("images"), list):
        return None
    return len(document["images"]), "next" in document


def measure_kind(browser, datasets, rest, is_known, rounds):
    seconds = {dataset.name: [] for dataset in datasets}
    bodies = {}
    for n in range(rounds + 1):
        for dataset in datasets:
            took, bodies[dataset.name] = ask_once(browser, dataset, rest, is_known)
            if n > 0:
                seconds[dataset.name].append(took)
    return {"seconds": seconds, "found": {name: found(body) for name, body in bodies.items()},
            "bytes": {name: len(body) for name, body in bodies.items()}}


def measure(bench, datasets, rounds, with_outcomes):
    browser = Browser(bench.site)
    results = []
    for name, rest, is_known in kinds(with_outcomes):
        result = measure_kind(browser, datasets, rest, is_known, rounds)
        medians = [statistics.median(times) for times in result["seconds"].values()]
        say(f"{name}: " + ", ".join(f"{1000 * median:.1f} ms" for median in medians))
        results.append({"name": name, **result})
    return results
