"""What goes on beside a test: readers that look again and again, and a collection held off."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from stack import wait_for


@contextmanager
def watching(postgres, *looks):
    """Calls each look(connection) again and again on a thread of its own while the block runs, and
    gives a set of answers for each. The first look is before the block, the last one begins after
    it; what a look raised is raised at the end."""
    seen, ended = [set() for _ in looks], threading.Event()

    def watch(look, answers):
        with postgres.connect(autocommit=True) as reader:
            is_last = False
            while not is_last:
                is_last = ended.is_set()
                answers.add(look(reader))

    with ThreadPoolExecutor(len(looks)) as pool:
        watchers = [pool.submit(watch, *one) for one in zip(looks, seen)]
        try:
            wait_for(lambda: all(answers or watcher.done()
                                 for watcher, answers in zip(watchers, seen)), "a first look")
            yield seen
        finally:
            ended.set()
        for watcher in watchers:
            watcher.result()


@contextmanager
def no_collection(postgres, user="postgres"):
    """Nobody collects while the block runs, as a worker may at any time. Gives the connection that
    holds the lock, and may be closed."""
    with postgres.connect(user=user) as holder:

        def has_lock():
            locked, = holder.execute("select coco.lock_collection()").fetchone()
            if not locked:
                holder.rollback()  # who collects would wait for its snapshot
            return locked

        wait_for(has_lock, "the lock of the collection", 120)
        yield holder


@contextmanager
def standstill(postgres, import_id):
    """While the block runs, this import and those made for it have committed nothing for a minute:
    others get their place. Afterwards they go on, so nobody may collect them."""
    last_commit = ("update coco.imports set phase_at = clock_timestamp() - %s::interval"
                   " where %s in (import_id, made_for)")
    with no_collection(postgres), postgres.connect(autocommit=True) as db:
        db.execute(last_commit, ("1 minute", import_id))
        yield
        db.execute(last_commit, ("0", import_id))
