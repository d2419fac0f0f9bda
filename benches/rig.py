"""What benches/migrate.py and benches/cleanup.py measure with: its inputs, whole processes in turns, medians, checks of what was imported, and tables."""
import contextlib
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

import compare
import generate

ROOT = compare.ROOT
TABLE = compare.TABLE
SCHEMA = (ROOT / "src/repository/sqlite/connection/0001_jobs.sql").read_text()
NOW = "2026-01-01"


class Times(list):
    """Seconds of one thing, run after run."""

    def median(self):
        return statistics.median(self)

    def __str__(self):
        """The median, and the range where there is one: a machine that does other work shows itself there."""
        spread = f" ({min(self):.2f}–{max(self):.2f})" if len(self) > 1 else ""
        return f"{self.median():.2f}{spread}"


class Rig:
    """The programs, the folder, and how many bars were missed."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        # As compare.py does, and why.
        self.jobctl = shutil.copy(options.jobctl, os.path.join(folder, "jobctl"))
        self.keep = os.path.abspath(options.work or folder)
        # Nothing of the user's for jobctl and the shell. The other tools may be installed below the user's home.
        self.env = {"HOME": folder, "PATH": os.environ["PATH"]}
        self.user_env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        self.tools, self.table_is, self.missed = {}, None, 0

    # Files.

    def input(self, kind, count, seed=1):
        """A file of the generator: `dump`, `lines` or `db`."""
        other = self.options.dumps
        program = other or generate.__file__
        word = {"dump": "dump-a" if other else "api-server", "lines": "ndjson" if other else "rows", "db": "db"}[kind]
        path = os.path.join(self.keep, f"{Path(program).stem}-{kind}-{count}-{seed}")
        if not os.path.exists(path):
            note(f"making {path}")
            part = self.fresh("part")
            subprocess.run([sys.executable, program, word, str(count), part, "--seed", str(seed), "--now", NOW], check=True)
            os.replace(part, path)
        return path

    def fresh(self, name):
        """A path at which nothing is."""
        path = os.path.join(self.folder, name)
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.remove(path + suffix)
        return path

    def prepared(self, name):
        """A file with the table and its indexes."""
        path = self.fresh(name)
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.executescript(SCHEMA)
        return path

    # Programs.

    def tool(self, name):
        """`probe` or `launcher`, compiled at its first use."""
        if name not in self.tools:
            note(f"compiling {name}")
            self.tools[name] = build_probe() if name == "probe" else compare.compile_rust(compare.LAUNCHER, self.folder, name)
        return self.tools[name]

    def time(self, words, env=None):
        os.sync()
        return compare.run(words, env or self.env)[0]

    def migrate_words(self, dump, path):
        return [self.jobctl, "--db", path, "migrate", dump, "--timezone", "UTC", "-q"]

    def migrate(self, dump, path, total):
        """Seconds of an import after which the file holds so many jobs."""
        seconds = self.time(self.migrate_words(dump, path))
        check_count(path, total, "jobctl")
        return seconds

    def probe(self, rows, *words):
        os.sync()
        said = json.loads(compare.output([self.tool("probe"), *words], self.env))
        if said["rows"] != rows:
            sys.exit(f"probe {words[0]}: {said['rows']} rows, not {rows}")
        return said["seconds"]

    def rounds(self, *contenders):
        """All that the contenders time, by name; each is called once uncounted, and then in turns."""
        found = {}
        for n in range(self.options.runs + 1):
            for contender in contenders[::-1 if n % 2 else 1]:
                for name, seconds in contender().items():
                    note(f"{f'run {n}' if n else 'warming up'}: {name} {seconds:.2f} s")
                    if n:
                        found.setdefault(name, Times()).append(seconds)
        return found

    # Tables.

    def table(self, title, columns):
        if (title, columns) != self.table_is:
            self.table_is = (title, columns)
            print(f"\n{title}\n\n| {' | '.join(columns)} | ok |\n|---{'|---:' * (len(columns) - 1)}|---|", flush=True)

    def row(self, cells, ok):
        """`ok` is None where no bar is."""
        self.missed += ok is False
        print(f"| {' | '.join(map(str, cells))} | {'' if ok is None else 'yes' if ok else 'NO'} |", flush=True)

    def times(self, count):
        self.table(f"{count:,} jobs, seconds", ("case", "jobctl", "beside it", "ratio", "bar"))

    def faster(self, case, ours, theirs, bar):
        """At least so many times as fast."""
        ratio = theirs.median() / ours.median()
        self.row((case, ours, theirs, f"{ratio:.2f} times as fast", f"at least {bar}"), ratio >= bar)

    def longer(self, case, ours, theirs, bar):
        """At most so many times as long."""
        ratio = ours.median() / theirs.median()
        self.row((case, ours, theirs, f"{ratio:.2f} times as long", f"at most {bar}"), ratio <= bar)


def note(text):
    print(text, file=sys.stderr, flush=True)


def build_probe():
    words = ["cargo", "bench", "--no-run", "--quiet", "--bench", "probe", "--message-format=json"]
    said = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    for line in said.splitlines():
        made = json.loads(line)
        if made["reason"] == "compiler-artifact" and made["target"]["name"] == "probe" and made["executable"]:
            return made["executable"]
    sys.exit("cargo made no probe")


def ask(path, sql):
    with contextlib.closing(sqlite3.connect(f"{Path(path).as_uri()}?mode=ro", uri=True)) as db:
        return db.execute(sql).fetchone()


def check_count(path, expected, who):
    (count,) = ask(path, f"SELECT count(*) FROM {TABLE}")
    if count != expected:
        sys.exit(f"{who}: {count} jobs in the file, not {expected}")


def answer(path):
    """What must be the same whoever imported."""
    return ask(path, "SELECT count(*), sum(length(content)), sum(total_shots), sum(completed_shots), sum(status = 'completed'), "
                     f"max(updated_at) FROM {TABLE}")


def check_answer(path, expected, who):
    if answer(path) != expected:
        sys.exit(f"{who}: {answer(path)} in the file, and {expected} after jobctl")
