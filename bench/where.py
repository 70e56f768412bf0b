"""Where the time of one import goes: CPU seconds by process, and steps as PostgreSQL logs them."""

import os
import re
import time

from methods import RUN
from servers import say
from stack import children, wait_for

TICK = 1 / os.sysconf("SC_CLK_TCK")

# What a statement of an import does, by what stands in it.
STEPS = [
    ("run_import_begin", "begin: locks, new leaf"),
    ("image_page", "ids of images and categories"),
    ("category_ids", "ids of images and categories"),
    ("copy coco_parts", "copy"),
    ("import_index", "index"),
    ("import_loaded", "loaded: the columns that are the same in all rows, check of the bounds"),
    ("import_attach", "attach"),
    ("run_publish", "publish: readers from before the attach, pointer, counts"),
]

LOGGED = re.compile(
    r"\[(\d+)\] .*? duration: ([\d.]+) ms  (?:(?:statement|(?:parse|bind|execute) [^:]*): (.*))?")


def cpu_seconds(pid):
    """User and system time of a process; none when it has gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return 0.0, 0.0
    return int(fields[11]) * TICK, int(fields[12]) * TICK


def peak_bytes(pid):
    """Peak resident memory of a process; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/status") as file:
            peak = re.search(r"VmHWM:\s+(\d+) kB", file.read())
    except OSError:
        return 0
    return int(peak[1]) * 1024 if peak else 0


def worker_peak(bench, site=None):
    return max(peak_bytes(pid) for pid in (site or bench.site).workers())


def group(bench, pid, postmaster):
    """A process of the site by what it does."""
    if pid == postmaster:
        return "PostgreSQL: other processes"
    with open(f"/proc/{pid}/cmdline") as file:
        return "PostgreSQL: backend" if file.read().startswith(
            "postgres: pgcoco ") else "PostgreSQL: other processes"


def processes(bench):
    """{pid: group} of everything that serves; without the backend of the measuring itself."""
    postmaster = int((bench.postgres.data / "postmaster.pid").read_text().split()[0])
    found = {pid: "pgcoco workers" for site in bench.sites() for pid in site.workers()}
    found.update({pid: "nginx" for site in bench.sites()
                  for pid in [site.nginx.pid, *children(site.nginx.pid)]})
    for pid in {postmaster, *children(postmaster)} - {bench.db.info.backend_pid}:
        try:
            found[pid] = group(bench, pid, postmaster)
        except OSError:
            pass  # ended meanwhile
    return found


def read_cpu(bench):
    return {pid: (name, *cpu_seconds(pid)) for pid, name in processes(bench).items()}


def cpu_between(before, after):
    """{group: [user, system]}; a process that was not there before had used nothing."""
    used = {}
    for pid, (name, user, system) in after.items():
        _, user_before, system_before = before.get(pid, (name, 0.0, 0.0))
        total = used.setdefault(name, [0.0, 0.0])
        total[0] += user - user_before
        total[1] += system - system_before
    return used


def curl_import(bench, file):
    """Seconds of one upload, and curl's own user and system time."""
    before, start = os.times(), time.monotonic()
    bench.upload(file, RUN)
    seconds, after = time.monotonic() - start, os.times()
    return seconds, [after.children_user - before.children_user,
                     after.children_system - before.children_system]


def log_statements(bench, minimum):
    """Sets log_min_duration_statement, and waits until backends have had time to read it."""
    bench.db.execute(f"alter system set log_min_duration_statement = {minimum}")
    bench.db.execute("select pg_reload_conf()")
    wait_for(lambda: bench.db.execute("show log_min_duration_statement").fetchone()[0] == str(
        minimum), "the setting")
    time.sleep(0.5)


def statements(log):
    """(pid, milliseconds, first line of the statement) of each logged duration."""
    return [(pid, float(ms), statement or "") for pid, ms, statement in LOGGED.findall(log)]


def step_of(statement, last):
    """A commit belongs to the step before it."""
    if statement.strip().lower().startswith("commit"):
        return "commit of " + last.split(":")[0]
    return next((step for word, step in STEPS if word in statement), None)


def import_steps(log):
    """{step: seconds} of the backend that copied, in order."""
    logged = statements(log)
    copier = next((pid for pid, _, statement in logged if "copy coco_parts.a_" in statement), None)
    steps, last = {}, "begin"
    for _, ms, statement in (entry for entry in logged if entry[0] == copier):
        step = step_of(statement, last)
        if step:
            steps[step] = steps.get(step, 0.0) + ms / 1000
            if not step.startswith("commit"):
                last = step
    return steps


def one_import(bench, file):
    """One import for the CPU and one, with the log, for the steps."""
    say("one import by process and by step")
    bench.settle()
    before = read_cpu(bench)
    seconds, curl = curl_import(bench, file)
    cpu = {"curl": curl, **cpu_between(before, read_cpu(bench))}
    bench.settle()
    log_statements(bench, 0)
    bench.home.fresh_logs()
    logged_seconds, _ = curl_import(bench, file)
    log = bench.home.fresh_logs()["postgres"].decode(errors="replace")
    log_statements(bench, -1)
    return {"seconds": seconds, "cpu": cpu, "logged_seconds": logged_seconds,
            "steps": import_steps(log), "worker_peak_bytes": worker_peak(bench)}
