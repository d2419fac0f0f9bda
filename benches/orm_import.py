#!/usr/bin/env python3
"""Imports a dump of the first server's store through an ORM, as a job manager behind a small web service does it.

    orm_import.py DB DUMP

One look-up per job, one session, one commit; nothing is tuned, and nothing slowed down on purpose. Needs SQLAlchemy 2. The model is the
one of the tests, and DB must hold its table.
"""
import json
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/interop"))
from model import VideoGenerationJob, open_file  # noqa: E402


def job_of(job_id, record):
    request = record.get("request") or {}
    shots = record.get("shots") or []
    updated = datetime.fromisoformat(record["updated_at"])
    return VideoGenerationJob(
        id=job_id, job_type=record["type"], status=record["status"], content=request.get("idea") or request.get("script"),
        user_requirement=request.get("user_requirement"), style=request.get("style"), project_title=request.get("project_title"),
        request_data=request, progress=record.get("progress") or 0.0, current_stage=record.get("current_stage"),
        working_dir=record.get("working_dir"), result_data=record.get("result"), error_message=record.get("error"),
        total_shots=len(shots), completed_shots=sum(shot.get("status") == "completed" for shot in shots),
        created_at=datetime.fromisoformat(record["created_at"]), updated_at=updated,
        completed_at=updated if record["status"] in ("completed", "failed") else None)


def import_dump(path, dump):
    # The sessions do not flush by themselves: else each look-up would first write the job before it.
    _, session = open_file(path)
    with session() as s:
        for job_id, record in dump.items():
            if s.scalars(select(VideoGenerationJob).where(VideoGenerationJob.id == job_id)).first() is None:
                s.add(job_of(job_id, record))
        s.commit()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        import_dump(sys.argv[1], json.load(file))


if __name__ == "__main__":
    main()
