"""A loss of power, simulated: runs each workload under strace, builds the states that a disk may hold at many points of it, and
looks at each.

    JOBCTL=target/release/jobctl python3 tests/power/run.py [--short] [--quick] [--list] [--keep] [word ...]

--short takes the workloads that each change is tried with, --quick fewer states of each; words take those whose name begins with
one of them. Needs Linux, strace, Python 3.9 with sqlite3, and room in /dev/shm (or SCRATCH=folder). Exit status 0: every
workload did as expected.

strace tells every write with its data, every sync, truncation, link, rename and removal (`disk.py` reads it; calls that it does not
model are warned about). Before and after each sync, each change of a name and each thing told, and at some points by chance, states
are built that the disk may hold if power fails there:

- a write is safe when a sync of its file that began behind it has ended; a name, when its folder has been synced, and the names of
  the folders above;
- of the rest everything, nothing, or any part is there: a prefix, all but one, one alone, any of its sectors of 512 or 4,096 bytes,
  the size without the data (zeros); names none, all, the first few, or any.

Each state is opened by Python's sqlite3, which rolls a journal back or reads the log, and must

- pass `PRAGMA integrity_check`;
- hold exactly what it held behind one of the commits (`half a transaction`), not an earlier one than was told (`reported, and
  lost`), not a later one than had begun;
- with --archive: each job in the table, in the archive as `jobctl migrate` reads it, or in both, column for column; no phantoms;
- with --files-under: no folder of a job that stays is gone;
- hold, of what changes jobs, the change and its history both, or neither;
- beside `backup` and `restore --replace`: the copy whole, or no file of that name, and once it is told, or the database has another
  content, the copy;
- and, every fifth state: the next run ends with 0, with the same rows, an archive that is whole, and no leavings.

A simulator that finds nothing proves nothing: `ref.py` does the like by Python's sqlite3, and without syncs, or with those of one
file taken not to have happened (the journal's, the log's, the database's, the archive's, the folder's), faults must be found."""
import argparse
import collections
import glob
import gzip
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

import data
from disk import Disk, Recording, record, write_state

HERE = os.path.dirname(os.path.abspath(__file__))
JOBCTL = os.path.abspath(os.environ.get("JOBCTL", "jobctl"))
SCRATCH = os.environ.get("SCRATCH", "/dev/shm" if os.path.isdir("/dev/shm") else None)
DB = "jobs.db"
ENV = dict(os.environ, TZ="UTC", HOME="/nonexistent", PYTHONDONTWRITEBYTECODE="1", NO_COLOR="1")


class Case:
    """`ignored(path)` tells syncs that count as not done. `expected` are the faults that must be found. With `history` what jobctl keeps
    of its runs belongs to the content, and counts the changes unless that is "content" alone. `copy` is the pattern of a file that holds what the database held at first, once it is told; with
    `before` from before the database has changed."""

    def __init__(self, name, prepare, command, archive=None, again=None, stdin=None, ignored=None, expected=(), points=60,
                 variants=10, codes=(0,), lossy=False, wait=0.0, folders=None, next_every=5, removed=(), known=(), db=DB, kill=False,
                 history=False, copy=None, before=False):
        self.__dict__.update(locals())


def jobctl(*arguments, db=DB):
    return [JOBCTL, "--db", db, *arguments]


def run(command, cwd, stdin=None):
    return subprocess.run(command, cwd=cwd, env=ENV, stdin=stdin or subprocess.DEVNULL, capture_output=True)


def archived(place, archive):
    """What migrate makes of an archive: its exit status, and the rows."""
    path = os.path.join(place, archive)
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return 0, {}, ""
    target = os.path.join(place, "from-archive.db")
    ended = run([JOBCTL, "--db", target, "migrate", path], place)
    found = data.rows(target, check=False) or {}
    for suffix in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(target + suffix):
            os.unlink(target + suffix)
    return ended.returncode, found, ended.stderr.decode(errors="replace")


class Judge:
    def __init__(self, case, recording):
        self.case, self.recording = case, recording
        self.faults = collections.OrderedDict()
        self.tried = self.distinct = self.next_runs = 0
        self.seen = set()
        self.lag = 0
        self.place = tempfile.mkdtemp(prefix="state-", dir=SCRATCH)

    def clear(self):
        shutil.rmtree(self.place, ignore_errors=True)
        os.makedirs(self.place)

    def fault(self, kind, index, label, detail):
        one = self.faults.setdefault(kind, [0, None])
        one[0] += 1
        if one[1] is None:
            one[1] = f"event {index} [{label}]: {detail}"

    def look(self, check=True):
        """The jobs that are there, what the content comes to, and the changes that each run counts."""
        path = os.path.join(self.place, self.case.db)
        rows = data.rows(path, check)
        if not self.case.history or rows is None:
            return rows, data.print_of(rows), {}
        kept, counts = data.history(path)
        return rows, data.print_of({**rows, **kept}), counts

    def look_at_history(self, index, label, base, rows, counts):
        """The jobs that differ from what was there at first are those that new runs count."""
        differ = sum(rows.get(one) != base.get(one) for one in {*rows, *base})
        counted = sum(count for run, count in counts.items() if run not in self.first)
        if differ != counted:
            self.fault("change and history differ", index, label, f"{differ} jobs, {counted} in the history")

    def look_at_copy(self, index, label, base, is_told, has_changed):
        """A copy is whole, or has no name yet."""
        found = glob.glob(os.path.join(self.place, self.case.copy))
        if not found and (is_told or has_changed and self.case.before):
            self.fault("the copy is lost", index, label, self.case.copy)
        for path in found:
            if path.endswith(".gz"):
                try:
                    with gzip.open(path) as packed, open(path + ".unpacked", "wb") as file:
                        shutil.copyfileobj(packed, file)
                except (OSError, EOFError) as error:
                    self.fault("half a copy", index, label, str(error))
                    continue
                path += ".unpacked"
            try:
                if data.rows(path) != base:
                    self.fault("half a copy", index, label, path)
            except data.Bad as error:
                self.fault("half a copy", index, label, str(error))

    def history(self):
        """What a killed process would leave at each point where that may change: the commits."""
        disk, found = Disk(self.recording), []
        names = self.recording.name_of
        events = self.recording.events
        for index, event in enumerate(events):
            name = names.get(getattr(event, "ino", None), "") if event.kind in ("w", "t", "fs") else ""
            disk.step()
            look = (event.kind in ("ns", "exit") or index == len(events) - 1 or (name.endswith("-journal") and (event.kind == "t" or event.kind == "w" and event.off == 0))
                    or (name.endswith("-wal") and event.kind == "fs") or event.kind == "ack"
                    or (self.case.lossy and event.kind == "w"))
            if look:
                self.clear()
                write_state(disk._state("all", lambda ino: "all", None), disk.root, self.place)
                try:
                    rows, mark, counts = self.look(check=False)
                except data.Bad as error:
                    self.fault("corrupt after a kill", index, "all/all", str(error))
                    continue
                if not found:
                    self.first = counts
                if not found or found[-1][1] != mark:
                    found.append((index, mark, rows))
        return found

    def judge(self, limit, variants, seed):
        case, events = self.case, self.recording.events
        history = self.history()
        self.commits = len(history) - 1
        place_of = {}
        for number, (_, mark, _) in enumerate(history):
            place_of.setdefault(mark, number)
        base, final = history[0][2] or {}, history[-1][2] or {}
        everything = dict(base)
        dice = random.Random(seed)
        points = set(range(len(events)))
        if len(points) > limit:
            # Just before each sync and each change of a name is the most on its way; just after, a promise may have been made.
            edges = [i for i, e in enumerate(events) if e.kind in ("fs", "ns", "ack")]
            edges = sorted({j for i in edges for j in (i - 1, i) if j >= 0})
            dice.shuffle(edges)
            rest = [i for i in points]
            dice.shuffle(rest)
            points = set(edges[:limit * 2 // 3]) | set(rest[:limit // 3])
        points.add(len(events) - 1)
        disk = Disk(self.recording)
        acked, now, is_told = 0, 0, False
        for index, event in enumerate(events):
            disk.step()
            while now + 1 < len(history) and history[now + 1][0] <= index:
                now += 1
            if event.kind in ("ack", "exit"):
                acked, is_told = now, True
            if index not in points:
                continue
            last = min(now + 1, len(history) - 1)
            for label, state in disk.states(dice, variants):
                if case.kill and label != "all/all":
                    break
                self.tried += 1
                key = hash((is_told,) + tuple((path, state[path] if state[path] is None else hashlib.blake2b(state[path], digest_size=8).digest()) for path in sorted(state)))
                if (key, acked, last) in self.seen:
                    continue
                self.seen.add((key, acked, last))
                self.distinct += 1
                self.clear()
                write_state(state, disk.root, self.place)
                try:
                    rows, mark, counts = self.look()
                except data.Bad as error:
                    self.fault("corrupt", index, label, str(error))
                    continue
                number = place_of.get(mark)
                if number is None:
                    self.fault("half a transaction", index, label, f"{len(rows or {})} rows")
                elif number > last:
                    self.fault("from the future", index, label, f"commit {number} of {last}")
                elif number < acked:
                    self.fault("reported, and lost", index, label, f"commit {number}, reported {acked}")
                elif number < now:
                    self.lag = max(self.lag, now - number)
                if case.archive:
                    self.archive(index, label, base, rows or {})
                if case.history is True:
                    self.look_at_history(index, label, base, rows or {}, counts)
                if case.copy:
                    self.look_at_copy(index, label, base, is_told, number != 0)
                if case.folders:
                    self.look_at_folders(index, label, rows or {})
                if case.again and (self.distinct % case.next_every == 0):
                    self.again(index, label, base, final)
        shutil.rmtree(self.place, ignore_errors=True)

    def archive(self, index, label, base, rows):
        code, found, told = archived(self.place, self.case.archive)
        if code not in (0, 65):
            self.fault("archive unreadable", index, label, f"migrate: {code} {told[:300]}")
        lost = [one for one in base if rows.get(one) != base[one] and found.get(one) != base[one]]
        if lost:
            self.fault("neither in table nor archive", index, label, f"{len(lost)} jobs, {lost[0]}")
        strange = [one for one in found if one not in base and one not in self.case.removed]
        if strange:
            self.fault("phantoms in the archive", index, label, strange[0])

    def look_at_folders(self, index, label, rows):
        """No folder of a job that stays may be gone."""
        for name, folder in self.case.folders.items():
            if not os.path.isdir(os.path.join(self.place, folder)):
                self.fault("folder of a job that stays is gone", index, label, name)
                return

    def again(self, index, label, base, final):
        """The next run ends the work."""
        case = self.case
        self.next_runs += 1
        stdin = open(os.path.join(self.place, case.stdin), "rb") if case.stdin else None
        ended = run(case.again, self.place, stdin)
        if ended.returncode not in case.codes:
            self.fault("next run fails", index, label, f"{ended.returncode} {ended.stderr.decode(errors='replace')[:400]}")
            return
        try:
            rows = data.rows(os.path.join(self.place, self.case.db)) or {}
        except data.Bad as error:
            self.fault("corrupt after the next run", index, label, str(error))
            return
        if case.archive is None and data.print_of(rows) != data.print_of(final):
            self.fault("next run ends elsewhere", index, label, f"{len(rows)} rows, {len(final)} expected")
        if case.archive:
            if set(rows) != set(final):
                self.fault("next run ends elsewhere", index, label, f"{len(rows)} rows, {len(final)} expected")
            code, found, told = archived(self.place, case.archive)
            if code != 0:
                self.fault("archive not mended", index, label, f"migrate: {code} {told[:300]}")
            lost = [one for one in base if one not in final and found.get(one) != base[one]]
            if lost:
                self.fault("lost after the next run", index, label, lost[0])
        left = [name for name in os.listdir(self.place) if name.endswith((".new", "-journal", ".lock")) or ".new-" in name]
        if left:
            self.fault("leavings after the next run", index, label, str(left))


def one(case, args):
    root = tempfile.mkdtemp(prefix="work-", dir=SCRATCH)
    trace = root + ".trace"
    begun = time.time()
    try:
        case.prepare(root)
        time.sleep(case.wait)
        recording = Recording(trace, root, case.ignored)
        stdin = open(os.path.join(root, case.stdin), "rb") if case.stdin else None
        ended = record(case.command, root, trace, ENV, stdin)
        if ended.returncode not in case.codes:
            print(f"{case.name}: the run itself ended with {ended.returncode}: {ended.stderr.decode()[:500]}")
            return False
        recording.parse()
        share = 0.35 if args.quick else 1
        expected = bool(case.expected)
        # What must be found may take more than one throw of the dice.
        for seed in range(args.seed, args.seed + (8 if expected else 1)):
            judge = Judge(case, recording)
            judge.judge(max(8, int(case.points * share)), max(3, int(case.variants * share)), seed)
            found = set(judge.faults)
            if set(case.expected) <= found:
                break
        fine = (set(case.expected) <= found) if expected else not found - set(case.known)
        print(f"{('FAIL', 'ok  ')[fine] if expected or not fine or not found else 'known'} {case.name}: {len(recording.events)} events, {judge.commits} commits, {judge.tried} states"
              f" ({judge.distinct} distinct), {judge.next_runs} next runs, commits that may be lost unreported: {judge.lag};"
              f" faults: {({kind: count for kind, (count, _) in judge.faults.items()}) or 'none'}"
              f"{' (must be found)' if expected else ''} [{time.time() - begun:.0f} s; syncs {recording.syncs}]", flush=True)
        for kind, (_, first) in judge.faults.items():
            if not expected or args.verbose:
                print(f"       {kind}: {first}", flush=True)
        for warning in sorted(set(recording.warnings)):
            print(f"       warning: {warning}", flush=True)
        return fine
    finally:
        if not args.keep:
            shutil.rmtree(root, ignore_errors=True)
            if os.path.exists(trace):
                os.unlink(trace)


def main():
    from workloads import SHORT, cases
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--verbose", "-v", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    chosen = [case for case in cases() if not args.names or any(case.name.startswith(name) for name in args.names)]
    if args.short:
        chosen = [case for case in chosen if case.name in SHORT]
    if not chosen:
        print("no such workload")
        return 2
    if args.list:
        print("\n".join(case.name for case in chosen))
        return 0
    results = [one(case, args) for case in chosen]
    print(f"{sum(results)} of {len(results)} as expected")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
