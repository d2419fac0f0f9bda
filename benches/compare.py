#!/usr/bin/env python3
"""Times jobctl beside the sqlite3 shell, whole processes, on a large file. Standard library only; needs sqlite3 and rustc.

    cargo build --release
    python3 benches/compare.py --jobs 1000000 --db jobs.db

Both programs answer the same question with the same rows as JSON into a pipe, which is read and thrown away. A run times one
after the other, each from its start until it is reaped; who goes first alternates. Every question is asked once before, so the
cache is warm, and the two answers are compared. The table has the medians of --runs runs and the most memory that jobctl took.
The start-up is timed beside an empty Rust program, and failed jobs beside the shell's best plan ("+status" keeps it off the
index on the status, with which it would sort every failed job).

jobctl is copied first, as an installation does: what a linker has just written lies in the system's cache in small pieces, and such a
program starts about 0.3 ms slower than its copy. The sqlite3 shell is an installed program too.

The bars are those for 1,000,000 jobs. The exit status is 1 when one is missed. --db names a file of benches/generate.py db, which
is made when it is not there and kept; without it the file is made in a temporary folder and goes away with it.
"""
import argparse
import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import generate  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
TABLE = "video_generation_jobs"
MEMORY_BAR = 16.0

# Memory is asked for through a small launcher: a child started from here begins with this Python's own peak as its own.
LAUNCHER = """
unsafe extern "C" { fn getrusage(who: i32, usage: *mut [i64; 18]) -> i32; }
fn main() {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let ended = std::process::Command::new(&args[0]).args(&args[1..]).stdout(std::process::Stdio::piped()).spawn()
        .and_then(|mut child| { std::io::copy(&mut child.stdout.take().unwrap(), &mut std::io::sink())?; child.wait() });
    assert!(ended.unwrap().success());
    let mut usage = [0; 18];
    unsafe { getrusage(-1, &mut usage) };
    println!("{}", usage[4]);
}
"""


class Case:
    """A question: the words for both programs, once for each of its variants, which the runs take in turn."""

    def __init__(self, name, bar, pairs, answers=None):
        self.name, self.bar, self.pairs, self.answers = name, bar, pairs, answers


def measured(words, env):
    """Seconds from start to reaped, the bytes of output, and the seconds of the processor's."""
    read_end, write_end = os.pipe()
    actions = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, write_end, 1)]
    size = 0
    began = time.perf_counter()
    pid = os.posix_spawn(words[0], words, env, file_actions=actions)
    os.close(write_end)
    while block := os.read(read_end, 1 << 20):
        size += len(block)
    _, status, usage = os.wait4(pid, 0)
    took = time.perf_counter() - began
    os.close(read_end)
    if status:
        sys.exit(f"exit status {os.waitstatus_to_exitcode(status)}: {' '.join(words)}")
    return took, size, usage.ru_utime + usage.ru_stime


def run(words, env):
    """Seconds from start to reaped, and the bytes of output."""
    return measured(words, env)[:2]


def output(words, env):
    return subprocess.run(words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout


def peak_memory(launcher, words, env):
    """MiB of the largest resident set; ru_maxrss is in KiB, and in bytes on macOS."""
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return int(output([launcher, *words], env)) / unit


def compile_rust(source, folder, name):
    path = Path(folder, f"{name}.rs")
    path.write_text(source)
    subprocess.run(["rustc", "--edition", "2024", "-O", "-o", str(path.with_suffix("")), str(path)], check=True)
    return str(path.with_suffix(""))


def documents(text):
    """The JSON documents that stand one after the other; the shell prints one for each of its queries."""
    decoder, found, at = json.JSONDecoder(), [], 0
    text = text.decode().strip()
    while at < len(text):
        document, end = decoder.raw_decode(text, at)
        found.append(document)
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return found


def of_show(text):
    (job,) = documents(text)
    job = job[0] if isinstance(job, list) else job
    return job.get("job_id", job.get("id"))


def of_list(text):
    found = documents(text)
    if isinstance(found[0], dict):
        return found[0]["pagination"]["total"], [job["job_id"] for job in found[0]["jobs"]]
    return found[0][0]["total"], [job["id"] for job in found[1]]


def some_ids(db, count):
    """Ids from all over the file whose first 8 characters are theirs alone."""
    random_ids, found = random.Random(7), []
    while len(found) < count:
        start = f"{random_ids.getrandbits(32):08x}"
        ids = db.execute(f"SELECT id FROM {TABLE} WHERE id >= ? ORDER BY id LIMIT 2", (start,)).fetchall()
        if len(ids) == 2 and ids[0][0][:8] != ids[1][0][:8]:
            found.append(ids[0][0])
    return found


def after(prefix):
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def cases(jobctl, shell, path, empty, ids):
    def ask(*words):
        return [jobctl, "--db", path, *words, "-o", "json"]

    def query(sql):
        return [shell, "-json", path, sql]

    newest = "ORDER BY created_at DESC LIMIT 50"
    return [
        Case("`--version` (beside an empty program)", 1.5, [([jobctl, "--version"], [empty])]),
        Case("`show` by id", 0.9, [(ask("show", i), query(f"SELECT * FROM {TABLE} WHERE id='{i}'")) for i in ids], of_show),
        Case("`show` by prefix", 0.9, [
            (ask("show", p), query(f"SELECT * FROM {TABLE} WHERE id >= '{p}' AND id < '{after(p)}'")) for p in (i[:8] for i in ids)
        ], of_show),
        Case("`list`, newest 50 and total", 1.0, [
            (ask("list"), query(f"SELECT count(*) AS total FROM {TABLE}; SELECT * FROM {TABLE} {newest}")),
        ], of_list),
        Case("`list --status failed`, newest 50 and total", 1.0, [
            (ask("list", "--status", "failed"),
             query(f"SELECT count(*) AS total FROM {TABLE} WHERE status='failed'; SELECT * FROM {TABLE} WHERE +status='failed' {newest}")),
        ], of_list),
    ]


def measure(case, runs, env, launcher):
    """The case's row of the table, and whether it met its bars."""
    for pair in case.pairs:
        ours, theirs = (output(words, env) for words in pair)
        if case.answers and case.answers(ours) != case.answers(theirs):
            sys.exit(f"different answers: {' '.join(pair[0])}\nand {' '.join(pair[1])}")
    times, sizes = ([], []), [0, 0]
    for n in range(runs):
        pair = case.pairs[n % len(case.pairs)]
        for which in ((0, 1), (1, 0))[n % 2]:
            took, sizes[which] = run(pair[which], env)
            times[which].append(took * 1000)
    memory = max(peak_memory(launcher, pair[0], env) for pair in case.pairs)
    ours, theirs = map(statistics.median, times)
    ratio = ours / theirs
    ok = ratio <= case.bar and memory < MEMORY_BAR
    output_kib = " / ".join(f"{size / 1024:.1f}" for size in sizes)
    return (f"| {case.name} | {ours:.2f} | {theirs:.2f} | {ratio:.2f} | {case.bar:.1f} | {memory:.1f} | {output_kib} "
            f"| {'yes' if ok else 'NO'} |"), ok


def database(options, folder):
    path = options.db or os.path.join(folder, "jobs.db")
    if not os.path.exists(path):
        print(f"making {path} with {options.jobs:,} jobs", file=sys.stderr)
        # In a process of its own, so that the memory it takes is not this one's.
        subprocess.run([sys.executable, generate.__file__, "db", str(options.jobs), path], check=True)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--db", metavar="FILE")
    parser.add_argument("--binary", default=str(ROOT / "target/release/jobctl"))
    parser.add_argument("--sqlite3", default="sqlite3", help="the shell to time beside")
    parser.add_argument("--runs", type=int, default=21)
    options = parser.parse_args()
    jobctl, shell = shutil.which(options.binary), shutil.which(options.sqlite3)
    if jobctl is None:
        parser.error(f"no program at {options.binary}: cargo build --release")
    if shell is None or shutil.which("rustc") is None:
        parser.error("the sqlite3 shell and rustc are needed on the path")
    with tempfile.TemporaryDirectory() as folder:
        path = database(options, folder)
        db = sqlite3.connect(f"file:{os.path.abspath(path)}?mode=ro", uri=True)
        (count,) = db.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
        if count != options.jobs:
            parser.error(f"{path} holds {count} jobs, not {options.jobs}: give it as --jobs, or another --db")
        ids = some_ids(db, min(options.runs, count // 4))
        db.close()
        empty = shutil.copy(compile_rust("fn main() {}\n", folder, "linked"), os.path.join(folder, "empty"))
        launcher = compile_rust(LAUNCHER, folder, "launcher")
        # Nothing of the user's: no settings of the shell, no other file for jobctl.
        env = {"HOME": folder, "PATH": os.environ["PATH"]}
        version = output([shell, "--version"], env).decode().split()[0]
        print(f"{count:,} jobs, {os.path.getsize(path) / 1e9:.1f} GB; sqlite3 {version}; median of {options.runs} runs\n")
        print("| case | jobctl ms | shell ms | ratio | bar | memory MiB | output KiB | ok |")
        print("|---|---:|---:|---:|---:|---:|---:|---|")
        missed = 0
        installed = shutil.copy(jobctl, os.path.join(folder, "jobctl"))
        for case in cases(installed, shell, path, empty, ids):
            row, ok = measure(case, options.runs, env, launcher)
            print(row, flush=True)
            missed += not ok
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
