"""pgcoco serve --respawn: a crash costs the requests that ran, and nothing else."""

import os
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from samples import big_results, count
from stack import account, wait_for


@pytest.fixture
def web(own_site):
    """A client of a service that looks after itself."""
    return own_site(watched=True)


def kill_worker(site):
    """Kills the process that serves; returns its number."""
    worker, = wait_for(site.workers, "a process that serves")
    os.kill(worker, signal.SIGKILL)
    return worker


def test_it_never_gives_up(web, dataset):
    """Requests that come while nothing serves wait at the socket."""
    seen = set()
    for _ in range(6):
        seen.add(kill_worker(web.site))
        assert web.get(f"/datasets/{dataset}").status == 200
    assert len(seen) == 6
    log = web.site.log()
    assert log.count("has ended (signal 9); another one starts in") == 6
    assert "starts in 100 ms" in log and "starts in 3200 ms" in log


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_to_it_lets_a_running_upload_end(web, dataset, db, token, ends):
    pieces = list(big_results(400_000))
    worker, = wait_for(web.site.workers, "a process that serves")
    with web.sender("PUT", f"/datasets/{dataset}/runs/run?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        web.wait_for_state(token, "running")
        web.site.process.send_signal(ends)
        sender.send(pieces[-1])
        assert sender.reply().status == 200
    assert web.site.process.wait(30) == 0
    assert not Path(f"/proc/{worker}").exists()
    assert count(db, dataset, "run") == 700 * (len(pieces) - 1)


def test_a_worker_does_not_outlive_it(web):
    worker, = wait_for(web.site.workers, "a process that serves")
    web.site.process.kill()
    web.site.process.wait(30)
    wait_for(lambda: not Path(f"/proc/{worker}").exists(), "the worker to end")


def test_a_process_that_cannot_serve_is_tried_again_until_a_signal(home, postgres):
    """Its database has no schema, say."""
    socket = home.path / "supervised.sock"
    process = home.start("supervised", home.binary, "--db", postgres.conninfo(database="postgres"),
                         "--socket", socket, "--respawn")
    log = home.logs["supervised"][0]
    wait_for(lambda: log.read_text().count("has ended (exit status 1)") >= 3, "three attempts")
    assert process.poll() is None
    process.terminate()
    assert process.wait(30) == 0


def test_a_process_that_cannot_be_started_is_tried_again(home, postgres):
    """Nothing has ended then, and the log does not say so."""
    # The search for leaks would need a process, too.
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    process = home.start("refused", home.binary, "--db", postgres.conninfo(),
                         "--socket", home.path / "refused.sock", "--respawn",
                         env={**os.environ, "ASAN_OPTIONS": sanitizer},
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)))
    log = home.logs["refused"][0]
    wait_for(lambda: log.read_text().count("cannot start a process: ") >= 3, "three attempts")
    process.terminate()
    assert process.wait(30) == 0
    assert "has ended" not in log.read_text()


def test_more_arguments_than_it_can_pass_on_are_refused(home, postgres):
    process = home.start("arguments", home.binary, "--db", postgres.conninfo(),
                         "--socket", home.path / "arguments.sock", "--respawn",
                         *["--threads=4"] * 250)
    assert process.wait(30) == 1
    assert "with --respawn and 255 arguments; give at most 254" in (
        home.logs["arguments"][0].read_text())


def test_descriptors_of_whoever_starts_it_are_closed(home, postgres, tmp_path):
    inherited = tmp_path / "inherited"
    with open(inherited, "w") as file:
        process = subprocess.Popen(
            [home.binary, "--db", postgres.conninfo(), "--socket", home.path / "closed.sock"],
            pass_fds=[file.fileno()], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
            **account())
    try:
        assert b"serving" in process.stderr.readline()
        folder = Path(f"/proc/{process.pid}/fd")
        open_files = {os.readlink(folder / number) for number in os.listdir(folder)}
        assert str(inherited) not in open_files
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert process.returncode == 0
