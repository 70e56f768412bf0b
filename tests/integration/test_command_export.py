"""The program at a shell: pgcoco export."""

import gzip
import os
import re
import select
import signal

import pytest

from relay import Relay
from samples import array, big_results, detection, detections, rows
from shell import FIGURES
from stack import wait_for


@pytest.fixture
def exported(shell, web, dataset):
    """A dataset with the run "run", which has masks and fields of its own."""
    mask = detection(segmentation=[[1, 1, 9, 1, 9, 9]], more={"a": [1, "\u00e4"]})
    body = array(*detections(5), mask)
    assert web.put_run(dataset, "run", body).status == 200
    return dataset


@pytest.mark.parametrize("words, path", [
    (["run"], "runs/run/predictions"), ([], "annotations")], ids=["run", "ground truth"])
def test_an_export_is_what_http_gives(shell, web, exported, words, path):
    by_http = web.get(f"/datasets/{exported}/{path}").body
    out, _ = shell.run("export", exported, *words)
    assert out.encode() == by_http
    shell.run("export", exported, *words, "-o", "file.json")
    assert (shell.folder / "file.json").read_bytes() == by_http
    shell.run("export", exported, *words, "--gzip", "--output", "file.json.gz")
    assert gzip.decompress((shell.folder / "file.json.gz").read_bytes()) == by_http


def test_what_was_exported_can_be_imported_again(shell, db, exported, name):
    shell.run("export", exported, "-o", "truth.json")
    shell.run("export", exported, "run", "--gzip", "-o", "run.json.gz")
    shell.run("import", "dataset", name + "-copy", "truth.json")
    shell.run("import", "run", name + "-copy", "run.json.gz")
    for source in ("ground_truth", "run"):
        assert rows(db, name + "-copy", source) == rows(db, exported, source)


def test_an_export_says_how_far_it_is_unless_quiet(shell, exported):
    _, err = shell.run("export", exported, "run", "-o", "x.json")
    assert re.fullmatch(r"x.json: done, 6 rows and [\d.]+ k?B in " + FIGURES, err)
    assert shell.run("export", exported, "run", "-o", "x.json", "--quiet") == ("", "")


@pytest.mark.parametrize("words, said", [
    (["no-such-set"], "there is no dataset no-such-set (unknown_dataset)"),
    (["DATASET", "nope"], "has no run nope (its runs: run) (unknown_run)"),
    (["DATASET", "run", "-o", "no/folder/x"],
     "no/folder/x cannot be created (internal)\n  No such"),
    (["DATASET", "run", "-o", "/dev/full"], "/dev/full cannot be written (internal)\n  No space"),
], ids=["dataset", "run", "folder", "full"])
def test_an_export_that_fails_leaves_no_file(shell, exported, words, said):
    shell.write("out.json", b"as it was")
    words = [exported if word == "DATASET" else word for word in words]
    if "-o" not in words:
        words += ["-o", "out.json"]
    _, err = shell.run("export", *words, status=1)
    assert said in err
    assert {path.name for path in shell.folder.iterdir()} == {"out.json"}
    assert (shell.folder / "out.json").read_bytes() == b"as it was"


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("words", [[], ["-o", "fifo"], ["-o", "/dev/stdout"]], ids=str)
def test_an_interrupted_export_does_not_wait_for_a_pipe_that_nobody_reads(
        shell, web, dataset, words, number, status):
    web.put_run(dataset, "run", b"".join(big_results(3_000_000)))
    os.mkfifo(shell.folder / "fifo")
    shell.home.own(shell.folder / "fifo")
    reader = os.open(shell.folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    process = shell.start("export", dataset, "run", *words)
    pipe = reader if "fifo" in words else process.stdout
    wait_for(lambda: select.select([pipe], [], [], 0)[0], "bytes in the pipe")
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    os.close(reader)
    assert process.returncode == status and b"pgcoco: run: interrupted (interrupted)\n" in err
    assert {path.name for path in shell.folder.iterdir()} == {"fifo"}


@pytest.fixture
def narrows(home, name):
    narrows = Relay(home, name, room=500_000)
    yield narrows
    narrows.close()


@pytest.fixture
def halfway(shell, web, dataset, narrows):
    """An export of the run "run" to out.json that has written a part of it."""
    web.put_run(dataset, "run", b"".join(big_results(3_000_000)))
    process = shell.start("export", dataset, "run", "-o", "out.json",
                          "--db", f"host={narrows.directory}")
    wait_for(lambda: any(path.stat().st_size > 0 for path in shell.folder.iterdir()),
             "a part of the file")
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_export_leaves_no_file(shell, halfway, narrows, number, status):
    halfway.send_signal(number)
    wait_for(lambda: narrows.clients > 1, "the cancel request")
    narrows.is_wide.set()
    _, err = halfway.communicate(timeout=120)
    assert halfway.returncode == status and b"pgcoco: run: interrupted (interrupted)\n" in err
    assert list(shell.folder.iterdir()) == []


def test_two_exports_to_one_file_do_not_meet(shell, web, dataset, halfway, narrows):
    by_http = web.get(f"/datasets/{dataset}/runs/run/predictions").body
    for words in (["run"], []):
        shell.run("export", dataset, *words, "-o", "out.json")
    assert (shell.folder / "out.json").read_bytes() == web.get(
        f"/datasets/{dataset}/annotations").body
    narrows.is_wide.set()
    _, err = halfway.communicate(timeout=120)
    assert halfway.returncode == 0, err
    assert (shell.folder / "out.json").read_bytes() == by_http
    assert {path.name for path in shell.folder.iterdir()} == {"out.json"}


def test_an_export_touches_no_file_but_its_own_and_has_the_usual_mode(shell, exported):
    shell.write("out.json.tmp", b"of the user")
    shell.run("export", exported, "-o", "out.json")
    assert {path.name for path in shell.folder.iterdir()} == {"out.json", "out.json.tmp"}
    assert (shell.folder / "out.json.tmp").read_bytes() == b"of the user"
    for mask, mode in (("022", 0o644), ("027", 0o640)):
        process = shell.start("export", exported, "-o", "out.json",
                              before=["sh", "-c", f'umask {mask}; exec "$@"', "sh"])
        process.communicate(timeout=60)
        assert (shell.folder / "out.json").stat().st_mode & 0o777 == mode


def test_an_export_follows_a_symbolic_link(shell, web, exported):
    shell.write("folder/old.json", b"old")
    (shell.folder / "link.json").symlink_to("folder/old.json")
    (shell.folder / "dangling.json").symlink_to("folder/none.json")
    shell.run("export", exported, "-o", "link.json")
    assert (shell.folder / "link.json").is_symlink()
    assert (shell.folder / "folder/old.json").read_bytes() == web.get(
        f"/datasets/{exported}/annotations").body
    _, err = shell.run("export", exported, "-o", "dangling.json", status=1)
    assert "dangling.json cannot be created (internal)\n  No such file" in err
    assert [path.name for path in (shell.folder / "folder").iterdir()] == ["old.json"]


def test_an_export_to_dev_stdout_goes_where_the_shell_has_it(shell, web, exported):
    by_http = web.get(f"/datasets/{exported}/annotations").body
    out, _ = shell.run("export", exported, "-o", "/dev/stdout")
    assert out.encode() == by_http
    process = shell.start("export", exported, "-o", "/dev/stdout", before=[
        "sh", "-c", 'exec >all.json; echo first; "$@"; echo last', "sh"])
    process.communicate(timeout=60)
    assert (shell.folder / "all.json").read_bytes() == b"first\n" + by_http + b"last\n"
