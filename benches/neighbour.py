"""Another process that writes a row every 20 ms, as the service does, and what its writes wait while something else goes on."""
import contextlib
import math
import multiprocessing
import os
import sqlite3
import sys
import time
import uuid

from rig import TABLE

BAR = "none failed, p99 1000, slowest 3000"


def write_rows(path, pipe):
    """The neighbour: a row every 20 ms, as the service writes one, until the pipe speaks; then tells what each took."""
    writes = []
    with contextlib.closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as db:
        mode = db.execute("PRAGMA journal_mode").fetchone()[0]
        pipe.send(mode)
        while not pipe.poll():
            began, error = time.monotonic(), None
            try:
                db.execute("BEGIN")
                db.execute(f"INSERT INTO {TABLE} (id, job_type, status, content) VALUES (?, 'idea2video', 'queued', ?)",
                           (str(uuid.uuid4()), "A row of the neighbour's. " * 40))
                db.execute("COMMIT")
            except sqlite3.OperationalError as refused:
                error = str(refused)
                if db.in_transaction:
                    db.execute("ROLLBACK")
            ended = time.monotonic()
            writes.append((began, ended, error))
            time.sleep(max(0.0, began + 0.02 - ended))
    pipe.send(writes)


def percentile(values, share):
    """The nearest rank."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def watched(path, work, expected="delete"):
    """Lets the neighbour write into the file of this journal mode while `work` goes on: the seconds of the work, the writes before and meanwhile, how many rows came."""
    os.sync()
    context = multiprocessing.get_context("spawn")
    pipe, its_end = context.Pipe()
    neighbour = context.Process(target=write_rows, args=(path, its_end), daemon=True)
    neighbour.start()
    its_end.close()
    if (mode := pipe.recv()) != expected:
        sys.exit(f"the file of the neighbour has the journal mode {mode}")
    time.sleep(2)
    began = time.monotonic()
    work()
    ended = time.monotonic()
    pipe.send("stop")
    writes = pipe.recv()
    neighbour.join()
    alone = [write for write in writes if write[1] < began]
    meanwhile = [write for write in writes if write[1] >= began and write[0] <= ended]
    return ended - began, alone, meanwhile, sum(error is None for *_, error in writes)


def figures(writes):
    """How many, how many failed, milliseconds of the median, of p99 and of the slowest, and whether the bars are met."""
    waits = [(done - start) * 1000 for start, done, _ in writes]
    failed = sum(error is not None for *_, error in writes)
    p50, p99, slowest = percentile(waits, 0.5), percentile(waits, 0.99), max(waits)
    return (str(len(writes)), str(failed), f"{p50:.1f}", f"{p99:.1f}", f"{slowest:.1f}"), not failed and p99 < 1000 and slowest < 3000


def beside(rig, title, path, work):
    """Tells how the neighbour fared while `work` went on; how many rows it wrote."""
    seconds, alone, meanwhile, wrote = watched(path, work)
    rig.table(f"A neighbour, while {title} in {seconds:.1f} s", ("its writes", "rows", "failed", "p50 ms", "p99 ms", "slowest ms", "bar"))
    for name, some, bar in (("before", alone, ""), ("meanwhile", meanwhile, BAR)):
        cells, ok = figures(some)
        rig.row((name, *cells, bar), ok if bar else None)
    return wrote
