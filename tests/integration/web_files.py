"""Files that a person has on a disk, and how they come to the page."""

import contextlib
import json

from browser import By
from samples import detections
from stack import wait_for


def file(folder, name, content):
    """A file of this name; content is bytes, pieces of bytes, or what becomes JSON."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif hasattr(content, "__next__"):
        with open(path, "wb") as out:
            out.writelines(content)
    else:
        path.write_text(json.dumps(content))
    return path


def large_file(folder, name, size):
    """A results file of about this size, made quickly: the same rows over and over."""
    piece = b",".join(json.dumps(row).encode() for row in detections(700))
    path = folder / name
    with open(path, "wb") as out:
        out.write(b"[" + piece)
        while out.tell() < size:
            out.write(b"," + piece)
        out.write(b"]")
    return path


def choose(page, *paths, within="main"):
    """As the dialog of the browser does it."""
    page.driver.find_element(By.CSS_SELECTOR, f"{within} input[type=file]").send_keys(
        "\n".join(str(path) for path in paths))


def drop(page, *names_and_texts):
    """As the mouse does it, which a test cannot move out of its window."""
    page.script("""
        const transfer = new DataTransfer();
        for (const [name, text] of arguments[0]) transfer.items.add(new File([text], name));
        for (const type of ["dragenter", "dragover", "drop"]) {
            document.querySelector("main").dispatchEvent(new DragEvent(
                type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
        }""", names_and_texts)


@contextlib.contextmanager
def slow_line(page, bytes_per_second):
    """What the page sends takes its time."""
    def set_speed(speed):
        page.driver.execute_cdp_cmd("Network.emulateNetworkConditions", {
            "offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": speed})

    page.driver.execute_cdp_cmd("Network.enable", {})
    set_speed(bytes_per_second)
    try:
        yield
    finally:
        set_speed(-1)


def wait_for_card(page, state, words="", seconds=90):
    """The card of an upload in this state that has these words."""
    css = f".upload[data-state={state}]"
    wait_for(lambda: page.first(css), css, seconds)
    page.wait_for_text(words, f".upload[data-state={state}]")
    return page.text(f".upload[data-state={state}]")
