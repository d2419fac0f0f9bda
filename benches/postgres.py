#!/usr/bin/env python3
"""Times jobctl beside psql on one PostgreSQL server, whole processes, over loopback. Standard library only; needs an installed PostgreSQL and rustc.

    cargo build --release
    python3 benches/postgres.py                       300,000 jobs of about 3 KB (6 GB of disk)
    python3 benches/postgres.py --jobs 30000 --runs 1 --only import
    python3 benches/postgres.py --markdown            the table of the README alone

The server is started for the run, as `nobody` where root runs it, with durable commits. The table has the indexes of the report and those that
`doctor --fix` adds. Both programs answer the same question; what they write is read from a pipe and thrown away. A program that changes
jobs gets a database of its own, made from the same template; what is there afterwards is counted, and must be the same for both. Who goes
first alternates, and medians are told: of --runs runs, and of ten times as many of what is over in milliseconds.

`export` stands beside COPY TO STDOUT, which renders nothing: its bar is COPY's time plus the processor's time that jobctl itself took beside
the server, which is told as well. `import` stands beside \\copy of the same rows in PostgreSQL's own text form.

The exit status is 1 when a bar is missed. --work names a folder on whose file system the server's files are to be.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import compare  # noqa: E402
import generate  # noqa: E402
from own_server import DATABASE, USER, own_server, programs, url  # noqa: E402

ROOT, TABLE = compare.ROOT, compare.TABLE
NOW = "2026-01-01"
NEWEST = "ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 50"
ENDED = "status IN ('completed', 'failed', 'cancelled')"
LIST_MEMORY, IMPORT_MEMORY = 16.0, 64.0
SUM = f"SELECT count(*), sum(length(content)), sum(total_shots), count(*) FILTER (WHERE status = 'queued'), max(updated_at) FROM {TABLE}"


class Bench:
    def __init__(self, options, folder, port):
        self.options, self.folder, self.port = options, folder, port
        # As compare.py does, and why.
        self.jobctl = shutil.copy(options.jobctl, os.path.join(folder, "jobctl"))
        self.psql_path = str(programs() / "psql")
        self.env = {"HOME": folder, "PATH": os.environ["PATH"], "TZ": "UTC", "JOBCTL_TEST_NOW": f"{NOW}T12:00:00Z"}
        self.launcher = compare.compile_rust(compare.LAUNCHER, folder, "launcher")
        self.rows, self.missed = [], 0

    def ours(self, *words, db=DATABASE):
        return [self.jobctl, "--db", url(self.port, db), "-q", *words]

    def theirs(self, *statements, db=DATABASE):
        words = [self.psql_path, "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", db]
        return words + [word for sql in statements for word in ("-c", sql)]

    def ask(self, *statements, db=DATABASE):
        return compare.output(self.theirs(*statements, db=db), self.env).decode().strip()

    def prepare(self):
        """The template with all jobs, one without any, and both programs' input for an import."""
        generated, self.dump, self.ready = (os.path.join(self.folder, name) for name in ("generated.jsonl", "jobs.jsonl", "jobs.copy"))
        note(f"making {self.options.jobs:,} jobs")
        subprocess.run([sys.executable, generate.__file__, "rows", str(self.options.jobs), generated, "--now", NOW], check=True)
        subprocess.run(self.ours("migrate", generated), env=self.env, check=True)
        os.remove(generated)
        self.ask(*(f"CREATE INDEX IF NOT EXISTS {index}" for index in INDEXES))
        self.ask(f"VACUUM ANALYZE {TABLE}", "CHECKPOINT")
        with open(self.dump, "wb") as out:
            subprocess.run(self.ours("export"), env=self.env, stdout=out, check=True)
        with open(self.ready, "wb") as out:
            subprocess.run(self.theirs(f"COPY {TABLE} TO STDOUT"), env=self.env, stdout=out, check=True)
        self.ask("DROP TABLE IF EXISTS jobctl_run, jobctl_change, jobctl_setting")
        self.make("empty", DATABASE)
        self.ask(f"TRUNCATE {TABLE}", db="empty")
        self.size = self.ask(f"SELECT pg_size_pretty(pg_total_relation_size('{TABLE}'))")

    def make(self, name, template):
        words = [programs() / "createdb", "-h", self.folder, "-p", str(self.port), "-U", USER, "-T", template]
        is_new = int(self.ask("SHOW server_version_num")) >= 150000
        subprocess.run([*words, *(["--strategy=file_copy"] if is_new else []), name], check=True)

    def changed(self, template, words):
        """Times what changes a database made for it: seconds, and what is there then."""
        self.ask("DROP DATABASE IF EXISTS fresh", db="postgres")
        self.make("fresh", template)
        self.ask("CHECKPOINT", db="postgres")
        os.sync()
        took, _, cpu = compare.measured(words, self.env)
        return took, cpu, self.ask(SUM, db="fresh")

    def read(self, words):
        took, size, cpu = compare.measured(words, self.env)
        return took, cpu, size > 0

    def beside(self, name, ours, theirs, bar=1.0, runs=None, plus_cpu=False, memory=LIST_MEMORY, template=None, same=True):
        """Both in turns, and a row of the table. `ours` and `theirs` give the words for a run."""
        once = (lambda words: self.changed(template, words)) if template else self.read
        took, cpus, peak = {"jobctl": [], "psql": []}, [], 0.0
        for n in range((runs or self.options.runs) + 1):
            answers = {}
            for who, words in (("jobctl", ours), ("psql", theirs))[:: 1 if n % 2 else -1]:
                seconds, cpu, answers[who] = once(words(n))
                if n:
                    took[who].append(seconds)
                    if who == "jobctl":
                        cpus.append(cpu)
            if same and answers["jobctl"] != answers["psql"]:
                sys.exit(f"{name}: {answers}")
        if template:
            self.ask("DROP DATABASE IF EXISTS fresh", db="postgres")
            self.make("fresh", template)
        peak = compare.peak_memory(self.launcher, ours(0), self.env)
        mine, its, cpu = (statistics.median(values) for values in (took["jobctl"], took["psql"], cpus))
        limit = bar * its + (cpu if plus_cpu else 0)
        is_met = mine <= limit and peak <= memory
        self.missed += not is_met
        said = f"{bar:.1f}" + (f" + {seconds_text(cpu)} = {limit / its:.2f}" if plus_cpu else "")
        spread = f" ({seconds_text(min(took['jobctl']))}–{seconds_text(max(took['jobctl']))})" if len(cpus) < 10 else ""
        print(f"| {name} | {seconds_text(mine)}{spread} | {seconds_text(its)} | {mine / its:.2f} | {said} | {peak:.1f} | {'yes' if is_met else 'NO'} |", flush=True)


INDEXES = (
    f"idx_job_status ON {TABLE} (status)", f"idx_job_type ON {TABLE} (job_type)", f"idx_job_created ON {TABLE} (created_at)",
    f"jobctl_created ON {TABLE} (created_at NULLS FIRST, id COLLATE \"C\")",
    f"jobctl_status_created ON {TABLE} (status, created_at NULLS FIRST, id COLLATE \"C\")",
    f"jobctl_id ON {TABLE} (id COLLATE \"C\")",
)


def seconds_text(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def note(text):
    print(text, file=sys.stderr, flush=True)


def views(bench):
    ids = bench.ask(f"SELECT id FROM {TABLE} ORDER BY md5(id) LIMIT 40").split()
    many = 10 * bench.options.runs
    pick = lambda n: ids[n % len(ids)]  # noqa: E731
    show = f"SELECT * FROM {TABLE} WHERE id"
    bench.beside("`show ID`", lambda n: bench.ours("show", pick(n), "-o", "json"), lambda n: bench.theirs(f"{show} = '{pick(n)}'"), runs=many)
    bench.beside("`show` by prefix", lambda n: bench.ours("show", pick(n)[:10], "-o", "json"),
                 lambda n: bench.theirs(f"{show} LIKE '{pick(n)[:10]}%'"), runs=many)
    newest = f"SELECT * FROM {TABLE} {NEWEST}"
    bench.beside("`list --no-total`, newest 50", lambda _: bench.ours("list", "--no-total", "-o", "json"), lambda _: bench.theirs(newest), runs=many)
    bench.beside("`list`, newest 50 and total", lambda _: bench.ours("list", "-o", "json"),
                 lambda _: bench.theirs(newest, f"SELECT count(*) FROM {TABLE}"), runs=many)
    failed = f"FROM {TABLE} WHERE status = 'failed'"
    bench.beside("`list --status failed`, newest 50 and total", lambda _: bench.ours("list", "--status", "failed", "-o", "json"),
                 lambda _: bench.theirs(f"SELECT * {failed} {NEWEST}", f"SELECT count(*) {failed}"), runs=many)


def exports(bench):
    for kind in ("jsonl", "csv", "tsv"):
        how = " WITH (FORMAT csv, HEADER)" if kind == "csv" else ""
        bench.beside(f"`export -o {kind}`", lambda _, kind=kind: bench.ours("export", "-o", kind),
                     lambda _, how=how: bench.theirs(f"COPY {TABLE} TO STDOUT{how}"), plus_cpu=True)
    bench.beside("`export -o jsonl`, beside `row_to_json`", lambda _: bench.ours("export"),
                 lambda _: bench.theirs(f"COPY (SELECT row_to_json(j) FROM {TABLE} j) TO STDOUT"))


def imports(bench):
    psql = lambda _: bench.theirs(f"\\copy {TABLE} FROM '{bench.ready}'", db="fresh")  # noqa: E731
    for name, more in (("with its history", []), ("`--no-history`", ["--no-history"])):
        bench.beside(f"`migrate`, {name}", lambda _, more=more: bench.ours("migrate", bench.dump, *more, db="fresh"), psql,
                     bar=1.5, memory=IMPORT_MEMORY, template="empty")


def overwrites(bench):
    """The same rows once more: none is newer, and all are replaced."""
    stage = (f"CREATE TEMP TABLE stage (LIKE {TABLE})", f"\\copy stage FROM '{bench.ready}'")
    names = "content updated_at status".split()
    sets = ", ".join(f"{name} = s.{name}" for name in names)
    skip = f"INSERT INTO {TABLE} SELECT * FROM stage ON CONFLICT DO NOTHING"
    bench.beside("`migrate` of jobs that are there", lambda _: bench.ours("migrate", bench.dump, db="fresh"),
                 lambda _: bench.theirs(*stage, skip, db="fresh"), bar=1.5, memory=IMPORT_MEMORY, template=DATABASE)
    age = f"UPDATE {TABLE} SET updated_at = updated_at - interval '1 day'"
    bench.ask("DROP DATABASE IF EXISTS older", db="postgres")
    bench.make("older", DATABASE)
    bench.ask(age, f"VACUUM FULL ANALYZE {TABLE}", db="older")
    newer = f"UPDATE {TABLE} t SET {sets} FROM stage s WHERE t.id = s.id AND s.updated_at > t.updated_at"
    for name, more in (("with its history", []), ("`--no-history`", ["--no-history"])):
        bench.beside(f"`migrate --on-conflict newer` over all, {name}", lambda _, more=more: bench.ours("migrate", bench.dump, "--on-conflict", "newer", *more, db="fresh"),
                     lambda _: bench.theirs(*stage, newer, db="fresh"), bar=1.5, memory=IMPORT_MEMORY, template="older")


def removals(bench):
    third = f"SELECT completed_at FROM {TABLE} WHERE {ENDED} ORDER BY completed_at OFFSET {bench.options.jobs * 6 // 10} LIMIT 1"
    age = bench.ask(f"SELECT extract(epoch FROM timestamp '{NOW} 12:00:00' - date_trunc('second', ({third})))::int8")
    old = f"coalesce(completed_at, updated_at, created_at) < timestamp '{NOW} 12:00:00' - interval '{age} seconds'"
    bench.beside("`cleanup`", lambda _: bench.ours("cleanup", "--older-than", f"{age}s", "--yes", db="fresh"),
                 lambda _: bench.theirs(f"DELETE FROM {TABLE} WHERE {ENDED} AND {old}", db="fresh"), template=DATABASE)
    failed = f"DELETE FROM {TABLE} WHERE status = 'failed'"
    for name, more in (("with its history", []), ("`--no-history`", ["--no-history"])):
        bench.beside(f"`delete --status failed`, {name}", lambda _, more=more: bench.ours("delete", "--status", "failed", "--yes", *more, db="fresh"),
                     lambda _: bench.theirs(failed, db="fresh"), template=DATABASE, memory=IMPORT_MEMORY)


def changes(bench):
    ids = bench.ask(f"SELECT id FROM {TABLE} ORDER BY md5(id) LIMIT 1000").split()
    listed = ", ".join(f"'{id}'" for id in ids)
    for name, more in (("with its history", []), ("`--no-history`", ["--no-history"])):
        bench.beside(f"`update` of one job, {name}", lambda _, more=more: bench.ours("update", ids[0], "--title", "Rain", *more, db="fresh"),
                     lambda _: bench.theirs(f"UPDATE {TABLE} SET project_title = 'Rain' WHERE id = '{ids[0]}'", db="fresh"), template=DATABASE, same=False)
        bench.beside(f"`update` of 1,000 jobs, {name}", lambda _, more=more: bench.ours("update", *ids, "--title", "Rain", *more, db="fresh"),
                     lambda _: bench.theirs(f"UPDATE {TABLE} SET project_title = 'Rain' WHERE id IN ({listed})", db="fresh"), template=DATABASE, same=False)


GROUPS = {"views": views, "export": exports, "import": imports, "overwrite": overwrites, "removal": removals, "update": changes}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", action="append", choices=GROUPS, help="this group; may be repeated")
    parser.add_argument("--jobctl", default=str(ROOT / "target/release/jobctl"))
    parser.add_argument("--work", metavar="FOLDER")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jobctl-postgres-", dir=options.work, ignore_cleanup_errors=True) as folder, own_server(folder) as port:
        bench = Bench(options, folder, port)
        bench.prepare()
        version = bench.ask("SHOW server_version").split()[0]
        print(f"PostgreSQL {version}, {options.jobs:,} jobs, {bench.size} with its indexes; {os.cpu_count()} processors; medians of {options.runs} runs\n")
        print("| case | jobctl | psql | ratio | at most | peak MiB | ok |\n|---|---:|---:|---:|---:|---:|---|", flush=True)
        for name in options.only or GROUPS:
            GROUPS[name](bench)
    return 1 if bench.missed else 0


if __name__ == "__main__":
    sys.exit(main())
