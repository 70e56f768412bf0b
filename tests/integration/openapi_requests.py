"""Requests to an operation that the OpenAPI document describes: good, odd and wrong ones."""

import gzip
import re

from hypothesis import HealthCheck, Phase, settings, strategies as st

from stack import FIXTURES

TRUTH = (FIXTURES / "street.json").read_bytes()
RESULTS = (FIXTURES / "street_results.json").read_bytes()
# The names of the examples in the document.
NAMES = {"dataset": "street", "run": "yolov8", "with": "yolov9", "slice": "night", "image": "101",
         "import": "big-1", "evaluation": "big-1"}
SECOND = "street2"  # what a request may delete
# The same requests each time; those of a failure are not made smaller, which would take minutes.
SETTINGS = settings(derandomize=True, deadline=None, database=None, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck))


def one_value(schema):
    """Values that a schema allows, as texts of a query string."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"]).map(str)
    if schema["type"] == "array":
        unique = schema.get("uniqueItems", False)
        most = min(schema.get("maxItems", 4), len(schema["items"].get("enum", "1234")))
        return st.lists(one_value(schema["items"]), min_size=1, max_size=most,
                        unique=unique).map(",".join)
    if schema["type"] == "integer":
        bits = 31 if schema["format"] == "int32" else 63
        return st.integers(schema.get("minimum", -2 ** bits),
                           schema.get("maximum", 2 ** bits - 1)).map(str)
    if schema["type"] == "number":
        return st.floats(schema["minimum"], schema["maximum"]).map(lambda one: f"{one:.6f}")
    return st.from_regex(schema.get("pattern", r"\A[^\0]{1,40}\Z"), fullmatch=True).filter(
        lambda text: len(text) < 2000 and "\0" not in text and "\n" not in text
        and re.search(r"[\ud800-\udfff]", text) is None)


def wrong_values(schema):
    """Values that a schema does not allow, and every service must refuse."""
    if schema["type"] in ("integer", "number"):
        wrong = ["", "x", "1x", "1 ", "+1", "0x1", "nan", "1e999", "99999999999999999999", "1,2"]
        return wrong + [str(schema[bound] + step) for bound, step in
                        (("minimum", -1), ("maximum", 1)) if bound in schema]
    if "enum" in schema or "enum" in schema.get("items", {}):
        return ["nonsense", "BBOX", "id,,id", ",", "'"]
    if schema.get("items", {}).get("type") == "integer":
        return ["x", "1,x", "1,,2", "99999999999", "1;2"]
    if re.match(r"\^\[A-Za-z0-9", schema.get("pattern", "")):
        return ["a b", "é", "a/b", "'", "x" * 64, "\x01"]
    return []


def names(operation, name):
    """Texts for a part of the address: those of the world, others, and odd ones."""
    real = NAMES[name] if operation.method == "GET" or name != "dataset" else SECOND
    return st.one_of(st.just(real), st.just(real),
                     st.sampled_from(["nobody", "1", "0", "-1", "ground_truth", "..x", "a b", "é",
                                      "'", "%", "x" * 64, "9" * 30, "\U0001f600"]))


ODD = st.one_of(st.sampled_from(["", "0", "-1", "1e3", "null", "'", "é", "\U0001f600", "x" * 9000,
                                 "%", "a,b", "ground_truth", "*", "_", "1:2:3", "-"]),
                st.text(st.characters(blacklist_categories=["Cs"]), max_size=20))
BODIES = st.one_of(
    st.sampled_from([TRUTH, RESULTS, b"", b"[", b"[]", b"{}", b"null", b"[{}]", b"\xff\xfe",
                     b'{"image_ids": [101, "x"]}', b'{"image_ids": 1}', b'{"filter": {}}',
                     b'{"filter": {"split": "val", "min_width": -1}}', b'{"prediction_path": "x"}',
                     b'{"prediction_path": "../x"}', b'{"prediction_path": 1}', RESULTS[:99],
                     gzip.compress(RESULTS), gzip.compress(RESULTS)[:50], b"[" * 5000,
                     b'[{"image_id": 101, "category_id": 1e400, "score": "x"}]']),
    st.binary(max_size=50))
HEADERS = st.one_of(
    st.just({}), st.just({}),
    st.sampled_from([{"Content-Encoding": "gzip"}, {"Content-Encoding": "br"},
                     {"Content-Type": "multipart/form-data"},
                     {"Content-Type": "multipart/form-data; boundary=x"},
                     {"Content-Type": "application/x-www-form-urlencoded"},
                     {"Sec-Fetch-Site": "cross-site"}, {"Content-Type": "text/plain"}]))


@st.composite
def requests(draw, operation):
    path = {one["name"]: draw(names(operation, one["name"]))
            for one in operation.parameters_in("path")}
    declared = operation.parameters_in("query")
    chosen = [one for one in declared
              if one.get("required") or draw(st.integers(0, len(declared))) < 3]
    query = [(one["name"], draw(st.one_of(one_value(one["schema"]), one_value(one["schema"]), ODD)))
             for one in chosen]
    query += draw(st.sampled_from([[], [], [], [("pretty", "1")], query[:1], ["%zz=1"], ["&&"]]))
    body = draw(BODIES) if operation.body else None
    return path, query, draw(HEADERS), body
