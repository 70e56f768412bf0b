"""./quickstart in a copy of the tree, as a new user runs it: twice, side by side, and away."""

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

import pictures
from samples import array, detection, detections, street
from stack import TOP, account, free_port, is_sanitized, other_server, wait_for

pytestmark = [
    pytest.mark.skipif(is_sanitized(), reason="./quickstart builds a program without sanitizers"),
    pytest.mark.skipif(other_server() is not None, reason="./quickstart runs Debian's PostgreSQL")]

PATIENCE = 900  # seconds; it builds the program


def source_files():
    """What a clone would have, and what is not committed yet."""
    command = ["git", "ls-files", "-coz", "--exclude-standard"]
    listed = shutil.which("git") and subprocess.run(command, cwd=TOP, capture_output=True)
    if listed and listed.returncode == 0:
        names = listed.stdout.decode().split("\0")
        return [name for name in names if name and (TOP / name).is_file()]
    skipped = ("build", "var", ".git", "autom4te.cache")  # a release archive
    return [str(path.relative_to(TOP)) for path in TOP.rglob("*")
            if path.is_file() and path.relative_to(TOP).parts[0] not in skipped]


@pytest.fixture(scope="module")
def tree():
    """A copy of the source, in which one build serves all tests of this file."""
    # Not pytest's own folder: that one is closed to other users, and the servers may run as one.
    folder = Path(tempfile.mkdtemp(prefix="pgcoco-quick-", dir="/tmp"))
    folder.chmod(0o755)
    for name in source_files():
        target = folder / "tree" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, target)
    yield folder / "tree"
    shutil.rmtree(folder)


def run(command, **options):
    return subprocess.run(command, text=True, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=PATIENCE, **options)


class Quickstart:
    def __init__(self, tree, name):
        self.tree, self.var, self.port = tree, tree.parent / name, free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def run(self, *args, **environment):
        env = {**os.environ, "PGCOCO_VAR": str(self.var), "PGCOCO_PORT": str(self.port),
               **environment}
        return run(["./quickstart", *(str(arg) for arg in args)], cwd=self.tree, env=env)

    def bash(self, script):
        """Commands that a person types afterwards, in a shell that knows nothing of the tests."""
        env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        done = run(["bash", "-euc", script], cwd="/", env={**env, "PAGER": "cat"})
        assert done.returncode == 0, done
        return done.stdout

    def started(self):
        """The process ids of the three servers."""
        files = ("data/postmaster.pid", "run/pgcoco.pid", "run/nginx.pid")
        return [int((self.var / file).read_text().split()[0]) for file in files]

    def processes(self):
        """Everything that runs in this instance's directory."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if f"{self.var}/".encode() in command:
                found.append(command)
        return found


@pytest.fixture
def instance(tree):
    """instance(name) is an instance that is stopped after the test."""
    started = []

    def make(name):
        started.append(Quickstart(tree, name))
        return started[-1]

    yield make
    for one in started:
        one.run("stop")
        shutil.rmtree(one.var, ignore_errors=True)


def succeeded(done):
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def said(before):
    """The lines of the README's block behind these words."""
    block = re.search(before + r"\n\n((?:    .*\n|\n)+)", (TOP / "README.md").read_text())[1]
    return [line[4:] for line in block.rstrip().split("\n")]


def printed(quickstart):
    """What the README says that it prints, in the parts between its dots."""
    text = "\n".join(said("It prints:")) + "\n"
    for shown, here in (("/home/me/pgcoco/var", quickstart.var),
                        ("/home/me/pgcoco", quickstart.tree), ("8080", quickstart.port),
                        ("./quickstart", f"PGCOCO_VAR={quickstart.var} ./quickstart")):
        text = text.replace(shown, str(here))
    return re.split(r"^ *\.\.\.\n", text, flags=re.MULTILINE)


def test_the_quickstart_goes_from_nothing_to_rows_and_back(instance):
    quickstart = instance("one")

    out = succeeded(quickstart.run())

    parts = printed(quickstart)
    assert len(parts) == 3 and out.startswith(parts[0]) and out.endswith(parts[-1])
    for part in parts:
        assert part in out

    # What it prints to type next works as it is printed.
    assert f"curl -T GT.json      {quickstart.url}/datasets/NAME\n" in out
    assert f"curl -T RESULTS.json {quickstart.url}/datasets/NAME/runs/RUN\n" in out
    typed = re.search(r"Look at the rows:\n((?:  .*\n)+)", out).group(1)
    assert "(10 rows)" in quickstart.bash(typed)
    evaluate = re.search(r"See how it did:\n(  .*\n)", out).group(1)
    assert "maxDets=100 ] = 0.697\n" in quickstart.bash(f". {quickstart.var}/env; {evaluate}")
    numbers = quickstart.bash(
        f". {quickstart.var}/env; {evaluate.replace('improved', 'baseline')}").splitlines()
    assert {line for line in said("what went wrong:") if line.strip() != "..."} <= {*numbers}
    pages = re.search(r"Open in a browser:\n((?:  .*\n)+)", out).group(1).split()
    assert len(pages) == 2
    for page in pages:
        assert "<title>" in quickstart.bash(f"curl -fsS '{page}'")

    # The file of settings is made to be sourced.
    env = quickstart.bash(f'. {quickstart.var}/env; echo "$PGCOCO_URL"; '
                          'psql -XAtc "select current_database(), count(*) from coco.runs"; '
                          'export -p | grep -cE "PG(HOST|PORT|DATABASE|USER)="')
    assert env.split() == [quickstart.url, "pgcoco|2", "4"]
    assert '"prediction_count"' in quickstart.bash(
        f". {quickstart.var}/env; curl -sS $PGCOCO_URL/datasets/demo/runs/improved")

    # A second run finds everything there, and leaves what was changed.
    rows = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]
    quickstart.bash(f"curl -fsS -T - {quickstart.url}/datasets/demo/runs/baseline "
                    f"<<< '{json.dumps(rows)}'")
    before = quickstart.started()
    again = succeeded(quickstart.run())
    assert "60 images, 730 annotations, 8 categories (it existed before" in again
    assert "run improved of demo: there already\n" in again
    assert "run baseline of demo: AP 0.000\nrun improved of demo: AP 0.697\n" in again
    count = 'psql -XAtc "select source, count(*) from coco.annotations group by 1 order by 1"'
    assert quickstart.bash(f". {quickstart.var}/env; {count}").split() == [
        "baseline|1", "ground_truth|730", "improved|849"]
    assert quickstart.started() == before

    succeeded(quickstart.run("stop"))
    wait_for(lambda: not quickstart.processes(), "everything to end")
    succeeded(quickstart.run("stop"))

    # Rows outlive a stop, and what was deleted comes back.
    files = [quickstart.tree / "fixtures/demo" / name for name in ("train.json", "baseline.json")]
    once_more = succeeded(quickstart.run(*files, "weaker"))
    assert "dataset train: 40 images" in once_more
    quickstart.bash(f"curl -fsS -X DELETE {quickstart.url}/datasets/demo/runs/baseline")
    assert "run baseline of demo: AP 0.476\n" in succeeded(quickstart.run())


def test_the_demo_is_there_with_its_pictures_slices_and_errors(instance):
    quickstart = instance("demo")
    succeeded(quickstart.run())

    def get(path):
        return json.loads(quickstart.bash(f"curl -fsS '{quickstart.url}/datasets/demo{path}'"))

    assert get("")["splits"] == ["train", "val"]
    assert [one["slice"] for one in get("/slices")["slices"]] == ["crowded", "dusk", "night"]

    def findings():
        found = {one["code"]: one["count"] for one in get("/health")["findings"]}
        return found if found["image_without_file"] is not None else None

    found = wait_for(findings, "a worker to look for the pictures")
    assert (found["image_without_file"], found["repeated"]) == (0, 1)
    for size, expected in (("", (480, 360)), ("small", (160, 120))):
        file = quickstart.var / "picture"
        quickstart.bash(f"curl -fsS -o {file} '{quickstart.url}/datasets/demo/images/1/picture"
                        f"{size and '?size=' + size}'")
        assert pictures.jpeg_size(file.read_bytes()) == expected

    # The better run finds what nobody has labelled, and nothing else that is as sure.
    suspected = get("/runs/improved/errors/labels")["label_errors"]
    assert {(row["file_name"], row["category"]) for row in suspected} == {
        ("day/winter-05.jpg", "house"), ("day/meadow-08.jpg", "tree"),
        ("dusk/harbour-10.jpg", "boat"), ("day/sky-09.jpg", "kite")}
    # The worst class of each run is another. One run is better, but not in all.
    for run, worst in (("baseline", "lantern"), ("improved", "bird")):
        classes = get(f"/runs/{run}/evaluation")["per_class"]
        assert min(classes, key=lambda one: one["AP"])["category"] == worst
    compared = get("/comparison?run=baseline&with=improved")
    assert {one["verdict"] for one in compared["bootstrap"]["metrics"].values()} == {"better"}
    assert [one["category"] for one in compared["worse"]] == ["bird"]


def test_a_dataset_of_the_same_name_is_left_alone(instance, tmp_path):
    quickstart = instance("own")
    truth, results = tmp_path / "demo.json", tmp_path / "mine.json"
    truth.write_text(json.dumps(street()))
    results.write_bytes(array(*detections(3)))
    succeeded(quickstart.run(truth, results))
    done = quickstart.run()
    assert done.returncode == 1 and "there is another dataset demo" in done.stderr, done
    rename = re.search(r"curl -X PATCH .*", done.stderr)[0]
    quickstart.bash(rename)
    assert "run improved of demo: AP 0.697\n" in succeeded(quickstart.run())


def test_pictures_of_somebodys_own_directory_are_not_written(instance):
    quickstart = instance("pictures")
    folder = quickstart.tree.parent / "own"
    folder.mkdir()
    out = succeeded(quickstart.run(PGCOCO_IMAGE_ROOT=str(folder)))
    assert f"copy {quickstart.tree}/fixtures/demo/pictures to {folder}/demo" in out
    assert not list(folder.iterdir())
    shutil.copytree(quickstart.tree / "fixtures/demo/pictures", folder / "demo")
    assert "copy " not in succeeded(quickstart.run(PGCOCO_IMAGE_ROOT=str(folder)))
    size = quickstart.bash("curl -fsS -o /dev/null -w '%{size_download}' "
                           f"{quickstart.url}/datasets/demo/images/1/picture")
    assert int(size) == (folder / "demo/day/sky-01.jpg").stat().st_size


def test_two_quickstarts_run_side_by_side_with_ones_own_files(instance, tmp_path):
    first, second = instance("first"), instance("second")
    truth, results = tmp_path / "my truth (1).json", tmp_path / "model [a].json"
    truth.write_text(json.dumps(street()))
    results.write_bytes(array(*detections(20), detection(3, image_id=77)))

    succeeded(first.run())
    out = succeeded(second.run(truth, results))
    assert "3 images, 4 annotations, 3 categories" in out
    assert "20 predictions imported, 1 skipped" in out and re.search(r"unknown_image:? 1\b", out)
    assert "20 predictions imported" in succeeded(second.run(truth, results, "named"))

    def runs(quickstart):
        query = "select run_name from coco.runs order by 1"
        return quickstart.bash(f". {quickstart.var}/env; psql -XAtc '{query}'").split()

    assert runs(first) == ["baseline", "improved"]
    assert runs(second) == ["model-a", "named"]
    succeeded(first.run("stop"))
    wait_for(lambda: not first.processes(), "everything of the first to end")
    assert runs(second) == ["model-a", "named"]


def test_a_file_that_is_refused_ends_the_quickstart_with_its_reason(instance, tmp_path):
    quickstart = instance("refused")
    broken = tmp_path / "broken.json"
    broken.write_bytes(array(*detections(3))[:-1])
    truth = tmp_path / "truth.json"
    truth.write_text(json.dumps(street()))
    done = quickstart.run(truth, broken)
    assert done.returncode == 1, done
    assert "truncated" in done.stderr


def test_the_quickstart_explains_itself_and_refuses_what_it_does_not_know(instance):
    quickstart = instance("help")
    out = succeeded(quickstart.run("--help"))
    for word in ("GT.json RESULTS.json", "stop", "PGCOCO_PORT", "PGCOCO_HOSTS", "PGCOCO_VAR",
                 "PGCOCO_IMPORT_DIR", "PGCOCO_IMAGE_ROOT"):
        assert word in out
    for args in (["--nonsense"], ["a", "b", "c", "d"], ["only-one.json"]):
        done = quickstart.run(*args)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert "quickstart:" in done.stderr
    done = quickstart.run("missing.json", "missing.json")
    assert done.returncode == 1 and "missing.json" in done.stderr
    assert not quickstart.var.exists()


def test_names_of_the_page_are_added_and_odd_ones_refused(instance):
    quickstart = instance("hosts")
    for bad in ("a;b", "*.example", "~^.*$", "a:80", "a..b", "$host", "x" * 254, "a/b", "_"):
        done = quickstart.run(PGCOCO_HOSTS=f"lab.example {bad}")
        assert (done.returncode, done.stdout) == (1, ""), done
        assert "PGCOCO_HOSTS" in done.stderr
    assert not quickstart.var.exists()
    succeeded(quickstart.run(PGCOCO_HOSTS="lab.example  [2001:db8::1] " + "long." * 30 + "example"))
    answers = [quickstart.bash(f"curl -s -o /dev/null -w '%{{http_code}}' -H 'Host: {host}' "
                               f"{quickstart.url}/readyz") for host in
               ("127.0.0.1", "localhost", "lab.example:1", "[2001:db8::1]", "evil.example")]
    assert answers == ["200", "200", "200", "200", "421"]
    assert "PGCOCO_HOSTS" in quickstart.bash(f"curl -s -H 'Host: evil.example' {quickstart.url}/")


def test_a_port_that_is_taken_is_refused_before_anything_is_installed(tree, tmp_path):
    copy = tree.parent / "without-packages"
    (copy / "tools").mkdir(parents=True)
    shutil.copy2(tree / "quickstart", copy)
    shutil.copytree(tree / "fixtures", copy / "fixtures")
    shutil.copy2(tree / "tools/build.sh", copy / "tools")
    (copy / "tools/install-packages").write_text("#!/bin/sh\necho packages are installed\nexit 1\n")
    (copy / "tools/install-packages").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        env = {**os.environ, "PGCOCO_VAR": str(tree.parent / "taken"), "PGCOCO_PORT": port}
        done = run(["./quickstart"], cwd=copy, env=env)
    assert (done.returncode, done.stdout) == (1, ""), done
    assert f"port {port} of 127.0.0.1 is taken" in done.stderr
    assert not (tree.parent / "taken").exists()
    # The same with a free port gets as far as the packages.
    env["PGCOCO_PORT"] = str(free_port())
    done = run(["./quickstart"], cwd=copy, env=env)
    assert (done.returncode, done.stdout) == (1, "packages are installed\n"), done


def test_a_user_without_sudo_is_told_what_starts_no_service(tree):
    """On a system that lacks packages, seen by way of a PATH that has next to nothing."""
    programs = tree.parent / "programs"
    programs.mkdir()
    for name in ("bash", "dirname", "basename", "grep"):
        (programs / name).symlink_to(shutil.which(name))
    for name in ("dpkg-query", "apt-get"):
        (programs / name).write_text("#!/bin/sh\nexit 1\n")
        (programs / name).chmod(0o755)
    done = run([tree / "tools/install-packages", "build", "run"], env={"PATH": str(programs)},
               **account())
    assert done.returncode == 1, done
    assert "libjsmn-dev" in done.stderr and "apt-get install" not in done.stderr
    assert done.stderr.rstrip().endswith(f"{tree}/tools/install-packages build run"), done.stderr
