"""A real browser, and what every test of the web page asks of it."""

import base64
import json
import os
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from stack import TOP, wait_for

AXE = Path(os.environ.get("PGCOCO_WEB_PACKAGES", TOP / "build/web/node_modules")) \
    / "axe-core/axe.min.js"
IMAGES = TOP / "doc/img"
# What a name in a file may be. The page shows it as text.
HOSTILE = "<img src=x onerror=document.title='owned'>"


def query_of(link):
    """The parameters of an address; of each the first value."""
    return {key: values[0] for key, values in parse_qs(urlsplit(link).query).items()}


def count(number):
    """As the page writes it, with thin spaces."""
    return f"{number:,}".replace(",", "\u2009")


def chromium(profile, *, javascript=True, size=(1280, 860)):
    """A browser with a profile of its own, which asks nobody but the site."""
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    flags = ["headless=new", "disable-gpu", "disable-quic", "no-first-run",
             "disable-background-networking", "disable-component-update", "disable-sync",
             "disable-dev-shm-usage", "hide-scrollbars", "force-color-profile=srgb",
             f"window-size={size[0]},{size[1]}", f"user-data-dir={profile}"]
    if os.geteuid() == 0:
        flags.append("no-sandbox")  # chromium refuses to run as root with it
    for flag in flags:
        options.add_argument("--" + flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not javascript:
        options.add_experimental_option(
            "prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(service=Service(shutil.which("chromedriver")), options=options)


class Page:
    """The web page in a browser. check() fails a test for what no test may cause: an error of a
    script, a violation of the Content-Security-Policy, a request to another host."""

    def __init__(self, driver, site):
        self.driver = driver
        self.url = site.url
        # Other tests leave datasets whose pictures are not at this site.
        self.expected = ["/picture?version="]
        self.resize(1280, 860)
        self.drain()

    def drain(self):
        return self.driver.get_log("browser"), self.driver.get_log("performance")

    def expect(self, words):
        """Messages with these words are what the test is about."""
        self.expected.append(words)

    def check(self):
        messages, events = self.drain()
        wrong = [entry["message"] for entry in messages
                 if entry["level"] in ("SEVERE", "WARNING")
                 and not any(words in entry["message"] for words in self.expected)]
        assert not wrong, wrong
        for event in events:
            message = json.loads(event["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            assert url.startswith((self.url + "/", "data:", "blob:", "about:")), url

    # ---- going about

    def open(self, path, ready="main .view > *"):
        self.driver.get(self.url + path)
        self.wait(ready)
        self.settle()
        return self

    def settle(self):
        """Until nothing on the page says that it loads."""
        wait_for(lambda: not self.all(".loading, [aria-busy=true]"), "the page to have loaded")

    @property
    def address(self):
        return self.driver.current_url.removeprefix(self.url)

    def wait_for_address(self, words):
        wait_for(lambda: words in self.address, f"{words} in the address, not {self.address}")

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def wait(self, css):
        """The first element that matches and is shown, once there is one."""
        return wait_for(lambda: self.first(css), css)

    def first(self, css, good=lambda element: True):
        """The first one that is shown, or None; also while the page replaces its elements."""
        try:
            return next((e for e in self.all(css) if e.is_displayed() and good(e)), None)
        except StaleElementReferenceException:
            return None

    def wait_for_text(self, words, css="main"):
        wait_for(lambda: words in self.text(css), f"{words!r} in {css}")

    def text(self, css="main"):
        return wait_for(lambda: self.text_now(css), css)[0]

    def text_now(self, css):
        try:
            return ["\n".join(element.text for element in self.all(css))]
        except StaleElementReferenceException:
            return None

    def cells(self, css):
        """The texts of the rows of a table, all of one moment."""
        return self.script("return [...document.querySelectorAll(arguments[0])].map(row => "
                           "[...row.children].map(cell => cell.textContent))", css + " tr")

    def click(self, css):
        element = self.wait(css)
        self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def button(self, label, within="body"):
        """The button or link with this text."""
        return wait_for(
            lambda: self.first(f"{within} button, {within} a, {within} summary",
                               lambda element: element.text.strip() == label),
            f"a button {label!r}")

    def press(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def drag(self, css, value):
        """Moves a slider, as a person does who drags it: input events, then change."""
        self.script("const [element, value] = arguments; element.value = value;"
                    "element.dispatchEvent(new Event('input', {bubbles: true}));"
                    "element.dispatchEvent(new Event('change', {bubbles: true}));",
                    self.wait(css), str(value))

    def select(self, css, value):
        """Chooses from a list, as a person does."""
        self.script("const [box, value] = arguments; box.value = value;"
                    "box.dispatchEvent(new Event('change', {bubbles: true}))",
                    self.wait(css), value)

    def lines_to_copy(self):
        self.button("curl and SQL").click()
        self.wait(".copy-line")
        return [line.text for line in self.all(".copy-line pre")]

    def tiles(self, css):
        """The numbers of tiles there, by their names."""
        return self.script(
            "return Object.fromEntries([...document.querySelectorAll(arguments[0] + ' .stat')]"
            ".map(t => [t.querySelector('dt').textContent,"
            " t.querySelector('strong').textContent]))", css)

    def marks(self, css):
        """The marks of the charts there, once they are drawn: their names and where they lead."""
        return wait_for(lambda: self.script(
            "const at = document.querySelector(arguments[0]);"
            "const plots = at ? [...at.querySelectorAll('.chart-plot')] : [];"
            "if (!plots.length || plots.some(p => !p.querySelector('svg'))) return null;"
            "return [...at.querySelectorAll('.mark')]"
            " .map(m => [m.getAttribute('aria-label'), m.getAttribute('href')]);", css),
            f"a chart in {css}")

    def click_mark(self, css):
        """Elements of SVG have no click() of their own."""
        self.script("arguments[0].dispatchEvent(new MouseEvent('click',"
                    " {bubbles: true, cancelable: true}))", self.wait(css))

    # ---- how it looks

    def resize(self, width, height, scheme="light"):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})

    def width(self):
        """Of what the page would need; larger than the window where it scrolls sideways."""
        return self.script("return document.documentElement.scrollWidth")

    def screen(self):
        """A picture of what the window shows, as WebP."""
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot",
                                           {"format": "webp", "quality": 82})
        return base64.b64decode(shot["data"])

    def picture(self, path):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        assert self.driver.save_screenshot(str(path))

    def violations(self):
        """What axe-core finds, as "rule: element" lines."""
        self.script(AXE.read_text())
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations),"
            " error => done([{id: String(error), nodes: []}]));")
        return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]] \
            + [one["id"] for one in found if not one["nodes"]]


__all__ = ["AXE", "By", "HOSTILE", "IMAGES", "Keys", "Page", "chromium", "count", "query_of"]
