"""What the documentation says is true, as far as that can be tried cheaply."""

import json
import re

import psycopg
import pytest

from stack import FIXTURES, TOP

PAGES = ["README.md", *sorted(str(page.relative_to(TOP)) for page in TOP.glob("doc/*.md"))]
ROUTE = r"`((?:GET|PUT|POST|PATCH|DELETE) /\S*)`"


def read(name):
    return (TOP / name).read_text()


def section(page, title):
    """A section of the second level, with what is below it."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", read(page), re.MULTILINE | re.DOTALL)[1]


def routes():
    """METHOD /path of each route in the program."""
    found = re.findall(r'\{"([A-Z]+)",\s*"(/[^"]*)"', read("src/api/routes.c"))
    assert len(found) > 15
    return [" ".join(route) for route in found]


def examples(page):
    """The SQL blocks of a page, each with the table behind it, or None."""
    found = re.finditer(r"```sql\n(.*?)```\n(?:\n```text\n(.*?)```\n)?", read(page), re.DOTALL)
    return [(match[1], match[2]) for match in found]


def cells(text):
    """The rows of a table as psql prints it, without the line below its head and the count."""
    lines = [line for line in text.splitlines() if not re.match(r"-+(\+-+)*$|\(\d+ rows?\)$", line)]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def files():
    """What the examples have: (path, file). Two files of fixtures, and epochs of a training."""
    truth, results = ((FIXTURES / name).read_bytes() for name in ("street.json",
                                                                  "street_results.json"))
    town, rows = json.loads(truth), json.loads(results)
    town["images"].append({"id": 107, "file_name": "street_0107.jpg", "width": 640, "height": 480})
    mistaken = {"image_id": 105, "category_id": 1, "bbox": [450.3, 295.8, 118.9, 88.4],
                "score": 0.81}
    epochs = (rows[:3], rows[:6], [*rows, mistaken])
    return [("/datasets/street", truth), ("/datasets/street/runs/yolov8", results),
            ("/datasets/town", json.dumps(town).encode()),
            *((f"/datasets/town/runs/epoch-{n}", json.dumps(epoch).encode())
              for n, epoch in enumerate(epochs, 1))]


@pytest.fixture
def examined(postgres, empty, pgcoco):
    """A connection of coco_reader to a new database with these, evaluated, also on a slice."""
    postgres.migrate(database=empty)
    for path, file in files():
        done = pgcoco(input=file, PGDATABASE=empty, REQUEST_METHOD="PUT", PATH_INFO=path,
                      CONTENT_LENGTH=len(file))
        assert b'"skipped_count"' in done.stdout, done
    for epoch in (1, 2, 3):
        done = pgcoco("evaluate", "town", f"epoch-{epoch}", "--errors", PGDATABASE=empty)
        assert done.returncode == 0, done
    assert pgcoco("gc", PGDATABASE=empty).returncode == 0
    with psycopg.connect(postgres.conninfo("postgres", empty), autocommit=True) as connection:
        connection.execute(
            "select coco.slice_put('street', 'night', '{\"image_ids\": [101, 104]}')")
        for options in (["--errors"], ["--slice", "night"]):
            done = pgcoco("evaluate", "street", "yolov8", *options, PGDATABASE=empty)
            assert done.returncode == 0, done
        connection.execute("set role coco_reader")
        yield connection


@pytest.fixture
def demonstrated(postgres, empty, pgcoco):
    """The same with what ./quickstart imports, which the README is about."""
    postgres.migrate(database=empty)
    folder = FIXTURES / "demo"
    for command in (["dataset", "demo", folder / "train.json", "--split", "train"],
                    ["dataset", "demo", folder / "val.json", "--split", "val", "--add"],
                    ["run", "demo", folder / "baseline.json", folder / "improved.json"]):
        done = pgcoco("import", *command, PGDATABASE=empty)
        assert done.returncode == 0, done
    done = pgcoco("evaluate", "demo", "improved", "--errors", PGDATABASE=empty)
    assert done.returncode == 0, done
    with psycopg.connect(postgres.conninfo("postgres", empty), autocommit=True) as connection:
        connection.execute("set role coco_reader")
        yield connection


def try_examples(connection, pages):
    """How many there are."""
    tried = [(page, *example) for page in pages for example in examples(page)]
    for page, query, printed in tried:
        answer = connection.execute(query)
        rows = [["" if value is None else str(value) for value in row] for row in answer]
        table = [[column.name for column in answer.description], *rows]
        assert printed and table == cells(printed), f"{page}: {query}"
    return len(tried)


def test_the_examples_in_sql_give_what_is_printed(examined):
    assert try_examples(examined, PAGES[1:]) >= 6


def test_the_examples_in_sql_of_the_readme_are_about_the_demo(demonstrated):
    assert try_examples(demonstrated, PAGES[:1]) >= 1


def test_the_routes_in_the_documentation_are_those_of_the_program():
    described = re.findall("^" + ROUTE, section("doc/api.md", "Routes"), re.MULTILINE)
    assert sorted(described) == sorted(routes())


@pytest.mark.parametrize("page", PAGES)
def test_a_route_that_is_named_exists(page):
    assert set(re.findall(ROUTE, read(page))) <= set(routes())


def test_the_tables_of_the_interface_are_those_that_the_program_prints(pgcoco):
    """tools/fill-tables puts them there."""
    printed = pgcoco("openapi", "--markdown", database=False).stdout.decode()
    table = re.compile(r"^<!-- table of (\w+): .*?^<!-- end of the table of \w+ -->$",
                       re.MULTILINE | re.DOTALL)
    tables = {match[1]: match[0] for match in table.finditer(printed)}
    assert set(tables) == {"routes", "parameters", "errors"}
    assert {match[1]: match[0] for match in table.finditer(read("doc/api.md"))} == tables


@pytest.mark.parametrize("source, page, title, column, elsewhere", [
    ("src/base/err.c", "doc/api.md", "Errors", 2, {"none", "client_gone", "interrupted"}),
    ("src/coco/skip.c", "doc/formats.md", "Rows that are skipped", 1, set())])
def test_the_codes_in_a_table_are_those_of_the_program(source, page, title, column, elsewhere):
    """elsewhere: codes that no client of HTTP gets to see."""
    slugs = re.findall(r'\] = "(\w+)"', read(source))
    rows = re.findall(r"^\|.*\|$", section(page, title), re.MULTILINE)[2:]
    described = re.findall(r"`(\w+)`", "\n".join(row.split("|")[column] for row in rows))
    assert len(slugs) > 5
    assert sorted(described) == sorted(set(slugs) - elsewhere)


def anchors(text):
    heads = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", read(page)):
        path = (TOP / page).parent / target if target else TOP / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text()), f"{target}#{anchor}"


def test_every_module_is_in_the_tree():
    """What a module does begins in column 30."""
    text = read("doc/architecture.md")
    tree = re.search(r"^    src/\n(.*?)^    schemas/", text, re.MULTILINE | re.DOTALL)[1]
    drawn, folder = set(), ""
    for line in tree.splitlines():
        names = line[:30].split()
        if names[0].endswith("/"):
            folder = names.pop()
        drawn |= {folder + name for name in names}
    files = TOP.glob("src/**/*.[ch]")
    assert drawn == {str(file.relative_to(TOP / "src").with_suffix("")) for file in files}


def test_every_folder_of_the_web_page_is_in_the_tree():
    text = read("doc/architecture.md")
    tree = re.search(r"^    web/.*?\n(.*?)^    sql/", text, re.MULTILINE | re.DOTALL)[1]
    drawn = {line.split()[0] for line in tree.splitlines() if line[:30].strip().endswith("/")}
    assert drawn == {path.name + "/" for path in (TOP / "web").iterdir() if path.is_dir()}
