"""How memory grows with the body, and speed with the rows."""

import statistics
import subprocess
import threading
import time

import rows
from servers import say
from where import worker_peak

IMAGES = 5_000  # of --curve memory
PARALLEL = 4
MEMORY_RUN = "/datasets/memory/runs/detector"
GROWTH_RUN = "/datasets/growth/runs/detector"


def feed(pipe, size, block):
    """Writes a results file of at least size bytes to a pipe; it is never stored on disk.

    It repeats one block of predictions.
    """
    with pipe:
        pipe.write(b"[")
        written = 0
        while written < size:
            pipe.write((b", " if written else b"") + block)
            written += len(block) + 2
        pipe.write(b"]")


def peak_of_body(bench, size, block):
    """A worker that has done nothing else."""
    bench.settle()
    bench.restart_workers()
    curl = bench.curl("-", MEMORY_RUN, stdin=subprocess.PIPE)
    try:
        feed(curl.stdin.buffer, size, block)
    except BrokenPipeError:
        pass  # refused: the answer says why
    curl.stdin = None  # closed; communicate() would flush it
    bench.finish_curl(curl)
    return worker_peak(bench)


def memory(bench, sizes):
    bench.make_dataset("memory", IMAGES)
    block = rows.block(0, rows.BLOCK, IMAGES).encode()
    points = []
    for size in sizes:
        points.append({"bytes": size, "worker_peak_bytes": peak_of_body(bench, size, block)})
        say(f"{size / 1e6:.0f} MB: {points[-1]['worker_peak_bytes'] / 2**20:.1f} MiB")
    return points


def seconds_alone(bench, file, rounds):
    """One round warms the caches."""
    seconds = []
    for _ in range(rounds + 1):
        bench.settle()
        seconds.append(bench.upload(file, GROWTH_RUN)[0])
    return seconds[1:]


def seconds_together(bench, file):
    """The same file into several datasets at once, from the first start to the last end."""
    bench.settle()
    start = time.monotonic()
    uploads = [bench.curl(file, f"/datasets/parallel{i}/runs/detector") for i in range(PARALLEL)]
    threads = [threading.Thread(target=bench.finish_curl, args=[upload]) for upload in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - start


def check_together(bench, count):
    taken = bench.db.execute(
        "select prediction_count from coco.datasets where name ~ '^parallel'").fetchall()
    if taken != [(count,)] * PARALLEL:
        raise RuntimeError(f"imports at once left {taken} instead of {count} rows each")


def together(bench, count, images, rounds):
    for i in range(PARALLEL):
        bench.make_dataset(f"parallel{i}", images)
    seconds = [seconds_together(bench, rows.results_file(bench.work, count, images))
               for _ in range(rounds + 1)][1:]
    check_together(bench, count)
    return {"imports": PARALLEL, "rows": PARALLEL * count, "seconds": seconds,
            "rows_per_second": PARALLEL * count / statistics.median(seconds)}


def growth(bench, counts, images, rounds):
    bench.make_dataset("growth", images)
    alone = []
    for count in counts:
        seconds = seconds_alone(bench, rows.results_file(bench.work, count, images), rounds)
        alone.append({"imports": 1, "rows": count, "seconds": seconds,
                      "rows_per_second": count / statistics.median(seconds)})
        say(f"{count} rows: {alone[-1]['rows_per_second']:.0f} rows/s")
    # Of the first file: its rows per second alone are what these are compared with.
    return {"alone": alone, "at_once": together(bench, counts[0], images, rounds)}
