#!/usr/bin/env python3
"""How the service fares on a PostgreSQL server while jobctl works on the same table: a SQLAlchemy session over psycopg2 writes a job every 20 ms
through a cleanup of 200,000 of 300,000 jobs, an import of 200,000 and an export.

    cargo build --release
    python3 benches/server.py                              starts a server of its own, as `nobody` where root runs it
    python3 benches/server.py --url postgresql+psycopg2://me@host/empty --jobs 30000

Needs SQLAlchemy 2 and psycopg2, and an installed PostgreSQL where no --url names an empty database. The exit status is 1 when a write failed or a
p99 is 200 ms or more.
"""
import argparse
import contextlib
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/interop"))
from model import Base, VideoGenerationJob, open_file  # noqa: E402
from own_server import own_server, url as url_of  # noqa: E402
from sqlalchemy import text  # noqa: E402
from sqlalchemy.exc import SQLAlchemyError  # noqa: E402

BAR = 200.0
FILL = """INSERT INTO video_generation_jobs (id, job_type, mode, status, content, style, request_data, result_data, progress, created_at, updated_at, completed_at)
SELECT lpad(to_hex(n), 8, '0') || '-0000-4000-8000-000000000000', 'idea2video', 'idea', CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'completed' END,
    'Job ' || n || ': ' || repeat('rain beats against the window; ', 30), 'noir', '{"idea": "rain"}', '{"path": "/media/v.mp4"}', 100.0, t, t, t
FROM (SELECT n, CASE WHEN n % 3 = 0 THEN now()::timestamp ELSE timestamp '2025-01-10' + n * interval '1 second' END AS t
    FROM generate_series(1, :jobs) n) rows"""


def write_jobs(url, pipe):
    """The service: a job every 20 ms until the pipe speaks; then tells when each write began and ended, and why it failed."""
    _, session = open_file(url)
    writes = []
    with session() as s:
        s.execute(text("SELECT 1"))
    pipe.send("ready")
    while not pipe.poll():
        began, error = time.monotonic(), None
        try:
            with session() as s:
                s.add(VideoGenerationJob(id=str(uuid.uuid4()), job_type="idea2video", content="A job of the service. " * 40))
                s.commit()
        except SQLAlchemyError as refused:
            error = str(refused)
        ended = time.monotonic()
        writes.append((began, ended, error))
        time.sleep(max(0.0, began + 0.02 - ended))
    pipe.send(writes)


def watched(url, work):
    """Lets the service write while `work` goes on: its seconds, and the writes meanwhile."""
    context = multiprocessing.get_context("spawn")
    pipe, its_end = context.Pipe()
    service = context.Process(target=write_jobs, args=(url, its_end), daemon=True)
    service.start()
    pipe.recv()
    time.sleep(1)
    began = time.monotonic()
    work()
    ended = time.monotonic()
    pipe.send("stop")
    writes = pipe.recv()
    service.join()
    return ended - began, [write for write in writes if write[1] >= began and write[0] <= ended]


def tell(name, seconds, writes):
    """A line of figures; whether the bar is met."""
    waits = sorted((ended - began) * 1000 for began, ended, _ in writes)
    failed = [error for *_, error in writes if error]
    p50, p99 = waits[len(waits) // 2], waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    is_met = not failed and p99 < BAR
    print(f"{name:<28} {seconds:8.1f} s {len(waits):7} writes {len(failed):3} failed  p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  "
          f"slowest {waits[-1]:6.1f} ms  {'ok' if is_met else 'MISSED'}", flush=True)
    for error in failed[:3]:
        print(f"    {error}")
    return is_met


def measure(options, folder, url):
    engine, session = open_file(url)
    Base.metadata.create_all(engine)
    with session() as s:
        s.execute(text(FILL), {"jobs": options.jobs})
        s.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE video_generation_jobs"))
    archive = os.path.join(folder, "gone.jsonl.zst")
    environment = {"HOME": folder, "PATH": os.environ["PATH"], "DATABASE_URL": url, "TZ": "UTC"}

    def jobctl(*words):
        done = subprocess.run([options.jobctl, *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        print(f"    {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else words[0]}")
        if done.returncode:
            sys.exit(done.stderr)

    is_met = tell("alone for three seconds", *watched(url, lambda: time.sleep(3)))
    for name, words in (
        (f"cleanup of {options.jobs * 2 // 3:,}", ("cleanup", "--older-than", "30d", "--archive", archive, "--yes")),
        (f"import of {options.jobs * 2 // 3:,}", ("migrate", archive)),
        ("export", ("export",)),
    ):
        is_met = tell(name, *watched(url, lambda words=words: jobctl(*words))) and is_met
    return is_met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", help="an empty database; without it a server is started")
    parser.add_argument("--jobs", type=int, default=300_000)
    parser.add_argument("--jobctl", default=str(ROOT / "target/release/jobctl"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jobctl-server-", ignore_cleanup_errors=True) as folder:
        with contextlib.nullcontext() if options.url else own_server(folder) as port:
            is_met = measure(options, folder, options.url or url_of(port))
    sys.exit(not is_met)


if __name__ == "__main__":
    main()
