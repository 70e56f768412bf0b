"""The program at a shell: subcommands, their help, what they do, and what they end with."""

import gzip
import json
import re
import subprocess

import psycopg
import pytest

from samples import array, big_results, count, detection, detections, rows, street
from shell import OF_DATASET

COLLECT = ("--grace", "--keep", "--history-days", "--history-rows")
IMPORT = ("--db", "--dry-run", "--max-skipped", "--json", "--quiet", "--token", "--no-gc",
          *COLLECT, "--max-element", "--max-tokens", "--max-depth", "--window")
COMMANDS = {
    "serve": ("--db", "--socket", "--backlog", "--threads", "--long-connections",
              "--short-connections", "--evaluation-connections", "--evaluation-cache",
              "--evaluation-threads", "--evaluation-rows", "--max-body", "--max-element",
              "--max-tokens", "--max-depth", "--window", "--body-timeout", "--min-rate",
              "--max-duration", "--import-dir", "--image-root", "--drain", *COLLECT),
    "migrate": ("--db", "--dry-run", "--lock-timeout", "--lock-wait"),
    "import dataset": (*IMPORT, "--split", "--create", "--if-missing"),
    "import run": (*IMPORT, "--name", "--format", "--match", "--category-offset"),
    "evaluate": ("--db", "--ground-truth", "--iou-type", "--iou-thresholds", "--max-dets",
                 "--areas", "--categories", "--split", "--slice", "--iou", "--confidence",
                 "--sigmas", "--no-exact", "--fail-under", "--json", "--csv", "--quiet",
                 "--evaluation-threads", "--evaluation-rows"),
    "export": ("--db", "--output", "--gzip", "--quiet"),
    "compare": ("--db", "--iou-type", "--slice", "--resamples", "--seed", "--fail-if-worse",
                "--json", "--quiet"),
    "gc": ("--db", *COLLECT, "--wait"),
}
RUN = ["import", "run", "dataset", "a.json"]


@pytest.mark.parametrize("option", ["--help", "-h", None], ids=str)
@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_its_options_an_example_and_exit_statuses(pgcoco, command, option):
    words = command.split()
    done = pgcoco(*([*words, option] if option else ["help", *words]), database=False)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith(f"usage: pgcoco {command} ")
    for word in (*COMMANDS[command], "--help", "example:\n  pgcoco", "exit status:", "  0 "):
        assert word in text, word
    assert all(len(line) <= 80 for line in text.splitlines())


def test_help_shows_the_default_of_a_number(pgcoco):
    text = " ".join(pgcoco("help", "serve", database=False).stdout.decode().split())
    for words in ("connections that may wait to be accepted (default 1024)",
                  "element of an array in a file (default 16M)",
                  "window over a file (default 256K)"):
        assert words in text


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_names_every_command(pgcoco, word):
    done = pgcoco(word, database=False)
    assert (done.returncode, done.stderr) == (0, b"")
    for command in (*COMMANDS, "help", "version"):
        assert f"\n  {command}" in done.stdout.decode()


@pytest.mark.parametrize("word", ["version", "--version"])
def test_version_names_the_program(pgcoco, word):
    done = pgcoco(word, database=False)
    assert done.returncode == 0
    assert done.stdout.startswith(b"pgcoco ") and done.stdout.count(b"\n") == 1


@pytest.mark.parametrize("args, said", [
    (["nothing"], "unknown command nothing"),
    (["help", "nothing"], "unknown command nothing"),
    (["gc", "--threads", "3"], "pgcoco gc: unknown option --threads"),
    (["gc", "-x"], "unknown option -x"),
    (["gc", "--wait"], "--wait needs a value: SECONDS"),
    (["gc", "--wait", "86401"], "--wait takes a number from 0 to 86400, not \"86401\""),
    (["gc", "--help=yes"], "--help takes no value"),
    (["gc", "stray"], "stray"),
    (["--max-element", "513M"], "from 1 to 512M"),
    (["export"], "usage: pgcoco export [OPTIONS] DATASET [RUN]"),
    (["export", "dataset", "run", "stray"], "stray"),
    (["export", "dataset", "-o", ""], "--output takes the name of a file, or - for"),
    (["import"], "usage: pgcoco import dataset [OPTIONS] [NAME] FILE"),
    (["import", "nothing"], "usage: pgcoco import dataset"),
    (["import", "dataset"], "usage: pgcoco import dataset"),
    (["import", "dataset", "name", "file", "stray"], "stray"),
    (["import", "dataset", "-"], "standard input has no name"),
    (["import", "run", "dataset"], "usage: pgcoco import run"),
    (["import", "run", "dataset", "-"], "standard input has no name"),
    ([*RUN, "--match", "some"], "pgcoco import run: --match takes id or name, not \"some\""),
    ([*RUN, "--max-skipped", "some"], "import run: --max-skipped takes a number of rows"),
    (["import", "dataset", "a.json", "--max-skipped", "some"],
     "pgcoco import dataset: --max-skipped takes a number of rows"),
    ([*RUN, "--category-offset", "x"], "from -1000000 to 1000000, not \"x\""),
    ([*RUN, "--category-offset", "-1000001"], "from -1000000 to 1000000"),
    ([*RUN, "--format", "yolo"], "--format takes coco or detection_annotation"),
    ([*RUN, "--token", "a b"], "--token takes 1 to 40 letters"),
    ([*RUN, "b.json", "--name", "x"], "--name names one run"),
    ([*RUN, "--name", "-x"], "\"-x\" is not a valid run name: 1 to 63 letters"),
    ([*RUN, "b/a.json.gz"], "a.json and b/a.json.gz would both be the run a"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_wrong_command_line_is_explained_with_exit_status_2(pgcoco, args, said):
    done = pgcoco(*args, database=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()


@pytest.mark.parametrize("words", [["help"], ["help", "import"], ["help", "gc"], ["gc", "--help"],
                                   ["import", "-h"], ["version"]], ids=" ".join)
def test_help_that_cannot_be_written_is_exit_status_1(home, words):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([home.binary, *words], stdout=full, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (
        1, b"pgcoco: standard output cannot be written: No space left on device\n")


# ---- imports


def test_a_ground_truth_is_imported_and_replaced(shell, web, db, name):
    truth = shell.write("truth.json", street())
    out, _ = shell.run("import", "dataset", name, truth, "--split", "val")
    assert out == f"dataset {name}: 3 images, 4 annotations, 3 categories (new)\n"
    assert web.get(f"/datasets/{name}").json()["annotation_count"] == 4
    splits = db.execute("select distinct split from coco.images " + OF_DATASET, (name,)).fetchall()
    assert splits == [("val",)]

    out, _ = shell.run("import", "dataset", name, truth)
    assert out == f"dataset {name}: 3 images, 4 annotations, 3 categories (replaced)\n"


def test_a_ground_truth_is_called_after_its_file(shell, web, name):
    shell.write(f"{name}-truth (1).json", street())
    out, _ = shell.run("import", "dataset", f"{name}-truth (1).json")
    assert out.startswith(f"dataset {name}-truth-1: ")
    digits = "".join(letter for letter in name if letter.isdigit()) + "000001"
    shell.write(f"{digits}.json", street())
    out, _ = shell.run("import", "dataset", f"{digits}.json")
    assert out.startswith(f"dataset dataset-{digits}: ")


def test_a_dataset_that_exists_is_refused_or_left_alone(shell, web, name):
    truth = shell.write("truth.json", street())
    shell.run("import", "dataset", name, truth, "--create")
    other = shell.write("other.json", street(annotations=[]))
    _, err = shell.run("import", "dataset", name, other, "--create", status=1)
    assert f"dataset {name} exists; without --create it is replaced (dataset_exists)" in err
    out, _ = shell.run("import", "dataset", name, other, "--if-missing")
    assert out == (f"dataset {name}: 3 images, 4 annotations, 3 categories"
                   " (it existed before and was not changed)\n")
    assert web.get(f"/datasets/{name}").json()["annotation_count"] == 4


def test_a_run_is_imported_and_replaced_with_its_skips_in_words(shell, db, dataset):
    unknown = [detection(category_id=id) for id in (999, 998)]
    shell.write("results.json", array(*detections(5), *unknown, "7"))
    out, _ = shell.run("import", "run", dataset, "yolo", "results.json")
    lines = out.splitlines()
    assert lines[0] == f"run yolo of {dataset}: 5 predictions imported, 3 skipped"
    assert {"  wrong_type: 1", "  unknown_category: 2"} < {*lines} and len(lines) == 6
    known = r"is not in the dataset \(3 categories: 1\.\.18\)"
    for element, category in (5, 999), (6, 998):
        assert re.search(rf"\n    element {element}, .*: category {category} {known}\n", out)
    assert re.search(r"    element 7, (byte \d+|line 1, column \d+): ", out)
    assert count(db, dataset, "yolo") == 5

    shell.write("results.json", array(*detections(7)))
    out, _ = shell.run("import", "run", dataset, "yolo", "results.json")
    assert out == (f"run yolo of {dataset}: 7 predictions imported, 0 skipped"
                   " (instead of 5 before)\n")
    assert count(db, dataset, "yolo") == 7


def test_only_a_few_examples_of_a_reason_are_shown(shell, dataset):
    unknown = [detection(category_id=999)] * 20
    shell.write("results.json", array(detection(), *unknown))
    out, _ = shell.run("import", "run", dataset, "results.json")
    assert out.count("category 999 is not in the dataset") == 3 and "    and 17 more\n" in out


def test_text_of_a_file_cannot_move_the_terminals_cursor(shell, name):
    shell.write("truth.json", street(**{"key \x1b[2J": [0] * 3_000_000, "\u009b2J": float("nan")}))
    out, err = shell.run("import", "dataset", name, "truth.json")
    assert "not kept" in out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out + err)


def test_the_name_of_a_file_cannot_move_the_terminals_cursor(shell, dataset):
    shell.write("good\x1b[2J.json", array(*detections(2)))
    shell.write("bad\x1b[2J.json", b"[")
    _, err = shell.run("import", "run", dataset, "good\x1b[2J.json", "bad\x1b[2J.json", status=1)
    assert "good?[2J.json: done" in err and "stopped at bad?[2J.json" in err
    assert "\x1b" not in err


def test_several_files_are_a_run_each_called_after_them(shell, db, dataset):
    shell.write("one.json", array(*detections(2)))
    shell.write("folder/two.json.gz", gzip.compress(array(*detections(3))))
    shell.write("three (3).jsonl", b"\n".join(json.dumps(row).encode() for row in detections(4)))
    files = ["one.json", "folder/two.json.gz", "three (3).jsonl"]
    out, _ = shell.run("import", "run", dataset, *files)
    assert out.splitlines() == [f"run {run} of {dataset}: {n} predictions imported, 0 skipped"
                                for run, n in (("one", 2), ("two", 3), ("three-3", 4))]
    assert [count(db, dataset, run) for run in ("one", "two", "three-3")] == [2, 3, 4]


def test_the_first_file_that_is_refused_ends_the_command(shell, db, dataset):
    shell.write("one.json", array(*detections(2)))
    shell.write("two.json", array(*detections(2))[:-1])
    shell.write("three.json", array(*detections(2)))
    out, err = shell.run("import", "run", dataset, "one.json", "two.json", "three.json", status=1)
    assert out == f"run one of {dataset}: 2 predictions imported, 0 skipped\n"
    assert re.search(r"pgcoco: two.json: .*\(truncated, ", err)
    assert "stopped at two.json: 1 of 3 files are imported" in err
    assert [count(db, dataset, run) for run in ("one", "two", "three")] == [2, 0, 0]


def test_a_file_that_is_refused_changes_nothing_and_says_where_it_is_wrong(shell, db, dataset):
    shell.write("good.json", array(*detections(5)))
    shell.run("import", "run", dataset, "run", "good.json")
    before = rows(db, dataset, "run")
    broken = '\n{"image_id": 1,]'
    shell.write("bad.json", array(*detections(2), detection(category_id=999), broken))
    out, err = shell.run("import", "run", dataset, "run", "bad.json", status=1)
    assert out == ""
    place = r"\(not_json, line 2, column 16, element 3\)\n"
    assert re.search("pgcoco: bad.json: not JSON: .* " + place, err)
    assert "  unknown_category: 1\n" in err and "  nothing was changed\n" in err
    assert rows(db, dataset, "run") == before


@pytest.mark.parametrize("words, said", [
    (["missing.json"], "there is no file missing.json (unknown_file)"),
    (["missing"], "there is no file missing (unknown_file)"),
    (["run", "missing"], "there is no file missing (unknown_file)"),
    (["folder"], "folder is a directory, not a file; only pgcoco import run --format"),
    (["file.json", "--format", "detection_annotation"], "file.json is not a directory"),
    (["-", "--name", "x", "--format", "detection_annotation"], "standard input is not a directory"),
    (["file.json", "--name", "ground_truth"],
     "ground_truth is a reserved name; give the run another name (bad_request"),
    (["file.json", "--max-skipped", "0"], "1 of 3 rows were skipped, but --max-skipped is 0 ("),
    (["file.json", "--max-element", "20"], "(element_too_large"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_what_cannot_be_imported_is_explained_with_exit_status_1(shell, dataset, words, said):
    shell.write("file.json", array(*detections(2), detection(category_id=999)))
    shell.write("folder/a.json", array())
    out, err = shell.run("import", "run", dataset, *words, status=1)
    assert out == "" and said in err


def test_an_unknown_dataset_or_no_database_is_exit_status_1(shell, tmp_path):
    shell.write("file.json", array(*detections(2)))
    _, err = shell.run("import", "run", "no-such-set", "file.json", status=1)
    assert "there is no dataset no-such-set (unknown_dataset)" in err
    _, err = shell.run("import", "run", "x", "file.json", "--db", f"host={tmp_path}", status=1)
    assert "pgcoco: database: " in err and "(database_away)" in err and str(tmp_path) in err


@pytest.mark.parametrize("words", [
    ["import", "run", "x", "file.json"], ["export", "x"], ["gc"]], ids=" ".join)
def test_a_database_without_the_schema_is_told_what_to_do(shell, words):
    shell.write("file.json", array(*detections(2)))
    _, err = shell.run(*words, "--db", "dbname=postgres", status=1)
    assert "(schema_mismatch)" in err and "pgcoco migrate" in err


def test_messages_are_in_the_words_of_a_shell(shell, web, name):
    """The same messages over HTTP name its methods and parameters."""
    truth = street()
    truth["categories"].append({"id": 2, "name": "bicycle"})
    assert web.put(f"/datasets/{name}", truth).status == 201
    own = [detection(category_id=id) for id in (0, 1, 2)]
    shell.write("lower.json", array(*own))
    out, _ = shell.run("import", "run", name, "lower.json")
    assert "  hint: --category-offset=1 would make all unknown categories known\n" in out

    def refusal(body, *words):
        shell.write("file.json", body)
        return shell.run("import", "run", name, "file.json", *words, status=1)[1]

    assert "pgcoco: file.json: the file is empty (empty_body, " in refusal(b"")
    assert "the JSON ends in the middle; the file is not complete (truncated, " in refusal(b"[")
    cut = gzip.compress(b"".join(big_results(300_000)))[:-100]
    assert ": the compressed file ends in the middle; it is not complete (truncated" in refusal(cut)
    assert "this is UTF-16" in refusal("[]".encode("utf-16"))
    assert "but --max-skipped is 0" in refusal(array(*own), "--max-skipped", "0")


def test_what_the_database_said_is_printed_and_no_log_is_named(shell, postgres, empty):
    with postgres.connect(dbname=empty, autocommit=True) as connection:
        connection.execute("create schema coco authorization pgcoco; set role pgcoco;"
                           " create table coco.schema_files ()")
    _, err = shell.run("export", "x", "--db", f"dbname={empty}", status=1)
    refusal = 'the database refused the statement (internal)\n  ERROR:  relation "coco.schema_v'
    assert refusal in err


# ---- closed standard descriptors


def with_closed(descriptors):
    """Runs what follows with these standard descriptors closed."""
    return ["sh", "-c", f'exec "$@" {descriptors}', "sh"]


def test_standard_input_that_is_closed_is_an_empty_file(shell, db, dataset):
    process = shell.start("import", "run", dataset, "run", "-", before=with_closed("<&-"))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert b"pgcoco: standard input: the file is empty (empty_body, " in err
    assert count(db, dataset, "run") == 0


@pytest.mark.parametrize("words, said", [
    (["export", "DATASET"],
     "pgcoco: DATASET: standard output cannot be written (internal)\n  Bad file descriptor\n"),
    (["gc"], "pgcoco: standard output cannot be written: Bad file descriptor\n"),
    (["help"], "pgcoco: standard output cannot be written: Bad file descriptor\n"),
    (["import", "run", "DATASET", "run.json", "-q"], "pgcoco: standard output cannot be written\n"),
], ids=["export", "gc", "help", "import"])
@pytest.mark.parametrize("closed", [">&-", "<&- >&-"])
def test_standard_output_that_is_closed_is_exit_status_1(shell, dataset, words, said, closed):
    shell.write("run.json", array(*detections(3)))
    words = [dataset if word == "DATASET" else word for word in words]
    process = shell.start(*words, before=with_closed(closed))
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert err.decode() == said.replace("DATASET", dataset)


def test_closed_descriptors_do_not_matter_to_a_command_that_does_not_use_them(shell, db, dataset):
    """Nothing that the program opens takes their numbers."""
    shell.write("run.json", array(*detections(3)))
    process = shell.start("import", "run", dataset, "run.json", before=with_closed("<&- 2>&-"))
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and b": 3 predictions imported" in out
    process = shell.start("export", dataset, "run", "-o", "out.json",
                          before=with_closed("<&- >&- 2>&-"))
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(json.loads((shell.folder / "out.json").read_bytes())) == 3


def test_a_word_that_could_be_a_run_or_a_file_is_not_guessed(shell, db, dataset):
    shell.write("yolo", array(*detections(2)))
    shell.write("results.json", array(*detections(3)))
    _, err = shell.run("import", "run", dataset, "yolo", "results.json", status=2)
    assert "./yolo" in err and "--name yolo" in err
    shell.run("import", "run", dataset, "--name", "yolo", "results.json")
    assert count(db, dataset, "yolo") == 3
    shell.run("import", "run", dataset, "./yolo", "results.json")
    assert [count(db, dataset, run) for run in ("yolo", "results")] == [2, 3]


def test_a_misspelt_file_does_not_become_the_name_of_a_run(shell, db, dataset):
    shell.write("second.json", array(*detections(3)))
    _, err = shell.run("import", "run", dataset, "frist.json", "second.json", status=1)
    assert "there is no file frist.json" in err
    assert db.execute("select run_name from coco.runs " + OF_DATASET, (dataset,)).fetchall() == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_standard_input_is_a_file(shell, db, dataset, pack):
    out, _ = shell.run("import", "run", dataset, "piped", "-", input=pack(array(*detections(3))))
    assert out == f"run piped of {dataset}: 3 predictions imported, 0 skipped\n"
    body = pack(array(*detections(4)))
    out, _ = shell.run("import", "run", dataset, "-", "--name", "named", input=body)
    assert [count(db, dataset, run) for run in ("piped", "named")] == [3, 4]


def test_a_dry_run_says_what_would_be_and_changes_nothing(shell, db, dataset, name):
    shell.write("results.json", array(*detections(3), detection(category_id=999)))
    out, _ = shell.run("import", "run", dataset, "results.json", "--dry-run")
    assert out.startswith(f"run results of {dataset}: 3 predictions would be imported, 1 skipped\n")
    assert count(db, dataset, "results") == 0
    shell.write("truth.json", street())
    out, _ = shell.run("import", "dataset", name + "-new", "truth.json", "-n")
    assert out == f"dataset {name}-new: 3 images, 4 annotations, 3 categories would be imported\n"
    names = db.execute("select name from coco.datasets where name like %s", (name + "-%",))
    assert names.fetchall() == []


def test_names_and_offsets_are_matched_as_over_http(shell, db, dataset):
    lower = [{**row, "category_id": row["category_id"] - 1} for row in detections(3)]
    shell.write("offset.json", array(*lower))
    shell.run("import", "run", dataset, "offset.json", "--category-offset", "1")
    assert count(db, dataset, "offset") == 3
    own = {"images": [{"id": 77, "file_name": "two.jpg"}], "categories": [{"id": 5, "name": "car"}],
           "annotations": [detection(image_id=77, category_id=5)]}
    shell.write("own.json", own)
    shell.run("import", "run", dataset, "own.json", "--match", "name")
    assert [row[1:3] for row in rows(db, dataset, "own")] == [(2, 3)]
    shell.write("beside.json", [detection(file_name="two.jpg")])
    _, err = shell.run("import", "run", dataset, "beside.json", status=1)
    assert "image 1 has another file name" in err and "--match=name matches" in err
    for match, image in (("name", 2), ("id", 1)):
        shell.run("import", "run", dataset, "beside.json", f"--match={match}")
        assert [row[1] for row in rows(db, dataset, "beside")] == [image]


def test_a_directory_of_detection_annotation_is_a_run(shell, db, dataset):
    box = {"bbox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}, "confidence": 0.9, "class_id": 1}
    for picture in ("one", "two"):
        shell.write(f"files/{picture}.json", {
            "info": {"annotations_source": "yolov8n", "created_at": "2026-02-14T09:30:00+00:00"},
            "filename": picture + ".jpg", "categories": {"1": "person"}, "annotations": [box]})
    as_directory = ["--format", "detection_annotation"]
    out, _ = shell.run("import", "run", dataset, "files", *as_directory)
    assert out == f"run yolov8n_2026-02-14 of {dataset}: 2 predictions imported, 0 skipped\n"
    out, _ = shell.run("import", "run", dataset, "mine", "files/", *as_directory)
    assert out.startswith(f"run mine of {dataset}: 2 ")


def out_of(shell, folder, source=None):
    """A directory FOLDER/out of a single file, made by `source`."""
    (shell.folder / folder).mkdir()
    shell.home.own(shell.folder / folder)
    box = {"bbox": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4}, "confidence": 0.9, "class_id": 1}
    shell.write(f"{folder}/out/one.json", {
        "info": {"annotations_source": source} if source else {}, "filename": "one.jpg",
        "categories": {"1": "person"}, "annotations": [box]})
    return folder + "/out"


def test_directories_of_one_name_are_runs_named_after_their_sources(shell, dataset):
    paths = out_of(shell, "a", "yolov8"), out_of(shell, "b", "detr")
    out, _ = shell.run("import", "run", dataset, *paths, "--format", "detection_annotation")
    assert [line.partition(" of ")[0] for line in out.splitlines()] == ["run yolov8", "run detr"]


@pytest.mark.parametrize("source", ["yolov8", None])
def test_a_directory_does_not_replace_the_run_of_one_before_it(shell, db, dataset, source):
    paths = out_of(shell, "a", source), out_of(shell, "b", source)
    out, err = shell.run("import", "run", dataset, *paths, "--format", "detection_annotation",
                         "--json", status=1)
    documents = [json.loads(line) for line in out.splitlines()]
    name = source or "out"
    assert [d.get("run_name", d.get("code")) for d in documents] == [name, "bad_request"]
    assert f"b/out: this would be the run {name}, like a/out" in err
    assert count(db, dataset, name) == 1


def test_a_link_in_a_directory_is_skipped(shell, db, dataset):
    path = out_of(shell, "a")
    (shell.folder / path / "two.json").symlink_to("one.json")
    out, _ = shell.run("import", "run", dataset, path, "--format", "detection_annotation", "--json")
    (skip,) = json.loads(out)["skipped"]
    assert (skip["reason"], skip["examples"][0]["detail"]) == (
        "invalid_file", "two.json: the path leaves the directory or contains a symbolic link")
    assert count(db, dataset, "out") == 1


@pytest.mark.parametrize("option, value", [("category-offset", "1"), ("match", "name")])
def test_an_option_for_ids_is_refused_where_there_are_none(shell, db, dataset, option, value):
    out, err = shell.run("import", "run", dataset, out_of(shell, "a"), "--format",
                         "detection_annotation", "--" + option, value, status=1)
    assert out == "" and option.replace("-", "_") + " is for ids" in err and "(bad_request)" in err
    assert count(db, dataset, "out") == 0


def without_traces(document):
    traces = ("import", "duration_ms", "imported_at")
    return {key: value for key, value in document.items() if key not in traces}


def test_the_document_is_that_of_http(shell, web, dataset, name):
    results = array(*detections(3), detection(category_id=999))
    shell.write("run.json", results)
    web.put_run(dataset, "run", results)
    by_http = web.put_run(dataset, "run", results).json()
    out, _ = shell.run("import", "run", dataset, "run.json", "--json")
    assert out.count("\n") == 1
    assert without_traces(json.loads(out)) == without_traces(by_http)

    web.put(f"/datasets/{name}", street())
    by_http = web.put(f"/datasets/{name}", street()).json()
    shell.write("truth.json", street())
    out, _ = shell.run("import", "dataset", name, "truth.json", "--json")
    assert without_traces(json.loads(out)) == without_traces(by_http)


@pytest.mark.parametrize(
    "body", [b'[{"image_id": 1,]', b"", b"7", array(detection(category_id=999))],
    ids=["not_json", "empty", "shape", "nothing_taken"])
def test_a_refused_files_document_is_the_problem_that_http_answers(shell, web, dataset, body):
    shell.write("run.json", body)
    out, err = shell.run("import", "run", dataset, "run.json", "--json", status=1)
    assert json.loads(out) == web.put_run(dataset, "run", body).json()
    assert json.loads(out)["code"] in err


def test_several_files_with_json_are_a_document_a_line(shell, dataset):
    shell.write("one.json", array(*detections(2)))
    shell.write("two.json", b"[")
    out, _ = shell.run("import", "run", dataset, "one.json", "two.json", "--json", status=1)
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["run_name"], second["code"]) == ("one", "truncated")


def test_the_history_knows_an_import_by_its_token(shell, web, dataset, token):
    shell.write("run.json", array(*detections(3)))
    shell.run("import", "run", dataset, "run.json", "--token", token)
    assert web.import_state(token)["state"] == "done"
    shell.write("bad.json", b"[")
    shell.run("import", "run", dataset, "bad.json", "--token", token + "x", status=1)
    state = web.import_state(token + "x")
    assert (state["state"], state["outcome"]["code"]) == ("failed", "truncated")


def test_the_new_leaf_is_analyzed_unless_that_is_not_wanted(shell, postgres, empty):
    """In a database of its own, where no worker analyzes leaves."""
    postgres.migrate(database=empty)
    database = ("--db", postgres.conninfo(database=empty))
    shell.write("run.json", array(*detections(3)))
    shell.run("import", "dataset", "street", shell.write("street.json", street()), *database)

    def is_analyzed(*options):
        shell.run("import", "run", "street", "run.json", *database, *options)
        with psycopg.connect(postgres.conninfo("postgres", empty)) as db:
            return db.execute("select analyzed from coco.imports"
                              " where import_id = (select max(import_id) from coco.imports)"
                              ).fetchone()[0]

    assert is_analyzed()
    assert not is_analyzed("--no-gc")
