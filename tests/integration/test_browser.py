"""A person with a browser without JavaScript fills in a form, and sees a page with the outcome."""

import pytest

from browser import By, chromium
from stack import FIXTURES, wait_for


@pytest.fixture
def browser(tmp_path):
    driver = chromium(tmp_path / "profile", javascript=False)
    yield driver
    driver.quit()


def form_with(browser, field):
    """The form on the first page that has this field."""
    for form in browser.find_elements(By.TAG_NAME, "form"):
        if form.find_elements(By.NAME, field):
            return form
    raise AssertionError(f"no form with {field} in {browser.page_source}")


def submit(browser, site, path, fields):
    """Opens the first page, submits the form with these fields, and returns the next page."""
    browser.get(site.url + "/")
    form = form_with(browser, next(iter(fields)))
    for name, value in fields.items():
        form.find_element(By.NAME, name).send_keys(str(value))
    form.find_element(By.CSS_SELECTOR, "button, input[type=submit]").click()
    wait_for(lambda: path in browser.current_url, f"a page under {path}, not {browser.current_url}")
    return browser.find_element(By.TAG_NAME, "body").text


def test_the_reference_is_read_on_a_telephone(browser, site):
    """The start page leads there, a link leads to an operation, and no line is wider than the
    page."""
    width = 390
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": True})
    browser.get(site.url + "/")
    browser.find_element(By.LINK_TEXT, "reference").click()
    wait_for(lambda: "/reference" in browser.current_url, "the reference")
    browser.find_element(By.XPATH, "//summary[text()='Images']").click()
    browser.find_element(By.LINK_TEXT, "GET /datasets/{dataset}/images").click()
    assert browser.current_url.endswith("/reference#listImages")
    section = browser.find_element(By.ID, "listImages")
    for word in ("localhost:8080/datasets/street/images", "min_confidence", "unknown_slice"):
        assert word in section.text
    size = browser.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    assert size["width"] == width


def test_forms_lead_a_browser_without_javascript_to_the_outcome(browser, site, web, name):
    browser.get("data:text/html,<p id=p>off</p>"
                "<script>document.getElementById('p').textContent='on'</script>")
    words = browser.find_element(By.ID, "p").text
    assert words == "off", "JavaScript is meant to be off in this test"

    page = submit(browser, site, "/imports/",
                  {"name": name, "split": "val", "file": FIXTURES / "street.json"})
    assert name in page
    assert web.get(f"/datasets/{name}").json()["splits"] == ["val"]

    page = submit(browser, site, "/imports/",
                  {"dataset": name, "run_name": "yolov8", "file": FIXTURES / "street_results.json"})
    assert "8" in page and "unknown_category" in page and "yolov8" in page and name in page
    assert web.get(f"/datasets/{name}/runs/yolov8").json()["prediction_count"] == 8

    page = submit(browser, site, "/predictions",
                  {"dataset": "nobody", "file": FIXTURES / "street_results.json"})
    assert "nobody" in page and "unknown" in page.lower()

    page = submit(browser, site, "/imports/",
                  {"dataset": name, "file": FIXTURES / "street_results.json"})
    assert "street_results" in page, "the run is called after the file"
