"""The servers of the tests: a private PostgreSQL, a real nginx, a real worker on a unix socket.

Everything lives in a folder under /tmp, because the path of a unix socket may have at most 107
bytes. It belongs to an account that is not root, because PostgreSQL refuses to run as root.
"""

import os
import pwd
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

TOP = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("PGCOCO_DATA", TOP.parent / "shared" / "data"))
FIXTURES = TOP / "fixtures"
MIB = 1 << 20

# What never may stand in a log, whatever a test does to the servers.
CRASH = re.compile(
    rb"TRAP:|PANIC|Assertion .* failed|ERROR: \w+Sanitizer|runtime error:|stack smashing"
    rb"|\[alert\]|\[emerg\]"
    rb"|ERROR:  syntax error")


def account():
    """Keyword arguments for subprocess that leave root behind."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def binary():
    named = os.environ.get("PGCOCO_BINARY")
    for path in [Path(named)] if named else [TOP / "build/gcc/pgcoco", TOP / "build/pgcoco"]:
        if path.is_file():
            return path
    raise RuntimeError("no pgcoco to test: build it, or set PGCOCO_BINARY")


def is_sanitized():
    return b"__asan_init" in binary().read_bytes()


def peak_memory(worker):
    for line in Path(f"/proc/{worker}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {worker} is gone")


def forget_peak_memory(worker):
    """The peak is then that of what comes afterwards."""
    Path(f"/proc/{worker}/clear_refs").write_text("5")


def debian_program(name):
    """One of PostgreSQL's programs, of the newest version there is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/" + name), key=lambda p: int(p.parts[4]))
    path = found[-1] if found else shutil.which(name)
    if path is None:
        raise RuntimeError(f"PostgreSQL's {name} is not installed")
    return str(path)


def other_server():
    """The folder of the server to test with in the place of Debian's, or None."""
    named = os.environ.get("PGCOCO_POSTGRES")
    if named and not Path(named, "bin/postgres").is_file():
        raise RuntimeError(f"PGCOCO_POSTGRES: there is no bin/postgres in {named}")
    return named and Path(named)


def wait_for(condition, what, seconds=90):
    """Asks until the answer is true, and gives it back. The time-out only ends a failing test: it
    is three times as long as a worker waits before it tries again to collect."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain for: {what}")


def free_port():
    """From a range of each process of tests, which runs beside others."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 4
    while True:
        port = 12000 + 5000 * process + random.randrange(5000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):  # nobody listens there
                return port


def is_listening(path):
    """A socket exists a moment before somebody listens there."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def stop(process, how=signal.SIGTERM):
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def major_version(program):
    """The 15 of "postgres (PostgreSQL) 15.18 (Debian …)"."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"\(PostgreSQL\) (\d+)", told).group(1))


class Home:
    """A folder of the account, and the logs of everything that runs in it."""

    def __init__(self):
        self.path = Path(tempfile.mkdtemp(prefix="pgcoco-", dir="/tmp"))
        self.path.chmod(0o755)
        self.logs = {}  # name: (path, bytes already looked at)
        self.own(self.path)
        self.binary = self.bring(binary(), 0o755)
        self.server = self.bring_server()

    def own(self, path):
        if account():
            os.chown(path, account()["user"], account()["group"])

    def folder(self, name):
        path = self.path / name
        path.mkdir(exist_ok=True)
        self.own(path)
        return path

    def bring(self, source, mode=0o644, name=None):
        """A copy that the account can read: the source tree may be root's alone."""
        path = self.path / (name or Path(source).name)
        shutil.copyfile(source, path)
        path.chmod(mode)
        self.own(path)
        return path

    def bring_server(self):
        """A copy of the other PostgreSQL, which the account may not be able to read where it is."""
        if not other_server():
            return None
        path = self.path / "server"
        shutil.copytree(other_server(), path, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
        return path

    def postgres_program(self, name):
        """initdb, postgres and pg_ctl of the server under test; Debian's for all others."""
        own = self.server and self.server / "bin" / name
        return str(own) if own and own.exists() else debian_program(name)

    def write(self, name, text):
        path = self.path / name
        path.write_text(text)
        self.own(path)
        return path

    def log(self, name):
        path = self.path / (name + ".log")
        path.touch()
        self.own(path)
        self.logs.setdefault(name, (path, 0))
        return path

    def start(self, log, *command, stdin=subprocess.DEVNULL, env=None, preexec_fn=None):
        with open(self.log(log), "ab") as out:
            return subprocess.Popen(
                [str(word) for word in command], stdin=stdin, stdout=out, stderr=out,
                cwd=self.path, env=env, preexec_fn=preexec_fn, **account())

    def fresh_logs(self, keep=False):
        """What was logged since the last call: {name: bytes}. keep: the next call sees it too."""
        fresh = {}
        for name, (path, seen) in self.logs.items():
            with open(path, "rb") as log:
                log.seek(seen)
                text = log.read()
            self.logs[name] = (path, seen if keep else seen + len(text))
            fresh[name] = text
        return fresh

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)


class Postgres:
    """A private cluster; its only door is a socket in the home folder."""

    def __init__(self, home):
        self.home = home
        self.data = home.path / "pg"
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                 "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write(f"""
listen_addresses = ''
unix_socket_directories = '{home.path}'
fsync = off
max_locks_per_transaction = 512
max_connections = 100
wal_level = logical
log_line_prefix = '%m [%p] %a '
""")
        self.start()
        with psycopg.connect(self.conninfo("postgres", "postgres"), autocommit=True) as db:
            db.execute("create database coco")
        self.apply_roles()
        self.migrate()

    def run(self, program, *args, check=True):
        done = subprocess.run(
            [self.home.postgres_program(program), *(str(arg) for arg in args)], capture_output=True,
            text=True, cwd=self.home.path, **account())
        if check and done.returncode != 0:
            raise RuntimeError(f"{program} {args}:\n{done.stdout}\n{done.stderr}")
        return done

    def start(self):
        # pg_ctl's own pipes would stay open in the server: no capture here.
        subprocess.run(
            [self.home.postgres_program("pg_ctl"), "-D", str(self.data), "-w", "-s",
             "-l", str(self.home.log("postgres")), "start"], check=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, cwd=self.home.path, **account())

    def stop(self, mode="fast"):
        self.run("pg_ctl", "-D", self.data, "-w", "-s", "-m", mode, "stop")

    def psql(self, *args, user="postgres", database="coco", check=True):
        return self.run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.home.path,
                        "-U", user, "-d", database, *args, check=check)

    def apply_roles(self, database="coco"):
        return self.psql("-f", self.home.bring(TOP / "sql/roles.sql"), database=database)

    def migrate(self, *args, user="pgcoco", database="coco", check=True):
        """pgcoco migrate, as the administrator runs it."""
        done = subprocess.run(
            [str(self.home.binary), "migrate", "--db", self.conninfo(user, database), *args],
            capture_output=True, text=True, cwd=self.home.path, **account())
        if check and done.returncode != 0:
            raise RuntimeError(f"pgcoco migrate {args}:\n{done.stdout}\n{done.stderr}")
        return done

    def conninfo(self, user="pgcoco", database="coco"):
        return f"host={self.home.path} user={user} dbname={database}"

    def connect(self, user="postgres", **options):
        return psycopg.connect(self.conninfo(user), **options)


class Standby:
    """A hot standby of the cluster, with a socket of its own."""

    def __init__(self, home, postgres):
        self.postgres, self.data = postgres, home.path / "standby"
        self.folder = home.folder("standby_socket")
        postgres.run("pg_basebackup", "-h", home.path, "-U", "postgres", "-D", self.data,
                     "-R", "-X", "stream", "-c", "fast", "--no-sync")
        self.process = home.start("standby", home.postgres_program("postgres"), "-D", self.data,
                                  "-c", f"unix_socket_directories={self.folder}")
        wait_for(self.answers, "the standby to answer")
        wait_for(lambda: self.streams() == 1, "the standby to stream")

    def conninfo(self, user="pgcoco"):
        return f"host={self.folder} user={user} dbname=coco"

    def connect(self):
        return psycopg.connect(self.conninfo("postgres"), autocommit=True)

    def answers(self):
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def streams(self):
        with self.postgres.connect() as primary:
            return primary.execute("select count(*) from pg_stat_replication"
                                   " where state = 'streaming'").fetchone()[0]

    def stop(self):
        stop(self.process)
        wait_for(lambda: self.streams() == 0, "the standby to be gone")
        shutil.rmtree(self.data)


class Site:
    """nginx with the project's own configuration before workers of the program.

    Without options there is one worker, started as the quickstart does, and again when it dies;
    with options it listens itself and stays dead.
    """

    collection = ("--keep", "0")  # replaced leaves go at once

    def __init__(self, home, postgres, name="site", options=None):
        self.home = home
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.socket = home.path / (name + ".sock")
        self.temp = home.folder(name + "_tmp")
        self.watched = options is None
        self.program = [home.binary, "--db", postgres.conninfo(), *self.collection,
                        *(options or [])]
        self.process = self.start_workers()
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.nginx = home.start(name + "_nginx", nginx, "-p", home.path,
                                "-e", "stderr", "-c", self.configuration(name))
        wait_for(lambda: self.socket.exists() and self.listens() and self.workers(),
                 "nginx and workers listening")

    def web_root(self):
        """The server's user may not be able to read the clone."""
        root = self.home.folder("page")
        shutil.copytree(TOP / "web", root / "web", dirs_exist_ok=True)
        return root

    def start_workers(self):
        log = self.name + "_worker"
        if not self.watched:
            return self.home.start(log, *self.program, "--socket", self.socket)
        return self.home.start(log, *self.program, "--socket", self.socket, "--respawn")

    def log(self):
        """What the workers have logged so far."""
        return self.home.logs[self.name + "_worker"][0].read_text()

    def configuration(self, name):
        for part in ("pgcoco", "pgcoco-pictures", "pgcoco-web"):
            self.home.bring(TOP / f"nginx/{part}.conf", name=f"{name}_{part}.conf")
        kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        temporary = "\n".join(f"    {kind}_temp_path {self.temp}/{kind};" for kind in kinds)
        return self.home.write(name + ".conf", f"""
daemon off;
worker_processes 1;
pid {self.home.path}/{name}.pid;
error_log stderr info;
events {{ worker_connections 512; }}
http {{
    access_log off;
{temporary}
    upstream pgcoco {{ server unix:{self.socket}; }}
    upstream pgcoco_thumbnails {{ server unix:{self.home.path}/thumbnails/thumbnails.sock; }}
    proxy_cache_path {self.temp}/thumbnails keys_zone=pgcoco_thumbnails:1m max_size=100m
        use_temp_path=off;
    server {{
        listen 127.0.0.1:{self.port};
        include {self.home.path}/{name}_pgcoco.conf;
        set $pgcoco_image_root {self.home.path}/pictures;
        include {self.home.path}/{name}_pgcoco-pictures.conf;
        set $pgcoco_web_root {self.web_root()};
        set $pgcoco_picture_sources "";
        include {self.home.path}/{name}_pgcoco-web.conf;
    }}
}}
""")

    def listens(self):
        for process in (self.process, self.nginx):
            if process.poll() is not None:
                raise RuntimeError(f"{process.args} ended with {process.returncode}; see the logs")
        with socket.socket() as probe:
            return (is_listening(self.socket)
                    and probe.connect_ex(("127.0.0.1", self.port)) == 0)

    def workers(self):
        return sorted(children(self.process.pid)) if self.watched else [self.process.pid]

    def wait_for_new_workers(self, before):
        wait_for(lambda: len(self.workers()) == len(before)
                 and not {*self.workers()} & {*before}, "new workers")

    def stop(self):
        stop(self.nginx)
        stop(self.process)


class Thumbnails:
    """The nginx that makes thumbnails of the pictures in the home folder, with its limit of memory
    as pgcoco-thumbnails.service sets it."""

    def __init__(self, home):
        self.home = home
        self.folder = home.folder("thumbnails")
        self.socket = self.folder / "thumbnails.sock"
        unit = (TOP / "systemd/pgcoco-thumbnails.service.in").read_text()
        mib = int(re.search(r"^LimitAS=(\d+)M$", unit, re.MULTILINE)[1])
        text = (TOP / "nginx/pgcoco-thumbnails.conf.in").read_text()
        for word, value in {"thumbnails_dir": self.folder,
                            "image_root": home.folder("pictures")}.items():
            text = text.replace(f"@{word}@", str(value))
        self.process = home.start(
            "thumbnails", shutil.which("nginx") or "/usr/sbin/nginx", "-p", self.folder, "-e",
            "stderr", "-g", "daemon off;", "-c", home.write("thumbnails.conf", text),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (mib * MIB, mib * MIB)))
        wait_for(lambda: is_listening(self.socket), "the nginx that makes thumbnails")

    def stop(self):
        stop(self.process)
        self.socket.unlink(missing_ok=True)


class HeldSite(Site):
    """nginx before a listening socket that the test holds, as systemd does; a worker has it as
    descriptor 0, and the test starts others."""

    def start_workers(self):
        self.watched = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.socket))
        self.listener.listen(1024)
        self.home.own(self.socket)
        return self.start_worker()

    def start_worker(self, *options, **kinds):
        return self.home.start(self.name + "_worker", *self.program, *options,
                               stdin=self.listener, **kinds)

    def restart(self, how=signal.SIGTERM):
        """Ends the worker and starts another one; returns the exit status of the first."""
        ended = self.process
        ended.send_signal(how)
        ended.wait(60)
        self.process = self.start_worker()
        return ended.returncode

    def stop(self):
        super().stop()
        self.listener.close()
