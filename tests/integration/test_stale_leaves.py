"""A leaf is attached while a backend builds its list of leaves. After the publication it is read.

PostgreSQL reads pg_inherits first and pg_class then. An invalidation that arrives in between, here
that of the attach, is lost. Only a debugger can hold a backend there.
"""

import subprocess
import threading

import pytest

from matching import Maker, street_matches
from samples import detections, id_of
from stack import wait_for

COUNT = """
    select count(*), (select row_count from coco.sources where dataset_id = {id} and source = 'run')
    from coco.annotations where dataset_id = {id} and source = 'run'"""

SCRIPT = """
set confirm off
set breakpoint pending off
break find_inheritance_children_extended
ignore 1 1
continue
finish
shell touch {folder}/held
shell while [ ! -e {folder}/go ]; do sleep 0.05; done
delete
detach
quit
"""


@pytest.fixture
def held(postgres, tmp_path):
    """held(query) runs it in a new connection, which stops after it has read pg_inherits.

    Returns the connection, and a function that lets it continue and returns the answer.
    """
    started = []

    def hold(query):
        connection = postgres.connect(autocommit=True)
        connection.prepare_threshold = None
        (tmp_path / "script").write_text(SCRIPT.format(folder=tmp_path))
        debugger = subprocess.Popen(
            ["gdb", "--quiet", "--nx", "--batch", "--pid", str(connection.info.backend_pid),
             "--command", tmp_path / "script"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        answers = []
        thread = threading.Thread(
            target=lambda: answers.append(connection.execute(query).fetchone()))

        def ready():
            if debugger.poll() is not None:
                pytest.skip("no process can be debugged here: " + debugger.stdout.read()[-300:])
            state = f"/proc/{connection.info.backend_pid}/status"
            return "TracerPid:\t0" not in open(state).read()

        wait_for(ready, "the debugger")
        thread.start()
        wait_for((tmp_path / "held").exists, "the reader to be held")

        def release():
            (tmp_path / "go").touch()
            thread.join(30)
            assert debugger.wait(30) == 0, debugger.stdout.read()
            return answers[0]

        started.append((connection, debugger, release))
        return connection, release

    yield hold
    for connection, debugger, release in started:
        if debugger.poll() is None:
            release()
        connection.close()


def load(importer, dataset, rows):
    """The first two transactions of an import by hand, up to the commit of the attach.

    Returns the id of the import.
    """
    id, number, name, leaf = importer.execute(
        "select * from coco.run_import_begin(%s, 'run', 'token')", (dataset,)).fetchone()
    importer.execute(
        f"insert into {leaf} select n, 1, 1, 1, 1, 1, 1, 0.5, 1 from generate_series(1, {rows}) n")
    importer.execute("select coco.import_index(%s, 'token')", (id,))
    importer.execute("select coco.import_loaded(%s, 'token', %s, %s, 'run')", (id, number, name))
    importer.commit()
    importer.execute("select coco.import_attach(%s)", (id,))
    importer.commit()
    return id


def test_an_attach_that_was_not_heard_is_announced(held, web, postgres, db, dataset, collect):
    assert web.put_run(dataset, "run", detections(1)).status == 200
    query = COUNT.format(
        id=db.execute("select id from coco.datasets where name = %s", (dataset,)).fetchone()[0])
    with postgres.connect(user="pgcoco") as importer:
        reader, release = held(query)
        id = load(importer, dataset, 7)
        assert release() == (1, 1)
        importer.execute("select coco.import_announce(%s)", (id,))
        importer.commit()
        importer.execute("select coco.run_publish(%s, 7, 0, '[]', 1)", (id,))
        importer.commit()
        assert reader.execute(query).fetchone() == (7, 7)
    collect()


COUNT_MATCHES = """
    select count(*),
           (select sum(detection_count + truth_count) from coco.match_sources
            where dataset_id = {id} and source = 'run')
    from coco.matches where dataset_id = {id} and source = 'run'"""


def test_an_attach_of_matches_that_was_not_heard_is_announced(
        held, web, postgres, db, dataset, collect):
    assert web.put_run(dataset, "run", detections(1)).status == 200
    rows = len(street_matches())
    query = COUNT_MATCHES.format(id=id_of(db, dataset))
    with postgres.connect(user="pgcoco") as connection:
        Maker(connection, dataset, rows=street_matches()[:2]).make()
        assert web.put_run(dataset, "run", detections(1)).status == 200
        maker = Maker(connection, dataset)
        reader, release = held(query)
        assert maker.begin()
        maker.load()
        maker.call("select coco.matches_attach(%s)", maker.id)
        connection.commit()
        assert release() == (0, None)
        maker.call("select coco.matches_announce(%s)", maker.id)
        connection.commit()
        assert maker.publish() == maker.id
        assert reader.execute(query).fetchone() == (rows, rows)
    collect()
