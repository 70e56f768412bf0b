"""The dashboards in doc/grafana: each query as Grafana sends it, and Grafana's rules for files."""

import datetime
import json
import re

import psycopg
import pytest

from bi_login import bi_login
from samples import detections, street
from stack import TOP

FILES = sorted(TOP.glob("doc/grafana/*.json"))
SOURCE = {"type": "grafana-postgresql-datasource", "uid": "${datasource}"}
NUMBERS = {"int2", "int4", "int8", "float4", "float8", "numeric"}
TIMES = NUMBERS | {"timestamptz"}  # numbers: seconds since 1970
VARIABLE = r"\$\{(\w+)(?::(\w+))?\}|\$(?!__)(\w+)"


def load(file):
    return json.loads(file.read_text())


def variables(board):
    return {one["name"]: one for one in board["templating"]["list"]}


def targets(board):
    return [(panel, target) for panel in board["panels"] for target in panel["targets"]]


def quoted(values):
    return ",".join("'" + value.replace("'", "''") + "'" for value in values)


def interpolated(sql, chosen):
    """Variables as the page puts them in: ${name:sqlstring} is a list of quoted texts."""

    def value(match):
        name, kind = match[1] or match[3], match[2]
        assert kind == "sqlstring", f"{match[0]} is not quoted"
        return quoted(chosen[name])

    return re.sub(VARIABLE, value, sql.replace("$__interval", "5m"))


def expanded(sql, begin, end):
    """Macros as Grafana's data source for PostgreSQL does them."""
    def group(match):
        assert match[2] == "5m"
        return f'floor(extract(epoch from {match[1]})/300)*300 AS "time"'

    sql = re.sub(r"\$__timeGroupAlias\((\w+),\s*(\w+)\)", group, sql)
    sql = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN '{begin}' AND '{end}'", sql)
    assert "$__" not in sql, sql
    return sql


@pytest.fixture(scope="module")
def grafana(postgres):
    """The connection of Grafana's data source. The dashboards name the schema of each view."""
    with bi_login(postgres, "grafana") as login:
        with psycopg.connect(postgres.conninfo(login), autocommit=True) as connection:
            connection.execute("set search_path = pg_catalog")
            yield connection


@pytest.fixture
def charted(web, grafana, name, pgcoco, collect_until):
    """A dataset that has something for each panel, the present included."""
    assert web.put(f"/datasets/{name}", street()).status == 201
    for count in (6, 9):
        assert web.put_run(name, "run", [{"image_id": 77}, *detections(count)]).status == 200
        assert pgcoco("evaluate", name, "run", "--errors").returncode == 0
    assert web.put_run(name, "it's", b"[{").status == 400
    assert web.put_run(name, "broken", b"[{").status >= 400
    collect_until(lambda: grafana.execute(
        "select count(*) from coco.dataset_health where dataset = %s and n > 0", (name,)
    ).fetchone()[0], "a report of the ground truth")
    return name


def chosen_values(grafana, board, dataset):
    """What a person chooses: this dataset, then the first of what each query gives, or all."""
    chosen = {}
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        offered = [row[0] for row in grafana.execute(interpolated(variable["query"], chosen))]
        assert offered, variable["name"]
        if variable["name"] == "dataset":
            assert dataset in offered
            offered = [dataset]
        chosen[variable["name"]] = offered if variable["multi"] else offered[:1]
    return chosen


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_panel_has_rows_that_it_can_show(file, grafana, charted):
    board = load(file)
    chosen = chosen_values(grafana, board, charted)
    now = datetime.datetime.now(datetime.timezone.utc)
    begin, end = (time.isoformat().replace("+00:00", "Z")
                  for time in (now - datetime.timedelta(hours=1), now))
    queries = targets(board)
    assert len(queries) >= 6
    for panel, target in queries:
        answer = grafana.execute(expanded(interpolated(target["rawSql"], chosen), begin, end))
        kinds = {column.name: grafana.adapters.types[column.type_code].name
                 for column in answer.description}
        rows = answer.fetchall()
        assert rows, panel["title"]
        assert "json" not in kinds.values()
        if target["format"] == "time_series":
            assert kinds.pop("time") in TIMES, (panel["title"], kinds)
            assert kinds.pop("metric", "text") == "text"
            assert set(kinds.values()) <= NUMBERS and len(kinds) == 1
        elif panel["type"] in ("barchart", "bargauge"):
            assert NUMBERS & set(kinds.values()) and "text" in kinds.values(), panel["title"]


def overlap(a, b):
    return (a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"]
            and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dashboard_is_one_that_grafana_imports(file):
    board = load(file)
    assert board["id"] is None and board["title"] and re.fullmatch(r"[\w-]{1,40}", board["uid"])
    assert isinstance(board["schemaVersion"], int) and board["schemaVersion"] >= 36
    panels = board["panels"]
    ids = [panel["id"] for panel in panels]
    assert len(ids) == len(set(ids)) and all(one > 0 for one in ids)
    assert {panel["type"] for panel in panels} <= {"timeseries", "table", "barchart", "bargauge"}
    for n, panel in enumerate(panels):
        place = panel["gridPos"]
        assert place["w"] > 0 and place["h"] > 0 and place["x"] + place["w"] <= 24
        assert not [other["title"] for other in panels[:n] if overlap(place, other["gridPos"])]
        assert panel["title"] and panel["datasource"] == SOURCE
        assert [target["refId"] for target in panel["targets"]] == ["A"]
    for _, target in targets(board):
        assert target["datasource"] == SOURCE and target["rawQuery"] is True
        assert target["format"] in ("time_series", "table")
    text = file.read_text()
    assert not re.search(r"\w+://|localhost|\d+\.\d+\.\d+\.\d+", text)
    known = variables(board)
    assert known["datasource"]["type"] == "datasource"
    assert known["datasource"]["query"] == SOURCE["type"]
    named = {match[1] or match[3] for match in re.finditer(VARIABLE, text)}
    assert named == set(known)


def test_the_dashboards_differ_in_what_grafana_tells_them_apart_by():
    boards = [load(file) for file in FILES]
    assert len(boards) == len({board["uid"] for board in boards}) == 3
    assert len({board["title"] for board in boards}) == 3
