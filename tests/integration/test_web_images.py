"""Images on the web page: the grid, one image large, filters, and what is drawn."""

import json
import re
import shlex
import shutil
import subprocess
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from selenium.webdriver import ActionChains

from browser import HOSTILE, By, Keys, Page
from client import Client
from conftest import names
from demo import DEMO, load_demo
from samples import street
from stack import Site, Thumbnails, wait_for

IMAGES = 20_000  # of the large dataset


@pytest.fixture(scope="module")
def demo(site):
    """The demo, for tests that leave it as they found it; its outcomes are made."""
    client = Client(site)
    name = load_demo(client, f"demo{next(names)}")
    for run in ("baseline", "improved"):
        assert client.get(f"/datasets/{name}/runs/{run}/errors?limit=1").status == 200
    return name


@pytest.fixture(scope="module")
def large(site):
    """A dataset of many images without pictures: one object in each, 60 detections in the first
    2,000."""
    name = f"large{next(names)}"
    truth = {
        "images": [{"id": 5 * i, "file_name": f"{i:05}.jpg", "width": 640, "height": 480}
                   for i in range(1, IMAGES + 1)],
        "categories": [{"id": 1, "name": "car"}],
        "annotations": [{"id": i, "image_id": 5 * i, "category_id": 1, "bbox": [10, 10, 90, 90],
                         "area": 8100, "iscrowd": 0} for i in range(1, IMAGES + 1)],
    }
    rows = [{"image_id": 5 * i, "category_id": 1, "bbox": [10 * n, 5 * n, 30, 30], "score": 0.5}
            for i in range(1, 2001) for n in range(60)]
    client = Client(site)
    assert client.put(f"/datasets/{name}", truth).status == 201
    assert client.put_run(name, "r", rows).status == 200
    yield name
    assert client.delete(f"/datasets/{name}").status == 204


def address(dataset, query=""):
    return f"/web/datasets/{dataset}/images?{query}"


def rows_of(web, dataset, image, sources="ground_truth,baseline"):
    reply = web.get(f"/datasets/{dataset}/images/{image}/annotations?source={sources}")
    assert reply.status == 200, reply
    return reply.json()["annotations"]


def drawn(rows, show="both", confidence=0.25):
    """How many of these rows the page should draw."""
    truths = [row for row in rows if row["source"] == "ground_truth"]
    sure = [row for row in rows
            if row["source"] != "ground_truth" and row["confidence"] >= confidence]
    return {"both": len(truths) + len(sure), "truth": len(truths), "predictions": len(sure)}[show]


def listed(web, dataset, query):
    """The ids of all images of a list of the service."""
    path, ids = f"/datasets/{dataset}/{query}", []
    while path:
        page = web.get(path).json()
        ids += [image["image_id"] for image in page["images"]]
        path = page.get("next")
    return ids


def tile_ids(page):
    """The images in the grid, by the links of their tiles."""
    links = page.script(
        "return [...document.querySelectorAll('.image-tile')]"
        ".sort((a, b) => a.getAttribute('aria-posinset') - b.getAttribute('aria-posinset'))"
        ".map(tile => tile.querySelector('a').getAttribute('href'))")
    return [int(parse_qs(urlsplit(link).query)["image"][0]) for link in links if link]


def open_grid(page, dataset, query=""):
    page.open(address(dataset, query), ready=".image-tile canvas[data-drawn]")
    return page


def open_large(page, dataset, query):
    page.open(address(dataset, query), ready=".stage-lines[data-drawn]")
    wait_for(lambda: page.all(".objects button"), "the objects of the image")
    return page


def wait_for_drawn(page, number, nth=0):
    def count():
        return page.script("return document.querySelectorAll('.stage-lines')[arguments[0]]"
                           "?.dataset.drawn", nth)
    wait_for(lambda: count() == str(number), f"{number} rows on the stage, not {count()}")


def wait_for_ids(page, ids):
    wait_for(lambda: tile_ids(page) == ids, f"the images {ids}, not {tile_ids(page)}")


def count_text(page):
    return page.text(".images-count").replace("\u2009", "")


def transforms(page):
    return page.script("return [...document.querySelectorAll('.stage-blank')]"
                       ".map(blank => blank.style.transform)")


def wheel(page, css, x, y, down):
    page.script("const [css, x, y, deltaY] = arguments; const e = document.querySelector(css);"
                "const box = e.getBoundingClientRect();"
                "e.dispatchEvent(new WheelEvent('wheel', {deltaY, bubbles: true, cancelable: true,"
                " clientX: box.left + x, clientY: box.top + y}))", css, x, y, down)


def click_in_image(page, image, x, y):
    """A click on the stage at a place of the image."""
    box = page.script("const r = document.querySelector('.stage-blank').getBoundingClientRect();"
                      "return [r.left, r.top, r.width]")
    scale = box[2] / image["width"]
    mouse = ActionChains(page.driver)
    mouse.w3c_actions.pointer_action.move_to_location(int(box[0] + x * scale),
                                                      int(box[1] + y * scale))
    mouse.w3c_actions.pointer_action.click()
    mouse.perform()


# ---- the grid

def test_the_grid_has_the_images_with_what_is_drawn_on_them(page, web, demo):
    open_grid(page, demo, "run=baseline")
    assert count_text(page) == "60 images"
    ids = tile_ids(page)
    assert ids == listed(web, demo, "images?limit=500")[:len(ids)] and len(ids) < 60
    wait_for(lambda: len(page.all(".image-tile canvas[data-drawn]")) == len(ids), "all tiles drawn")
    counts = page.script("return [...document.querySelectorAll('.image-tile')].map(tile => ["
                         "Number(tile.getAttribute('aria-posinset')),"
                         "Number(tile.querySelector('canvas').dataset.drawn)])")
    for place, number in counts[:5]:
        assert number == drawn(rows_of(web, demo, ids[place - 1]))


def test_a_tile_says_its_name_and_counts(page, web, demo):
    open_grid(page, demo, "run=baseline")
    image = web.get(f"/datasets/{demo}/images?limit=1").json()["images"][0]
    label = page.wait(".image-tile a").get_attribute("aria-label")
    assert label.startswith(image["file_name"] + ": ")
    assert f"{image['counts']['ground_truth']} objects" in label
    assert f"baseline {image['counts']['baseline']}" in label


def test_what_is_in_the_page_is_bounded_wherever_one_jumps(page, large):
    open_grid(page, large, "run=r&tile=100")
    first = len(page.all(".image-tile"))
    assert page.script("return document.querySelector('.image-space').offsetHeight") > 100_000
    for share in (0, 0.02, 0.04, 0.06, 0.08, 0.5, 0.75, 0.25, 0.999, 0.3):
        page.script("const e = document.querySelector('.image-grid');"
                    "e.scrollTop = e.scrollHeight * arguments[0]", share)
        wait_for(lambda: page.script(
            "const box = document.querySelector('.image-grid').getBoundingClientRect();"
            "return [...document.querySelectorAll('.image-tile')].filter(tile => {"
            " const r = tile.getBoundingClientRect();"
            " return r.bottom > box.top && r.top < box.bottom})"
            ".every(tile => tile.querySelector('canvas').dataset.drawn)"), f"tiles at {share}")
        grid = page.script("return {...document.querySelector('.image-grid').dataset}")
        assert len(page.all(".image-tile")) < 2 * first
        assert int(grid["heldList"]) <= 6000
        assert int(grid["heldRows"]) <= 40_000 and int(grid["heldImages"]) <= 1000
    assert page.script("return document.querySelectorAll('*').length") < 2500


def test_any_place_can_be_jumped_to(page, large):
    open_grid(page, large, "run=r")
    page.wait(".image-tile a").send_keys(Keys.END)
    label = f"{IMAGES:05}.jpg: 1 object"
    wait_for(lambda: page.script("return document.activeElement.getAttribute('aria-label') ?? ''")
             .startswith(label), label)
    assert page.script("return document.activeElement.closest('.image-tile')"
                       ".getAttribute('aria-posinset')") == str(IMAGES)
    page.press(Keys.HOME)
    wait_for(lambda: page.script("return document.activeElement.closest('.image-tile')"
                                 "?.getAttribute('aria-posinset')") == "1", "the first tile")


def test_a_filtered_list_goes_on_as_one_scrolls(page, large):
    open_grid(page, large, "run=r&search=0")
    before = page.script("return document.querySelector('.image-grid').scrollHeight")
    assert "of 20000 images" in count_text(page)
    page.script("const e = document.querySelector('.image-grid'); e.scrollTop = e.scrollHeight")
    height = "return document.querySelector('.image-grid').scrollHeight"
    wait_for(lambda: page.script(height) > before, "more images")


def test_the_size_of_tiles_is_a_choice_of_the_address(page, demo):
    open_grid(page, demo)
    few = len(page.all(".image-tile"))
    page.drag(".images-head .slider input", 100)
    page.wait_for_address("tile=100")
    wait_for(lambda: len(page.all(".image-tile")) > few, "more tiles")


def test_the_grid_comes_back_where_it_was(page, large):
    open_grid(page, large, "run=r")
    page.script("document.querySelector('.image-grid').scrollTop = 5000")
    label = "return document.querySelector('.image-grid').scrollTop"
    tile = wait_for(lambda: page.script(
        "return [...document.querySelectorAll('.image-tile a[href]')].find(a => {"
        " const r = a.getBoundingClientRect(); return r.top > 200 && r.bottom < 700})"), "a tile")
    tile.click()
    page.wait(".stage-lines[data-drawn]")
    page.press(Keys.ESCAPE)
    page.wait(".image-tile canvas[data-drawn]")
    assert page.script(label) == 5000


def test_what_cannot_be_listed_is_said(page, demo):
    page.expect("404 (Not Found)")
    page.open(address(demo, "slice=nothing"), ready=".problem")
    assert "nothing" in page.text(".problem")
    assert not page.all(".image-tile") and not page.all(".empty")


@pytest.mark.parametrize("query, kept", [
    ("run=improved&slice=gone", "?run=improved"), ("run=improved&split=gone", "?run=improved"),
    ("run=improved&category=gone", "?run=improved"), ("run=improved,gone", "?run=improved"),
    ("run=gone", ""), ("run=gone&search=night/*&image=7", "")])
def test_an_address_that_names_what_is_gone_has_a_way_out(page, demo, query, kept):
    page.expect("404 (Not Found)")
    page.expect("400 (Bad Request)")
    page.open(address(demo, query), ready=".problem")
    assert page.wait(".problem a, .problem button").text == "Take all filters away"
    page.button("Take all filters away").click()
    page.wait(".image-tile canvas[data-drawn]")
    assert page.address == f"/web/datasets/{demo}/images{kept}"
    assert count_text(page) == "60 images" and not page.all(".problem")


def test_arrows_go_from_tile_to_tile(page, web, demo):
    open_grid(page, demo, "run=baseline")
    page.wait(".image-tile a").send_keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ENTER)
    third = listed(web, demo, "images?limit=500")[2]
    page.wait_for_address(f"image={third}&")
    page.press(Keys.ESCAPE)
    wait_for(lambda: page.script("return document.activeElement.closest('.image-tile')"
                                 "?.getAttribute('aria-posinset')") == "3", "the same tile")


# ---- filters

@pytest.mark.parametrize("query", [
    "category=kite", "category=kite&source=baseline", "split=val", "sort=-annotations",
    "search=night/*", "outcome=missed&source=baseline", "sort=-errors&run=baseline",
    "outcome=duplicate&category=boat&source=baseline",
    "category=bird&min_confidence=0.9&source=baseline", "category=kite&max_count=0",
    "min_count=9&max_count=10", "source=baseline&min_count=20", "below_area=1024&split=val",
    "category=bird&source=baseline&min_area=1024&below_area=9216"])
def test_filters_of_the_address_choose_the_images(page, web, demo, query):
    ids = listed(web, demo, f"images?limit=500&{query}")
    assert ids and (len(ids) < 60 or "sort" in query)
    open_grid(page, demo, f"run=baseline&tile=72&{query.removesuffix('&run=baseline')}")
    wait_for_ids(page, ids)
    assert count_text(page) == f"{len(ids)} of 60 images"


def test_a_filter_chooses_images_and_hides_no_box(page, web, demo):
    page.open(address(demo, "run=baseline"), ready=".image-tile")
    page.select(".filters .choice:first-child select", "kite")
    page.wait_for_address("category=kite")
    ids = listed(web, demo, "images?category=kite&limit=500")
    wait_for(lambda: tile_ids(page)[:1] == ids[:1], "the images with a kite")
    count = "return document.querySelector('.image-tile canvas').dataset.drawn"
    wait_for(lambda: page.script(count) == str(drawn(rows_of(web, demo, ids[0]))),
             "all its boxes")
    chip = page.wait(".filter-chip")
    assert chip.text.startswith("class: kite")
    chip.click()
    wait_for(lambda: "category" not in page.address, "no filter in the address")
    wait_for(lambda: count_text(page) == "60 images", "all images")


def test_images_are_chosen_by_the_number_of_objects(page, web, demo):
    page.open(address(demo, "run=baseline&category=bird"), ready=".image-tile")
    boxes = {box.get_attribute("placeholder"): box for box in page.all(".from-to input")}
    boxes["from"].send_keys("2", Keys.TAB)
    page.wait_for_address("min_count=2")
    ids = listed(web, demo, "images?category=bird&min_count=2&limit=500")
    wait_for(lambda: count_text(page) == f"{len(ids)} of 60 images", "images with two birds")
    boxes["to"].send_keys("1", Keys.TAB)  # less than "from", which then is not meant
    page.wait_for_address("max_count=1")
    assert "min_count" not in page.address
    boxes["to"].clear()
    boxes["to"].send_keys("0", Keys.TAB)
    page.wait_for_text("number: none", ".filter-chips")
    ids = listed(web, demo, "images?category=bird&max_count=0&limit=500")
    wait_for(lambda: count_text(page) == f"{len(ids)} of 60 images", "images without a bird")
    page.button("number: none\n×", within=".filter-chips").click()
    page.wait_for_text("class: bird", ".filter-chips")
    wait_for(lambda: "count" not in page.address, "no number in the address")


def test_a_size_is_about_the_rows_of_the_source(page, web, demo):
    page.open(address(demo, "run=baseline&source=baseline"), ready=".image-tile")
    page.select("select:has(option[value='9216..'])", "9216..")
    page.wait_for_address("min_area=9216")
    ids = listed(web, demo, "images?source=baseline&min_area=9216&limit=500")
    assert 0 < len(ids) < 60
    wait_for(lambda: count_text(page) == f"{len(ids)} of 60 images", "images with large boxes")
    assert "size: large" in page.text(".filter-chips")
    page.select("select:has(option[value=duplicate])", "duplicate")
    page.wait_for_address("outcome=duplicate")
    assert "min_area" not in page.address
    assert not page.wait("select:has(option[value='9216..'])").is_enabled()


def test_no_image_may_be_like_that(page, demo):
    page.open(address(demo, "run=baseline&search=nothing"), ready=".empty")
    page.button("Take all filters away").click()
    wait_for(lambda: count_text(page) == "60 images", "all images")


@pytest.mark.parametrize("truth, predicted, words", [
    ("kite", "balloon", "kite taken for balloon by baseline"),
    ("bird", "background", "bird missed by baseline"),
    ("background", "1", "balloon where baseline should see nothing")])
def test_a_cell_of_the_confusion_matrix_has_its_images(page, web, demo, truth, predicted, words):
    cell = f"truth={truth}&predicted={predicted}"
    ids = listed(web, demo, f"runs/baseline/errors/images?{cell}&min_confidence=0.4")
    assert 0 < len(ids) < 60
    open_grid(page, demo, f"run=baseline&tile=72&confidence=0.4&{cell}")
    wait_for_ids(page, ids)
    assert words in page.text(".filter-chips")
    page.drag(".side .slider input", 0.8)
    page.wait_for_address("confidence=0.8")
    wait_for_ids(page, ids)
    part = listed(web, demo, f"runs/baseline/errors/images?{cell}&min_confidence=0.4&split=val")
    assert 0 < len(part) < len(ids)
    open_grid(page, demo, f"run=baseline&tile=72&confidence=0.4&{cell}&split=val")
    wait_for_ids(page, part)
    page.button("split: val\n×", within=".filter-chips").click()
    wait_for_ids(page, ids)


# ---- what is drawn

def test_keys_switch_truth_predictions_and_both(page, web, demo):
    rows = rows_of(web, demo, 5)
    open_large(page, demo, "run=baseline&image=5")
    wait_for_drawn(page, drawn(rows))
    for key, show in (("1", "truth"), ("2", "predictions"), ("3", "both")):
        page.press(key)
        wait_for_drawn(page, drawn(rows, show))
    assert page.script("return document.querySelector('.toggle [aria-pressed=true]').textContent") \
        == "Both"


def test_an_image_with_more_rows_than_are_read_says_so(page, web, name):
    assert web.put(f"/datasets/{name}", street()).status == 201
    box = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}
    rows = [{**box, "score": 0.9 - n / 100_000} for n in range(12_500)]
    assert web.put_run(name, "run", rows).status == 200
    open_large(page, name, "run=run&image=1&confidence=0.89")
    page.wait_for_text("the image has more, which are not read", ".objects-part")
    open_large(page, name, "run=run&image=2")
    page.wait_for_text("object", ".objects-part")
    assert "not read" not in page.text(".objects-part")


def test_the_slider_changes_what_is_drawn_and_not_the_list(page, web, demo):
    rows = rows_of(web, demo, 5)
    open_large(page, demo, "run=baseline&image=5")
    page.drag(".side .slider input", 0.9)
    wait_for_drawn(page, drawn(rows, confidence=0.9))
    page.wait_for_address("confidence=0.9")
    page.press(Keys.ESCAPE)
    wait_for(lambda: count_text(page) == "60 images", "the same list")
    page.script("[...document.querySelectorAll('.side .tick')]"
                ".find(one => one.textContent.includes('also filter')).click()")
    sure = listed(web, demo, "images?limit=500&source=baseline&min_confidence=0.9")
    wait_for(lambda: count_text(page) == f"{len(sure)} of 60 images", "the sure ones")


def test_the_legend_turns_classes_off_and_on(page, web, demo):
    rows = rows_of(web, demo, 5)
    others = [row for row in rows if row["category"] != "tree"]
    assert 0 < len(others) < len(rows)
    open_large(page, demo, "run=baseline&image=5")
    page.click(".kinds button[data-kind=tree]")
    wait_for_drawn(page, drawn(others))
    assert "hide=tree" in page.address
    page.click(".kinds button[data-kind=tree]")
    wait_for_drawn(page, drawn(rows))


def test_any_set_of_runs_is_drawn_at_once(page, web, demo):
    open_large(page, demo, "run=baseline&image=5")
    page.script("[...document.querySelectorAll('.side-runs .tick')]"
                ".find(one => one.textContent.includes('improved')).click()")
    wait_for_drawn(page, drawn(rows_of(web, demo, 5, "ground_truth,baseline,improved")))
    assert "run=baseline%2Cimproved" in page.address


def test_outcomes_are_made_where_they_are_missing(page, web, name):
    load_demo(web, name)
    page.open(address(name, "run=baseline&outcome=duplicate"), ready=".outcomes-notice button")
    page.click(".outcomes-notice button")
    wait_for(lambda: tile_ids(page), "images with duplicates")
    assert tile_ids(page)[0] == listed(web, name, "images?source=baseline&outcome=duplicate")[0]
    assert not page.wait(".images-main").find_element(By.CSS_SELECTOR, ".outcomes-notice") \
        .is_displayed()


# ---- one image

def test_the_next_image_is_that_of_the_list(page, web, demo):
    query = "category=kite&sort=-errors&source=baseline"
    ids = listed(web, demo, f"images?limit=500&{query}")
    open_large(page, demo, f"run=baseline&{query}&image={ids[3]}")
    page.wait_for_text(f"4 of {len(ids)}", ".large-place")
    page.press(Keys.ARROW_RIGHT)
    page.wait_for_address(f"image={ids[4]}&")
    page.wait_for_text(f"5 of {len(ids)}", ".large-place")
    page.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    page.wait_for_address(f"image={ids[2]}&")


def test_a_link_to_an_image_finds_its_place_among_all(page, large):
    open_large(page, large, f"run=r&image={5 * 12_345}")
    wait_for(lambda: page.text(".large-place").replace("\u2009", "") == f"12345 of {IMAGES}",
             "its place")
    page.press(Keys.ARROW_RIGHT)
    page.wait_for_address(f"image={5 * 12_346}&")


def test_a_click_pins_the_matched_pair(page, web, demo):
    id = listed(web, demo, "images?source=baseline&outcome=localisation&min_confidence=0.25")[0]
    image = web.get(f"/datasets/{demo}/images/{id}").json()
    rows = [row for row in rows_of(web, demo, id) if row["source"] == "baseline"]
    row = next(row for row in rows if row["outcome"] == "localisation"
               and row["confidence"] >= 0.25)
    x, y, width, height = row["bbox"]
    open_large(page, demo, f"run=baseline&image={id}&show=predictions")
    words = f"IoU {row['iou']:.3f}"
    for _ in rows:  # the next one at each click at the same place
        click_in_image(page, image, x + width / 2, y + height / 2)
        page.wait(".pinned")
        if words in page.text(".pinned"):
            break
    assert words in page.text(".pinned") and "of the ground truth" in page.text(".pinned")
    page.press(Keys.ESCAPE)
    wait_for(lambda: not page.all(".pinned"), "nothing pinned")
    assert f"image={id}" in page.address


def test_the_pointer_tells_what_lies_under_it(page, web, demo):
    image = web.get(f"/datasets/{demo}/images/5").json()
    row = max((row for row in rows_of(web, demo, 5) if row["source"] == "ground_truth"),
              key=lambda row: row["area"])
    x, y, width, height = row["bbox"]
    open_large(page, demo, "run=baseline&image=5")
    click_in_image(page, image, x + width / 2, y + height / 2)
    page.wait_for_text(row["category"], ".under-pointer")


def test_the_list_of_objects_is_operable_by_keyboard(page, demo):
    open_large(page, demo, "run=baseline&image=5")
    button = page.all(".objects button")[1]
    button.send_keys(Keys.ENTER)
    page.wait(".pinned")
    assert button.get_attribute("aria-pressed") == "true"
    assert page.wait(".stage").get_attribute("aria-label").endswith("listed beside")


def test_zoom_and_pan_of_two_runs_go_together(page, web, demo):
    open_large(page, demo, "run=baseline,improved&side=1&image=5")
    wait_for_drawn(page, drawn(rows_of(web, demo, 5)), 0)
    wait_for_drawn(page, drawn(rows_of(web, demo, 5, "ground_truth,improved")), 1)
    fitted = transforms(page)
    wheel(page, ".stage", 100, 100, -300)
    wait_for(lambda: transforms(page) != fitted, "a closer view")
    wait_for(lambda: len(set(transforms(page))) == 1, "the same view of both")
    page.press("f")
    wait_for(lambda: transforms(page) == fitted, "the whole image again")
    page.press("s")
    wait_for(lambda: len(page.all(".stage")) == 1, "one stage")


def test_zoom_by_keys_and_drag(page, demo):
    open_large(page, demo, "run=baseline&image=5")
    before = transforms(page)
    page.press("+")
    wait_for(lambda: transforms(page) != before, "a closer view")
    closer = transforms(page)
    mouse = ActionChains(page.driver)
    mouse.drag_and_drop_by_offset(page.wait(".stage"), 60, 40).perform()
    wait_for(lambda: transforms(page) != closer, "another part")
    assert closer[0].split("scale")[1] == transforms(page)[0].split("scale")[1]


def test_two_fingers_zoom(page, demo):
    open_large(page, demo, "run=baseline&image=5")
    before = transforms(page)
    x, y = page.script("const r = document.querySelector('.stage').getBoundingClientRect();"
                       "return [r.left + r.width / 2, r.top + r.height / 2]")

    def touch(kind, *places):
        page.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [
            {"x": x + dx, "y": y, "id": n} for n, dx in enumerate(places)]})

    touch("touchStart", -40, 40)
    for apart in (60, 80, 100):
        touch("touchMove", -apart, apart)
    touch("touchEnd")
    wait_for(lambda: transforms(page) != before, "a closer view")
    scale = [float(re.search(r"scale\((.*)\)", one[0])[1]) for one in (before, transforms(page))]
    assert scale[1] > 2 * scale[0]


def test_what_is_known_of_an_image_is_told(page, web, name):
    truth = {"images": [{"id": 7, "file_name": "a.jpg", "width": 30, "height": 20,
                         "camera": {"lens": "50 mm"}}],
             "categories": [{"id": 1, "name": "car"}],
             "annotations": [{"id": 1, "image_id": 7, "category_id": 1, "bbox": [1, 1, 9, 9],
                              "area": 81, "iscrowd": 0}]}
    assert web.put(f"/datasets/{name}", truth, {"split": "train"}).status == 201
    assert web.put(f"/datasets/{name}/slices/s", {"image_ids": [7]}).status == 200
    open_large(page, name, "image=7")
    details = page.text(".details")
    for words in ("30 × 20 px", "train", "s", "camera", "50 mm"):
        assert words in details


def test_images_without_size_name_or_number_are_shown(page, web, name):
    truth = {"images": [{"id": "a b", "file_name": "x.jpg"}, {"id": "c"}],
             "categories": [{"id": 1, "name": "car"}],
             "annotations": [{"id": 1, "image_id": "a b", "category_id": 1, "area": 81,
                              "bbox": [1, 1, 9, 9], "iscrowd": 0}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    open_grid(page, name)
    assert len(page.all(".image-tile a")) == 2
    page.open(address(name, "image=a%20b"), ready=".stage-lines[data-drawn='1']")
    page.wait_for_text("x.jpg", ".large-title")
    page.press(Keys.ARROW_RIGHT)
    page.wait_for_text("2 of 2", ".large-place")


def test_names_of_files_and_classes_are_text(page, web, name):
    truth = {"images": [{"id": 1, "file_name": HOSTILE, "width": 30, "height": 20,
                         HOSTILE: HOSTILE}],
             "categories": [{"id": 1, "name": HOSTILE}],
             "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9],
                              "area": 81, "iscrowd": 0}]}
    assert web.put(f"/datasets/{name}", truth).status == 201
    open_grid(page, name, "category=" + quote(HOSTILE))
    assert HOSTILE in page.wait(".image-tile a").get_attribute("aria-label")
    assert HOSTILE in page.text(".filter-chips") and HOSTILE in page.text(".kinds")
    open_large(page, name, "image=1")
    page.click(".objects button")
    for css in (".large-title", ".objects", ".pinned", ".details"):
        assert HOSTILE in page.text(css)
    assert page.script("return document.title") != "owned"


# ---- what is made of a list

def make_slice(page, slice_name):
    page.button("Make a slice").click()
    page.wait("dialog input").send_keys(slice_name, Keys.ENTER)
    page.wait_for_address(f"slice={slice_name}")


@pytest.mark.parametrize("query", [
    "split=val&category=kite", "search=night/", "outcome=missed&source=baseline",
    "category=bird&max_count=1", "min_count=12&split=train"])
def test_a_slice_has_the_images_of_the_list(page, web, demo, query):
    ids = listed(web, demo, f"images?limit=500&{query}")
    slice_name = f"slice{next(names)}"
    open_grid(page, demo, "run=baseline&" + query)
    make_slice(page, slice_name)
    wait_for(lambda: count_text(page) == f"{len(ids)} of 60 images", "the images of the slice")
    made = web.get(f"/datasets/{demo}/slices/{slice_name}").json()
    assert made["image_ids"] == sorted(ids)
    assert web.delete(f"/datasets/{demo}/slices/{slice_name}").status == 204


@pytest.mark.parametrize("query", [
    "category=kite&split=val", "min_count=9&max_count=10", "min_area=9216&sort=-errors",
    "split=val&sort=-errors"])
def test_the_rows_of_the_list_can_be_downloaded(page, web, demo, query):
    open_grid(page, demo, f"run=baseline&{query}")
    page.click(".download-box summary")
    page.wait(".download-menu a[href*='format=coco']")
    links = [link.get_attribute("href").removeprefix(page.url)
             for link in page.all(".download-menu a[href*='format=coco']")]
    truth, run = (json.loads(web.get(link).body) for link in links)
    ids = set(listed(web, demo, f"images?{query.replace('&sort=-errors', '')}&limit=500"))
    assert 0 < len(ids) < 60 and {image["id"] for image in truth["images"]} == ids
    assert {row["image_id"] for row in run} == ids


@pytest.mark.parametrize("query", [
    "run=baseline&category=kite&sort=-annotations", "run=baseline&max_count=9&sort=-errors",
    "run=baseline&outcome=missed&search=night", "run=baseline&truth=kite&predicted=balloon",
    "run=baseline&truth=background&predicted=kite&split=val"])
def test_the_lines_give_the_images_of_the_list(page, db, demo, query):
    open_grid(page, demo, f"{query}&tile=72")
    wait_for(lambda: tile_ids(page), "images")
    ids = tile_ids(page)
    curl, sql = page.lines_to_copy()
    told = subprocess.run(shlex.split(curl), capture_output=True, check=True).stdout
    assert [image["image_id"] for image in json.loads(told)["images"]] == ids
    assert [image["image_id"] for image in db.execute(sql).fetchone()[0]["images"]] == ids


def test_the_lines_give_the_rows_of_the_image(page, web, db, demo):
    open_large(page, demo, "run=baseline&image=5")
    curl, sql, *_ = page.lines_to_copy()
    rows = rows_of(web, demo, 5)
    told = subprocess.run(shlex.split(curl), capture_output=True, check=True).stdout
    assert json.loads(told)["annotations"] == rows
    key = lambda row: (row["source"], row["annotation_id"])
    assert {tuple(row[:2]) for row in db.execute(sql).fetchall()} == {*map(key, rows)}


# ---- care

@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("query", ["run=baseline&category=kite", "run=baseline&image=5",
                                   "run=baseline,improved&side=1&image=5&color=outcome"])
def test_the_views_have_no_barriers(page, demo, query, scheme):
    page.resize(1280, 860, scheme)
    ready = ".objects button" if "image" in query else ".image-tile canvas[data-drawn]"
    page.open(address(demo, query), ready=ready)
    assert page.violations() == []


@pytest.mark.parametrize("query", ["run=baseline", "run=baseline,improved&side=1&image=5"])
def test_a_telephone_needs_no_scrolling_sideways(page, demo, query):
    page.resize(375, 700)
    ready = ".objects button" if "image" in query else ".image-tile canvas[data-drawn]"
    page.open(address(demo, query), ready=ready)
    assert page.width() == 375
    page.button("Runs, drawing and filters").click()
    page.wait(".kinds button")
    assert page.width() == 375
    assert page.violations() == []


def test_the_keys_are_listed(page, demo):
    open_large(page, demo, "run=baseline&image=5")
    page.press("?")
    text = page.wait("dialog").text
    for words in ("ground truth alone", "next image of the list", "fit the image", "outcome"):
        assert words in text


def test_pictures_are_shown_where_there_are_any(chrome, home, postgres):
    thumbnails = Thumbnails(home)
    root = home.folder("pictures")
    gallery = Site(home, postgres, f"gallery{next(names)}", ["--image-root", root])
    try:
        client = Client(gallery)
        name = load_demo(client, f"demo{next(names)}")
        shutil.copytree(DEMO / "pictures", root / name)
        assert client.put(f"/datasets/{name}/pictures", {"directory": name}).status == 200
        page = Page(chrome, gallery)
        open_grid(page, name, "run=baseline")
        small = wait_for(lambda: page.script(
            "return [...document.querySelectorAll('.image-tile img')].map(i => i.naturalWidth)"
            ".find(Boolean)"), "a thumbnail")
        assert small <= 480
        image = client.get(f"/datasets/{name}/images/5").json()
        held = {"patterns": [{"urlPattern": gallery.url + image["picture"]}]}
        page.driver.execute_cdp_cmd("Fetch.enable", held)
        tile = ".image-tile a[href*='image=5&']"
        small = page.wait(tile + " img").get_property("naturalWidth")
        try:
            page.click(tile)
            preview = page.wait(".stage-preview")
            wait_for(lambda: preview.get_property("naturalWidth") == small, "the thumbnail")
            assert not page.wait(".stage").find_element(By.CSS_SELECTOR,
                                                        ".stage-picture").is_displayed()
            assert preview.rect == page.wait(".stage-blank").rect
        finally:
            page.driver.execute_cdp_cmd("Fetch.disable", {})
        page.wait(".stage-picture")
        open_large(page, name, "run=baseline&image=5")
        wait_for(lambda: page.script(
            "return document.querySelector('.stage-picture').naturalWidth") == image["width"],
            "the picture")
        page.check()
        chrome.get("about:blank")
    finally:
        gallery.stop()
        thumbnails.stop()


def test_names_in_links_are_encoded(page, demo):
    open_large(page, demo, "run=baseline&image=5&color=source")
    links = [link.get_attribute("href") for link in page.all(".tabs a")]
    assert all(re.match(rf"{page.url}/web/datasets/{demo}(/|$|\?)", link) for link in links)
