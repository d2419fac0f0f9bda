#!/usr/bin/env python3
"""Times `jobctl cleanup` and `jobctl export` beside the sqlite3 shell, whole processes. Standard library only; needs cargo and rustc.

    cargo build --release
    python3 benches/cleanup.py                        1,000,000 jobs, of which 700,000 go (20 GB of disk), and the neighbour
    python3 benches/cleanup.py --only cleanup --jobs 100000 --runs 1

cleanup     seven tenths of the jobs go: with --exclusive, politely, and with a .zst archive, beside one DELETE in the shell
export      all jobs as one JSON array into a pipe, beside the shell's .mode json
neighbour   a cleanup and an export of 200,000 jobs, in a file into which another process writes a row every 20 ms

Each first runs uncounted. Then all run in turns, forwards and backwards, and medians of --runs runs are told. Before each run, what
was written before it goes to the disk. What stays is counted after every run, and memory is that of a run of its own.

The exit status is 1 when a bar is missed. --work names a folder in which files are kept for the next time; without it everything goes
away. --dumps names another generator, to be called as `GENERATOR db N OUT --seed S --now D`.
"""
import argparse
import contextlib
import datetime
import os
import shutil
import sqlite3
import sys
import tempfile

sys.dont_write_bytecode = True
import compare  # noqa: E402
import neighbour  # noqa: E402
from rig import NOW, ROOT, TABLE, Rig, ask, check_count  # noqa: E402

MEMORY_BAR = 64.0
ENDED = "status IN ('completed', 'failed', 'cancelled')"
# The clock of the runs, so that an age means a point in time.
CLOCK = {"JOBCTL_TEST_NOW": f"{NOW}T12:00:00Z"}


def point_of(path, share):
    """The time before which so large a part of all jobs ended, as the file has it, and as an age."""
    (total,) = ask(path, f"SELECT count(*) FROM {TABLE}")
    going = int(total * share)
    (at,) = ask(path, f"SELECT completed_at FROM {TABLE} WHERE {ENDED} ORDER BY completed_at LIMIT 1 OFFSET {going}")
    # jobctl's ages are whole seconds here, so the point is moved to one.
    moment = datetime.datetime.fromisoformat(at).replace(microsecond=0)
    age = datetime.datetime.fromisoformat(f"{NOW}T12:00:00") - moment
    (going,) = ask(path, f"SELECT count(*) FROM {TABLE} WHERE {ENDED} AND completed_at < '{moment}.000000'")
    return f"{moment}.000000", f"{int(age.total_seconds())}s", total - going


class Cleanup:
    """One file, and how to run on a copy of it."""

    def __init__(self, rig, count):
        self.rig, self.source = rig, rig.input("db", count)
        self.at, self.age, self.left = point_of(self.source, 0.7)
        self.env = {**rig.env, **CLOCK}

    def copy(self):
        path = self.rig.fresh("ours.db")
        shutil.copyfile(self.source, path)
        return path

    def words(self, path, *more):
        return [self.rig.jobctl, "--db", path, "cleanup", "--older-than", self.age, "--yes", "-q", *more]

    def jobctl(self, name, *more):
        path = self.copy()
        seconds = self.rig.time(self.words(path, *more), self.env)
        check_count(path, self.left, name)
        return {name: seconds}

    def archived(self):
        archive = self.rig.fresh("archive.jsonl.zst")
        return self.jobctl("archive", "--archive", archive)

    def shell(self):
        path = self.copy()
        sql = f"DELETE FROM {TABLE} WHERE {ENDED} AND completed_at < '{self.at}'"
        seconds = self.rig.time([self.rig.options.shell, path, sql])
        check_count(path, self.left, "the shell")
        return {"shell": seconds}

    def memory(self, *more):
        return compare.peak_memory(self.rig.tool("launcher"), self.words(self.copy(), *more), self.env)


def cleanup_case(rig):
    count = rig.options.jobs
    on = Cleanup(rig, count)
    found = rig.rounds(lambda: on.jobctl("exclusive", "--exclusive"), lambda: on.jobctl("polite"), on.archived, on.shell)
    rig.times(count)
    for name, bar in (("exclusive", 0.5), ("polite", 0.7), ("archive", 1.2)):
        rig.longer(f"cleanup, {name}, beside one DELETE", found[name], found["shell"], bar)
    rig.table(f"{count:,} jobs, memory", ("case", "peak MiB", "bar"))
    archive = rig.fresh("archive.jsonl.zst")
    for name, more in (("exclusive", ["--exclusive"]), ("polite", []), ("archive", ["--archive", archive])):
        peak = on.memory(*more)
        rig.row((f"cleanup, {name}", f"{peak:.1f}", f"at most {MEMORY_BAR:.0f}"), peak <= MEMORY_BAR)
    for name in ("ours.db", "archive.jsonl.zst"):
        rig.fresh(name)


def export_case(rig):
    count = rig.options.jobs
    path = rig.input("db", count)
    words = [rig.jobctl, "--db", path, "export", "-o", "json"]
    shell = [rig.options.shell, "-json", path, f"SELECT * FROM {TABLE}"]
    found = rig.rounds(lambda: {"jobctl": rig.time(words)}, lambda: {"shell": rig.time(shell)})
    rig.times(count)
    rig.longer("export -o json, beside .mode json", found["jobctl"], found["shell"], 0.4)
    rig.table(f"{count:,} jobs, memory", ("case", "peak MiB", "bar"))
    to = rig.fresh("export.jsonl.zst")
    for name, more in (("export -o json", ["-o", "json"]), ("export --to FILE.zst", ["--to", to])):
        peak = compare.peak_memory(rig.tool("launcher"), [rig.jobctl, "--db", path, "export", "-q", *more], rig.env)
        rig.row((name, f"{peak:.1f}", f"at most {MEMORY_BAR:.0f}"), peak <= MEMORY_BAR)
    rig.fresh("export.jsonl.zst")


def neighbour_case(rig):
    count = rig.options.neighbour
    on = Cleanup(rig, count)
    path = on.copy()
    archive = rig.fresh("archive.jsonl.zst")
    words = on.words(path, "--archive", archive)
    wrote = neighbour.beside(rig, f"{count - on.left:,} of {count:,} jobs go into an archive", path,
                             lambda: compare.run(words, on.env))
    check_count(path, on.left + wrote, "jobctl and the neighbour")
    path = on.copy()
    neighbour.beside(rig, f"{count:,} jobs are exported", path,
                     lambda: compare.run([rig.jobctl, "--db", path, "export", "-o", "json"], rig.env))
    for name in ("ours.db", "archive.jsonl.zst"):
        rig.fresh(name)


CASES = {"cleanup": cleanup_case, "export": export_case, "neighbour": neighbour_case}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--neighbour", type=int, default=200_000, metavar="N")
    parser.add_argument("--only", action="append", choices=CASES, help="this case; may be repeated")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--binary", default=str(ROOT / "target/release/jobctl"))
    parser.add_argument("--sqlite3", default="sqlite3", help="the shell to time beside")
    parser.add_argument("--dumps", metavar="GENERATOR", help="another generator of files than benches/generate.py")
    parser.add_argument("--work", metavar="FOLDER", help="the folder for all files; inputs are kept there")
    options = parser.parse_args()
    options.jobctl, options.shell = shutil.which(options.binary), shutil.which(options.sqlite3)
    for program, name in ((options.jobctl, "cargo build --release"), (options.shell, "the sqlite3 shell is needed")):
        if program is None:
            parser.error(f"no program: {name}")
    if options.work:
        os.makedirs(options.work, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        rig = Rig(options, os.path.abspath(folder))
        with contextlib.closing(sqlite3.connect(":memory:")) as db:
            version = db.execute("SELECT sqlite_version()").fetchone()[0]
        shell = compare.output([options.shell, "--version"], rig.env).decode().split()[0]
        print(f"sqlite3 {shell} (Python's {version}); {os.cpu_count()} processors; medians of {options.runs} runs", flush=True)
        for name in options.only or CASES:
            CASES[name](rig)
    return 1 if rig.missed else 0


if __name__ == "__main__":
    sys.exit(main())
