"""The private servers of a measurement.

They start like those of the integration tests, but PostgreSQL has its default durability.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import time

import psycopg

import rows
from stack import TOP, Home, Postgres, Site, account, wait_for

MAX_SOCKET_PATH = 107  # sockaddr_un.sun_path holds 108 bytes, the last one NUL

# Whether a worker has finished its maintenance, which would otherwise slow the next measurement.
IS_SETTLED = """
select (select count(*) from pg_class
         where relnamespace = 'coco_parts'::regnamespace and relkind = 'r'
           and relname ~ '_[0-9]+$' and relname !~ '^m_')
       = (select count(*) from coco.sources)
   and not exists (select from coco.imports join coco.sources using (import_id) where not analyzed)
   and not exists (select from pg_stat_activity where usename = 'pgcoco' and state <> 'idle')
"""


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


class DurableHome(Home):
    """A folder on a real disk, for the servers alone."""

    def __init__(self, work, binary):
        self.path = work / "run"
        shutil.rmtree(self.path, ignore_errors=True)  # of a run that was killed or asked to keep it
        self.path.mkdir(mode=0o755)
        self.logs = {}
        self.own(self.path)
        self.binary = self.bring(binary, 0o755, "pgcoco")
        self.server = self.bring_server()


class DurablePostgres(Postgres):
    """A cluster with the settings of initdb, except where it listens, wal_level and autovacuum.

    Autovacuum is off, because it would run during some measurements and not during others.
    """

    def __init__(self, home, wal_level, top):
        self.home, self.top = home, top
        self.data = home.path / "pg"
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-instructions")
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write(f"""
listen_addresses = ''
unix_socket_directories = '{home.path}'
autovacuum = off
wal_level = {wal_level}
{'max_wal_senders = 0' if wal_level == 'minimal' else ''}
log_line_prefix = '%m [%p] %a '
""")
        self.start()
        try:
            self.make_database()
        except BaseException:
            self.stop()
            raise

    def is_before_migrations(self):
        """Whether the checkout is an older commit, to compare with."""
        return (self.top / "sql/schema.sql").is_file()

    def make_database(self):
        with psycopg.connect(self.conninfo("postgres", "postgres"), autocommit=True) as db:
            db.execute("create database coco")
        if self.is_before_migrations():
            self.psql("-f", self.home.bring(self.top / "sql/schema.sql"))
        else:
            self.psql("-f", self.home.bring(self.top / "sql/roles.sql"))
            self.migrate()


class SiteBeforeMigrations(Site):
    """Of a commit to compare with, whose program has fewer options."""

    collection = ()


class Bench:
    """Servers, files and a superuser's connection. A context manager that removes them at its end.

    top: the checkout that has the program and the schema. against: the Bench of another commit, if
    there is one.
    """

    def __init__(self, work, binary, wal_level, temporary, keep, top=TOP):
        self.work, self.temporary, self.keep = work, temporary, keep
        self.top, self.against = top, None
        self.home = self.postgres = self.db = self.site = None
        self.more_sites = []
        self.left_out = []  # what could not be measured, and why
        self.lock()
        try:
            self.start(binary, wal_level)
        except BaseException:
            self.end()
            raise

    def start(self, binary, wal_level):
        socket = self.work / "run/.s.PGSQL.5432"
        if len(os.fsencode(socket)) > MAX_SOCKET_PATH:
            sys.exit(f"bench: too long for the path of a socket: {socket}; choose a shorter --work")
        say(f"servers in {self.work}/run")
        self.home = DurableHome(self.work, binary)
        self.reachable()
        self.postgres = DurablePostgres(self.home, wal_level, self.top)
        self.db = self.postgres.connect(autocommit=True)
        self.db.execute("create schema bench authorization pgcoco")
        site = SiteBeforeMigrations if self.postgres.is_before_migrations() else Site
        self.site = site(self.home, self.postgres)

    def lock(self):
        """Two programs in one folder would take each other's servers away."""
        self.locked = os.open(self.work, os.O_RDONLY)
        try:
            fcntl.flock(self.locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"bench: another program works in {self.work}")

    def reachable(self):
        if subprocess.run(["test", "-x", self.home.path], **account()).returncode != 0:
            sys.exit(
                f"bench: the user postgres cannot reach {self.home.path}; choose another --work")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for site in self.sites():
            site.stop()
        if self.db:
            self.db.close()
        if self.postgres:
            self.postgres.stop()
        if self.keep:
            say(f"kept: {self.work}")
        elif self.temporary:
            shutil.rmtree(self.work, ignore_errors=True)
        elif self.home:
            self.home.remove()

    def leave_out(self, name, reason):
        say(f"{name} is left out: {reason}")
        self.left_out.append({"method": name, "reason": reason})

    def sites(self):
        return [*filter(None, [self.site]), *self.more_sites]

    def add_site(self, name, options):
        """Another site on the same database, whose worker has other options. See end_site."""
        site = Site(self.home, self.postgres, name=name, options=options)
        self.more_sites.append(site)
        return site

    def end_site(self, site):
        self.more_sites.remove(site)
        site.stop()

    def restart_workers(self):
        self.site.stop()
        site = SiteBeforeMigrations if self.postgres.is_before_migrations() else Site
        self.site = site(self.home, self.postgres)

    # ---- uploads

    def curl(self, source, path, stdin=None):
        """Starts the upload of a file, or of standard input ("-"); see finish_curl."""
        return subprocess.Popen(
            ["curl", "-gsS", "--noproxy", "*", "-T", source, "-w", "\n%{http_code}",
             self.site.url + path],
            stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def finish_curl(self, process):
        """The answer's text; no other status than 200 and 201 is a measurement."""
        answer, status = process.communicate()[0].rsplit("\n", 1)
        if process.returncode != 0 or status not in ("200", "201"):
            raise RuntimeError(
                f"the request failed: curl {process.returncode}, HTTP {status}: {answer[:2000]}")
        return answer

    def upload(self, file, path):
        """Seconds from curl's start to its end, and the answer."""
        start = time.monotonic()
        answer = self.finish_curl(self.curl(file, path))
        return time.monotonic() - start, answer

    def get(self, path, site=None):
        """Seconds from curl's start to its end, and the answer's text."""
        start = time.monotonic()
        curl = subprocess.Popen(
            ["curl", "-gsS", "--noproxy", "*", "-w", "\n%{http_code}",
             (site or self.site).url + path],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        answer = self.finish_curl(curl)
        return time.monotonic() - start, answer

    def make_dataset(self, name, images):
        self.upload(rows.truth_file(self.work, images), f"/datasets/{name}")

    def results_file(self, count, images, *more):
        return rows.results_file(self.work, count, images, *more)

    # ---- nothing left over

    def settle(self):
        """Before a measurement: nothing of the one before is still to be done."""
        self.db.execute("drop table if exists bench.rows")
        self.wait_for_maintenance()
        self.db.execute("checkpoint")
        os.sync()

    def wait_for_maintenance(self):
        def is_settled():
            return self.db.execute(IS_SETTLED).fetchone()[0]

        try:
            wait_for(is_settled, "the workers' maintenance", seconds=3)
        except AssertionError:
            # A leaf it could not drop at once waits half a minute for its next turn.
            wait_for(lambda: self.collect() or is_settled(), "the collection of replaced rows",
                     seconds=120)

    def collect(self):
        command = [self.home.binary, "gc", *self.site.collection, "--db", self.postgres.conninfo()]
        subprocess.run(command,
                       check=True, cwd=self.home.path, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, **account())


