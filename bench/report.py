"""What was measured where, and the tables in Markdown."""

import os
import re
import shutil
import statistics
import subprocess
import time
from pathlib import Path


def output(*command):
    """The first line that a program prints, or nothing."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    except OSError:
        return ""
    return done.stdout.strip().split("\n")[0]


def found(pattern, text):
    match = re.search(pattern, text)
    return match[1].strip() if match else ""


def fdatasync_seconds(folder):
    """What a commit costs at the least: the median of a few 8 KiB writes that reach the disk."""
    path = folder / "fdatasync"
    seconds = []
    with open(path, "wb", buffering=0) as file:
        for _ in range(20):
            start = time.monotonic()
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
            seconds.append(time.monotonic() - start)
    path.unlink()
    return statistics.median(seconds)


def machine(work):
    memory = found(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": found(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text()),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": int(memory) * 1024,
        "filesystem": output("stat", "-f", "-c", "%T", str(work)),
        "fdatasync_seconds": fdatasync_seconds(work),
        "system": found(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text()) + ", Linux "
        + os.uname().release,
    }


def versions(bench):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    return {
        "pgcoco": output(str(bench.home.binary), "--version").rpartition(" ")[2],
        "PostgreSQL": bench.db.execute("show server_version").fetchone()[0],
        "nginx": found(r"nginx/(\S+)", output(nginx, "-v")),
        "compiler": compiler_of(bench.home.binary),
        "curl": found(r"curl (\S+)", output("curl", "--version")),
    }


def compiler_of(binary):
    """As it signed the program."""
    match = re.search(rb"(GCC: [ -~]+|[ -~]*clang version [ -~]+)\0", binary.read_bytes())
    return match[1].decode() if match else ""


SETTINGS = ["fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers",
            "max_wal_size", "autovacuum"]


def surroundings(bench, options):
    return {
        "rounds": options.rounds, "machine": machine(bench.work), "versions": versions(bench),
        "settings": {name: bench.db.execute(f"show {name}").fetchone()[0] for name in SETTINGS},
    }


# ---- Markdown


def table(head, lines):
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for cells in lines:
        print("| " + " | ".join(str(cell) for cell in cells) + " |")
    print()


def span(seconds):
    return f"{min(seconds):.3f}–{max(seconds):.3f}"


def print_surroundings(result):
    where = result["machine"]
    print(f"    {result['command']}\n")
    print(f"- {where['processor'] or 'processor unknown'}, {where['cores']} cores,"
          f" {where['memory_bytes'] / 2**30:.0f} GiB;"
          f" {where['filesystem']}, a write of 8 KiB"
          f" with fdatasync {where['fdatasync_seconds'] * 1000:.2f} ms; {where['system']}")
    print("- " + ", ".join(f"{name} {version}" for name, version in result["versions"].items()
                           if version))
    print("- PostgreSQL as initdb makes it: "
          + ", ".join(f"{name} = {value}" for name, value in result["settings"].items()))
    load = result.get("load_average")
    if load:
        print(f"- load average {load[0]:.1f} before, {load[1]:.1f} after")
    for entry in result["left_out"]:
        print(f"- left out: {entry['method']}: {entry['reason']}")
    print()


def print_methods(result):
    file = result["file"]
    medians = {name: statistics.median(method["seconds"])
               for name, method in result["methods"].items()}
    print(
        f"{file['rows']:,} predictions of {file['images']:,} images, {file['bytes'] / 1e6:.1f} MB; "
        f"in turn, {result['rounds']} rounds after a warm-up:\n")
    lines = []
    for name, method in sorted(result["methods"].items(), key=lambda item: medians[item[0]]):
        ratio = f"{medians[name] / medians['floor']:.2f}" if "floor" in medians else ""
        mine = f"{medians['pgcoco'] / medians[name]:.2f}" if "pgcoco" in medians else ""
        lines.append([method["label"], f"{medians[name]:.3f}", span(method["seconds"]), ratio, mine,
                      f"{file['rows'] / medians[name]:,.0f}",
                      f"{file['bytes'] / 1e6 / medians[name]:.0f}"])
    table(["method", "median s", "min–max s", "× floor", "pgcoco ÷ it", "rows/s",
           "MB/s of JSON"], lines)


def print_stations(stations):
    """Parts that take less than a hundredth are added up."""
    least = sum(stations.values()) / 100
    lines = [[name, seconds] for name, seconds in stations.items() if seconds >= least]
    rest = sum(seconds for seconds in stations.values() if seconds < least)
    table(["part", "seconds"],
          [[name, f"{seconds:.3f}"] for name, seconds in [*lines, ["the rest", rest]]])


def print_where(where):
    print(f"One import of {where['seconds']:.3f} s by process (CPU seconds, in steps of 0.01):\n")
    table(["process", "user", "system"],
          [[name, f"{user:.2f}", f"{system:.2f}"] for name, (user, system) in where["cpu"].items()])
    print(f"Another of {where['logged_seconds']:.3f} s by step, as PostgreSQL logged them:\n")
    between = where["logged_seconds"] - sum(where["steps"].values())
    steps = {**where["steps"], "between the steps, and outside of the database": between}
    table(["step", "seconds"], [[name, f"{seconds:.4f}"] for name, seconds in steps.items()])
    if where["stations"]:
        print("And by part of the program (processor time under perf; some parts run at the same"
              " time):\n")
        print_stations(where["stations"])
    print(f"Peak resident memory of a worker: {where['worker_peak_bytes'] / 2**20:.1f} MiB\n")


def print_memory(points):
    print("Peak resident memory of a worker that was started for this one import:\n")
    table(["body MB", "peak MiB"],
          [[f"{p['bytes'] / 1e6:,.0f}", f"{p['worker_peak_bytes'] / 2**20:.1f}"] for p in points])


def print_growth(growth):
    first = growth["alone"][0]["rows_per_second"]
    lines = [[entry["imports"], f"{entry['rows']:,}", f"{statistics.median(entry['seconds']):.3f}",
              span(entry["seconds"]), f"{entry['rows_per_second']:,.0f}",
              f"{entry['rows_per_second'] / first:.2f}"]
             for entry in [*growth["alone"], growth["at_once"]]]
    table(["imports at once", "rows in all", "median s", "min–max s", "rows/s", "× the first"],
          lines)


def milliseconds(seconds):
    return f"{seconds * 1000:.2f}"


def print_leaves(leaves):
    print(f"The same in a small database and in one of {leaves['leaves']:,} leaves,"
          " medians in milliseconds:\n")
    table(["what", "small", "large", "ratio"],
          [[what, milliseconds(few), milliseconds(leaves["many"][what]),
            f"{leaves['many'][what] / few:.2f}"]
           for what, few in leaves["few"].items()])


def print_readers(readers):
    print(f"A run of {readers['rows']:,} rows was replaced {readers['publications']} times;"
          f" readers asked again after {readers['pause'] * 1000:.0f} ms, before and meanwhile;"
          " milliseconds:\n")
    lines = []
    for r in readers["readers"]:
        waits = [milliseconds(r[name]) for name in (
            "calm_median", "calm_max", "busy_median", "busy_p99", "busy_max", "publishing_max")]
        lines.append([r["kind"], r["answers"], r["failed"] or len(r["wrong"]), *waits])
    table(["question", "answers", "wrong", "calm median", "calm max", "median", "99 %", "max",
           "max at a publication"], lines)
    left, catalog = readers["left_over"], readers["catalog"]
    print(f"Left over: {left['leaves']} leaves, {left['pending']} pending detaches. Catalogs:"
          f" {catalog['before']['bytes'] / 1e6:.1f} MB before,"
          f" {catalog['after']['bytes'] / 1e6:.1f} MB after; {catalog['before']['rows']}"
          f" and {catalog['after']['rows']} relations.\n")


def megabytes(size):
    return f"{size / 2**20:.0f}"


def differences_in_words(found):
    how = ("the same doubles" if found["greatest"] == 0
           else f"they differ by {found['greatest']:.1e} at most")
    return (f"pycocotools and pgcoco have {found['numbers']} numbers (stats and the AP of each"
            f" class): {how}.")


def print_pair(pair):
    print(f"{pair['iou_type']}: {pair['images']:,} images, {pair['truths']:,} ground truths,"
          f" {pair['detections']:,} detections (files of {pair['truth_bytes'] / 1e6:.1f} and"
          f" {pair['results_bytes'] / 1e6:.1f} MB):\n")
    medians = {name: statistics.median(method["seconds"])
               for name, method in pair["methods"].items()}
    table(["method", "rounds", "median s", "min–max s", "× copy", "it ÷ pgcoco"],
          [[method["label"], len(method["seconds"]), f"{medians[name]:.3f}",
            span(method["seconds"]), f"{medians[name] / medians['copy']:.2f}",
            f"{medians[name] / medians['pgcoco']:.2f}"]
           for name, method in pair["methods"].items()])
    if "differences" in pair:
        print(differences_in_words(pair["differences"]) + "\n")
    print(f"Peak resident memory: {megabytes(pair['command_peak_bytes'])} MiB of the command,"
          f" {megabytes(pair['worker_peak_bytes'])} MiB of the worker without a cache.\n")
    if pair.get("profile"):
        print("One evaluation over HTTP by part of the program (processor time under perf; some"
              " parts run at the same time):\n")
        print_stations(pair["profile"])


def print_curve(points):
    print("bbox, 100 detections an image, medians; seconds for a million detections:\n")
    lines = []
    for p in points:
        millions = p["detections"] / 1e6
        seconds = p["seconds"]
        lines.append([
            f"{p['images']:,}", f"{p['detections']:,}", f"{seconds['copy'] / millions:.3f}",
            f"{seconds['pgcoco'] / millions:.3f}", f"{seconds['pgcoco-http'] / millions:.3f}",
            f"{seconds['pgcoco'] / seconds['copy']:.2f}", megabytes(p["command_peak_bytes"]),
            megabytes(p["worker_peak_bytes"])])
    table(["images", "detections", "copy", "pgcoco", "pgcoco-http", "pgcoco × copy",
           "command MiB", "worker MiB"], lines)


def print_evaluations(result):
    print_surroundings(result)
    for pair in result.get("pairs", []):
        print_pair(pair)
    if "curve" in result:
        print_curve(result["curve"])


def page_in_words(found):
    return f"{found[0]}{', more' if found[1] else ''}" if found else ""


def print_reads_table(result):
    small, large = result["datasets"]
    print("In turn over HTTP, {rounds} rounds after a warm-up, medians; small:"
          " {0[images]:,} images, {0[annotations]:,} annotations, {0[predictions]:,} predictions;"
          " large: {1[images]:,}, {1[annotations]:,}, {1[predictions]:,}:\n".format(
              small, large, **result))
    lines = []
    for read in result["reads"]:
        small, large = (statistics.median(seconds) for seconds in read["seconds"].values())
        lines.append([read["name"], f"{small * 1000:.1f}", f"{large * 1000:.1f}",
                      f"{large / small:.1f}", *map(page_in_words, read["found"].values())])
    table(["answer", "small ms", "large ms", "large ÷ small", "images, small", "images, large"],
          lines)


def print_crowd(crowd):
    print(f"{crowd['readers']} readers at once, and beside an import of {crowd['rows']:,} rows"
          f" ({statistics.median(crowd['import_alone']):.2f} s without them,"
          f" {statistics.median(crowd['import_beside']):.2f} s with them, medians):\n")
    table(["readers", "answers/s", "median ms", "99 % ms", "longest ms", "statuses"],
          [[name, f"{seen['answers'] / seen['seconds']:,.0f}",
            *(f"{seen[what] * 1000:.0f}" for what in ("median", "p99", "longest")),
            ", ".join(f"{status}: {times:,}" for status, times in seen["statuses"].items())]
           for name, seen in (("alone", crowd["calm"]), ("beside", crowd["beside"]))])


def print_reads(result):
    print_surroundings(result)
    print_reads_table(result)
    if "crowd" in result:
        print_crowd(result["crowd"])


def print_markdown(result):
    print_surroundings(result)
    if "methods" in result:
        print_methods(result)
    if "where" in result:
        print_where(result["where"])
    if "memory" in result:
        print_memory(result["memory"])
    if "growth" in result:
        print_growth(result["growth"])
    if "leaves" in result:
        print_leaves(result["leaves"])
    if "readers" in result:
        print_readers(result["readers"])
