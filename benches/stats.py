#!/usr/bin/env python3
"""Times `jobctl stats` beside the sqlite3 shell that answers the same questions, one query each. Standard library only; needs cargo.

    cargo build --release
    python3 benches/stats.py --jobs 1000000 --db jobs.db

Both answer as JSON into a pipe. Each is asked once uncounted, and the counts, the success rate and the percentiles of the two are compared;
then they take turns, and medians of --runs runs are told. The shell's percentiles are by nearest rank, as jobctl's are; its error messages are
grouped as they stand, which is less than jobctl does. The exit status is 1 when the bar is missed. --db names a file of
benches/generate.py db, which is made when it is not there and kept.
"""
import argparse
import os
import shutil
import statistics
import sys
import tempfile

sys.dont_write_bytecode = True
import compare  # noqa: E402

TABLE = compare.TABLE
BAR, MEMORY_BAR = 1.0, 64.0
NOW = "2026-01-01 12:00:00"
CLOCK = {"JOBCTL_TEST_NOW": f"{NOW.replace(' ', 'T')}Z"}


def percentiles(start, end, where):
    """Mean and nearest ranks of the seconds between two columns."""
    seconds = f"(julianday({end}) - julianday({start})) * 86400.0"
    rank = "(SELECT s FROM some LIMIT 1 OFFSET (SELECT (count(*) * {0} + 99) / 100 - 1 FROM some))"
    ranks = ", ".join(f"{rank.format(p)} AS p{p}" for p in (50, 90, 99))
    return (f"WITH some AS MATERIALIZED (SELECT {seconds} AS s FROM {TABLE} WHERE {start} IS NOT NULL AND {end} IS NOT NULL AND {where} "
            f"AND {end} >= {start} ORDER BY s) SELECT avg(s) AS mean, {ranks}, count(*) AS count FROM some;")


def groups(key, where="1"):
    """A line for each value of an expression, as jobctl's CSV has it."""
    seconds = "(julianday(completed_at) - julianday(started_at)) * 86400.0"
    return (f"WITH some AS (SELECT {key} AS key, status, {seconds} AS s FROM {TABLE} WHERE {where}), "
            "ranked AS (SELECT key, s, row_number() OVER (PARTITION BY key ORDER BY s) AS n, count(*) OVER (PARTITION BY key) AS of FROM some "
            "WHERE s >= 0 AND status IN ('completed', 'failed', 'cancelled')), "
            "medians AS (SELECT key, s FROM ranked WHERE n = (of * 50 + 99) / 100) "
            "SELECT some.key, count(*) AS count, sum(status = 'completed') AS completed, sum(status = 'failed') AS failed, "
            "sum(status = 'completed') * 1.0 / sum(status IN ('completed', 'failed')) AS success_rate, medians.s AS run_seconds_p50 "
            "FROM some LEFT JOIN medians ON medians.key IS some.key GROUP BY some.key;")


def queries(where="1", now=NOW, top=10, stuck="2 hours"):
    """All that `jobctl stats` says, about the jobs for which the condition holds."""
    return [
        f"SELECT count(*) AS total FROM {TABLE} WHERE {where};",
        f"SELECT status, count(*) AS jobs FROM {TABLE} WHERE {where} GROUP BY status;",
        f"SELECT job_type, count(*) AS jobs FROM {TABLE} WHERE {where} GROUP BY job_type;",
        f"SELECT sum(status = 'completed') * 1.0 / count(*) AS rate FROM {TABLE} WHERE status IN ('completed', 'failed') AND {where};",
        percentiles("created_at", "started_at", where),
        percentiles("started_at", "completed_at", f"status IN ('completed', 'failed', 'cancelled') AND {where}"),
        f"SELECT substr(created_at, 1, 10) AS day, count(*) AS jobs, sum(status = 'failed') AS failed FROM {TABLE} WHERE {where} "
        "GROUP BY day ORDER BY day;",
        f"SELECT id, created_at FROM {TABLE} WHERE status = 'queued' AND {where} ORDER BY created_at LIMIT 1;",
        f"SELECT count(*) AS stuck FROM {TABLE} WHERE status = 'processing' AND updated_at < datetime('{now}', '-{stuck}') AND {where};",
        f"SELECT count(*) AS count, error_message, max(id) FROM {TABLE} WHERE status = 'failed' AND {where} GROUP BY error_message "
        f"ORDER BY 1 DESC LIMIT {top};",
        "PRAGMA page_count; PRAGMA freelist_count;",
    ]


def check(ours, theirs):
    """The same numbers, whoever counted."""
    (ours,) = compare.documents(ours)
    theirs = compare.documents(theirs)

    def same(what, a, b):
        if a is None or b is None or abs(a - b) > 0.001 + abs(b) * 1e-6:
            sys.exit(f"different answers: {what}: {a} and {b}")

    same("total", ours["total"], theirs[0][0]["total"])
    for row in theirs[1]:
        same(row["status"], ours["by_status"][row["status"]], row["jobs"])
    for row in theirs[2]:
        same(row["job_type"], ours["by_type"][row["job_type"]], row["jobs"])
    same("success", ours["success_rate"], theirs[3][0]["rate"])
    for key, found in (("queue_wait_seconds", theirs[4][0]), ("run_seconds", theirs[5][0])):
        for name in ("mean", "p50", "p90", "p99", "count"):
            same(f"{key} {name}", ours[key][name], found[name])
    same("days", len(ours["per_day"]), len(theirs[6]))
    same("stuck", ours["stuck"]["count"], theirs[8][0]["stuck"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--db", metavar="FILE")
    parser.add_argument("--binary", default=str(compare.ROOT / "target/release/jobctl"))
    parser.add_argument("--sqlite3", default="sqlite3", help="the shell to time beside")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    jobctl, shell = shutil.which(options.binary), shutil.which(options.sqlite3)
    if jobctl is None or shell is None:
        parser.error("jobctl (cargo build --release) and the sqlite3 shell are needed")
    with tempfile.TemporaryDirectory() as folder:
        path = compare.database(options, folder)
        env = {"HOME": folder, "PATH": os.environ["PATH"], **CLOCK}
        ours = [shutil.copy(jobctl, os.path.join(folder, "jobctl")), "--db", path, "stats", "--utc", "-o", "json"]
        theirs = [shell, "-json", path, " ".join(queries())]
        check(compare.output(ours, env), compare.output(theirs, env))
        times = ([], [])
        for n in range(options.runs):
            for which in ((0, 1), (1, 0))[n % 2]:
                times[which].append(compare.run((ours, theirs)[which], env)[0])
        memory = compare.peak_memory(compare.compile_rust(compare.LAUNCHER, folder, "launcher"), ours, env)
        mine, other = map(statistics.median, times)
        ok = mine / other <= BAR and memory <= MEMORY_BAR
        print("| case | jobctl s | shell s | ratio | bar | memory MiB | ok |\n|---|---:|---:|---:|---:|---:|---|")
        print(f"| `stats` | {mine:.2f} | {other:.2f} | {mine / other:.2f} | {BAR} | {memory:.1f} | {'yes' if ok else 'NO'} |")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
