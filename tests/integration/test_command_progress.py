"""The program at a shell: progress, and what signals do to it."""

import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import pytest

from samples import array, big_results, count, detections
from shell import FIGURES, OF_DATASET
from stack import wait_for


def test_nothing_is_said_of_progress_when_quiet(shell, dataset):
    shell.write("run.json", array(*detections(3)))
    assert shell.run("import", "run", dataset, "run.json", "-q")[1] == ""
    _, err = shell.run("import", "run", dataset, "run.json")
    assert re.fullmatch(r"run.json: done, 3 rows and \d+ B in " + FIGURES, err)


def test_progress_is_a_line_a_second_where_there_is_no_terminal(shell, dataset):
    process = shell.start("import", "run", dataset, "slow", "-", stdin=subprocess.PIPE)
    pieces = list(big_results(300_000))
    for piece in pieces[:-1]:
        process.stdin.write(piece)
    process.stdin.flush()
    first = process.stderr.readline().decode()
    process.stdin.write(pieces[-1])
    out, err = process.communicate(timeout=120)
    assert re.fullmatch(
        r"standard input: copy [\d.]+ kB, [\d.]+ kB/s, \d+ rows, \d+ rows/s\n", first)
    assert b"standard input: done, 4200 rows and " in err
    assert process.returncode == 0 and b"4200 predictions imported" in out


def test_progress_names_what_comes_behind_the_copy(shell, holder, dataset):
    """While somebody has the dataset's row, the publication waits."""
    shell.write("run.json", array(*detections(3)))
    shell.run("import", "run", dataset, "run.json")
    holder.execute(f"select from coco.sources s {OF_DATASET} for update of s", (dataset,))
    process = shell.start("import", "run", dataset, "run.json")
    line = process.stderr.readline().decode()
    holder.rollback()
    process.communicate(timeout=120)
    assert re.fullmatch(r"run.json: publish, \d+\.\d s\n", line)
    assert process.returncode == 0


def test_a_terminal_gets_a_bar_that_stays_in_its_place(shell, dataset):
    shell.write("run.json", b"".join(big_results(3_000_000)))
    master, slave = pty.openpty()
    process = shell.start("import", "run", dataset, "run.json", stderr=slave)
    os.close(slave)
    seen = b""
    while not re.search(rb"done[^\r\n]*[\r\n]", seen):
        seen += os.read(master, 65536)
    process.communicate(timeout=120)
    os.close(master)
    assert process.returncode == 0
    lines = re.split(rb"\r\n|\r", seen)
    step = re.compile(rb"run.json: (copy \[#* *\] \d+ % of 3\.1 MB|index|publish), ")
    assert any(map(step.search, lines[:-2])), seen
    assert re.search(rb"run.json: done, \d+ rows and 3\.1 MB in ", lines[-2] or lines[-3])


# ---- signals


@pytest.fixture
def copying(shell, web, db, dataset, token):
    """An import of the run "run", which has five rows already, in the middle of its copy."""
    shell.write("before.json", array(*detections(5)))
    shell.run("import", "run", dataset, "before.json", "--name", "run")
    process = shell.start("import", "run", dataset, "run", "-", "--token", token,
                          stdin=subprocess.PIPE)
    pieces = list(big_results(1_000_000))
    for piece in pieces[:-1]:
        process.stdin.write(piece)
    process.stdin.flush()
    wait_for(lambda: web.import_state(token).get("rows", 0) > 0, "rows in the database")
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number, status", [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_the_old_run(
        copying, web, db, dataset, token, collect, number, status):
    copying.send_signal(number)
    copying.wait(120)  # the end of its input would be an error of its own
    out, err = copying.communicate()
    assert (copying.returncode, out) == (status, b"")
    assert b"pgcoco: standard input: interrupted (interrupted)\n  nothing was changed\n" in err
    assert count(db, dataset, "run") == 5
    state = web.import_state(token)
    assert (state["state"], state["outcome"]["code"]) == ("failed", "interrupted")
    collect()


def backend(db, token, condition):
    """The process of the database that works for an import, once it is at something."""
    ask = ("select pid from pg_stat_activity"
           f" where application_name like 'pgcoco {token} %' and {condition}")
    return wait_for(lambda: db.execute(ask).fetchone(), f"import {token}: {condition}")[0]


def test_a_signal_also_ends_a_wait_for_the_database(shell, holder, db, dataset, token):
    shell.write("run.json", array(*detections(3)))
    shell.run("import", "run", dataset, "run.json")
    holder.execute(f"select from coco.sources s {OF_DATASET} for update of s", (dataset,))
    shell.write("run.json", array(*detections(4)))
    process = shell.start("import", "run", dataset, "run.json", "--token", token)
    backend(db, token, "wait_event_type = 'Lock'")
    process.send_signal(signal.SIGINT)
    assert b"interrupted" in process.communicate(timeout=120)[1]
    assert process.returncode == 130
    holder.rollback()
    assert count(db, dataset, "run") == 3


def test_the_second_signal_ends_at_once(shell, db, dataset, token):
    """Even where the database does not answer."""
    process = shell.start("import", "run", dataset, "run", "-", "--token", token,
                          stdin=subprocess.PIPE)
    stopped = backend(db, token, "query like 'copy %'")
    os.kill(stopped, signal.SIGSTOP)
    try:
        process.send_signal(signal.SIGINT)
        wait_for(lambda: signal_is_pending(stopped), "the cancellation to be sent")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        assert process.returncode in (130, -signal.SIGINT)
    finally:
        os.kill(stopped, signal.SIGCONT)
    process.communicate()
    assert count(db, dataset, "run") == 0


def signal_is_pending(pid):
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    pending = [int(line.split()[1], 16) for line in status if "Pnd:" in line]
    return any(mask & 1 << signal.SIGINT - 1 for mask in pending)


def test_being_killed_leaves_the_old_run(copying, db, dataset, collect):
    copying.kill()
    copying.communicate()
    assert count(db, dataset, "run") == 5
    collect()


def test_signals_that_are_ignored_stay_ignored(shell, db, dataset, token):
    """As nohup has it."""
    process = shell.start("import", "run", dataset, "run", "-", "-q", "--token", token,
                          before=["sh", "-c", 'trap "" HUP; exec "$@"', "sh"],
                          stdin=subprocess.PIPE)
    backend(db, token, "query like 'copy %'")
    process.send_signal(signal.SIGHUP)
    out, err = process.communicate(array(*detections(2)), timeout=120)
    assert (process.returncode, err) == (0, b""), out
    assert count(db, dataset, "run") == 2
