"""One PostgreSQL, one nginx and one worker for all tests; a dataset of its own for each test."""

import itertools
import json
import os
import re
import shutil
import subprocess

import pytest

import samples
from browser import Page, chromium
from client import Client
from shell import Shell
from stack import (CRASH, DATA, HeldSite, Home, Postgres, Site, Standby, account, major_version,
                   wait_for)


def pytest_addoption(parser):
    parser.addoption("--tally", help="write 'PASSED FAILED SKIPPED' to this file at the end")


def pytest_configure(config):
    """A test fails if a thread that it started ends with an exception."""
    config.addinivalue_line("filterwarnings",
                            "error::pytest.PytestUnhandledThreadExceptionWarning")


def pytest_terminal_summary(terminalreporter, config):
    """Writes the tally. A test that failed, and whose clean-up failed too, counts once."""
    if not config.getoption("tally"):
        return

    def tests(*outcomes):
        return {report.nodeid for outcome in outcomes
                for report in terminalreporter.stats.get(outcome, ())}

    failed = tests("failed", "error")
    passed, skipped = tests("passed") - failed, tests("skipped") - failed
    with open(config.getoption("tally"), "w") as file:
        print(len(passed), len(failed), len(skipped), file=file)


@pytest.fixture(scope="session")
def home():
    home = Home()
    yield home
    logs = home.fresh_logs()  # what the servers had to say while they ended
    home.remove()
    assert_quiet(logs)


@pytest.fixture(scope="session")
def postgres(home):
    server = Postgres(home)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def site(home, postgres):
    site = Site(home, postgres)
    yield site
    site.stop()


@pytest.fixture
def web(site):
    return Client(site)


@pytest.fixture(scope="session")
def chrome(tmp_path_factory):
    driver = chromium(tmp_path_factory.mktemp("browser") / "profile")
    yield driver
    driver.quit()


@pytest.fixture
def page(chrome, site):
    """The web page in a browser; see browser.Page.check for what fails every test."""
    page = Page(chrome, site)
    yield page
    page.check()
    chrome.get("about:blank")


@pytest.fixture
def own_site(home, postgres):
    """own_site(options...) gives a client of another service: one worker with these options."""
    sites = []

    def start(*options, watched=False):
        name = f"own{next(names)}"
        sites.append(Site(home, postgres, name, None if watched else [*options]))
        return Client(sites[-1])

    yield start
    for site in sites:
        site.stop()


@pytest.fixture
def held_site(home, postgres):
    """held_site(options...) is a client of a service whose listening socket the test holds."""
    sites = []

    def start(*options):
        sites.append(HeldSite(home, postgres, f"held{next(names)}", [*options]))
        return Client(sites[-1])

    yield start
    for site in sites:
        site.stop()


@pytest.fixture(scope="module")
def folder(home):
    """The directory that the worker of `inside` imports from."""
    path = home.folder("import")
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def inside(home, postgres, folder):
    """A client of a service with --import-dir."""
    site = Site(home, postgres, f"inside{next(names)}", ["--import-dir", folder])
    yield Client(site)
    site.stop()


@pytest.fixture
def put(folder):
    """put("a/b.json", content) is a file in the directory."""

    def put(name, content):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return put


@pytest.fixture
def db(postgres):
    with postgres.connect(autocommit=True) as connection:
        yield connection


@pytest.fixture
def undone(postgres):
    """A transaction that is rolled back, as a superuser."""
    with postgres.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def empty(postgres, db):
    """A database with roles.sql applied, and nothing else."""
    db.execute("create database empty")
    postgres.apply_roles("empty")
    try:
        yield "empty"
    finally:
        db.execute("drop database empty with (force)")


@pytest.fixture
def reader(postgres):
    """A connection with the rights of coco_reader."""
    with postgres.connect(autocommit=True) as connection:
        connection.execute("set role coco_reader")
        yield connection


names = itertools.count(1)


@pytest.fixture
def name():
    """A dataset's name that no other test uses."""
    return f"set{next(names)}"


def make_dataset(site):
    name = f"set{next(names)}"
    reply = Client(site).put("/datasets/" + name, samples.street())
    assert reply.status == 201, reply
    return name


@pytest.fixture
def dataset(site):
    """The name of a dataset of the test's own, which holds samples.street()."""
    return make_dataset(site)


@pytest.fixture(scope="module")
def shared_dataset(site):
    """The same for tests that leave it as they found it, or do not mind what others left."""
    return make_dataset(site)


@pytest.fixture
def token():
    return f"token{next(names)}x{os.getpid()}"


@pytest.fixture
def data():
    """data("folder/file") is a real file, or the test is skipped where there is none."""

    def path(name):
        if not DATA.is_dir():
            pytest.skip(f"no data folder at {DATA}; set PGCOCO_DATA")
        return DATA / name

    return path


@pytest.fixture(scope="session")
def pgcoco(home, postgres):
    """Runs the program itself: pgcoco("gc", stdin=..., REQUEST_METHOD="GET", ...).

    gc drops replaced leaves at once unless --keep is given.
    """

    def run(*args, stdin=subprocess.DEVNULL, input=None, database=True, **environment):
        env = {key: value for key, value in os.environ.items()
               if key.endswith("SAN_OPTIONS") or key == "PATH"}
        if database:
            env.update(PGHOST=str(home.path), PGUSER="pgcoco", PGDATABASE="coco")
        env.update({key: str(value) for key, value in environment.items()})
        if args[:1] == ("gc",):
            args = ("gc", "--keep", "0", *args[1:])
        source = {"input": input} if input is not None else {"stdin": stdin}
        return subprocess.run([home.binary, *args], capture_output=True, env=env, cwd=home.path,
                              timeout=120, **source, **account())

    return run


@pytest.fixture(scope="session")
def client_program(home):
    """client_program("pg_dump") skips the test if Debian's is older than the server: it refuses."""

    def program(name):
        ours, server = (major_version(home.postgres_program(one)) for one in (name, "postgres"))
        if ours < server:
            pytest.skip(f"{name} {ours} does not work with PostgreSQL {server}")
        return home.postgres_program(name)

    return program


@pytest.fixture(scope="module")
def standby(client_program, home, postgres):
    client_program("pg_basebackup")
    standby = Standby(home, postgres)
    yield standby
    standby.stop()


@pytest.fixture
def slowly(db):
    """watching.slowly(n, seconds) gives n. It is slow once in a transaction: when the planner
    estimates with it, which has looked up the leaves by then."""
    db.execute("create schema watching; grant usage on schema watching to public")
    db.execute("""
        create function watching.slowly(n bigint, seconds float8) returns bigint
        language plpgsql stable as $$
        begin
            if current_setting('watching.slept', true) is distinct from 'yes' then
                perform pg_sleep(seconds), set_config('watching.slept', 'yes', true);
            end if;
            return n;
        end $$""")
    yield
    db.execute("drop schema watching cascade")


@pytest.fixture
def shell(home, name):
    """Runs the program as a user at a shell does, with files of the test's own."""
    return Shell(home, home.folder("shell-" + name))


@pytest.fixture
def holder(postgres):
    """A connection that stands in the way of others until it is rolled back."""
    with postgres.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def collect_until(pgcoco):
    """collect_until(condition, what, "--grace", "0"...) collects until the condition holds.

    Not once: a worker may be collecting too, and begin its next round half a minute later; whatever
    else runs in the cluster (autovacuum) may for a moment hold a snapshot that is older than a
    leaf's end, or a lock of the list of tables.
    """

    def collect_until(condition, what, *options):

        def collected():
            done = pgcoco("gc", *options)
            assert done.returncode == 0, done
            return b"another process is collecting" not in done.stdout and condition()

        return wait_for(collected, what, 120)

    return collect_until


@pytest.fixture
def collect(db, collect_until):
    """Collects garbage until only published leaves are left, and fails when others stay."""
    return lambda: collect_until(lambda: samples.leaves(db) == samples.published_leaves(db),
                                 "a collection that leaves only published leaves")


def assert_quiet(logs):
    for name, log in logs.items():
        assert not CRASH.search(log), f"{name}: {log.decode(errors='replace')}"
        if name.endswith("_worker"):
            assert not re.search(rb"[^\n\x20-\x7e]", log), f"{name}: unprintable bytes: {log!r}"


@pytest.fixture(autouse=True)
def quiet_logs(request):
    """After each test: no crash in a server's log."""
    yield
    if "home" in request.fixturenames:
        assert_quiet(request.getfixturevalue("home").fresh_logs())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failed test shows what the servers logged while it ran."""
    report = (yield).get_result()
    if report.failed and isinstance(item.funcargs.get("home"), Home):
        for name, log in item.funcargs["home"].fresh_logs(keep=True).items():
            if log:
                report.sections.append((name + ".log", log[-20000:].decode(errors="replace")))
