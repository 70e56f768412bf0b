"""The page of imports: files become runs, and every row is accounted for."""

import subprocess
from urllib.parse import urlencode

import pytest

from browser import HOSTILE
from samples import array, big_results, detection, detections, street, without
from stack import MIB, wait_for
from web_files import choose, drop, file, large_file, slow_line, wait_for_card

LARGE = 500_000_000


@pytest.fixture
def form(page, dataset):
    """The page with the dataset chosen. What the console says of refused files is known."""
    page.expect("Failed to load resource: the server responded with a status of 4")
    return page.open(f"/web/import?dataset={dataset}", ready=".import-form")


def send(page, *paths, label="Import"):
    choose(page, *paths, within=".import-form")
    page.button(label, ".import-form").click()


def named(page, file_name):
    return page.wait(f"input[aria-label='Name of the run of {file_name}']")


def test_several_files_become_a_run_each(form, web, dataset, tmp_path):
    web.put_run(dataset, "yolov8", detections(5))
    form.open(f"/web/import?dataset={dataset}", ready=".import-form")
    choose(form, file(tmp_path, "yolov8.json", detections(7)),
           file(tmp_path, "best of (all).json", detections(2)), within=".import-form")
    form.wait_for_text("replaces this run of 5 predictions")
    assert named(form, "best of (all).json").get_attribute("value") == "best-of-all"
    named(form, "best of (all).json").clear()
    named(form, "best of (all).json").send_keys("second")
    form.button("Import 2 files").click()
    wait_for(lambda: len(form.all(".upload[data-state=done]")) == 2, "both")
    text = form.text(".upload")
    assert "All 7 rows were taken." in text and "Replaced 5 earlier rows." in text
    assert "All 2 rows were taken." in text
    runs = web.get(f"/datasets/{dataset}/runs").json()["runs"]
    assert {run["run_name"]: run["prediction_count"] for run in runs} == {"yolov8": 7, "second": 2}
    assert form.violations() == []
    form.resize(375, 800)
    assert form.width() <= 375


def test_files_are_dropped_anywhere_on_the_page(form, web, dataset):
    drop(form, ("one.json", array(*detections(3)).decode()))
    form.button("Import", ".import-form").click()
    wait_for_card(form, "done", "All 3 rows were taken.")
    assert web.get(f"/datasets/{dataset}/runs/one").json()["prediction_count"] == 3


def test_a_name_that_cannot_be_is_said_before_anything_is_sent(form, web, dataset, tmp_path):
    choose(form, file(tmp_path, "a.json", detections(1)), file(tmp_path, "b.json", detections(1)))
    named(form, "b.json").clear()
    named(form, "b.json").send_keys("a")
    form.wait_for_text("two files cannot become the same run")
    form.button("Import 2 files").click()
    named(form, "b.json").clear()
    named(form, "b.json").send_keys("ground_truth")
    form.wait_for_text("a run cannot be called ground_truth")
    form.button("Import 2 files").click()
    assert form.all(".upload") == []
    form.click("button[aria-label='Leave out b.json']")
    form.button("Import", ".import-form").click()
    wait_for_card(form, "done")
    assert [run["run_name"] for run in web.get(f"/datasets/{dataset}/runs").json()["runs"]] == ["a"]


def test_every_skipped_row_is_told_with_its_reason_and_place(form, tmp_path):
    rows = [detection(0), detection(1, category_id=999), without(detection(2), "score"),
            detection(3, image_id=77), detection(4)]
    send(form, file(tmp_path, "run.json", array(*rows, between=",\n")))
    text = wait_for_card(form, "done", "2 of 5 rows were taken, 3 skipped.")
    assert "1 × unknown_category" in text and "1 × missing_field" in text
    form.click(".skipped details:first-child summary")
    text = form.text(".skipped")
    assert "row 2, line 2, column 1" in text and "category 999 is not in the dataset" in text


def test_a_refused_file_is_explained_with_line_and_column(form, web, dataset, tmp_path):
    web.put_run(dataset, "run", detections(4))
    send(form, file(tmp_path, "run.json", b'[{"image_id": 1,\n "score": }]'))
    text = wait_for_card(form, "failed", "Not imported:")
    assert "line 2, column 11" in text and "not JSON" in text
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 4


def test_a_hint_is_a_button_that_does_what_it_says(page, web, name, tmp_path):
    classes = [{"id": n, "name": f"class {n}"} for n in (1, 2, 3)]
    assert web.put(f"/datasets/{name}", street(categories=classes, annotations=[])).status == 201
    page.open(f"/web/import?dataset={name}", ready=".import-form")
    send(page, file(tmp_path, "run.json", [detection(n, category_id=n % 3) for n in range(30)]))
    wait_for_card(page, "done", "20 of 30 rows were taken, 10 skipped.")
    page.button("Import again with category_offset=1").click()
    page.wait_for_text("All 30 rows were taken.")
    page.wait_for_text("Replaced 20 earlier rows.")
    assert web.get(f"/datasets/{name}/runs/run").json()["prediction_count"] == 30


def test_a_file_of_which_nothing_is_taken_has_its_hint_too(form, web, dataset, tmp_path):
    # The classes 1, 3 and 18, counted from 0.
    rows = [detection(n, category_id=(0, 2, 17)[n % 3]) for n in range(30)]
    send(form, file(tmp_path, "run.json", rows))
    wait_for_card(form, "failed", "none of the 30 rows")
    form.button("Import again with category_offset=1").click()
    wait_for_card(form, "done", "All 30 rows were taken.")


def test_names_that_contradict_ids_offer_to_match_by_name(form, web, dataset, tmp_path):
    send(form, file(tmp_path, "run.json",
                    [detection(0, image_id=1, file_name="two.jpg"), detection(1)]))
    wait_for_card(form, "failed", "match=name")
    form.button("Import again with match=name").click()
    wait_for_card(form, "done", "All 2 rows were taken.")
    assert web.get(f"/datasets/{dataset}/images?source=run&category=person").json()["images"][0][
        "file_name"] == "two.jpg"


def test_a_ground_truth_that_came_as_results_becomes_a_dataset(form, web, name, tmp_path):
    send(form, file(tmp_path, f"{name}.json", street()))
    wait_for_card(form, "failed", "ground truth")
    form.button(f"Add it as dataset {name}").click()
    wait_for_card(form, "done", "3 images and 4 annotations")
    assert web.get(f"/datasets/{name}").json()["annotation_count"] == 4


def test_options_are_in_the_address_and_a_dry_run_changes_nothing(form, web, dataset, tmp_path):
    form.button("Options").click()
    form.click(".options input[type=checkbox]")
    form.wait_for_address("dry_run=1")
    form.open(f"/web/import?dataset={dataset}&dry_run=1&max_skipped=5%25", ready=".import-form")
    send(form, file(tmp_path, "run.json", detections(4)))
    wait_for_card(form, "done", "All 4 rows would be taken.")
    assert web.get(f"/datasets/{dataset}/runs/run").status == 404
    form.button("Import it").click()
    form.wait_for_text("All 4 rows were taken.")
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 4


def test_a_run_is_evaluated_at_once(page, dataset, tmp_path):
    page.open(f"/web/import?dataset={dataset}&evaluate=bbox", ready=".import-form")
    rows = [{"image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40], "score": 0.9}]
    send(page, file(tmp_path, "run.json", rows))
    wait_for_card(page, "done", "AP ")
    page.button("How it did").click()
    page.wait_for_address(f"/web/datasets/{dataset}/evaluation?run=run")


def watch_bar(page):
    """Keeps each value that the bar of an upload has, and what stands below it."""
    page.script("""
        window.seen = {bars: [], words: []};
        new MutationObserver(() => {
            const bar = document.querySelector(".upload progress");
            if (bar?.hasAttribute("value")) window.seen.bars.push(bar.value);
            window.seen.words.push(document.querySelector(".upload-words")?.textContent ?? "");
        }).observe(document.querySelector("main"),
                   {subtree: true, childList: true, characterData: true, attributes: true});""")


def test_a_large_file_moves_its_bar_and_counts_its_rows(page, web, dataset, tmp_path):
    path = large_file(tmp_path, "large.json", LARGE)
    try:
        page.open(f"/web/import?dataset={dataset}", ready=".import-form")
        watch_bar(page)
        # So that a fast machine has something to show, too.
        with slow_line(page, LARGE / 3):
            send(page, path)
            text = wait_for_card(page, "done", "rows were taken.", seconds=900)
    finally:
        size = path.stat().st_size
        path.unlink()
    seen = page.script("return window.seen")
    moved = {value for value in seen["bars"] if 0 < value < size}
    assert len(moved) >= 2 and sorted(seen["bars"]) == seen["bars"]
    assert any("MB sent" in words for words in seen["words"])
    assert any("rows/s" in words for words in seen["words"]), seen["words"][-20:]
    run = web.get(f"/datasets/{dataset}/runs/large").json()
    assert f"{run['prediction_count']:,}".replace(",", "\u2009") in text and run["bytes"] == size


@pytest.fixture
def sending(page, dataset, tmp_path):
    """A file that is being sent, slowly, and whose rows arrive."""
    page.expect("Failed to load resource: the server responded with a status of 404")
    path = file(tmp_path, "run.json", big_results(4 * MIB))
    page.open(f"/web/import?dataset={dataset}", ready=".import-form")
    with slow_line(page, 200_000):
        send(page, path)
        page.wait(".upload[data-state=sending]")
        page.wait_for_text(" rows", ".upload-words")
        yield page


def test_cancelling_leaves_the_old_run(web, dataset, request):
    web.put_run(dataset, "run", detections(3))
    page = request.getfixturevalue("sending")
    page.wait(".upload").find_element("css selector", "button").click()
    text = wait_for_card(page, "cancelled", "The run run is as it was: 3 predictions.")
    assert "Cancelled" in text
    assert web.get(f"/datasets/{dataset}/runs/run").json()["prediction_count"] == 3
    token = page.script("return JSON.parse(localStorage.getItem('imports'))[0].token")
    assert web.wait_for_state(token, "failed")["outcome"]["code"] == "client_gone"


def test_leaving_warns_and_other_views_do_not_stop_an_upload(sending, web, dataset):
    warns = ("const event = new Event('beforeunload', {cancelable: true});"
             "dispatchEvent(event); return event.defaultPrevented")
    assert sending.script(warns) is True
    token = sending.script("return JSON.parse(localStorage.getItem('imports'))[0].token")
    sending.click("header a.logo")
    sending.wait(".view-datasets")
    assert sending.text(".bar-end a.button") == "Import (1)"
    assert web.import_state(token)["state"] == "running"
    sending.click(".bar-end a.button")
    sending.wait(".upload[data-state=sending]")
    sending.button("Cancel", ".upload").click()
    wait_for_card(sending, "cancelled", "Nothing was imported.")
    assert sending.script(warns) is False


def test_a_page_that_is_loaded_again_tells_what_became_of_its_upload(sending):
    token = sending.script("return JSON.parse(localStorage.getItem('imports'))[0].token")
    # The person says yes to the warning, which a test cannot.
    sending.script("addEventListener('beforeunload', (e) => e.stopImmediatePropagation(), true)")
    sending.driver.refresh()
    wait_for_card(sending, "failed", "Not imported:")
    sending.wait_for_text("run.json", ".recent")
    sending.open(f"/web/import/{token}", ready=".upload")
    wait_for_card(sending, "failed", "Not imported:")


def test_an_import_is_followed_by_its_token(page, web, dataset, token):
    pieces = list(big_results(500_000))
    with web.sender("PUT", f"/datasets/{dataset}/runs/far?import={token}") as sender:
        for piece in pieces[:-1]:
            sender.send(piece)
        web.wait_for_state(token, "running")
        page.open(f"/web/import/{token}", ready=".upload")
        page.wait_for_text(" rows", ".upload[data-state=working]")
        sender.send(pieces[-1])
        assert sender.reply().status == 200
    text = wait_for_card(page, "done", "rows were taken.")
    assert f"run far of {dataset}" in text


def test_an_import_that_nobody_knows(page, token):
    page.expect("404")
    page.open(f"/web/import/{token}", ready=".problem")
    assert token in page.text(".problem")


def test_names_from_files_are_never_markup(page, web, name, tmp_path):
    truth = street()
    truth["categories"][0]["name"] = HOSTILE
    assert web.put(f"/datasets/{name}", truth).status == 201
    page.open(f"/web/import?dataset={name}", ready=".import-form")
    rows = [detection(0), {**without(detection(1), "category_id"), "category_name": HOSTILE + "!"}]
    path = file(tmp_path, f"{HOSTILE}.json", rows)
    choose(page, path)
    page.wait_for_text(HOSTILE, ".staged")
    page.button("Import", ".import-form").click()
    text = wait_for_card(page, "done", "1 of 2 rows were taken")
    assert HOSTILE + "!" in text and HOSTILE + ".json" in text
    assert page.all("img[onerror], main img[src=x]") == []


def test_a_line_to_copy_is_one_command_whatever_the_address_says(page, dataset, tmp_path):
    """A link may come from anybody."""
    page.expect("Failed to load resource: the server responded with a status of 4")
    trap = tmp_path / "trap"
    page.open("/web/import?" + urlencode({
        "dataset": f"$(touch {trap})", "max_skipped": f"1;touch {trap}", "dry_run": 1}),
        ready=".import-form")
    page.button("curl and SQL").click()
    page.wait(".copy-line pre")
    for line in [pre.text for pre in page.all(".copy-line pre")]:
        command = line.replace("pgcoco", "echo", 1).replace("curl", "echo", 1)
        subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert line.endswith(" --dry-run")
    assert not trap.exists()


def test_a_dataset_that_is_gone_is_said(page, dataset):
    page.expect("Failed to load resource: the server responded with a status of 404")
    page.open("/web/import?dataset=gone", ready=".import-form")
    page.wait_for_text("there is no dataset gone", ".import-form")


@pytest.mark.parametrize("kept", ["no JSON", '{"a": 1}', '[null, 7, {"token": "t"}]',
                                  '[{"token": "t", "startedAt": "x", "state": "working"}]'])
def test_what_the_browser_remembers_may_be_anything(page, dataset, kept):
    page.open("/web/")
    page.script("localStorage.setItem('imports', arguments[0])", kept)
    try:
        page.open(f"/web/import?dataset={dataset}", ready=".import-form")
        assert page.all(".problem") == []
    finally:
        page.script("localStorage.removeItem('imports')")


@pytest.mark.parametrize("state", [
    "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); };",
    "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name,"
    " {get() { throw new DOMException('', 'SecurityError'); }});"])
def test_a_browser_that_keeps_nothing_imports_all_the_same(page, dataset, tmp_path, state):
    """Its storage is full, or it is told to keep nothing."""
    script = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": state})
    try:
        page.open(f"/web/import?dataset={dataset}", ready=".import-form")
        page.click("[aria-label='Light or dark']")
        send(page, file(tmp_path, "run.json", detections(2)))
        wait_for_card(page, "done", "All 2 rows were taken.")
    finally:
        page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)


def test_the_lines_to_copy_work(page, site, dataset, tmp_path):
    page.open(f"/web/import?dataset={dataset}&dry_run=1", ready=".import-form")
    line = page.lines_to_copy()[0]
    path = file(tmp_path, "RESULTS.json", detections(3))
    line = line.replace("RESULTS.json", str(path))
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True)
    assert b"would import 3 predictions as run RUN" in done.stdout, done
