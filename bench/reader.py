"""One reader of bench/readers.py, in its own process.

It repeats a query until its standard input ends, and then reports how long it waited.
"""

import heapq
import json
import select
import statistics
import sys
import time

import psycopg

LONGEST = 2000  # waits reported one by one


def connect(options):
    connection = psycopg.connect(options["conninfo"], autocommit=True)
    connection.execute("set role coco_reader")
    connection.execute("set plan_cache_mode = force_custom_plan")
    connection.prepare_threshold = 0 if options["prepared"] else None
    if options["repeatable"]:
        connection.autocommit = False
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    return connection


def ask(connection, options):
    answer = connection.execute(options["query"]).fetchone()
    if options["repeatable"]:
        again = connection.execute(options["query"]).fetchone()
        connection.commit()
        return answer if answer == again else ("changed", *answer, *again)
    return answer


def ask_until_told(connection, options, waits, seen):
    while not select.select([sys.stdin], [], [], options["pause"])[0]:
        start = time.monotonic()
        answer = ask(connection, options)
        waits.append((start, time.monotonic() - start))
        seen.add(answer)


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def main():
    options = json.loads(sys.argv[1])
    waits, seen, failed = [], set(), None
    try:
        ask_until_told(connect(options), options, waits, seen)
    except psycopg.Error as error:  # a reader that was sent away is a result
        failed = str(error)
    calm = [seconds for start, seconds in waits if start < options["calm_until"]] or [0]
    busy = [seconds for start, seconds in waits if start >= options["calm_until"]] or [0]
    print(json.dumps({
        "answers": len(waits), "failed": failed,
        "seen": [[str(part) for part in answer] for answer in seen],
        "calm_median": statistics.median(calm), "calm_max": max(calm),
        "busy_median": statistics.median(busy), "busy_p99": quantile(busy, 0.99),
        "busy_max": max(busy),
        "longest": heapq.nlargest(LONGEST,
                                  [wait for wait in waits if wait[0] >= options["calm_until"]],
                                  key=lambda wait: wait[1])}))


main()
