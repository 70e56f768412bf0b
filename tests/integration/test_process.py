"""The process: how it starts, what signals do to it, and how it ends."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from relay import Relay
from samples import big_results, count, detections
from stack import account, wait_for

PIECES = list(big_results(400_000))  # more than a worker reads before it begins the import


@contextlib.contextmanager
def upload(client, dataset, run, token):
    """A sender whose import runs, but for its last piece."""
    with client.sender("PUT", f"/datasets/{dataset}/runs/{run}?import={token}") as sender:
        for piece in PIECES[:-1]:
            sender.send(piece)
        client.wait_for_state(token, "running")
        yield sender


def finish(sender):
    sender.send(PIECES[-1])
    return sender.reply().status


# ---- signals

@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_a_signal_lets_a_running_upload_end_and_then_the_process(
        own_site, dataset, db, token, ends):
    client = own_site("--threads", "4")
    with upload(client, dataset, "run", token) as sender:
        client.site.process.send_signal(ends)
        assert finish(sender) == 200
    assert client.site.process.wait(30) == 0
    assert count(db, dataset, "run") == 700 * (len(PIECES) - 1)


def test_an_idle_process_ends_at_once_in_success(own_site):
    client = own_site("--threads", "64", "--drain", "600")
    assert client.get("/healthz").status == 200
    client.site.process.terminate()
    assert client.site.process.wait(30) == 0


def test_an_idle_process_cuts_no_request_off(own_site):
    client = own_site("--threads", "64", "--drain", "0")
    assert client.get("/healthz").status == 200
    client.site.process.terminate()
    assert client.site.process.wait(30) == 0
    log = client.site.log()
    assert "signal 15: ending" in log and "cut off" not in log


def test_hup_does_no_harm(own_site, dataset, token):
    client = own_site("--threads", "4")
    with upload(client, dataset, "run", token) as sender:
        client.site.process.send_signal(signal.SIGHUP)
        assert finish(sender) == 200
    client.site.process.send_signal(signal.SIGHUP)
    assert client.get("/healthz").status == 200
    assert client.site.process.poll() is None


# ---- the end

def test_a_process_that_ends_leaves_new_requests_to_the_next(held_site, dataset, token):
    client = held_site("--drain", "600")
    ending = client.site.process
    with upload(client, dataset, "old", token) as old:
        ending.terminate()
        wait_for(lambda: "signal 15" in client.site.log(), "the first to end")
        with client.sender("PUT", f"/datasets/{dataset}/runs/new") as new:
            for piece in PIECES[:-1]:
                new.send(piece)
            client.site.process = client.site.start_worker()
            assert finish(new) == 200
        assert ending.poll() is None
        assert finish(old) == 200
    assert ending.wait(30) == 0


def test_a_process_that_ends_refuses_new_requests_on_a_socket_of_its_own(
        own_site, dataset, token):
    client = own_site("--drain", "600")
    with upload(client, dataset, "old", token) as old:
        client.site.process.terminate()
        wait_for(lambda: client.get("/healthz").status == 502, "an answer of nginx alone")
        assert finish(old) == 200
    assert client.site.process.wait(30) == 0


def test_an_upload_that_takes_longer_than_the_drain_is_cut_off(own_site, web, dataset, db, token):
    assert web.put_run(dataset, "run", detections(3)).status == 200
    client = own_site("--drain", "1")
    with upload(client, dataset, "run", token):
        client.site.process.terminate()
        assert client.site.process.wait(30) == 0
    assert "1 requests did not end in time and are cut off" in client.site.log()
    assert count(db, dataset, "run") == 3


def test_a_second_signal_ends_the_wait(own_site, dataset, token):
    client = own_site("--drain", "600")
    with upload(client, dataset, "run", token):
        client.site.process.terminate()
        wait_for(lambda: client.get("/healthz").status == 502, "the end to begin")
        client.site.process.terminate()
        assert client.site.process.wait(30) == 0


def test_restarts_under_load_lose_no_request(held_site, web, dataset):
    """Five orderly ends and starts while uploads and reads go on; none of them notices."""
    client = held_site()
    client.site.restart()
    done = threading.Event()

    loads = [[] for _ in range(6)]

    def load(number, statuses):
        path = f"/datasets/{dataset}/runs/load{number}"
        while not done.is_set():
            statuses.append(client.put(path, detections(200)).status)
            statuses.append(client.get(path).status)

    def wait_for_two_more():
        before = [len(statuses) for statuses in loads]
        wait_for(lambda: all(len(statuses) >= n + 2 for statuses, n in zip(loads, before)),
                 "two more answers to each", seconds=120)

    with ThreadPoolExecutor(6) as pool:
        ends = [pool.submit(load, number, statuses) for number, statuses in enumerate(loads)]
        try:
            for _ in range(5):
                wait_for_two_more()
                assert client.site.restart() == 0
            wait_for_two_more()
        finally:
            done.set()
        for end in ends:
            end.result()
    assert {status for statuses in loads for status in statuses} == {200}, loads


# ---- connections

def test_eight_uploads_at_once_are_taken_as_the_service_comes(web, dataset, token):
    """All of them are in the database at the same time: none waits for another's connection."""
    with contextlib.ExitStack() as stack:
        senders = [stack.enter_context(upload(web, dataset, f"run{n}", f"{token}n{n}"))
                   for n in range(8)]
        assert {finish(sender) for sender in senders} == {200}


def test_two_processes_share_a_socket(held_site, dataset):
    """Both hear of each connection, and one gets it."""
    client = held_site("--threads", "8")
    second = client.site.start_worker()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: client.get(f"/datasets/{dataset}").status, range(400)))
    assert {*replies} == {200}
    for process in (second, client.site.process):
        assert process.poll() is None
        process.terminate()
        assert process.wait(30) == 0
    assert "cannot accept" not in client.site.log()


def test_a_process_that_cannot_accept_connections_says_so_once_and_ends(held_site):
    client = held_site("--threads", "64")
    assert client.get("/healthz").status == 200
    client.site.listener.shutdown(socket.SHUT_RDWR)
    assert client.site.process.wait(30) == 1
    assert client.site.log().count("cannot accept connections: Invalid argument") == 1


def test_a_descriptor_0_that_does_not_listen_is_refused(home, postgres):
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(home.path / f"bound{os.getpid()}.sock"))
        done = subprocess.run([home.binary, "--db", postgres.conninfo()], stdin=bound,
                              capture_output=True, timeout=60, **account())
    assert done.returncode == 1
    assert b"file descriptor 0 is not a listening socket" in done.stderr


def test_connections_wait_while_descriptors_are_used_up(held_site, dataset):
    client = held_site("--threads", "64", "--long-connections", "1", "--short-connections", "1")
    client.site.process.terminate()
    client.site.process.wait(30)
    client.site.process = client.site.start_worker(
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)))
    with contextlib.ExitStack() as stack:
        # Fewer bytes than make the worker take a connection of the database.
        senders = [stack.enter_context(client.sender("PUT", f"/datasets/{dataset}/runs/slow"))
                   for _ in range(20)]
        for sender in senders:
            sender.send(b"[")
        wait_for(lambda: "cannot accept connections" in client.site.log(), "descriptors to end")
    # The clients have gone, and with them their connections.
    assert client.get("/healthz").status == 200
    assert client.site.process.poll() is None
    assert client.site.log().count("cannot accept connections") < 10


# ---- the socket

def test_a_socket_on_which_another_process_listens_is_left_alone(own_site, pgcoco):
    client = own_site("--threads", "4")
    second = pgcoco("--socket", client.site.socket)
    assert second.returncode == 1
    assert f"{client.site.socket}: another process listens there" in second.stderr.decode()
    assert client.get("/healthz").status == 200


def test_a_file_in_the_place_of_the_socket_is_left_alone(pgcoco, home):
    file = home.write("no_socket", "precious")
    done = pgcoco("--socket", file)
    assert done.returncode == 1
    assert "it exists and is not a socket" in done.stderr.decode()
    assert file.read_text() == "precious"


# ---- plain CGI

def test_standard_output_of_a_cgi_program_is_never_a_database_connection(
        home, postgres, web, dataset, token):
    """The maintenance after the answer opens one, and descriptor 1 used to be free then."""
    gate = Relay(home, "cgi")
    environment = {"PATH": os.environ["PATH"], "PGHOST": str(gate.directory), "PGUSER": "pgcoco",
                   "PGDATABASE": "coco", "REQUEST_METHOD": "PUT",
                   "PATH_INFO": f"/datasets/{dataset}/runs/cgi",
                   "QUERY_STRING": f"import={token}"}
    environment |= {name: value for name, value in os.environ.items() if "SAN_OPTIONS" in name}
    body = b"".join(PIECES)
    environment["CONTENT_LENGTH"] = str(len(body))
    process = subprocess.Popen([home.binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               env=environment, **account())
    try:
        # The last bytes come when the door is shut to what is not connected yet.
        process.stdin.write(body[:-1])
        process.stdin.flush()
        web.wait_for_state(token, "running")
        gate.is_shut = True
        process.stdin.write(body[-1:])
        process.stdin.close()
        answer = process.stdout.read()
        assert answer.startswith(b"Status: 200"), answer
        wait_for(lambda: gate.held, "the maintenance to connect")
        assert os.readlink(f"/proc/{process.pid}/fd/1") == "/dev/null"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        gate.close()


# ---- clocks

CLOCK = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
/* Somebody has set the clock back by an hour. */
int clock_gettime(clockid_t clock, struct timespec *time) {
    int failed = (int)syscall(SYS_clock_gettime, clock, time);
    if (!failed && clock == CLOCK_REALTIME) time->tv_sec -= 3600;
    return failed;
}
"""


def test_the_maintenance_keeps_its_pace_when_the_clock_is_set(held_site, home, postgres):
    source = home.write("clock.c", CLOCK)
    library = home.path / "clock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    library.chmod(0o755)
    client = held_site()
    client.site.process.terminate()
    client.site.process.wait(30)
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    client.site.process = client.site.start_worker(
        "--db", postgres.conninfo() + " application_name=clock",
        env={**os.environ, "LD_PRELOAD": str(library), "ASAN_OPTIONS": sanitizer})
    wait_for(lambda: client.get("/healthz").status == 200, "the worker")
    log = Path(home.logs["postgres"][0])

    def is_at_rest():
        """Three seconds without a connection: between two rounds there are thirty."""
        before = log.read_text().count("application_name=clock")
        time.sleep(3)
        return log.read_text().count("application_name=clock") == before

    postgres_settings(postgres, "on")
    try:
        wait_for(is_at_rest, "the maintenance to rest")
    finally:
        postgres_settings(postgres, "off")


def postgres_settings(postgres, value):
    with postgres.connect(autocommit=True) as db:
        db.execute(f"alter system set log_connections = {value}")
        db.execute("select pg_reload_conf()")
