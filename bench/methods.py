"""The ways to get one results file into a table, measured in turn.

The seconds of curl and psql are those from the start of the program to its end. Python and Node
report the time of their own work, so that starting the interpreter does not count.
"""

import json
import re
import shutil
import subprocess
import sys
import time

from servers import say
from stack import TOP, debian_program

DATASET = "bench"
RUN = f"/datasets/{DATASET}/runs/detector"
DUCKDB = "@duckdb/node-api"

LEAF = """
select i.import_id from coco.sources s join coco.imports i using (import_id)
where i.dataset = 'bench' and s.source = 'detector'
"""

COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid)
from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""

CHECKS = ("select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass"
          " and contype = 'c'")
INDEXES = "select pg_get_indexdef(indexrelid) from pg_index where indrelid = %s::regclass"


class Table:
    """The columns and indexes of a leaf of pgcoco, read from an existing leaf.

    Columns whose value is the same in all rows are kept apart.
    """

    def __init__(self, db):
        self.leaf = "coco_parts.a_%s" % db.execute(LEAF).fetchone()[0]
        columns = db.execute(COLUMNS, [self.leaf]).fetchall()
        self.sent, self.rest = [], []
        for name, *more in columns:
            is_sent = more[-1] is None and db.execute(
                f"select exists (select from {self.leaf} where {name} is not null)").fetchone()[0]
            (self.sent if is_sent else self.rest).append((name, *more))
        self.checks = [check for check, in db.execute(CHECKS, [self.leaf])]
        indexes = [index for index, in db.execute(INDEXES, [self.leaf])]
        self.indexes = [index[index.index(" USING ") + 1:] for index in indexes]

    def create(self):
        """All columns; those that are not sent have their value as a default."""
        defaults = ", ".join(f"alter {name} set default {value}" for name, _, _, value in self.rest
                             if value)
        return ("create table bench.rows (like coco.annotation_versions);"
                f" alter table bench.rows {defaults};")

    def create_narrow(self):
        columns = ", ".join(name + " " + type + " not null" * not_null
                            for name, type, not_null, _ in self.sent)
        return f"create table bench.rows ({columns});"

    def complete(self):
        """Adds the columns that a narrow table lacks.

        As in pgcoco, a value that is the same in all rows becomes a default, which is stored once.
        """
        columns = [
            f"add {name} {type}" + " not null" * not_null + (f" default {value}" if value else "")
            for name, type, not_null, value in self.rest]
        actions = columns + [f"add {check}" for check in self.checks]
        return f"alter table bench.rows {', '.join(actions)};"

    def create_indexes(self):
        return " ".join(f"create index on bench.rows {index};" for index in self.indexes)

    def columns(self):
        return ", ".join(name for name, *_ in self.sent)

    def export(self, bench, path, options):
        # As they lie in the leaf; a parallel plan would mix them.
        psql(bench, f"set max_parallel_workers_per_gather = 0;\nset synchronize_seqscans = off;\n"
                    f"\\copy (select {self.columns()} from {self.leaf}) to '{path}' {options}\n")
        return path


def psql(bench, script):
    # Not the one in PATH: Debian's is a Perl script that looks for clusters first.
    done = subprocess.run(
        [debian_program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", bench.postgres.conninfo()],
        input=script, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"psql: {done.stderr}")
    return done.stdout


def own_report(command):
    """The JSON that a script of ours prints: seconds, rows, and names of versions."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr}")
    return json.loads(done.stdout)


class Pgcoco:
    label = "pgcoco: `curl -T` through nginx"

    def __init__(self, bench, file, table):
        self.bench, self.file = bench, file

    def run(self):
        seconds, answer = self.bench.upload(self.file, RUN)
        return seconds, json.loads(answer)["prediction_count"]


class Against(Pgcoco):
    """The import of another commit, with servers and a schema of its own."""

    def __init__(self, bench, file):
        super().__init__(bench, file, None)
        self.label = f"pgcoco as in {bench.top.name}"


class Command:
    label = "command: `pgcoco import run`, without HTTP"

    def __init__(self, bench, file, table):
        self.command = [bench.home.binary, "import", "run", DATASET, "detector", file, "--quiet",
                        "--json", "--no-gc", "--db", bench.postgres.conninfo()]

    def run(self):
        start = time.monotonic()
        done = subprocess.run(self.command, check=True, stdout=subprocess.PIPE)
        return time.monotonic() - start, json.loads(done.stdout)["prediction_count"]


class Psql:
    """A script of psql, and how many rows it left."""

    def __init__(self, bench, file, table):
        self.bench = bench
        path = table.export(bench, bench.work / f"rows.{type(self).__name__}",
                            f"(format {self.format})")
        self.script = self.write(table, f"\\copy bench.rows ({table.columns()}) from '{path}'")

    def run(self):
        start = time.monotonic()
        psql(self.bench, self.script)
        return time.monotonic() - start, self.bench.db.execute(
            "select count(*) from bench.rows").fetchone()[0]


class Floor(Psql):
    label = "floor: `psql \\copy` of ready binary rows, freeze, index, one transaction"
    format = "binary"

    def write(self, table, copy):
        return (f"begin;\n{table.create()}\n{copy} (format binary, freeze)\n"
                f"{table.create_indexes()}\ncommit;\n")


class Narrow(Psql):
    label = "limit: the floor with pgcoco's own narrow leaf, completed and checked after the copy"
    format = "binary"

    def write(self, table, copy):
        return (
            f"begin;\n{table.create_narrow()}\n{copy} (format binary, freeze)\n{table.complete()}\n"
            f"{table.create_indexes()}\ncommit;\n")


class Text(Psql):
    label = "`psql \\copy` of ready text, then the index"
    format = "text"

    def write(self, table, copy):
        return f"{table.create()}\n{copy}\n{table.create_indexes()}\n"


class Ijson:
    label = "Python: ijson reads the file, nothing else"
    more = ()

    def __init__(self, bench, file, table):
        self.command = [sys.executable, TOP / "bench/ijson_import.py", file, *self.more]
        self.versions = {}

    def run(self):
        done = own_report(self.command)
        self.versions = done["versions"]
        return done["seconds"], done["rows"]


class IjsonCopy(Ijson):
    label = "Python: ijson and psycopg COPY, then the index"

    def __init__(self, bench, file, table):
        self.more = [bench.postgres.conninfo(), table.create(), table.columns(),
                     table.create_indexes()]
        super().__init__(bench, file, table)


class Duckdb:
    label = "DuckDB: `read_json` into a table of a file, 2 threads, then the index"
    place = "file"

    def __init__(self, bench, file, table):
        modules = install_duckdb(bench.work)
        self.database = bench.work / "rows.duckdb" if self.place == "file" else ":memory:"
        self.command = ["node", TOP / "bench/duckdb_import.cjs", modules, self.database, file]
        self.versions = {}

    def run(self):
        if self.place == "file":
            for path in self.database.parent.glob("rows.duckdb*"):
                path.unlink()
        done = own_report(self.command)
        self.versions = done["versions"]
        return done["seconds"], done["rows"]


class DuckdbMemory(Duckdb):
    label = "DuckDB: the same into memory, nothing durable"
    place = "memory"


KINDS = {"pgcoco": Pgcoco, "command": Command, "floor": Floor, "limit": Narrow, "text": Text,
         "ijson": Ijson, "ijson-copy": IjsonCopy, "duckdb": Duckdb, "duckdb-memory": DuckdbMemory}


class Unavailable(Exception):
    pass


def install_duckdb(work):
    folder = work / "node"
    if not shutil.which("npm") or not shutil.which("node"):
        raise Unavailable("node and npm are not installed")
    if not (folder / "node_modules" / DUCKDB).is_dir():
        folder.mkdir(exist_ok=True)
        say(f"npm install {DUCKDB} in {folder}")
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, DUCKDB],
            cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(f"npm cannot install {DUCKDB}")
    return folder / "node_modules"


def prepare(bench, file, names):
    """Imports the file once. Its leaf gives the other methods their table and rows."""
    bench.upload(file, RUN)
    table = Table(bench.db)
    prepared = {}
    for name in names:
        try:
            prepared[name] = KINDS[name](bench, file, table)
        except Unavailable as error:
            bench.leave_out(name, str(error))
    return prepared


def timed(bench, name, method, count):
    for servers in filter(None, [bench, bench.against]):
        servers.settle()
    seconds, rows = method.run()
    say(f"{name}: {seconds:.3f} s")
    if rows != count:
        raise RuntimeError(f"{name} took {rows} rows of {count}")
    return seconds


def measure(bench, file, count, names, rounds, versions):
    """{name: label and the seconds of each round}; round 0 warms caches and is not counted."""
    images = int(re.search(r"-(\d+)\.json$", file.name)[1])
    bench.make_dataset(DATASET, images)
    methods = prepare(bench, file, names)
    if bench.against:
        bench.against.make_dataset(DATASET, images)
        methods["against"] = Against(bench.against, file)
    seconds = {name: [] for name in methods}
    for turn in range(rounds + 1):
        say(f"round {turn} of {rounds}" if turn else "warm-up")
        for name, method in methods.items():
            took = timed(bench, name, method, count)
            if turn:
                seconds[name].append(took)
    for method in methods.values():
        versions.update(getattr(method, "versions", {}))
    bench.settle()
    return {name: {"label": method.label, "seconds": seconds[name]}
            for name, method in methods.items()}
