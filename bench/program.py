"""What the programs of this folder have in common: options, and what they start with."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
UNITS = {"K": 10**3, "M": 10**6, "G": 10**9}


def number(text):
    """500000, 500K, 5M ..."""
    unit = UNITS.get(text[-1:].upper(), 1)
    return int(float(text[:-1] if unit > 1 else text) * unit)


def numbers(text):
    return [number(part) for part in text.split(",")]


def add_options(parser):
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="measured rounds, after one that is not counted")
    add("--wal-level", choices=["replica", "minimal"], default="replica",
        help="PostgreSQL's setting")
    add("--binary", type=Path,
        help="the program to measure; default: build/pgcoco, else build/gcc/pgcoco")
    add("--work", type=Path,
        help="a folder for generated files, kept for the next time; default: a temporary one")
    add("--keep", action="store_true",
        help="leave the database, the logs and the files where they are")
    add("--out", type=Path, help="the results as JSON")


def choose_binary(top, named=None):
    for path in [named] if named else [top / "build/pgcoco", top / "build/gcc/pgcoco"]:
        if path.is_file():
            return path.resolve()
    sys.exit(f"bench: no pgcoco to measure in {top};"
             " build it (make, or ./quickstart) or name it with --binary")


def choose_work(named):
    # Not /tmp: often it is memory, where fsync costs nothing.
    if named is None:
        path = Path(tempfile.mkdtemp(prefix="pgcoco-bench-", dir="/var/tmp"))
        path.chmod(0o755)
        return path
    path = named.resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def prepare(binary):
    """Installs what is missing. What it brings can be imported from here on."""
    if subprocess.run([TOP / "tools/install-packages", "run", "bench"]).returncode != 0:
        sys.exit(1)
    os.environ["PGCOCO_BINARY"] = str(binary)
    for name in [name for name in os.environ
                 if name.startswith("PG") and not name.startswith("PGCOCO_")]:
        del os.environ[name]  # settings for the user's own PostgreSQL must not lead us to it


def run(main):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end, too
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
