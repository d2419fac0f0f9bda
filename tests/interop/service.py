"""Plays the service against a job file, one subcommand a part. Needs SQLAlchemy 2.

    service.py create-file FILE             create_all, and a few rows in every table but the jobs'
    service.py insert FILE N                N jobs through the model, odd ones among them; prints [{"id", "kind"}, ...]
    service.py update FILE ID JSON          sets the columns that the JSON object names, as the job manager does
    service.py dump FILE                    every job through the model: {id: {column: [type, value]}}
    service.py check FILE                   reads every job and tests the type of every value; prints the number of jobs
    service.py snapshot FILE                the schema, the pragmas, and the rows of every table but the jobs'
    service.py stored FILE ID               one row as SQLite has it: {column: [typeof, value]}
    service.py write FILE SECONDS           a job every 20 ms, inserted or updated; prints what was written and the waits
    service.py hold FILE immediate|exclusive  holds the lock until standard input closes
    service.py serve FILE                   does what the lines of standard input say, each a JSON array: ["insert", "3"]

write and hold print a line "ready" once they have begun. Results are one JSON document on standard output.
"""
import contextlib
import datetime as dt
import json
import sqlite3
import sys
import time
import uuid

from sqlalchemy import null, select
from sqlalchemy.exc import OperationalError

from model import Base, Character, Episode, Scene, Series, Setting, User, VideoGenerationJob, open_file, utcnow

TABLE = VideoGenerationJob.__tablename__
TYPES = {"VARCHAR": str, "TEXT": str, "FLOAT": float, "INTEGER": int, "DATETIME": dt.datetime}
TEXT = "第一场 夜\n\"She never came back,\" he said — naïve, 🎬."


def say(value):
    print(json.dumps(value), flush=True)


def create_file(path):
    engine, session = open_file(path)
    Base.metadata.create_all(engine)
    with session() as s:
        for n in range(3):
            series = f"00000000-0000-4000-8000-00000000000{n}"
            s.add(Series(id=series, title=f"Series {n} 系列", description=None if n else TEXT))
            s.flush()
            for k in range(2):
                s.add(Episode(id=f"00000000-0000-4000-9000-0000000000{n}{k}", series_id=series, episode_number=k, title=f"Episode {k}"))
            s.flush()
            s.add(Character(id=str(uuid.uuid4()), series_id=series, name="Mara", traits={"mood": "静か", "age": 41}))
            s.add(Scene(episode_id=f"00000000-0000-4000-9000-0000000000{n}0", script=TEXT, duration=1.5 * n))
            s.add(User(email=f"user{n}@example.org", avatar=bytes([0, 255, 128, n])))
            s.add(Setting(key=f"setting-{n}", value=[n, None, True]))
        s.commit()
    say(None)


def plain(n):
    return {"id": str(uuid.uuid4()), "job_type": "idea2video", "mode": "idea", "content": f"Job {n}: {TEXT}", "user_requirement": "",
            "style": "水墨画", "project_title": f"Title {n}", "request_data": {"idea": TEXT, "n": n}, "working_dir": ".working_dir/idea2video"}


def completed(n):
    now = utcnow()
    return plain(n) | {
        "status": "completed", "progress": 100.0, "current_stage": "completed", "total_shots": 9, "completed_shots": 7,
        "result_data": {"message": "完成", "final_video_path": "/media/é.mp4", "score": 0.1, "shots": [1, None]},
        "started_at": now - dt.timedelta(hours=2), "completed_at": now, "series_id": "00000000-0000-4000-8000-000000000001",
        "episode_id": "00000000-0000-4000-9000-000000000010"}


def bare(n):
    """Nothing but what NOT NULL asks for, as a row has it that did not come through the model's defaults."""
    unset = ("status", "progress", "total_shots", "completed_shots", "created_at", "updated_at")
    return {"id": str(uuid.uuid4()), "job_type": "idea2video"} | {name: null() for name in unset}


def json_null(n):
    return plain(n) | {"request_data": None, "context": None, "result_data": None}


def dangling(n):
    return plain(n) | {"episode_id": str(uuid.uuid4()), "series_id": "no-such-series"}


def unknown_words(n):
    return plain(n) | {"status": "paused", "job_type": "storyboard2video", "mode": None}


def failed(n):
    return plain(n) | {"status": "failed", "progress": 33.3, "error_message": "ffmpeg exited 1:\n\x1b[31mred\x1b[0m \u202eevil", "completed_at": utcnow()}


def odd_id(n):
    return plain(n) | {"id": f"job-{n:06d}"}


def whole_second(n):
    moment = dt.datetime(2026, 1, 2, 3, 4, 5)
    return plain(n) | {"created_at": moment, "updated_at": moment.replace(microsecond=206)}


KINDS = (plain, completed, bare, json_null, dangling, unknown_words, failed, odd_id, whole_second)


def insert(path, count):
    _, session = open_file(path)
    made = []
    with session() as s:
        for n in range(int(count)):
            kind = KINDS[n % len(KINDS)]
            job = VideoGenerationJob(**kind(n))
            s.add(job)
            made.append({"id": job.id, "kind": kind.__name__})
        s.commit()
    say(made)


def change(session, job_id, values):
    """The job manager's update: it sets the columns by name and stamps the times that go with them."""
    with session() as s:
        job = s.scalars(select(VideoGenerationJob).where(VideoGenerationJob.id == job_id)).one()
        for name, value in values.items():
            setattr(job, name, value)
        now = utcnow()
        job.updated_at = now
        if values.get("status") == "processing" and job.started_at is None:
            job.started_at = now
        if values.get("status") in ("completed", "failed", "cancelled") and job.completed_at is None:
            job.completed_at = now
        s.commit()


def update(path, job_id, values):
    _, session = open_file(path)
    change(session, job_id, json.loads(values))
    say(None)


def typed(value):
    if isinstance(value, dt.datetime):
        assert value.tzinfo is None, value
        return ["datetime", value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")]
    return [type(value).__name__, value]


def all_jobs(path):
    _, session = open_file(path)
    with session() as s:
        yield from s.scalars(select(VideoGenerationJob).order_by(VideoGenerationJob.id))


def dump(path):
    columns = VideoGenerationJob.__table__.columns.keys()
    say({job.id: {name: typed(getattr(job, name)) for name in columns} for job in all_jobs(path)})


def check(path):
    count, wrong = 0, []
    for job in all_jobs(path):
        count += 1
        for column in VideoGenerationJob.__table__.columns:
            value = getattr(job, column.name)
            kind = str(column.type).split("(")[0]
            if value is None:
                fine = column.nullable
            elif kind == "JSON":
                fine = isinstance(value, dict)
            else:
                fine = type(value) is TYPES[kind] and getattr(value, "tzinfo", None) is None
            if not fine:
                wrong.append(f"{job.id}: {column.name} ({kind}) is {type(value).__name__} {value!r}")
    if wrong:
        sys.exit("\n".join(wrong))
    say(count)


@contextlib.contextmanager
def raw(path):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        yield db


def snapshot(path):
    def text(value):
        return value.hex() if isinstance(value, bytes) else value

    with raw(path) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        pragmas = ("journal_mode", "user_version", "application_id", "auto_vacuum", "page_size", "encoding")
        say({
            "schema": db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall(),
            "pragmas": {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas},
            "rows": {name: [[text(v) for v in row] for row in db.execute(f'SELECT * FROM "{name}" ORDER BY 1')]
                     for name in tables if name != TABLE},
            "integrity": db.execute("PRAGMA integrity_check").fetchone()[0],
        })


def stored(path, job_id):
    with raw(path) as db:
        row = {}
        for name in VideoGenerationJob.__table__.columns.keys():
            found = db.execute(f"SELECT typeof({name}), {name} FROM {TABLE} WHERE id = ?", (job_id,)).fetchone()
            row[name] = found if found else sys.exit(f"no row {job_id}")
        say(row)


def write(path, seconds):
    _, session = open_file(path)
    written, waits, errors = {}, [], []
    print("ready", flush=True)
    end = time.monotonic() + float(seconds)
    due, n = time.monotonic(), 0
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            if n % 2:
                job_id = list(written)[-1]
                change(session, job_id, {"status": "processing", "progress": float(n % 100)})
                written[job_id] = float(n % 100)
            else:
                job = plain(n)
                with session() as s:
                    s.add(VideoGenerationJob(**job))
                    s.commit()
                written[job["id"]] = 0.0
        except OperationalError as error:
            errors.append(f"write {n} after {time.monotonic() - began:.3f} s: {error.orig}")
        waits.append((time.monotonic() - began) * 1000)
        n += 1
        due = max(due + 0.02, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))
    waits.sort()
    say({"written": written, "errors": errors, "writes": n,
         "wait_ms": {"p50": waits[len(waits) // 2], "p99": waits[int(len(waits) * 0.99)], "max": waits[-1]}})


def hold(path, kind):
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"BEGIN {kind}")
        print("ready", flush=True)
        sys.stdin.read()
        db.execute("ROLLBACK")


def serve(path):
    """Saves the start of a Python for every step; like the service, it keeps the file open between them."""
    for line in sys.stdin:
        command, *args = json.loads(line)
        COMMANDS[command](path, *args)


COMMANDS = {f.__name__.replace("_", "-"): f for f in (create_file, insert, update, dump, check, snapshot, stored, write, hold, serve)}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
