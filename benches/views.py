#!/usr/bin/env python3
"""Times every view that jobctl has beside the sqlite3 shell, whole processes. Standard library only; needs sqlite3 and rustc.

    cargo build --release
    python3 benches/views.py --db /tmp/views                       1,000,000 jobs, all four tables (11 GB of disk; some hours)
    python3 benches/views.py --jobs 100000 --only search --mode wal --indexes none

The questions stand in benches/questions.py with the SQL beside them, and are made from what the command says of itself: each filter, sort
key, format and flag has one, or a reason why not. --check says what is missing (a test runs it), --list prints the questions.

Both programs answer into a pipe that is read and thrown away. Each variant of a question is asked once before, and the two answers are
compared: the same ids in the same order, and the same number where one is told. Then they take turns; medians of --runs runs are told, four
times as many where an answer takes less than 0.1 s or writes, and half as many, at least 3, where it takes more than 2 s. The ratio is jobctl's time
by the shell's; beside it stands that of the processor's time, which other work on the machine disturbs less.

Four tables come out: the journal modes delete and WAL, each with the report's indexes and without any. Memory is that of a run of its own.
Writes go into a copy of the file, other ids for each program. The exit status is 1 when a bar is missed.

--neighbour times nothing: it lets another process write a row every 20 ms through each view that takes more than 0.2 s, in delete mode.

--db names a folder for the files, which are made when they are not there and kept: jobs-N-report.db of benches/generate.py, and
jobs-N-none.db, its copy without indexes. --markdown prints one table for all, as the README has it.
"""
import argparse
import contextlib
import json
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import compare  # noqa: E402
import definition  # noqa: E402
import generate  # noqa: E402
import neighbour  # noqa: E402
import questions  # noqa: E402
import stats  # noqa: E402
from rig import NOW, ROOT, TABLE, note  # noqa: E402

MODES, INDEXES = ("delete", "wal"), ("report", "none")
UUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# In JSON: jobctl's two forms, and the shell's. In text: at the beginning of a line, and in the shell's .mode line.
IN_JSON = re.compile(rb'"job_id": "(' + UUID + rb')"|"id": ?"(' + UUID + rb')"')
TOTAL = re.compile(rb'"total": ?(\d+)')
IN_TEXT = re.compile(rb'\n(?:"| *id = )?(' + UUID + rb")(?![^\s,|\"])")


def told(words, env, is_json):
    """The ids in what is printed, and the totals."""
    ids, totals, rest, block = [], [], b"\n", b"more"
    with subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        while block:
            block = child.stdout.read(1 << 20)
            rest += block
            # What is not whole yet waits for the next block.
            end = rest.rfind(b"\n") if block else len(rest)
            whole, rest = rest[:end], rest[end:]
            if is_json:
                ids += [ours or theirs for ours, theirs in IN_JSON.findall(whole)]
                totals += map(int, TOTAL.findall(whole))
            else:
                ids += IN_TEXT.findall(whole)
    if child.returncode:
        sys.exit(f"exit status {child.returncode}: {' '.join(words)}")
    return ids, totals


class Row:
    """What was measured of a question in one configuration."""

    def __init__(self, question, walls, cpus, memory):
        self.question, self.memory = question, memory
        self.ours, self.theirs = (statistics.median(wall) * 1000 for wall in walls)
        self.ratio = self.ours / self.theirs
        mine, its = map(statistics.median, cpus)
        self.cpu = mine / its if its else float("nan")
        self.is_fast = self.ratio <= question.bar
        self.is_small = memory is None or memory <= question.memory

    def ok(self):
        return "yes" if self.is_fast and self.is_small else "NO" if self.is_small else "NO (memory)"


class Bench:
    def __init__(self, options, folder, said):
        self.options, self.folder, self.definition = options, folder, said
        # As compare.py does, and why.
        self.jobctl, self.shell = shutil.copy(options.jobctl, os.path.join(folder, "jobctl")), options.shell
        self.keep = os.path.abspath(options.db or folder)
        self.env = {"HOME": folder, "PATH": os.environ["PATH"]}
        self.launcher = compare.compile_rust(compare.LAUNCHER, folder, "launcher")

    # Files.

    def file(self, indexes):
        path = os.path.join(self.keep, f"jobs-{self.options.jobs}-{indexes}.db")
        if not os.path.exists(path):
            note(f"making {path}")
            if indexes == "report":
                subprocess.run([sys.executable, generate.__file__, "db", str(self.options.jobs), path, "--now", NOW], check=True)
            else:
                part = self.copy(self.file("report"), "part.db")
                with contextlib.closing(sqlite3.connect(part)) as db:
                    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall():
                        db.execute(f'DROP INDEX "{name}"')
                os.replace(part, path)
        return path

    def copy(self, path, name):
        """A copy beside the file, where there is room for one; nothing of another run lies around it."""
        to = os.path.join(self.folder, name)
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(to + suffix)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode = delete")
        return shutil.copyfile(path, to)

    def facts(self, path):
        def cursor(order, row):
            said = compare.output([self.jobctl, "--db", path, "list", "--sort", order, "--offset", str(row), "--limit", "1", "--fields", "id",
                                   "-o", "json"], self.env)
            return json.loads(said)["pagination"]["next_cursor"]

        with contextlib.closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as db:
            (count,) = db.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
            if count != self.options.jobs:
                sys.exit(f"{path} holds {count} jobs, not {self.options.jobs}")
            return questions.Facts(db, cursor)

    def chosen(self, facts):
        """The questions that --only leaves; ages are reckoned from the file's own clock."""
        self.env["JOBCTL_TEST_NOW"] = facts.clock
        wanted = [word.lower() for word in self.options.only or [""]]
        return [it for it in questions.questions(facts, self.definition) if any(word in it.name.replace("`", "").lower() for word in wanted)]

    # Questions.

    def compare(self, question, path):
        """The same answer from both, once for each variant (for the first three: the others differ in an id alone)."""
        for pair in question.pairs[:3]:
            ours, theirs = question.ours(self.jobctl, path, pair), question.theirs(self.shell, path, pair)
            if question.compared == "stats":
                stats.check(compare.output(ours, self.env), compare.output(theirs, self.env))
            elif question.compared:
                is_json = question.mode == "-json"
                (mine, my_total), (its, its_total) = (told(words, self.env, is_json) for words in (ours, theirs))
                if question.compared == "total":
                    mine, its, my_total, its_total = [], [], my_total[:1], its_total[:1]
                elif not question.ordered:
                    mine, its = sorted(mine), sorted(its)
                if mine != its or my_total != its_total:
                    at = next((n for n, (a, b) in enumerate(zip(mine, its)) if a != b), min(len(mine), len(its)))
                    sys.exit(f"different answers to {question.name}: {len(mine)} and {len(its)} ids, {my_total} and {its_total} in all, "
                             f"from row {at} on\n{' '.join(ours)}\n{' '.join(theirs)}")

    def measure(self, question, path):
        if not self.options.unchecked:
            self.compare(question, path)
        pairs = [(question.ours(self.jobctl, path, pair), question.theirs(self.shell, path, pair)) for pair in question.pairs]
        walls, cpus = ([], []), ([], [])

        def turn(n):
            pair = pairs[n % len(pairs)]
            for which in ((0, 1), (1, 0))[n % 2]:
                wall, _, cpu = compare.measured(pair[which], self.env)
                walls[which].append(wall)
                cpus[which].append(cpu)

        runs = self.options.runs
        if question.writes:
            runs = min(runs * 4, len(pairs))
            os.sync()
        else:
            turn(0)
            slowest = max(walls[0] + walls[1])
            runs = runs * 4 if slowest < 0.1 else runs if slowest < 2 else min(runs, max(3, runs // 2))
        for n in range(len(walls[0]), runs):
            turn(n)
        if question.writes:
            self.check_writes(question, path, 2 * runs)
        memory = None if question.writes else compare.peak_memory(self.launcher, pairs[0][0], self.env)
        row = Row(question, walls, cpus, memory)
        note(f"{row.ratio:8.2f} {row.cpu:8.2f} (bar {question.bar}) {question.name}{'' if row.ok() == 'yes' else ': ' + row.ok()}")
        return row

    def check_writes(self, question, path, expected):
        """That each run of both did its work."""
        with contextlib.closing(sqlite3.connect(path)) as db:
            (total,) = db.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
            if question.writes == "gone":
                done = self.count - total
            else:
                (done,) = db.execute(f"SELECT count(*) FROM {TABLE} WHERE {question.writes}").fetchone()
            self.count = total
        if done != expected:
            sys.exit(f"{question.name}: {done} rows were written, not {expected}")

    def configuration(self, mode, indexes):
        path = self.file(indexes)
        note(f"{mode} mode, indexes: {indexes}")
        facts = self.facts(path)
        chosen, copy = self.chosen(facts), None
        if any(question.writes for question in chosen):
            copy, self.count = self.copy(path, "writes.db"), self.options.jobs
        for each in filter(None, (path, copy)):
            with contextlib.closing(sqlite3.connect(each)) as db:
                db.execute(f"PRAGMA journal_mode = {mode}")
        os.sync()
        return [self.measure(question, copy if question.writes else path) for question in chosen]

    def neighbours(self):
        """How a neighbour fares through each view that takes its time; how many bars were missed."""
        path = self.copy(self.file("report"), "neighbour.db")
        chosen = [question for question in self.chosen(self.facts(path)) if not question.writes]
        print(f"{self.options.jobs:,} jobs, delete mode, the report's indexes; a row every 20 ms. The bar: {neighbour.BAR}.\n")
        print("| view | s | rows | failed | p50 ms | p99 ms | slowest ms | before: p50, slowest | ok |\n|---|---:|---:|---:|---:|---:|---:|---:|---|")
        missed, short = 0, 0
        for question in chosen:
            words = question.ours(self.jobctl, path, question.pairs[0])
            took, _ = compare.run(words, self.env)
            if took < 0.2:
                short += 1
                continue

            def work():
                began = time.monotonic()
                while time.monotonic() - began < 2:
                    compare.run(words, self.env)

            _, alone, meanwhile, _ = neighbour.watched(path, work)
            (rows, failed, p50, p99, slowest), ok = neighbour.figures(meanwhile)
            (_, _, before, _, before_slowest), _ = neighbour.figures(alone)
            print(f"| {question.name} | {took:.2f} | {rows} | {failed} | {p50} | {p99} | {slowest} | {before}, {before_slowest} "
                  f"| {'yes' if ok else 'NO'} |", flush=True)
            missed += not ok
        print(f"\n{short} others take less than 0.2 s.")
        return missed


def heading(mode, indexes):
    return f"{'WAL' if mode == 'wal' else mode}, {'indexes' if indexes == 'report' else 'no index'}"


def print_table(mode, indexes, rows):
    print(f"\n{heading(mode, indexes)}\n\n| view | ratio | CPU | bar | jobctl ms | shell ms | MiB | ok |\n|---|---:|---:|---:|---:|---:|---:|---|")
    for row in sorted(rows, key=lambda row: -row.ratio):
        memory = "" if row.memory is None else f"{row.memory:.1f}"
        print(f"| {row.question.name} | {row.ratio:.2f} | {row.cpu:.2f} | {row.question.bar} | {row.ours:.2f} | {row.theirs:.2f} | {memory} "
              f"| {row.ok()} |", flush=True)


def print_markdown(tables):
    """A row a view, with the ratio of each configuration; the worst of them sorts."""
    print("\n| view | " + " | ".join(heading(*key) for key in tables) + " | bar | MiB | ok |\n|---" + "|---:" * (len(tables) + 2) + "|---|")
    by_name = {}
    for rows in tables.values():
        for row in rows:
            by_name.setdefault(row.question.name, []).append(row)
    for name, rows in sorted(by_name.items(), key=lambda item: -max(row.ratio for row in item[1])):
        memory = "" if rows[0].memory is None else f"{max(row.memory for row in rows):.0f}"
        ok = all(row.is_fast and row.is_small for row in rows)
        reason = questions.REASONS.get(name)
        verdict = "yes" if ok else f"no: {reason}" if reason else "NO"
        print(f"| {name} | " + " | ".join(f"{row.ratio:.2f}" for row in rows) + f" | {rows[0].question.bar} | {memory} | {verdict} |")


def print_questions(said):
    group = None
    for question in questions.questions(questions.Facts(), said):
        if question.group != group:
            group = question.group
            print(f"\n{group}\n")
        words, sql = question.pairs[0]
        print(f"{question.name} (at most {question.bar})\n    jobctl {' '.join(words)}\n    sqlite3 {question.mode}: {' '.join(sql)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mode", action="append", choices=MODES, help="this journal mode; both without it")
    parser.add_argument("--indexes", action="append", choices=INDEXES, help="these indexes; both without it")
    parser.add_argument("--only", action="append", metavar="TEXT", help="questions with this in their name; may be repeated")
    parser.add_argument("--db", metavar="FOLDER", help="the folder in which the files are kept")
    parser.add_argument("--neighbour", action="store_true", help="another process writes through the long views")
    parser.add_argument("--unchecked", action="store_true", help="do not compare the answers first, which takes longer than they do")
    parser.add_argument("--markdown", action="store_true", help="one table for all, as the README has it")
    parser.add_argument("--list", action="store_true", help="print the questions, and ask none")
    parser.add_argument("--check", action="store_true", help="say what has no question, and ask none")
    parser.add_argument("--binary", default=str(ROOT / "target/release/jobctl"))
    parser.add_argument("--sqlite3", default="sqlite3", help="the shell to time beside")
    options = parser.parse_args()
    options.jobctl, options.shell = shutil.which(options.binary), shutil.which(options.sqlite3)
    if options.jobctl is None:
        parser.error(f"no program at {options.binary}: cargo build --release")
    said = definition.Definition(options.jobctl)
    if missing := questions.gaps(said):
        sys.exit("benches/questions.py is not whole:\n" + "\n".join(missing))
    if options.check:
        return 0
    if options.list:
        print_questions(said)
        return 0
    if options.shell is None or shutil.which("rustc") is None:
        parser.error("the sqlite3 shell and rustc are needed on the path")
    if options.db:
        os.makedirs(options.db, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.db) as folder:
        bench = Bench(options, os.path.abspath(folder), said)
        if options.neighbour:
            return 1 if bench.neighbours() else 0
        tables = {(mode, indexes): [] for indexes in options.indexes or INDEXES for mode in options.mode or MODES}
        version = compare.output([options.shell, "--version"], bench.env).decode().split()[0]
        print(f"{options.jobs:,} jobs; sqlite3 {version}; {os.cpu_count()} processors; medians of {options.runs} runs", flush=True)
        for key in tables:
            tables[key] = bench.configuration(*key)
            if not options.markdown:
                print_table(*key, tables[key])
        if options.markdown:
            print_markdown(tables)
        rows = [row for rows in tables.values() for row in rows]
        if not rows:
            parser.error("no question has that in its name")
    return 0 if all(row.is_fast and row.is_small for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
