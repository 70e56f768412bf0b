"""The ways to get the numbers of one pair of files, measured in turn: see bench/README.md.

The seconds are those of curl, psql or the command from its start to its end.
"""

import json
import statistics
import subprocess
import sys
import threading
import time

import rows
import scenes
import stations
from servers import say
from stack import TOP, debian_program, wait_for
from where import peak_bytes, worker_peak

RUN, OTHER = "one", "two"
SLICE = "half"
PROFILED = 5  # evaluations under perf

# Everything but the base evaluation, whose cached rows serve these.
AGAIN = [
    ("again-point", "another IoU and confidence", "iou=0.37&confidence=0.4"),
    ("again-thresholds", "other IoU thresholds", "iou_thresholds=0.5,0.75"),
    ("again-class", "one class", "categories=1"),
    ("again-slice", "a slice of half of the images", f"slice={SLICE}"),
]

COMMANDS = """
select command from coco.evaluation_rows(%s, %s, %s, %s, 1) with ordinality r
order by ordinality
"""

IMPORTS = """
select d.id, max(s.import_id) filter (where s.source = 'ground_truth'),
       max(s.import_id) filter (where s.source = %s)
from coco.datasets d join coco.sources s on s.dataset_id = d.id
where d.name = %s group by d.id
"""

MATCHES_ARE_COLLECTED = """
select (select count(*) from pg_class where relnamespace = 'coco_parts'::regnamespace
        and relkind = 'r' and relname ~ '^m_') = (select count(*) from coco.match_sources)
"""


class Pair:
    """A dataset with two runs, and how it is asked for."""

    def __init__(self, bench, iou_type, images, per_image=None):
        self.bench, self.iou_type, self.images = bench, iou_type, images
        self.name = f"{iou_type}-{images}"
        self.truth = scenes.truth_file(bench.work, iou_type, images)
        self.results = scenes.results_file(bench.work, iou_type, images, 1, per_image)
        bench.upload(self.truth, f"/datasets/{self.name}")
        self.upload(RUN, self.results)

    def upload(self, run, file):
        bench = self.bench
        bench.upload(file, f"/datasets/{self.name}/runs/{run}")
        self.dataset_id, self.ground_truth, self.run = bench.db.execute(
            IMPORTS, [RUN, self.name]).fetchone()

    def path(self, what="evaluation", query=None):
        more = f"&{query}" if query else ""
        return f"/datasets/{self.name}/runs/{RUN}/{what}?iou_type={self.iou_type}{more}"

    def counts(self):
        truths, detections = self.bench.db.execute(
            "select max(row_count) filter (where source = 'ground_truth'),"
            " max(row_count) filter (where source = %s) from coco.sources where dataset_id = %s",
            [RUN, self.dataset_id]).fetchone()
        return {"images": self.images, "truths": truths, "detections": detections,
                "truth_bytes": self.truth.stat().st_size,
                "results_bytes": self.results.stat().st_size}

    def add_other_run(self):
        self.upload(OTHER, scenes.results_file(self.bench.work, self.iou_type, self.images, 2))

    def put_slice(self):
        file = self.bench.work / "slice.json"
        file.write_text(json.dumps({"image_ids": rows.image_ids(self.images)[::2]}))
        self.bench.upload(file, f"/datasets/{self.name}/slices/{SLICE}")

    def forget(self):
        """Deletes what is stored of evaluations."""
        self.bench.db.execute("delete from coco.evaluations")
        for table in ["evaluations", "evaluation_classes", "evaluation_curves"]:
            self.bench.db.execute(f"vacuum coco.{table}")

    def forget_matches(self):
        self.bench.db.execute("select coco.retire_matches(%s)", [self.run])

        def is_collected():
            return self.bench.db.execute(MATCHES_ARE_COLLECTED).fetchone()[0]

        wait_for(lambda: is_collected() or self.bench.collect(), "the collection of matches", 120)

    def remove(self):
        subprocess.run(["curl", "-gsSf", "--noproxy", "*", "-X", "DELETE",
                        f"{self.bench.site.url}/datasets/{self.name}"], check=True)


# ---- methods


class Method:
    """prepare() comes before the time that counts. run() gives seconds, and the numbers (stats) if
    it has them."""

    is_slow = False

    def __init__(self, pair, label):
        self.pair, self.bench, self.label = pair, pair.bench, label

    def prepare(self):
        pass


class Copy(Method):
    """The COPY commands of an evaluation, one after the other in one psql, to /dev/null."""

    def __init__(self, pair):
        super().__init__(pair, "copy: `psql` copies the needed columns out in binary")
        with self.bench.postgres.connect(user="pgcoco") as db:
            commands = db.execute(COMMANDS, [pair.dataset_id, pair.ground_truth, pair.run,
                                             pair.iou_type]).fetchall()
        self.script = "\n".join([
            "begin isolation level repeatable read;\n\\o /dev/null",
            f"select coco.begin_export({pair.dataset_id});",
            *(command + ";" for command, in commands), "commit;\n"])

    def run(self):
        start = time.monotonic()
        # Not the one in PATH: Debian's is a Perl script that looks for clusters first.
        subprocess.run([debian_program("psql"), "-Xq", "-v", "ON_ERROR_STOP=1",
                        self.bench.postgres.conninfo()],
                       input=self.script, text=True, check=True)
        return time.monotonic() - start, None


class Command(Method):
    def __init__(self, pair):
        super().__init__(pair, "pgcoco: `pgcoco evaluate` in a process of its own, nothing stored")
        self.command = [self.bench.home.binary, "evaluate", pair.name, RUN, "--iou-type",
                        pair.iou_type, "--json", "--quiet", "--db", self.bench.postgres.conninfo()]
        self.peak_bytes = 0

    def prepare(self):
        self.pair.forget()

    def run(self):
        ended = threading.Event()
        start = time.monotonic()
        process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        watch = threading.Thread(target=self.watch_peak, args=[process.pid, ended])
        watch.start()
        answer = process.communicate()[0]
        seconds = time.monotonic() - start
        ended.set()
        watch.join()
        if process.returncode != 0:
            raise RuntimeError(f"pgcoco evaluate: {process.returncode}")
        return seconds, json.loads(answer)["stats"]

    def watch_peak(self, pid, ended):
        """The resource usage of a child would not do: it includes what we had when it began."""
        while not ended.wait(0.01):
            self.peak_bytes = max(self.peak_bytes, peak_bytes(pid))


class Get(Method):
    def __init__(self, pair, label, path, site=None):
        super().__init__(pair, label)
        self.path, self.site = path, site

    def run(self):
        seconds, answer = self.bench.get(self.path, self.site)
        return seconds, json.loads(answer).get("stats")


class Http(Get):
    """A worker without a cache. Its connections to the database are open."""

    def __init__(self, pair, site):
        super().__init__(pair, "pgcoco-http: the same over HTTP, by a worker without a cache",
                         pair.path(), site)

    def prepare(self):
        self.pair.forget()


class Again(Get):
    """The rows are in the worker's cache, the evaluation with COCO's parameters is stored, and this
    one is not."""

    def __init__(self, pair, label, query):
        super().__init__(pair, f"again: {label}, over HTTP, rows in the cache",
                         pair.path(query=query))

    def prepare(self):
        self.pair.forget()
        self.bench.get(self.pair.path())

    def run(self):
        return super().run()[0], None


class Stored(Get):
    def __init__(self, pair):
        super().__init__(pair, "stored: the stored numbers, over HTTP", pair.path())

    def prepare(self):
        self.bench.get(self.path)


class Errors(Get):
    """The first page of errors. Before it, everything has its outcome found and stored."""

    def __init__(self, pair):
        super().__init__(pair, "errors: matches are made, rows in the cache", pair.path("errors"))

    def prepare(self):
        self.pair.forget_matches()
        self.bench.get(self.pair.path())


class ErrorsAgain(Get):
    def __init__(self, pair):
        super().__init__(pair, "errors again", pair.path("errors"))

    def prepare(self):
        self.bench.get(self.path)


class Compare(Get):
    def __init__(self, pair):
        super().__init__(
            pair, "compare: two runs, 1,000 resamples, rows of both in the cache",
            f"/datasets/{pair.name}/comparison?run={RUN}&with={OTHER}&iou_type={pair.iou_type}"
            "&resamples=1000")

    def prepare(self):
        for run in (RUN, OTHER):
            self.bench.get(f"/datasets/{self.pair.name}/runs/{run}/evaluation"
                           f"?iou_type={self.pair.iou_type}")


class Pycocotools(Method):
    """One call gives both: with loading, and (self.evaluation) without."""

    is_slow = True

    def __init__(self, pair):
        super().__init__(pair, "pycocotools: COCOeval of the two files, with loading them")
        self.command = [sys.executable, TOP / "bench/pycoco.py", pair.iou_type, pair.truth,
                        pair.results]
        self.loaded_label = "pycocotools: COCOeval, files loaded"
        self.evaluation_seconds, self.classes, self.versions = [], None, {}

    def run(self):
        done = subprocess.run(self.command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"pycocotools: {done.stderr}")
        told = json.loads(done.stdout)
        self.classes, self.versions = told["classes"], told["versions"]
        self.evaluation_seconds.append(told["evaluation_seconds"])
        return told["load_seconds"] + told["evaluation_seconds"], told["stats"]


def has_pycocotools():
    return subprocess.run([sys.executable, "-c", "import pycocotools.cocoeval"],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


# ---- measuring


def make_methods(pair, uncached, slow_rounds):
    methods = {"copy": Copy(pair), "pgcoco": Command(pair), "pgcoco-http": Http(pair, uncached)}
    methods.update({name: Again(pair, label, query) for name, label, query in AGAIN})
    methods.update({"stored": Stored(pair), "errors": Errors(pair),
                    "errors-again": ErrorsAgain(pair), "compare": Compare(pair)})
    if slow_rounds > 0:
        methods["pycocotools"] = Pycocotools(pair)
    return methods


def run_once(name, method, stats):
    method.prepare()
    method.bench.settle()
    seconds, numbers = method.run()
    say(f"{name}: {seconds:.3f} s")
    if numbers is not None:
        stats[name] = numbers
    return seconds


def rounds_of(methods, rounds, slow_rounds, stats):
    """{name: seconds of each round}. Round 0 warms caches and is not counted; slow methods take no
    part in it."""
    seconds = {name: [] for name in methods}
    for turn in range(rounds + 1):
        say(f"round {turn} of {rounds}" if turn else "warm-up")
        for name, method in methods.items():
            if method.is_slow and not 0 < turn <= slow_rounds:
                continue
            took = run_once(name, method, stats)
            if turn:
                seconds[name].append(took)
    return seconds


def differences(stats, classes, document):
    """How far the numbers of pycocotools and pgcoco are from each other; 0: the same doubles."""
    mine = {entry["category_id"]: entry["AP"] for entry in document["per_class"]}
    return {"numbers": len(stats["pycocotools"]) + len(classes),
            "greatest": max([abs(a - b) for name in ("pgcoco", "pgcoco-http")
                             for a, b in zip(stats["pycocotools"], stats[name], strict=True)]
                            + [abs(ap - mine[int(id)]) for id, ap in classes.items()])}


def check_alike(stats):
    known = {name: numbers for name, numbers in stats.items() if name != "pycocotools"}
    if len({tuple(numbers) for numbers in known.values()}) != 1:
        raise RuntimeError(f"different numbers: {known}")


def profile(pair, uncached):
    """{part: processor seconds} of one evaluation over HTTP, nothing cached, without nginx."""
    def evaluate():
        for _ in range(PROFILED):
            pair.forget()
            pair.bench.get(pair.path(), uncached)

    pair.bench.settle()
    say(f"{PROFILED} evaluations under perf")
    return {part: seconds / PROFILED for part, seconds in stations.measure(pair.bench,
                                                                           evaluate).items()}


def measure_pair(bench, iou_type, images, rounds, slow_rounds, wants_profile):
    pair = Pair(bench, iou_type, images)
    pair.add_other_run()
    pair.put_slice()
    uncached = bench.add_site("uncached", ["--evaluation-cache", "0"])
    methods, stats = make_methods(pair, uncached, slow_rounds), {}
    seconds = rounds_of(methods, rounds, slow_rounds, stats)
    check_alike(stats)
    result = {"iou_type": iou_type, **pair.counts(), "stats": stats["pgcoco"],
              "methods": {name: {"label": method.label, "seconds": seconds[name]}
                          for name, method in methods.items()},
              "command_peak_bytes": methods["pgcoco"].peak_bytes,
              "worker_peak_bytes": worker_peak(bench, uncached)}
    if "pycocotools" in methods:
        theirs = methods["pycocotools"]
        result["methods"]["pycocotools-loaded"] = {"label": theirs.loaded_label,
                                                   "seconds": theirs.evaluation_seconds}
        result["differences"] = differences(stats, theirs.classes,
                                            json.loads(bench.get(pair.path())[1]))
        result["versions"] = theirs.versions
    if wants_profile:
        result["profile"] = profile(pair, uncached)
    bench.end_site(uncached)
    pair.remove()
    bench.settle()
    return result


def curve_point(bench, images, rounds):
    """100 detections an image."""
    pair = Pair(bench, "bbox", images, per_image=100)
    uncached = bench.add_site("uncached", ["--evaluation-cache", "0"])
    methods = {"copy": Copy(pair), "pgcoco": Command(pair), "pgcoco-http": Http(pair, uncached)}
    stats = {}
    seconds = rounds_of(methods, rounds, 0, stats)
    check_alike(stats)
    point = {**pair.counts(),
             "seconds": {name: statistics.median(took) for name, took in seconds.items()},
             "command_peak_bytes": methods["pgcoco"].peak_bytes,
             "worker_peak_bytes": worker_peak(bench, uncached)}
    bench.end_site(uncached)
    pair.remove()
    bench.settle()
    return point


def curve(bench, counts, rounds):
    return [curve_point(bench, count // 100, rounds) for count in counts]
