"""The files for a real installation: systemd's units, its users and directories, nginx's site."""

import contextlib
import os
import re
import shutil
import socket
import stat
import subprocess

import pytest

from client import Client
from samples import detections
from stack import TOP, Site, wait_for

UNITS = ("pgcoco.service", "pgcoco.socket", "pgcoco-thumbnails.service")
THUMBNAILS = {"image_root": "/srv/pgcoco/pictures",
              "thumbnails_dir": "/run/pgcoco-thumbnails"}


def tool(name):
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install systemd)")
    return path


def filled_in(source, **directories):
    """A file as `make` makes it of its source."""
    text = (TOP / (source + ".in")).read_text()
    for name, directory in directories.items():
        text = text.replace(f"@{name}@", str(directory))
    assert not re.search(r"@\w+@", text)
    return text


@pytest.fixture
def units(tmp_path):
    """A directory with the units, whose program exists."""
    program = tmp_path / "bin/pgcoco"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "pgcoco.service").write_text(
        filled_in("systemd/pgcoco.service", bindir=program.parent))
    (tmp_path / "pgcoco-thumbnails.service").write_text(
        filled_in("systemd/pgcoco-thumbnails.service", pkgdatadir=tmp_path, **THUMBNAILS))
    shutil.copy(TOP / "systemd/pgcoco.socket", tmp_path)
    return tmp_path


def systemd_version():
    out = subprocess.run([tool("systemd-analyze"), "--version"], capture_output=True, text=True)
    return int(re.match(r"systemd (\d+)", out.stdout).group(1))


# Settings that the unit explains, and the first version of systemd that knows them.
NEWER_SETTINGS = {"RestartSteps": 254, "RestartMaxDelaySec": 254}


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_every_line_of_the_units(units, unit):
    done = subprocess.run([tool("systemd-analyze"), "verify", "--man=no", units / unit],
                          capture_output=True, text=True)
    too_new = [name for name, version in NEWER_SETTINGS.items() if systemd_version() < version]
    unexpected = [line for line in done.stderr.splitlines()
                  if not any(f"Unknown key '{name}'" in line or f"Unknown key name '{name}'" in line
                             for name in too_new)]
    assert (done.returncode, unexpected) == (0, []), done.stderr


@pytest.mark.parametrize("unit", ["pgcoco.service", "pgcoco-thumbnails.service"])
def test_the_service_is_exposed_to_little(units, unit):
    """At most 3.0 of 10 by systemd's own account."""
    done = subprocess.run([tool("systemd-analyze"), "security", "--offline=true", "--no-pager",
                           "--threshold=30", units / unit], capture_output=True,
                          text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    overall = [line for line in done.stdout.splitlines() if "Overall exposure" in line]
    assert done.returncode == 0 and overall, done.stdout[-3000:] + done.stderr


@pytest.fixture
def root(tmp_path):
    """The /etc of a system where the web server is installed."""
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "passwd").write_text("root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/:/bin/sh\n")
    (etc / "group").write_text("root:x:0:\nwww-data:x:33:\n")
    return tmp_path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes users and gives files away")
def test_the_user_and_the_directory_of_the_socket_are_made(root):
    for program, *args in (["systemd-sysusers", TOP / "systemd/sysusers.d/pgcoco.conf"],
                           ["systemd-tmpfiles", "--create",
                            TOP / "systemd/tmpfiles.d/pgcoco.conf"]):
        subprocess.run([tool(program), f"--root={root}", *args], check=True)
    (user,) = re.findall(r"^pgcoco:x:(\d+):.*$", (root / "etc/passwd").read_text(), re.MULTILINE)
    (group, members), = re.findall(r"^pgcoco-web:x:(\d+):(.*)$", (root / "etc/group").read_text(),
                                   re.MULTILINE)
    assert members == "www-data"
    made = (root / "run/pgcoco").stat()
    assert (stat.S_IMODE(made.st_mode), made.st_uid, made.st_gid) == (0o750, int(user), int(group))


class ActivatedSite(Site):
    """systemd's own tool makes the socket, and starts the program at the first connection."""

    def start_workers(self):
        self.watched = False
        names = [f"--setenv={name}" for name in os.environ if name.endswith("SAN_OPTIONS")]
        return self.home.start(self.name + "_worker", tool("systemd-socket-activate"), "--inetd",
                               f"--listen={self.socket}", *names, *self.program)


def test_the_program_serves_a_socket_that_systemd_hands_over(home, postgres):
    tool("systemd-socket-activate")
    site = ActivatedSite(home, postgres, "activated", [])
    try:
        assert Client(site).get("/readyz").status == 200
        site.process.terminate()
        assert site.process.wait(30) == 0
    finally:
        site.stop()


class NamedSite(Site):
    """nginx with the whole site of an installation, on another port and another socket."""

    def configuration(self, name):
        for part in ("pgcoco", "pgcoco-pictures", "pgcoco-web"):
            self.home.bring(TOP / f"nginx/{part}.conf")
        text = filled_in("nginx/pgcoco-site.conf", pkgdatadir=self.home.path, **THUMBNAILS)
        text = text.replace("/var/lib/nginx/pgcoco-thumbnails", f"{self.temp}/thumbnails")
        text = text.replace("/run/pgcoco/pgcoco.sock", str(self.socket))
        text, ports = re.subn(r"listen 80\b", f"listen 127.0.0.1:{self.port}", text)
        text, ports6 = re.subn(r"listen \[::\]:80\b.*;\n", "\n", text)
        assert (ports, ports6) == (2, 2)
        site = self.home.write(name + "_site.conf", text)
        kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        temporary = "\n".join(f"{kind}_temp_path {self.temp}/{kind};" for kind in kinds)
        return self.home.write(name + ".conf", f"""
daemon off;
pid {self.home.path}/{name}.pid;
error_log stderr info;
events {{ worker_connections 512; }}
http {{
access_log off;
{temporary}
include {site};
}}
""")


@pytest.fixture
def named_site(home, postgres):
    site = NamedSite(home, postgres, "named", [])
    yield site
    site.stop()


def test_nginx_takes_the_site(named_site, home):
    done = subprocess.run([named_site.nginx.args[0], "-t", "-p", home.path, "-e", "stderr",
                           "-c", home.path / "named.conf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr


class QuickstartSite(Site):
    """nginx as ./quickstart configures it."""

    def configuration(self, name):
        folder = self.home.folder(name)
        for part in ("run", "log", "tmp", "nginx"):
            self.home.folder(f"{name}/{part}")
        for part in ("pgcoco", "pgcoco-pictures", "pgcoco-web"):
            self.home.bring(TOP / f"nginx/{part}.conf", name=f"{name}/nginx/{part}.conf")
        (folder / "run/pgcoco.sock").unlink(missing_ok=True)
        (folder / "run/pgcoco.sock").symlink_to(self.socket)
        text = (TOP / "nginx/quickstart.conf.in").read_text()
        for word, value in {"VAR": folder, "PORT": self.port, "HOSTS": "lab.example",
                            "IMAGES": folder / "pictures"}.items():
            text = text.replace(f"@{word}@", str(value))
        return self.home.write(name + ".conf", "daemon off;\n" + text)


@pytest.fixture
def quickstart_site(home, postgres):
    site = QuickstartSite(home, postgres, "quick", [])
    yield site
    site.stop()


SITES = {"named_site": ["coco.example.org", "coco.example.org:8080", "COCO.example.org"],
         "quickstart_site": ["127.0.0.1", "localhost", "localhost:9999", "[::1]", "[::1]:8080",
                             "lab.example", "lab.example:80"]}
# Names that a page of another site can have, and what only looks like the site's name.
OTHERS = ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example",
          "evil.coco.example.org", "127.0.0.2", "0.0.0.0", "[::2]", "evil-localhost", "_"]


def delete(site, dataset, host):
    """As the page of a site of this name sends it: to a browser, it comes from the same origin."""
    return Client(site).request("DELETE", f"/datasets/{dataset}/runs/run", headers={
        "Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize("kind", SITES)
def test_a_site_answers_to_its_names_only(request, web, dataset, kind):
    site = request.getfixturevalue(kind)
    for host in OTHERS:
        assert web.put_run(dataset, "run", detections(1)).status == 200
        assert delete(site, dataset, host).status == 421, host
        assert Client(site).get("/datasets", headers={"Host": host}).status == 421, host
        assert Client(site).put(f"/datasets/{dataset}", b" " * 2_000_000,
                                headers={"Host": host}).status == 421, host
    for host in SITES[kind]:
        assert web.put_run(dataset, "run", detections(1)).status == 200
        assert delete(site, dataset, host).status == 204, host
    assert web.get(f"/datasets/{dataset}/runs/run").status == 404


def test_a_request_without_a_host_name_is_refused(named_site, quickstart_site):
    """HTTP/1.0 needs none."""
    for site in (named_site, quickstart_site):
        with socket.create_connection(("127.0.0.1", site.port), 30) as connection:
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            assert connection.makefile("rb").readline().split()[1] == b"421"


def test_one_address_has_a_limited_number_of_requests(named_site):
    client = Client(named_site)
    host = {"Host": "coco.example.org"}
    upload = (b"PUT /datasets/none/runs/run HTTP/1.1\r\nHost: coco.example.org\r\n"
              b"Content-Length: 1000\r\n\r\n[")
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(socket.create_connection(("127.0.0.1", named_site.port))).sendall(
                upload)
        wait_for(lambda: client.get("/healthz", headers=host).status == 429, "the limit")
    wait_for(lambda: client.get("/healthz", headers=host).status == 200, "room")
