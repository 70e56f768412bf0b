"""The pages of datasets: the list, and one of them."""

import json
import subprocess

import pytest

from browser import HOSTILE
from samples import array, detection, detections, street
from stack import wait_for
from web_files import choose, drop, file, wait_for_card


def card(page, name):
    return page.wait(f".dataset-card[aria-label='{name}']")


def inside(element, css):
    return element.find_element("css selector", css)


def confirm(page, does, *words):
    """Reads the confirmation, and goes ahead."""
    for word in words:
        page.wait_for_text(word, "dialog")
    page.button(does, "dialog .dialog-foot").click()


def test_a_card_counts_what_a_dataset_has_and_tells_its_health(page, web, name):
    truth = street()
    truth["images"].append({"id": 4, "file_name": "none.jpg", "width": 640, "height": 480})
    assert web.put(f"/datasets/{name}", truth, {"split": "val"}).status == 201
    web.put_run(name, "a", detections(5))
    web.put_run(name, "b", detections(7))
    health = web.get(f"/datasets/{name}/health").json()
    findings = sum(one["count"] > 0 for one in health["findings"])
    assert findings > 1
    page.open(f"/web/?search={name}")
    page.wait_for_text(f"{findings} findings", f".dataset-card[aria-label='{name}']")
    text = card(page, name).text
    words = {term.text: value.text for term, value in zip(
        card(page, name).find_elements("css selector", "dt"),
        card(page, name).find_elements("css selector", "dd"))}
    assert words == {"images": "4", "annotations": "4", "classes": "3", "runs": "2",
                     "predictions": "12"}
    assert "val" in text
    # It has no pictures: four blanks that say so, and two empty places.
    page.wait(f".dataset-card[aria-label='{name}'] .thumbnail.blank")
    assert [one.get_attribute("aria-label") for one in card(page, name).find_elements(
        "css selector", ".thumbnail.blank")] == [
            f"{picture}: no picture" for picture in ("one.jpg", "two.jpg", "three.jpg", "none.jpg")]
    assert page.violations() == []
    inside(card(page, name), ".health-line").click()
    page.wait_for_address(f"/web/datasets/{name}")
    page.wait_for_text("images without annotations")


def test_a_ground_truth_that_is_dropped_becomes_a_dataset(page, web, name):
    page.open(f"/web/?search={name}")
    drop(page, (f"instances_{name}_train.json", json.dumps(street())))
    page.wait_for_text("New dataset", "dialog")
    boxes = page.all("dialog input")
    assert [box.get_attribute("value") for box in boxes] == [f"{name}_train", "train"]
    boxes[0].clear()
    boxes[0].send_keys(name)
    page.button("Import", "dialog").click()
    wait_for_card(page, "done", "3 images and 4 annotations; no row was skipped.")
    card(page, name)
    document = web.get(f"/datasets/{name}").json()
    assert (document["image_count"], document["splits"]) == (3, ["train"])


def test_two_files_with_one_name_become_the_splits_of_a_dataset(page, web, name, tmp_path):
    page.open("/web/")
    choose(page, file(tmp_path, "train.json", street()), file(tmp_path, "val.json", street()))
    page.wait_for_text("New datasets", "dialog")
    for box in page.all("dialog .field:first-of-type input"):
        box.clear()
        box.send_keys(name)
    page.button("Import", "dialog").click()
    wait_for(lambda: len(page.all(".upload[data-state=done]")) == 2, "both files")
    document = web.get(f"/datasets/{name}").json()
    assert (document["image_count"], document["splits"]) == (6, ["train", "val"])


def test_a_dataset_that_is_there_is_not_replaced_by_accident(page, web, dataset, tmp_path):
    page.expect("Failed to load resource: the server responded with a status of 409")
    web.put_run(dataset, "run", detections(5))
    page.open("/web/")
    smaller = street()
    smaller["annotations"] = smaller["annotations"][:1]
    choose(page, file(tmp_path, f"{dataset}.json", smaller))
    page.button("Import", "dialog").click()
    wait_for_card(page, "failed", "Not imported")
    assert web.get(f"/datasets/{dataset}").json()["annotation_count"] == 4
    page.button("Replace its ground truth").click()
    confirm(page, "Replace", "Its runs stay")
    wait_for_card(page, "done", "1 annotation")
    document = web.get(f"/datasets/{dataset}").json()
    assert (document["annotation_count"], document["prediction_count"]) == (1, 5)


def test_a_refused_ground_truth_says_why_and_where(page, name, tmp_path):
    page.expect("Failed to load resource: the server responded with a status of 4")
    page.open("/web/")
    choose(page, file(tmp_path, f"{name}.json", b'{"images": [}'))
    page.button("Import", "dialog").click()
    assert "line 1, column 13" in wait_for_card(page, "failed", "Not imported:")


def test_deleting_a_dataset_names_what_goes(page, web, dataset):
    web.put_run(dataset, "yolov8", detections(5))
    page.open(f"/web/?search={dataset}")
    card(page, dataset)
    page.click(f".dataset-card[aria-label='{dataset}'] .card-foot button")
    page.wait_for_text("run yolov8: 5 predictions", "dialog")
    text = page.text("dialog")
    assert "3 images" in text and "4 annotations of 3 classes" in text
    page.button("Cancel", "dialog").click()
    assert web.get(f"/datasets/{dataset}").status == 200
    page.click(f".dataset-card[aria-label='{dataset}'] .card-foot button")
    confirm(page, "Delete", "run yolov8")
    wait_for(lambda: not page.all(f".dataset-card[aria-label='{dataset}']"), "the card to go")
    assert web.get(f"/datasets/{dataset}").status == 404


def test_a_card_of_what_another_window_has_deleted_goes(page, web, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    page.expect("404 (Not Found)")
    page.open(f"/web/?search={name}")
    card(page, name)
    web.delete(f"/datasets/{name}")
    page.click(f".dataset-card[aria-label='{name}'] .card-foot button")
    page.wait_for_text(f"there is no dataset {name}", ".toasts")
    wait_for(lambda: not page.all(f".dataset-card[aria-label='{name}']"), "the card to go")


def test_many_datasets_are_searched_and_sorted_by_the_address(page, web, name):
    for n in range(7):
        truth = street()
        truth["images"] += [{"id": 100 + i, "file_name": f"{i}.jpg"} for i in range(n)]
        assert web.put(f"/datasets/{name}-{n}", truth).status == 201
    page.open("/web/")
    page.wait("input[type=search]").send_keys(f"{name}-")
    page.wait_for_address(f"search={name}-")
    names = lambda: [one.get_attribute("aria-label") for one in page.all(".dataset-card")]
    wait_for(lambda: names() == [f"{name}-{n}" for n in range(7)], "the seven by name")
    page.open(page.address + "&sort=images")
    wait_for(lambda: names() == [f"{name}-{n}" for n in range(6, -1, -1)], "largest first")


@pytest.fixture
def shown(page, web, dataset):
    """The page of a dataset with two runs, of which one is evaluated."""
    web.put_run(dataset, "plain", detections(5))
    rows = [detection(0, image_id=9), *detections(6)]
    web.put_run(dataset, "good", array(*rows), evaluate="bbox")
    page.open(f"/web/datasets/{dataset}", ready=".data")
    page.settle()
    return page


def test_a_dataset_shows_its_runs_and_what_can_be_done(shown, dataset):
    rows = {cells[0].text: [cell.text for cell in cells[1:4]] for cells in (
        row.find_elements("css selector", "td") for row in shown.all("table.data tbody tr"))
        if len(cells) > 4}
    assert [words.split() for words in rows["plain"]] == [["evaluate", "plain"], ["5"], ["0"]]
    assert [words.split()[0] for words in rows["good"][1:]] == ["6", "1"]
    assert float(rows["good"][0]) >= 0
    assert shown.violations() == []
    for scheme in ("light", "dark"):
        shown.resize(375, 900, scheme)
        assert shown.width() <= 375
        assert shown.violations() == []
    shown.resize(1280, 860)
    shown.button("Compare plain with good").click()
    shown.wait_for_address(f"/web/datasets/{dataset}/comparison?run=plain&with=good")


def act(page, run, does):
    """A button in the row of a run."""
    page.click(f"tr:has(a[href$='evaluation?run={run}']) .row-actions > :nth-child({does})")


NOTES, RENAME, COPY, DELETE = 4, 5, 6, 7


def test_runs_are_described_renamed_copied_and_deleted(shown, web, dataset):
    act(shown, "plain", NOTES)
    wait_for(lambda: shown.wait("dialog textarea").is_enabled(), "the notes")
    shown.wait("dialog textarea").send_keys(HOSTILE)
    shown.wait("dialog input[type=text]").send_keys("baseline, small")
    shown.button("Save").click()
    shown.wait_for_text("baseline", ".chip")
    run = web.get(f"/datasets/{dataset}/runs/plain").json()
    assert (run["notes"], run["tags"]) == (HOSTILE, ["baseline", "small"])

    act(shown, "plain", RENAME)
    shown.wait("dialog input").clear()
    shown.wait("dialog input").send_keys("first")
    shown.button("Rename", "dialog").click()
    shown.wait("a[href$='evaluation?run=first']")

    act(shown, "first", COPY)
    shown.button("Copy", "dialog").click()
    shown.wait("a[href$='evaluation?run=first-copy']")
    act(shown, "first", DELETE)
    confirm(shown, "Delete", "Its 5 predictions go for good")
    wait_for(lambda: not shown.all("a[href$='evaluation?run=first']"), "the run to go")
    names = [run["run_name"] for run in web.get(f"/datasets/{dataset}/runs").json()["runs"]]
    assert names == ["first-copy", "good"]
    assert shown.all("img[onerror], main img[src=x]") == []


def test_skipped_rows_of_a_run_are_told_long_after_the_import(shown):
    shown.click("tr:has(a[href$='evaluation?run=good']) button.warn")
    shown.wait_for_text("6 of 7 rows were taken, 1 skipped.", "dialog")
    text = shown.text("dialog")
    assert "1 × unknown_image" in text and "row 1, line 1" in text
    assert "image 9 is not in the dataset" in text
    assert shown.violations() == []


def test_a_name_that_is_taken_is_said_in_the_dialog(shown):
    shown.expect("Failed to load resource: the server responded with a status of 409")
    act(shown, "plain", RENAME)
    shown.wait("dialog input").clear()
    shown.wait("dialog input").send_keys("good")
    shown.button("Rename", "dialog").click()
    shown.wait_for_text("good", "dialog .bad")
    assert shown.button("Rename", "dialog").is_enabled()


def test_a_dataset_is_renamed_copied_and_deleted(shown, web, name, dataset):
    shown.button("Rename", ".head").click()
    shown.wait("dialog input").clear()
    shown.wait("dialog input").send_keys(name)
    shown.button("Rename", "dialog").click()
    shown.wait_for_address(f"/web/datasets/{name}")
    shown.wait_for_text(name, "h1")

    shown.button("Copy", ".head").click()
    shown.button("Copy", "dialog").click()
    shown.wait_for_address(f"/web/datasets/{name}-copy")
    assert web.get(f"/datasets/{name}-copy").json()["run_count"] == 2

    shown.wait_for_text(f"{name}-copy", "h1")
    shown.button("Delete", ".head").click()
    confirm(shown, "Delete", "run good: 6 predictions", "run plain: 5 predictions")
    wait_for(lambda: shown.address == "/web/", "the list of datasets")
    assert web.get(f"/datasets/{name}-copy").status == 404
    assert web.get(f"/datasets/{name}").json()["run_count"] == 2


def test_a_second_file_is_added_with_its_split(shown, web, dataset, tmp_path):
    shown.button("Add a file").click()
    choose(shown, file(tmp_path, "more.json", street()), within="dialog")
    shown.wait("dialog input[type=text]").send_keys("val")
    shown.click("dialog input[type=checkbox]")
    shown.button("Add", "dialog").click()
    wait_for(lambda: web.get(f"/datasets/{dataset}").json()["image_count"] == 6, "both files")
    shown.wait_for_text("Added 3 images and 4 annotations")
    shown.wait_for_text("val")
    assert web.get(f"/datasets/{dataset}").json()["run_count"] == 2


def test_what_another_window_has_changed_is_shown_and_told(shown, web, dataset):
    """A deletion names what there is now, and what is gone is not shown as if it were there."""
    web.put_run(dataset, "plain", detections(9))
    act(shown, "plain", DELETE)
    shown.wait_for_text("Its 9 predictions go for good", "dialog")
    shown.button("Cancel", "dialog").click()
    wait_for(lambda: not shown.all("dialog"), "the dialog to go")
    shown.script("dispatchEvent(new Event('focus'))")
    wait_for(lambda: any("9" in row for row in shown.cells(".data tbody")), "the new number")
    shown.settle()
    web.delete(f"/datasets/{dataset}/runs/plain")
    shown.expect("404 (Not Found)")
    act(shown, "plain", DELETE)
    shown.wait_for_text("has no run plain", ".toasts")
    wait_for(lambda: not shown.all("a[href$='evaluation?run=plain']"), "the run to go")
    web.delete(f"/datasets/{dataset}")
    shown.button("Delete", ".head").click()
    shown.wait_for_text(f"there is no dataset {dataset}", ".problem")
    first = shown.wait(".problem a, .problem button")
    assert first.text == "All datasets"


def test_where_pictures_are_is_told_and_forgotten_and_told_again(page, web, name):
    # Without file names, so that nobody asks the other host.
    images = [{"id": n, "width": 640, "height": 480} for n in (1, 2, 3)]
    assert web.put(f"/datasets/{name}", street(images=images)).status == 201
    place = "https://img.example.org/{file_name}"
    pictures = lambda: web.get(f"/datasets/{name}").json()["pictures"]
    page.open(f"/web/datasets/{name}", ready=".pictures-form")
    page.wait_for_text("Nobody has told where they are")
    page.wait(".pictures-form input").send_keys(place)
    page.button("Set").click()
    page.wait_for_text(f"At {place}")
    assert pictures() == {"url": place}
    page.button("Forget").click()
    page.wait_for_text("Nobody has told where they are")
    assert pictures() is None
    page.button("Undo").click()
    page.wait_for_text(f"At {place}")
    assert pictures() == {"url": place}


def test_a_place_that_cannot_be_is_said(shown):
    shown.expect("Failed to load resource: the server responded with a status of 4")
    shown.wait(".pictures-form input").send_keys("https://img.example.org/none")
    shown.button("Set").click()
    shown.wait_for_text("file_name", ".card .bad")


def test_a_slice_leads_to_its_images_and_can_be_deleted(page, web, dataset):
    web.put(f"/datasets/{dataset}/slices/cars", {"filter": {"category_id": 3}})
    page.open(f"/web/datasets/{dataset}", ready=".data")
    page.settle()
    page.wait("a[href$='images?slice=cars']")
    page.click("tr:has(a[href$='images?slice=cars']) button")
    confirm(page, "Delete")
    wait_for(lambda: not page.all("a[href$='images?slice=cars']"), "the slice to go")
    assert web.get(f"/datasets/{dataset}/slices").json()["slices"] == []


def test_findings_lead_to_images_and_names_are_never_markup(page, web, name):
    truth = street()
    truth["categories"].append({"id": 7, "name": HOSTILE})
    truth["images"].append({"id": 4, "file_name": HOSTILE, "width": 640, "height": 480})
    truth["info"] = {"description": HOSTILE}
    assert web.put(f"/datasets/{name}", truth).status == 201
    page.open(f"/web/datasets/{name}", ready=".finding")
    page.settle()
    text = page.script("return document.querySelector('main').textContent")
    assert text.count(HOSTILE) >= 3, "in a class, a file name and the info"
    assert page.all("img[onerror], main img[src=x]") == []
    page.script("document.querySelectorAll('.finding').forEach((one) => { one.open = true; })")
    page.click(f".finding a[href='/web/datasets/{name}/images?image=4']")
    page.wait_for_address("images?image=4")


def test_the_lines_to_copy_work(shown, reader, dataset):
    lines = shown.lines_to_copy()
    assert len(lines) == 5
    answers = [subprocess.run(["sh", "-c", line], capture_output=True, check=True).stdout
               for line in lines if line.startswith("curl")]
    assert [sorted(json.loads(answer))[0] for answer in answers] == [
        "annotation_count", "runs", "annotation_count"]
    runs, annotations = (reader.execute(line.replace("%", "%%")).fetchall()
                         for line in lines if line.startswith("select"))
    assert sorted(runs) == [("good", 6, 1), ("plain", 5, 0)]
    assert len(annotations) == 4
    shown.open("/web/")
    line = next(one for one in shown.lines_to_copy() if one.startswith("select"))
    assert (dataset, 3, 4, 11) in reader.execute(line).fetchall()


def test_what_does_not_exist_is_said(page, name):
    page.expect("404")
    page.open(f"/web/datasets/{name}", ready=".problem")
    assert "This does not exist" in page.text(".problem") and name in page.text(".problem")
