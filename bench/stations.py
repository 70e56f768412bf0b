"""The processor time of some work by part of the program, sampled with perf where it is installed.

A function of pgcoco counts for the source file that the program's debugging information names. A
function that the compiler has inlined counts for its caller.
"""

import re
import shutil
import signal
import subprocess
import time

from servers import say
from where import processes

FREQUENCY = 2000  # samples per second of processor time
LINE = re.compile(r"^\s*(\d+)\s*\|\s*(.*?)\s*\|\s*(.*?)\s*\|\s*\[(.)\] (.*?)\s*$")
LIBRARIES = re.compile(r"^(lib(?:pq|ssl|crypto|c|m))\b")


def files_of_symbols(binary):
    """{function: its file below src/, or the header of a library}."""
    listed = subprocess.run(["nm", "-l", "--defined-only", binary], capture_output=True,
                            text=True).stdout
    found = re.findall(r"^\S+ [tT] (\S+)\t(.*):\d+$", listed, re.MULTILINE)
    return {symbol: re.sub(r"^.*/(?:src|include)/|\.[ch]$", "", path) for symbol, path in found}


def station(program, library, kind, symbol, files):
    if program == "postgres":
        return "PostgreSQL: " + ("kernel" if kind == "k" else "its own code and libraries")
    if program == "nginx":
        return "nginx: " + ("kernel" if kind == "k" else "its own code and libraries")
    if kind == "k":
        return "worker: kernel (sockets, mostly)"
    name = LIBRARIES.match(library)
    return "worker: " + (name[1] if name else files.get(symbol, "other"))


def seconds_by_station(report, files):
    seconds = {}
    for line in report.splitlines():
        match = LINE.match(line)
        if match:
            count, *where = match.groups()
            name = station(*where, files)
            seconds[name] = seconds.get(name, 0.0) + int(count) / FREQUENCY
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def record(bench, act, samples):
    """Samples of all servers while act() runs. Returns perf's complaint, if it has any."""
    pids = ",".join(str(pid) for pid in processes(bench))
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", str(FREQUENCY), "-o",
                             samples, "-p", pids],
                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                            stderr=subprocess.PIPE, text=True)
    time.sleep(1)  # it says nothing when it has begun
    if perf.poll() is None:
        act()
        perf.send_signal(signal.SIGINT)
    return perf.communicate()[1]


def measure(bench, act):
    """{station: seconds of processor time}; empty where that cannot be told."""
    if not shutil.which("perf"):
        bench.leave_out("time by part of the program", "perf is not installed")
        return {}
    samples = bench.work / "perf.data"
    complaint = record(bench, act, samples)
    done = subprocess.run(["perf", "report", "-i", samples, "--stdio", "--no-children", "-F",
                           "sample,comm,dso,sym", "-t", "|"],
                          capture_output=True, text=True)
    samples.unlink(missing_ok=True)
    seconds = seconds_by_station(done.stdout, files_of_symbols(bench.home.binary))
    if not seconds:
        bench.leave_out("time by part of the program",
                        "perf took no samples: " + (complaint or done.stderr).strip()[:200])
    return seconds
