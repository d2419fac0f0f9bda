#!/usr/bin/env python3
"""Times `jobctl migrate` beside other ways to import the same dump, whole processes. Standard library only; needs cargo and rustc.

    cargo build --release
    python3 benches/migrate.py                        100,000 jobs: the cases dump, lines and existing
    python3 benches/migrate.py --large --neighbour    those, 1,000,000 jobs (15 GB of disk, 11 of memory), and the neighbour
    python3 benches/migrate.py --only dump --jobs 10000 --runs 1

dump            the first server's dump into a fresh file, beside an ORM (SQLAlchemy) and the sqlite3 shell's json_each
lines           JSON Lines of rows into a fresh file, beside sqlite-utils and the shell's .import
existing        the dump into a file of as many other jobs, with indexes and a rollback journal, beside a fresh file
large           1,000,000 jobs beside the bare insertion of ready rows (benches/probe.rs), and beside the decoding of the dump with
                serde_json and a copy of the file made; then the same again, which skips every job
memory          the most memory that 1,000,000 jobs take, plain and compressed
large-existing  `existing` with 1,000,000 jobs
neighbour       200,000 jobs into a file into which another process writes a row every 20 ms

Each program but the ORM and sqlite-utils, which are slow and run once, first runs uncounted: memory that a virtual machine has never
touched is slow, and the files must be in the cache. Then all run in turns, forwards and backwards, and medians of --runs runs are told.
Before each run, what was written before it goes to the disk. The shell, the ORM and sqlite-utils get a file with table and indexes;
jobctl makes its own. The rows are counted after every import, and for `dump` and `lines` contents and shots are compared too.

A case of a tool that is not there is left out. The exit status is 1 when a bar is missed. --work names a folder in which dumps
are kept for the next time; without it everything goes away. --dumps names another generator, to be called as
`GENERATOR dump-a|ndjson|db N OUT --seed S --now D`.
"""
import argparse
import contextlib
import functools
import gzip
import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import compare  # noqa: E402
import generate  # noqa: E402
import neighbour  # noqa: E402
from rig import ROOT, TABLE, Rig, Times, answer, check_answer, check_count, note  # noqa: E402

MEMORY_BAR = 64.0
# jobctl's exit status for a dump that is none to it.
BAD_DATA = 65
# The longest text that SQLite holds; json_each takes the dump as one.
LONGEST_TEXT = 1_000_000_000

# What each column is in a member of the dump, whose key and value json_each gives.
OF_DUMP = {
    "id": "key",
    "job_type": "value->>'type'",
    "status": "value->>'status'",
    "content": "coalesce(value->>'$.request.idea', value->>'$.request.script')",
    "user_requirement": "value->>'$.request.user_requirement'",
    "style": "value->>'$.request.style'",
    "project_title": "value->>'$.request.project_title'",
    "request_data": "value->'request'",
    "progress": "coalesce(value->>'progress', 0.0)",
    "current_stage": "value->>'current_stage'",
    "working_dir": "value->>'working_dir'",
    "result_data": "value->'result'",
    "error_message": "value->>'error'",
    "total_shots": "json_array_length(value, '$.shots')",
    "completed_shots": "(SELECT count(*) FROM json_each(job.value, '$.shots') AS shot WHERE shot.value->>'status' = 'completed')",
    "created_at": "replace(value->>'created_at', 'T', ' ')",
    "updated_at": "replace(value->>'updated_at', 'T', ' ')",
    "completed_at": "CASE WHEN value->>'status' IN ('completed', 'failed') THEN replace(value->>'updated_at', 'T', ' ') END",
}
OF_LINE = {name: f"line->>'{name}'" for name in generate.COLUMNS}


def insert_from(columns, source):
    return f"INSERT OR IGNORE INTO {TABLE} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {source}"


class Tool:
    """Another way to import: its words for a file, and why it cannot be run, if so. A slow one runs once."""

    def __init__(self, case, bar, words, missing, slow=False):
        self.case, self.bar, self.words, self.missing, self.slow = case, bar, words, missing, slow


def beside_tools(rig, file, *tools):
    count = rig.options.jobs
    expected = None
    for tool in tools:
        if tool.missing:
            note(f"left out: {tool.case}: {tool.missing}")

    def jobctl():
        nonlocal expected
        path = rig.fresh("ours.db")
        seconds = rig.migrate(file, path, count)
        expected = expected or answer(path)
        return {"jobctl": seconds}

    def other(tool):
        path = rig.prepared("theirs.db")
        seconds = rig.time(tool.words(path), rig.user_env if tool.slow else rig.env)
        check_answer(path, expected, tool.words(path)[0])
        return {tool.case: seconds}

    there = [tool for tool in tools if not tool.missing]
    found = rig.rounds(jobctl, *(functools.partial(other, tool) for tool in there if not tool.slow))
    for tool in there:
        if tool.slow:
            note(f"once: {tool.case}")
            found |= {case: Times([seconds]) for case, seconds in other(tool).items()}
    rig.times(count)
    for tool in there:
        rig.faster(tool.case, found["jobctl"], found[tool.case], tool.bar)


def dump_case(rig):
    dump, shell = rig.input("dump", rig.options.jobs), rig.options.shell
    sql = insert_from(OF_DUMP, f"json_each(CAST(readfile('{dump}') AS TEXT)) AS job")
    too_large = "the dump is more than one text may be" if os.path.getsize(dump) >= LONGEST_TEXT else None
    beside_tools(
        rig, dump,
        Tool("a dump, beside an ORM", 20, lambda path: [sys.executable, str(ROOT / "benches/orm_import.py"), path, dump],
             None if importlib.util.find_spec("sqlalchemy") else "no SQLAlchemy", slow=True),
        Tool("a dump, beside the shell's json_each", 2.5, lambda path: [shell, path, sql], too_large if shell else "no sqlite3"))


def lines_case(rig):
    lines, shell = rig.input("lines", rig.options.jobs), rig.options.shell
    utils = shutil.which("sqlite-utils")
    # A separator that no line holds, so that a line is one value.
    script = [".mode ascii", ".separator \\037 \\n", "CREATE TEMP TABLE lines (line)", f".import '{lines}' lines",
              insert_from(OF_LINE, "lines")]
    beside_tools(
        rig, lines,
        Tool("JSON Lines, beside sqlite-utils", 8, lambda path: [utils, "insert", path, TABLE, lines, "--nl", "--pk", "id", "--ignore"],
             None if utils else "no sqlite-utils", slow=True),
        Tool("JSON Lines, beside the shell's .import", 2, lambda path: [shell, path, *script], None if shell else "no sqlite3"))


def fresh_and_existing(rig, count):
    dump, others = rig.input("dump", count), rig.input("db", count, seed=2)

    def fresh():
        return {"fresh": rig.migrate(dump, rig.fresh("ours.db"), count)}

    def existing():
        path = rig.fresh("ours.db")
        shutil.copyfile(others, path)
        return {"existing": rig.migrate(dump, path, 2 * count)}

    found = rig.rounds(fresh, existing)
    rig.fresh("ours.db")
    rig.times(count)
    rate = found["fresh"].median() / found["existing"].median()
    rig.row((f"into a file of {count:,} others, beside a fresh one", found["existing"], found["fresh"], f"{rate:.0%} of its rate",
             "at least 60%"), rate >= 0.6)


def existing_case(rig):
    fresh_and_existing(rig, rig.options.jobs)


def large_existing_case(rig):
    fresh_and_existing(rig, rig.options.large)


def large_case(rig):
    count = rig.options.large
    dump = rig.input("dump", count)
    rig.tool("probe")
    # No copy that only shares the blocks.
    copy = [shutil.which("cp"), *(["--reflink=never"] if sys.platform == "linux" else [])]

    def jobctl():
        path = rig.fresh("ours.db")
        times = {"jobctl": rig.migrate(dump, path, count), "again": rig.migrate(dump, path, count)}
        times["cp"] = rig.time([*copy, path, rig.fresh("copy.db")])
        rig.fresh("copy.db")
        rig.fresh("ours.db")
        return times

    def insert():
        path = rig.fresh("theirs.db")
        seconds = rig.probe(count, "insert", dump, path)
        check_count(path, count, "probe")
        rig.fresh("theirs.db")
        return {"insert": seconds}

    def decode():
        return {"decode": rig.probe(count, "decode", dump)}

    found = rig.rounds(jobctl, insert, decode)
    ours = found["jobctl"]
    rig.times(count)
    rig.longer("a dump, beside ready rows inserted", ours, found["insert"], 1.0)
    least = Times(map(sum, zip(found["decode"], found["cp"])))
    parts = f"{found['decode'].median():.2f} and {found['cp'].median():.2f}"
    rig.longer(f"a dump, beside its decoding and a copy of the file ({parts})", ours, least, 2.2)
    rig.faster("the same again, all skipped, beside the first time", found["again"], ours, 2.5)


def compressed(path, kind, into):
    if kind == "gz":
        with open(path, "rb") as source, gzip.open(into, "wb", compresslevel=1) as out:
            shutil.copyfileobj(source, out, 1 << 20)
    else:
        subprocess.run(["zstd", "-q", "-f", path, "-o", into], check=True)


def memory_case(rig):
    count = rig.options.large
    dump, small = rig.input("dump", count), rig.input("dump", 100)
    rig.table(f"{count:,} jobs, memory", ("dump", "MB", "seconds", "peak MiB", "bar"))

    def measure(name, path):
        out = rig.fresh("ours.db")
        launcher = rig.tool("launcher")
        began = time.perf_counter()
        peak = compare.peak_memory(launcher, rig.migrate_words(path, out), rig.env)
        took = time.perf_counter() - began
        check_count(out, count, "jobctl")
        rig.fresh("ours.db")
        rig.row((name, f"{os.path.getsize(path) / 1e6:.0f}", f"{took:.2f}", f"{peak:.1f}", f"at most {MEMORY_BAR:.0f}"),
                peak <= MEMORY_BAR)

    measure("plain", dump)
    for kind in ("gz", "zst"):
        if kind == "zst" and not shutil.which("zstd"):
            note("no zstd: .zst is left out")
            continue
        packed = os.path.join(rig.folder, f"dump.json.{kind}")
        compressed(small, kind, packed)
        words = rig.migrate_words(packed, rig.fresh("ours.db"))
        if subprocess.run(words, env=rig.env, stderr=subprocess.DEVNULL).returncode == BAD_DATA:
            note(f"jobctl does not read .{kind}: it is left out")
            continue
        note(f"compressing to .{kind}")
        compressed(dump, kind, packed)
        measure(f".{kind}", packed)
        os.remove(packed)


def neighbour_case(rig):
    count = rig.options.neighbour
    dump, others = rig.input("dump", count), rig.input("db", count, seed=2)
    path = rig.fresh("ours.db")
    shutil.copyfile(others, path)
    wrote = neighbour.beside(rig, f"{count:,} jobs come into a file of as many others", path,
                             lambda: compare.run(rig.migrate_words(dump, path), rig.env))
    check_count(path, 2 * count + wrote, "jobctl and the neighbour")
    rig.fresh("ours.db")


CASES = {
    "dump": dump_case,
    "lines": lines_case,
    "existing": existing_case,
    "large": large_case,
    "memory": memory_case,
    "large-existing": large_existing_case,
    "neighbour": neighbour_case,
}


def chosen(options):
    if options.only:
        return [name for name in CASES if name in options.only]
    names = ["dump", "lines", "existing"]
    if options.large:
        names += ["large", "memory", "large-existing"]
    if options.neighbour:
        names.append("neighbour")
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--large", type=int, nargs="?", const=1_000_000, metavar="N", help="the large cases too")
    parser.add_argument("--neighbour", type=int, nargs="?", const=200_000, metavar="N", help="the neighbour too")
    parser.add_argument("--only", action="append", choices=CASES, help="this case; may be repeated")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--binary", default=str(ROOT / "target/release/jobctl"))
    parser.add_argument("--sqlite3", default="sqlite3", help="the shell to time beside")
    parser.add_argument("--dumps", metavar="GENERATOR", help="another generator of dumps than benches/generate.py")
    parser.add_argument("--work", metavar="FOLDER", help="the folder for all files; dumps are kept there")
    options = parser.parse_args()
    options.jobctl, options.shell = shutil.which(options.binary), shutil.which(options.sqlite3)
    if options.jobctl is None:
        parser.error(f"no program at {options.binary}: cargo build --release")
    names = chosen(options)
    options.large = options.large or 1_000_000
    options.neighbour = options.neighbour or 200_000
    if options.work:
        os.makedirs(options.work, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.work) as folder:
        rig = Rig(options, os.path.abspath(folder))
        shell = compare.output([options.shell, "--version"], rig.env).decode().split()[0] if options.shell else "not there"
        print(f"sqlite3 {shell}; {os.cpu_count()} processors; medians of {options.runs} runs", flush=True)
        for name in names:
            CASES[name](rig)
    return 1 if rig.missed else 0


if __name__ == "__main__":
    sys.exit(main())
