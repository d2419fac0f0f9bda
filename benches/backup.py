#!/usr/bin/env python3
"""Times `jobctl backup` beside the sqlite3 shell's `.backup`, and what a neighbour waits that writes every 20 ms meanwhile. Standard library only; needs cargo.

    cargo build --release
    python3 benches/backup.py --jobs 300000 --db jobs.db

Both copy the same file, in turns, after one run that is not counted; medians of --runs runs are told, and the processor's seconds of the last. The check of
the copy is in jobctl's time, and is timed by itself too: `--check quick` and `--check none` are the same without a part of it. The neighbour writes into a copy
of the file in each journal mode; its rows must not fail and must not wait for more than 2 s, and the backup must hold every row that was there
before it began. The exit status is 1 when a bar is missed. --db names a file of benches/generate.py db, which is made when it is not there and kept.
"""
import argparse
import contextlib
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import compare  # noqa: E402
import neighbour  # noqa: E402
import rig  # noqa: E402

TABLE = compare.TABLE
BAR = 1.2
SLOWEST = 2000


def timed(words):
    """Seconds, and the processor's, of a process after which nothing is left to be synced."""
    os.sync()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    took = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compared(options, jobctl, path, folder):
    """Each way to make a copy: its seconds, run after run, and the processor's of the last."""
    target = os.path.join(folder, "copy.db")
    ours = [jobctl, "--db", path, "backup", "-q", target]
    ways = {
        "shell `.backup`": [options.sqlite3, path, f".backup '{target}'"],
        "shell `VACUUM INTO`": [options.sqlite3, path, f"VACUUM INTO '{target}'"],
        "`backup`": ours,
        "`backup --check quick`": [*ours, "--check", "quick"],
        "`backup --check none`": [*ours, "--check", "none"],
        "`backup` to `.zst`": [*ours[:-1], f"{target}.zst"],
    }
    found = {name: (rig.Times(), []) for name in ways}
    for n in range(options.runs + 1):
        for name, words in list(ways.items())[::-1 if n % 2 else 1]:
            took, processor = timed(words)
            rig.note(f"{f'run {n}' if n else 'warming up'}: {name} {took:.2f} s")
            for left in (target, f"{target}.zst"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(left)
            if n:
                found[name][0].append(took)
                found[name][1].append(processor)
    return found


def rows(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return db.execute(f"SELECT count(*) FROM {TABLE}").fetchone()[0]


def beside(options, jobctl, path, folder, mode):
    """The neighbour's writes before and during a backup in a journal mode."""
    file, target = os.path.join(folder, f"{mode}.db"), os.path.join(folder, "copy.db")
    shutil.copy(path, file)
    with contextlib.closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA journal_mode = {mode}")
    there = rows(file)
    seconds, alone, meanwhile, wrote = neighbour.watched(
        file, lambda: subprocess.run([jobctl, "--db", file, "backup", "-q", target], check=True), mode)
    copied = rows(target)
    if not there + len(alone) <= copied <= there + wrote:
        sys.exit(f"{copied} rows in the copy; {there} and {len(alone)} were there before, {wrote} were written in all")
    os.remove(file)
    os.remove(target)
    return seconds, alone, meanwhile


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300_000)
    parser.add_argument("--db", metavar="FILE")
    parser.add_argument("--binary", default=str(compare.ROOT / "target/release/jobctl"))
    parser.add_argument("--sqlite3", default="sqlite3", help="the shell to time beside")
    parser.add_argument("--work", metavar="DIR", help="where the copies are made")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    jobctl, shell = shutil.which(options.binary), shutil.which(options.sqlite3)
    if jobctl is None or shell is None:
        parser.error("jobctl (cargo build --release) and the sqlite3 shell are needed")
    missed = False
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        path = compare.database(options, folder)
        jobctl = shutil.copy(jobctl, os.path.join(folder, "jobctl"))
        found = compared(options, jobctl, path, folder)
        other = found["shell `.backup`"][0].median()
        print(f"| {os.path.getsize(path) / 1e9:.2f} GB | seconds | processor | ratio | bar | ok |\n|---|---:|---:|---:|---:|---|")
        for name, (times, processor) in found.items():
            ratio = times.median() / other
            bar = BAR if name == "`backup`" else None
            missed |= bar is not None and ratio > bar
            ok = "" if bar is None else "yes" if ratio <= bar else "NO"
            print(f"| {name} | {times} | {sorted(processor)[len(processor) // 2]:.2f} | {ratio:.2f} | {bar or ''} | {ok} |")
        print("\n| a neighbour | rows | failed | p50 ms | p99 ms | slowest ms | ok |\n|---|---:|---:|---:|---:|---:|---|")
        for mode in ("delete", "wal"):
            seconds, alone, meanwhile = beside(options, jobctl, path, folder, mode)
            for when, writes in (("before", alone), (f"during {seconds:.1f} s", meanwhile)):
                cells, _ = neighbour.figures(writes)
                ok = cells[1] == "0" and float(cells[4]) <= SLOWEST
                missed |= not ok
                print(f"| {mode}, {when} | {' | '.join(cells)} | {'yes' if ok else 'NO'} |")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
