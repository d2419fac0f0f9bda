#!/usr/bin/env python3
"""Makes job files and legacy dumps of any size, for measuring and for trying things out. Standard library only.

    generate.py db         N OUT    the SQLite file itself, about 3 KB a job
    generate.py api-server N OUT    a dump of the first server's store: one object keyed by job id
    generate.py pipeline   N OUT    a dump of the direct pipeline's store, keyed alike
    generate.py unified    N OUT    JSON Lines with the keys of the service's API
    generate.py rows       N OUT    JSON Lines in the row form: column names, values as stored

The same N, --seed and --now give the same jobs under the same ids in every kind, so that results can be compared across
kinds. Memory does not grow with N. OUT is written beside its place and moved there when it is whole; "-" is standard output
(not for db).

--now YYYY-MM-DD   the end of the 400 days that the jobs were created in (default: today); give it for identical bytes on
                   another day. Times in the api-server dump are meant as UTC: import it with --timezone UTC.
--schema service   db only: the table as the service creates it (no defaults, no indexes, JSON columns with escaped non-ASCII
                   text and the text null) instead of the table of the report with its three indexes.
--ascii, --indent  escape non-ASCII text; one field a line. Neither is the default.
"""
import argparse
import contextlib
import datetime as dt
import json
import os
import random
import sqlite3
import sys

DAYS = 400
COLUMNS = (
    "id job_type mode status content user_requirement style project_title request_data context progress current_stage "
    "working_dir result_data error_message total_shots completed_shots episode_id series_id created_at updated_at "
    "started_at completed_at"
).split()
JSON_COLUMNS = ("request_data", "context", "result_data")

PARENTS = """
CREATE TABLE series (id VARCHAR(36) NOT NULL PRIMARY KEY, title VARCHAR(255) NOT NULL);
CREATE TABLE episodes (
    id VARCHAR(36) NOT NULL PRIMARY KEY,
    series_id VARCHAR(36) NOT NULL REFERENCES series (id),
    episode_number INTEGER NOT NULL,
    title VARCHAR(255) NOT NULL
);
"""
JOBS = """
CREATE TABLE video_generation_jobs (
    id VARCHAR(36) {not_null} PRIMARY KEY,
    job_type VARCHAR(50) NOT NULL,
    mode VARCHAR(20),
    status VARCHAR(50) {queued},
    content TEXT,
    user_requirement TEXT,
    style VARCHAR(255),
    project_title VARCHAR(255),
    request_data JSON,
    context JSON,
    progress FLOAT {zero_point_zero},
    current_stage VARCHAR(255),
    working_dir VARCHAR(500),
    result_data JSON,
    error_message TEXT,
    total_shots INTEGER {zero},
    completed_shots INTEGER {zero},
    episode_id VARCHAR(36),
    series_id VARCHAR(36),
    created_at DATETIME {now},
    updated_at DATETIME {now},
    started_at DATETIME,
    completed_at DATETIME,
    FOREIGN KEY (episode_id) REFERENCES episodes (id) ON DELETE SET NULL,
    FOREIGN KEY (series_id) REFERENCES series (id) ON DELETE SET NULL
);
"""
INDEXES = """
CREATE INDEX idx_job_status ON video_generation_jobs (status);
CREATE INDEX idx_job_type ON video_generation_jobs (job_type);
CREATE INDEX idx_job_created ON video_generation_jobs (created_at);
"""
SCHEMAS = {
    "report": PARENTS + JOBS.format(
        not_null="", queued="DEFAULT 'queued'", zero_point_zero="DEFAULT 0.0", zero="DEFAULT 0",
        now="DEFAULT CURRENT_TIMESTAMP") + INDEXES,
    "service": PARENTS + JOBS.format(not_null="NOT NULL", queued="", zero_point_zero="", zero="", now=""),
}

ENGLISH = [
    "A clockmaker finds that every watch in town has stopped at the same minute.",
    "INT. FERRY - DUSK\nThe engine idles. NORA folds the timetable into a boat.",
    "\"We only get one take,\" the director says, \"so nobody breathe.\"",
    "Aerial shot: terraced fields, a red bicycle, and the road bending out of sight.",
    "Two sisters inherit a cinema and one last reel nobody has ever watched.",
    "CUT TO: the empty stage, a single lamp, dust turning slowly in the beam.",
    "EXT. ROOFTOP - NIGHT\nLaundry, antennas, the whole city humming below.",
    "The courier opens the parcel; inside is a smaller parcel, addressed to him.",
    "Hold on her hands as she tunes the radio between two stations.",
    "A fox trots through the closed shopping arcade as the shutters tremble.",
    "They repaint the lighthouse every spring, and every spring it is a different blue.",
    "Gentle strings, early light, a kettle that is about to boil.",
]
OTHER = [
    "黄昏时分,老剧院的灯一盏接一盏地亮起来。",
    "两姐妹继承了一家电影院,还有一卷从未放映过的胶片。",
    "第二场 渡轮 傍晚\n她把时刻表折成了一只纸船。",
    "镜头掠过梯田,一辆红色自行车停在路边。",
    "他打开包裹,里面是一个写着自己名字的小包裹。",
    "“只能拍一次,”导演说,“所以谁都别呼吸。”",
    "灯台守は毎年春に灯台を違う青で塗り直す。",
    "여우 한 마리가 문 닫힌 상가를 지나간다.",
]
STYLES = ["cinematic", "anime", "watercolor", "documentary", "film noir", "pixel art", "水墨画", "claymation"]
STAGES = ["script_planning", "character_design", "storyboard", "first_frames", "video_generation", "assembly"]
ERRORS = [
    "video provider answered 429: too many requests, retry after 60 s",
    "timed out after 600 s waiting for shot 3",
    "CUDA out of memory. Tried to allocate 2.50 GiB",
    "图像生成失败:内容审核未通过",
    "ffmpeg exited with status 1:\nInvalid data found when processing input",
]
REQUIREMENTS = [
    "Keep it under 60 seconds, no dialogue.",
    "请使用温暖的色调,适合儿童观看。",
    "Vertical 9:16, subtitles in English and Chinese.",
    "No more than 3 scenes; each scene at most 5 shots.",
    "",
]
PIPELINE_STATUS = {"queued": "pending", "processing": "running"}


class Jobs:
    """The jobs, one after the other, oldest first; series and episodes are fixed when it is made."""

    def __init__(self, count, seed, now):
        self.count, self.now = count, now
        self.random = random.Random(seed)
        self.english = self._text(ENGLISH, OTHER, 0.08)
        self.other = self._text(OTHER, ENGLISH, 0.15)
        self.series = [(self._uuid(), f"Series {i}") for i in range(40)]
        self.episodes = [(self._uuid(), s, k, f"Episode {k}") for s, _ in self.series for k in range(1, 26)]

    def _text(self, main, rest, share):
        """A long text to cut contents from, and its mean bytes a character."""
        r = self.random
        text = " ".join(r.choice(rest if r.random() < share else main) for _ in range(6000))
        return text, len(text.encode()) / len(text)

    def _uuid(self):
        h = "%032x" % ((self.random.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62)) | (4 << 76) | (2 << 62))
        return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"

    def __iter__(self):
        rnd = self.random.random

        def pick(values):
            return values[int(rnd() * len(values))]

        start = self.now - dt.timedelta(days=DAYS)
        for i in range(self.count):
            u = rnd()
            status = "queued" if u < 0.05 else "processing" if u < 0.10 else "completed" if u < 0.85 else "failed"
            created = start + dt.timedelta(days=DAYS * (i + rnd() * 0.98) / self.count)
            text, width = self.other if rnd() < 0.2 else self.english
            length = int(220 * 20 ** (rnd() ** 1.8) / width) + 1  # 220 to 4,400 bytes, about 1 KB in the mean
            offset = int(rnd() * (len(text) - length))
            shots = int(rnd() * 9)
            done = {"queued": 0, "completed": shots}.get(status, int(shots * rnd()))
            yield {
                "id": self._uuid(),
                "type": "idea2video" if rnd() < 0.7 else "script2video",
                "status": status,
                "content": text[offset:offset + length],
                "requirement": pick(REQUIREMENTS),
                "style": pick(STYLES),
                "title": f"Project {i:07d} " + text[offset:offset + 12].replace("\n", " "),
                "shots": shots,
                "done": done,
                "episode": pick(self.episodes) if rnd() < 0.3 else None,
                "stage": pick(STAGES),
                "progress": 100.0 if status == "completed" else 0.0 if status == "queued" else round(rnd() * 99, 1),
                "error": pick(ERRORS) if status == "failed" else None,
                "created": created,
                "updated": created if status == "queued" else created + dt.timedelta(seconds=30 + rnd() * 1800),
            }


def request_of(j):
    return {
        "idea" if j["type"] == "idea2video" else "script": j["content"],
        "user_requirement": j["requirement"],
        "style": j["style"],
        "project_title": j["title"],
    }


def video_of(j):
    return f".working_dir/{j['id']}/final_video.mp4" if j["status"] == "completed" else None


def result_of(j):
    if j["status"] != "completed":
        return None
    return {"message": "Video generation completed", "project_title": j["title"], "final_video_path": video_of(j),
            "total_shots": j["shots"]}


def stage_of(j):
    return {"queued": None, "completed": "completed"}.get(j["status"], j["stage"])


def started_of(j):
    return None if j["status"] == "queued" else j["created"]


def completed_of(j):
    return j["updated"] if j["status"] in ("completed", "failed") else None


def api_server(j):
    record = {
        "job_id": j["id"], "type": j["type"], "status": j["status"], "created_at": j["created"].isoformat(),
        "updated_at": j["updated"].isoformat(), "request": request_of(j), "working_dir": "./.working_dir/" + j["id"],
        "shots": [
            {"shot_idx": k, "status": "completed" if k < j["done"] else "pending",
             "first_frame_path": f".working_dir/{j['id']}/shots/{k}/first_frame.png"}
            for k in range(j["shots"])
        ],
    }
    if j["status"] != "queued":
        record |= {"current_stage": stage_of(j), "progress": j["progress"]}
    if j["status"] == "completed":
        record["result"] = result_of(j)
    if j["status"] == "failed":
        record["error"] = j["error"]
    return record


def pipeline(j):
    episode = j["episode"]
    request = request_of(j)
    request["title"] = request.pop("project_title")
    request |= {"series_id": episode and episode[1], "episode_number": episode and episode[2]}
    return {
        "job_id": j["id"], "episode_id": episode and episode[0], "pipeline_type": j["type"],
        "status": PIPELINE_STATUS.get(j["status"], j["status"]), "progress": round(j["progress"] / 100, 3),
        "video_path": video_of(j), "error": j["error"], "request_data": request,
        "created_at": j["created"].isoformat(), "updated_at": j["updated"].isoformat(),
    }


def stored_time(t):
    return t and t.strftime("%Y-%m-%d %H:%M:%S.%f")


def columns_of(j, time, encode):
    """The job's values under the column names; the two forms differ in their times and JSON columns alone."""
    episode = j["episode"]
    values = (
        j["id"], j["type"], "idea" if j["type"] == "idea2video" else "script", j["status"], j["content"],
        j["requirement"], j["style"], j["title"], encode(request_of(j)), encode(None), j["progress"], stage_of(j),
        "./.working_dir/" + j["id"], encode(result_of(j)), j["error"], j["shots"], j["done"], episode and episode[0],
        episode and episode[1], time(j["created"]), time(j["updated"]), time(started_of(j)), time(completed_of(j)),
    )
    return dict(zip(COLUMNS, values))


def unified(j):
    keys = {"id": "job_id", "result_data": "result", "error_message": "error"}
    record = columns_of(j, lambda t: t and t.isoformat(), lambda value: value)
    record["context"] = {}
    return {keys.get(name, name): value for name, value in record.items()}


def text_or_null(value):
    return None if value is None else json.dumps(value, ensure_ascii=False)


def row(j):
    return columns_of(j, stored_time, text_or_null)


def row_of_service(j):
    return columns_of(j, stored_time, json.dumps)


def write_database(jobs, path, schema):
    db = sqlite3.connect(path, isolation_level=None)
    with contextlib.closing(db):
        db.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY; PRAGMA cache_size=-262144;" + SCHEMAS[schema])
        make = row if schema == "report" else row_of_service
        db.execute("BEGIN")
        db.executemany("INSERT INTO series VALUES (?, ?)", jobs.series)
        db.executemany("INSERT INTO episodes VALUES (?, ?, ?, ?)", jobs.episodes)
        db.executemany(f"INSERT INTO video_generation_jobs ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})",
                       (tuple(make(j).values()) for j in jobs))
        db.execute("COMMIT")


def write_text(jobs, kind, out, ascii_only, indent):
    encode = json.JSONEncoder(ensure_ascii=ascii_only, indent=2 if indent else None).encode
    if kind in ("rows", "unified"):
        encode = json.JSONEncoder(ensure_ascii=ascii_only).encode
        make = row if kind == "rows" else unified
        out.writelines(encode(make(j)) + "\n" for j in jobs)
        return
    make = api_server if kind == "api-server" else pipeline
    separator = "{\n"
    for j in jobs:
        out.write(f'{separator}"{j["id"]}": {encode(make(j))}')
        separator = ",\n"
    out.write("{}\n" if separator == "{\n" else "\n}\n")


def day(text):
    return dt.datetime.strptime(text, "%Y-%m-%d")


def today():
    return dt.datetime.now(dt.timezone.utc).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)


def generate(kind, count, out, seed=1, now=None, schema="report", ascii_only=False, indent=False):
    jobs = Jobs(count, seed, now or today())
    if out == "-":
        write_text(jobs, kind, sys.stdout, ascii_only, indent)
        return
    part = f"{out}.part"
    with contextlib.suppress(FileNotFoundError):
        os.remove(part)
    if kind == "db":
        write_database(jobs, part, schema)
    else:
        with open(part, "w", encoding="utf-8", buffering=1 << 20) as file:
            write_text(jobs, kind, file, ascii_only, indent)
    os.replace(part, out)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["db", "api-server", "pipeline", "unified", "rows"])
    parser.add_argument("count", metavar="N", type=int)
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--now", type=day, metavar="YYYY-MM-DD")
    parser.add_argument("--schema", choices=sorted(SCHEMAS), default="report")
    parser.add_argument("--ascii", action="store_true", dest="ascii_only")
    parser.add_argument("--indent", action="store_true")
    options = parser.parse_args()
    if options.kind == "db" and options.out == "-":
        parser.error("a database needs a file name, not -")
    generate(**vars(options))


if __name__ == "__main__":
    main()
