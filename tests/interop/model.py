"""The service's side of the shared file: its job table as SQLAlchemy emits it, and a few of its other tables.

The job table is the one of the unified job storage report, column for column and in its order. Its defaults live in Python, so
the file has none, and no index: a row written by anything but this model has NULL wherever nothing was said. The other tables
stand for the service's own, which nobody else may touch.
"""
from datetime import datetime, timezone
from functools import lru_cache

from sqlalchemy import JSON, Boolean, Column, DateTime, Float, ForeignKey, Integer, LargeBinary, String, Text, create_engine
from sqlalchemy.orm import DeclarativeBase, sessionmaker


def utcnow():
    return datetime.now(timezone.utc).replace(tzinfo=None)


class Base(DeclarativeBase):
    pass


class Series(Base):
    __tablename__ = "series"
    id = Column(String(36), primary_key=True)
    title = Column(String(255), nullable=False)
    description = Column(Text)
    created_at = Column(DateTime, default=utcnow)


class Episode(Base):
    __tablename__ = "episodes"
    id = Column(String(36), primary_key=True)
    series_id = Column(String(36), ForeignKey("series.id", ondelete="CASCADE"), nullable=False)
    episode_number = Column(Integer, nullable=False)
    title = Column(String(255), nullable=False)
    status = Column(String(50), default="draft")


class Character(Base):
    __tablename__ = "characters"
    id = Column(String(36), primary_key=True)
    series_id = Column(String(36), ForeignKey("series.id", ondelete="CASCADE"), index=True)
    name = Column(String(255), nullable=False)
    traits = Column(JSON)


class Scene(Base):
    __tablename__ = "scenes"
    id = Column(Integer, primary_key=True, autoincrement=True)
    episode_id = Column(String(36), ForeignKey("episodes.id", ondelete="CASCADE"), index=True)
    script = Column(Text)
    duration = Column(Float)


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    email = Column(String(255), unique=True, nullable=False)
    active = Column(Boolean, default=True)
    avatar = Column(LargeBinary)


class Setting(Base):
    __tablename__ = "settings"
    key = Column(String(100), primary_key=True)
    value = Column(JSON)


class VideoGenerationJob(Base):
    __tablename__ = "video_generation_jobs"
    id = Column(String(36), primary_key=True)
    job_type = Column(String(50), nullable=False)
    mode = Column(String(20))
    status = Column(String(50), default="queued")
    content = Column(Text)
    user_requirement = Column(Text)
    style = Column(String(255))
    project_title = Column(String(255))
    request_data = Column(JSON)
    context = Column(JSON)
    progress = Column(Float, default=0.0)
    current_stage = Column(String(255))
    working_dir = Column(String(500))
    result_data = Column(JSON)
    error_message = Column(Text)
    total_shots = Column(Integer, default=0)
    completed_shots = Column(Integer, default=0)
    episode_id = Column(String(36), ForeignKey("episodes.id", ondelete="SET NULL"))
    series_id = Column(String(36), ForeignKey("series.id", ondelete="SET NULL"))
    created_at = Column(DateTime, default=utcnow)
    updated_at = Column(DateTime, default=utcnow)
    started_at = Column(DateTime)
    completed_at = Column(DateTime)


@lru_cache
def open_file(path):
    """An engine and a session maker over the file, as the service makes them: nothing set, a lock wait of five seconds. Or over the
    database of a server, where the path is its address."""
    if "://" in path:
        engine = create_engine(path)
    else:
        engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})
    return engine, sessionmaker(bind=engine, autoflush=False)
