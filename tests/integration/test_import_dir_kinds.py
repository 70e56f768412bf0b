"""What is no file in --import-dir: it is refused at once, and nothing happens to it."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from client import ask_for_file, refused
from samples import reasons
from stack import stop, wait_for

NEITHER = (403, "forbidden", "neither a file nor a directory")


@pytest.fixture
def fifo(folder):
    """fifo("a.json") is a FIFO, and a process that waits for a reader to write "row" to it."""
    made = []

    def make(name):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
        path.chmod(0o666)
        writer = subprocess.Popen(["sh", "-c", 'echo row >"$1"', "sh", path])
        made.append((path, writer))
        wait_for(lambda: is_asleep(writer.pid), "the writer to wait")
        return path, writer

    yield make
    for path, writer in made:
        stop(writer)
        path.unlink()


def is_asleep(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def goes_on(path, writer):
    """Whether the writer still waits, and its row comes when somebody reads."""
    if writer.poll() is not None:
        return False
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as reader:
        return wait_for(reader.read, "the writer's row") == b"row\n" and writer.wait(30) == 0


@pytest.mark.parametrize("kind", ["coco", "detection_annotation"])
def test_a_fifo_is_refused_and_its_writer_goes_on_waiting(inside, dataset, fifo, kind):
    path, writer = fifo("fifo.json")
    refused(ask_for_file(inside, dataset, "fifo.json", format=kind), *NEITHER[:2])
    assert goes_on(path, writer)


def test_a_fifo_in_a_directory_is_an_invalid_file_and_its_writer_goes_on_waiting(
        inside, dataset, put, fifo):
    put("mixed/a.json", {"filename": "one.jpg", "annotations": [
        {"bbox": {"x": 0, "y": 0, "w": 1, "h": 1}, "confidence": 1, "class_id": 1}],
        "categories": {"1": "car"}})
    path, writer = fifo("mixed/b.json")
    reply = ask_for_file(inside, dataset, "mixed", format="detection_annotation")
    assert (reply.status, reasons(reply.json())) == (200, {"invalid_file": 1}), reply
    assert goes_on(path, writer)


def test_a_fifo_without_a_writer_and_a_socket_are_refused_at_once(inside, dataset, folder):
    os.mkfifo(folder / "lonely.json")
    (folder / "lonely.json").chmod(0o666)
    refused(ask_for_file(inside, dataset, "lonely.json"), *NEITHER)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "sock"))
        refused(ask_for_file(inside, dataset, "sock"), *NEITHER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_a_device_is_refused(inside, dataset, folder):
    device = folder / "zero.json"
    try:
        os.mknod(device, 0o666 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices cannot be made here")
    device.chmod(0o666)
    refused(ask_for_file(inside, dataset, "zero.json"), *NEITHER)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount something")
def test_a_start_without_proc_fails_and_says_so(home, folder):
    """Only the folder of its descriptors is hidden: sanitizers need the rest of /proc."""
    script = 'mount -t tmpfs none "/proc/$$/fd" && exec "$@"'
    done = subprocess.run(
        [shutil.which("unshare"), "--mount", "sh", "-c", script, "sh", home.binary,
         "--import-dir", folder, "--socket", "never.sock"],
        capture_output=True, cwd=home.path, timeout=60)
    assert done.returncode == 1, done
    assert b"--import-dir" in done.stderr and b"/proc is not mounted" in done.stderr
