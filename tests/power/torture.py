"""Several processes on one file, some of them killed, beside Python's own sqlite3; every acknowledged change is in a ledger.

    JOBCTL=target/release/jobctl python3 tests/power/torture.py delete|wal SECONDS [SEED]

Each worker has ids of its own and says what it was told: "there" or "gone" behind an acknowledged change, "unsure" while one goes
on.  At the end what is in the ledger must be so in the file; an unsure one may be either.  Archives hold what cleanup removed."""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import data
from run import ENV, JOBCTL, SCRATCH

mode, seconds, seed = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1
root = tempfile.mkdtemp(prefix="torture-", dir=SCRATCH)
DB = os.path.join(root, "jobs.db")
data.make(DB, mode, 3000, 700)
until = time.time() + seconds
ledger = {}                 # id -> (state, title or None); states: there, gone, unsure
lock = threading.Lock()
counts = {}
complaints = []
base = set(data.ids(3000, 1))


def count(what):
    with lock:
        counts[what] = counts.get(what, 0) + 1


def complain(text):
    with lock:
        complaints.append(text)
        print("FAULT", text, flush=True)


def tool(dice, *arguments, kill=0.0, stdin=None):
    """The exit status; None when it was killed."""
    process = subprocess.Popen(["nice", "-n", "15", JOBCTL, "--db", DB, "--busy-timeout", "20s", *arguments], cwd=root, env=ENV,
                               stdin=subprocess.PIPE if stdin else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    killed = []
    if dice.random() < kill:
        def strike():
            if process.poll() is None:
                killed.append(1)
                process.send_signal(signal.SIGKILL)
        timer = threading.Timer(dice.uniform(0.005, 0.25), strike)
        timer.start()
    out, told = process.communicate(stdin)
    if killed and process.returncode == -9:
        count("killed")
        return None, out, told
    return process.returncode, out, told


def set_all(names, state):
    with lock:
        for name in names:
            ledger[name] = state


def worker_single(number):
    """create, update, delete of its own ids."""
    dice = random.Random(seed * 100 + number)
    mine = {}
    while time.time() < until:
        what = dice.random()
        if what < 0.5 or not mine:
            name = str(uuid.UUID(int=dice.getrandbits(128), version=4))
            set_all([name], ("unsure", None))
            code, _, told = tool(dice, "create", "--json", json.dumps({"job_id": name, "job_type": "idea2video", "content": "an idea that is long enough " * 20, "project_title": "0"}), kill=0.25)
            if code == 0:
                mine[name] = "0"
                set_all([name], ("there", "0"))
                count("create")
            elif code is not None and code != 75:
                complain(f"create {code} {told[:200]}")
        elif what < 0.8:
            names = dice.sample(sorted(mine), min(len(mine), dice.randint(1, 5)))
            title = str(dice.randrange(10 ** 9))
            set_all(names, ("unsure-title", None))
            code, _, told = tool(dice, "update", *names, "--title", title, kill=0.25)
            if code == 0:
                for name in names:
                    mine[name] = title
                set_all(names, ("there", title))
                count("update")
            else:
                if code is not None and code != 75:
                    complain(f"update {code} {told[:200]}")
                # All or none.
                code, out, told = tool(dice, "show", *names, "-o", "json")
                if code == 0:
                    found = json.loads(out)
                    titles = [one["project_title"] for one in (found if isinstance(found, list) else [found])]
                    if any(one == title for one in titles) and not all(one == title for one in titles):
                        complain(f"half an update: {titles}, {title}")
                    for name, one in zip(names, titles):
                        if one not in (title, mine[name]):
                            complain(f"title {one}, not {title} or {mine[name]}")
                        mine[name] = one
                        set_all([name], ("there", one))
                elif code != 75:
                    complain(f"show after kill: {code} {told[:200]}")
        else:
            names = dice.sample(sorted(mine), min(len(mine), dice.randint(1, 4)))
            for name in names:
                del mine[name]
            set_all(names, ("unsure", None))
            code, _, told = tool(dice, "delete", *names, kill=0.25)
            if code == 0:
                set_all(names, ("gone", None))
                count("delete")
            elif code is not None and code != 75:
                complain(f"delete {code} {told[:200]}")


def worker_migrate(number):
    dice = random.Random(seed * 100 + number)
    turn = 0
    while time.time() < until:
        turn += 1
        path = os.path.join(root, f"dump{number}.jsonl")
        some = dice.choice((50, 2000, 9000))
        own = data.ids(some, (seed, number, turn).__hash__())
        with open(path, "w") as file:
            for place, name in enumerate(own):
                file.write(json.dumps(dict(zip(data.COLUMNS, data.row(name, 3, 500, "queued")))) + "\n")
        set_all(own, ("unsure", None))
        how = dice.choice(([], [], ["--atomic"], ["--exclusive"]))
        code, _, told = tool(dice, "migrate", path, *how, kill=0.5)
        if code is None or code == 75:
            if how == ["--atomic"] and code is None:
                pass
            code, _, told = tool(dice, "migrate", path)
        if code == 0:
            set_all(own, ("there", f"title 3"))
            count("migrate " + " ".join(how))
        elif code != 75:
            complain(f"migrate {code} {told[:300]}")


def worker_cleanup(number):
    """Removes ended jobs, which the Python writer makes; into one archive, which it now and then cannot finish."""
    dice = random.Random(seed * 100 + number)
    while time.time() < until:
        archive = f"old{dice.randrange(3)}.jsonl" + dice.choice(("", ".zst", ".gz"))
        how = dice.choice(([], [], ["--exclusive"], ["--reclaim"]))
        code, _, told = tool(dice, "cleanup", "--older-than", "30d", "--archive", archive, "--yes", *how, kill=0.5)
        if code == 0:
            count("cleanup")
        elif code is not None and code != 75:
            complain(f"cleanup {archive} {how}: {code} {told[:400]}")
        time.sleep(dice.uniform(0, 0.4))


ended = set()               # ended jobs: each must be in the table or in an archive


def worker_python(number):
    """The service: writes by the standard module, waits 5 s."""
    dice = random.Random(seed * 100 + number)
    insert = f"INSERT INTO {data.TABLE} VALUES ({','.join('?' * len(data.COLUMNS))})"
    mine = []
    while time.time() < until:
        connection = sqlite3.connect(DB, isolation_level=None, timeout=5)
        try:
            for _ in range(dice.randint(1, 30)):
                if time.time() >= until:
                    break
                what = dice.random()
                names = [str(uuid.UUID(int=dice.getrandbits(128), version=4)) for _ in range(dice.choice((1, 1, 5, 60)))]
                if what < 0.6:
                    status = dice.choice(("queued", "completed"))
                    if status == "completed":
                        with lock:
                            ended.update(names)
                    set_all(names, ("unsure", None))
                    connection.execute("BEGIN IMMEDIATE")
                    for name in names:
                        connection.execute(insert, data.row(name, 1, 600, status))
                    connection.execute("COMMIT")
                    if status == "queued":
                        mine += names
                        set_all(names, ("there", "title 1"))
                    else:
                        set_all(names, ("archive", None))
                elif mine:
                    name = mine.pop(dice.randrange(len(mine)))
                    set_all([name], ("unsure", None))
                    connection.execute(f"DELETE FROM {data.TABLE} WHERE id = ?", [name])
                    set_all([name], ("gone", None))
                count("python")
                time.sleep(dice.uniform(0, 0.05))
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                count("python locked out")
            else:
                complain(f"python: {error}")
        except sqlite3.DatabaseError as error:
            complain(f"python: {error}")
        finally:
            connection.close()


def worker_reader(number):
    dice = random.Random(seed * 100 + number)
    while time.time() < until:
        code, out, told = tool(dice, *dice.choice((("export", "--output", "jsonl"), ("stats", "-o", "json"), ("list", "--all", "-o", "ids"))), kill=0.1)
        if code == 0:
            count("read")
        elif code is not None and code != 75:
            complain(f"reader {code} {told[:200]}")
        try:
            connection = sqlite3.connect(DB, timeout=20)
            found = connection.execute("PRAGMA quick_check").fetchall()
            if found != [("ok",)]:
                complain(f"quick_check {found[:2]}")
            connection.close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                complain(f"quick_check: {error}")
        time.sleep(dice.uniform(0.2, 1))


plan = [worker_single, worker_single, worker_migrate, worker_cleanup, worker_python, worker_python, worker_reader]
threads = [threading.Thread(target=one, args=(number,)) for number, one in enumerate(plan)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

for suffix in ("-wal", "-journal"):
    if os.path.exists(DB + suffix):
        print("left beside the file:", suffix, os.path.getsize(DB + suffix))
dice = random.Random(0)


def archives():
    """The archives; the cut ends of lines that a later run has moved beside them hold no whole job, and the jobs are in the table still."""
    return [name for name in sorted(os.listdir(root)) if name.startswith("old") and ".damaged-" not in name]


for name in archives():
    code, _, told = tool(dice, "cleanup", "--older-than", "30d", "--archive", name, "--yes")
    if code != 0:
        complain(f"last cleanup into {name}: {code} {told[:300]}")
found = data.rows(DB)
connection = sqlite3.connect(DB)
titles = dict(connection.execute(f"SELECT id, project_title FROM {data.TABLE}"))
in_archive = {}
for name in archives():
    # A killed run may leave an archive in which nothing is yet.
    if os.path.getsize(os.path.join(root, name)):
        target = os.path.join(root, "a.db")
        ended_run = subprocess.run([JOBCTL, "--db", target, "migrate", os.path.join(root, name)], env=ENV, capture_output=True, text=True)
        if ended_run.returncode != 0:
            complain(f"archive {name}: {ended_run.returncode} {ended_run.stderr[:300]}")
        in_archive.update(data.rows(target) or {})
        for suffix in ("", "-wal", "-shm"):
            if os.path.exists(target + suffix):
                os.unlink(target + suffix)
states = {}
for name, (state, title) in ledger.items():
    states[state] = states.get(state, 0) + 1
    if state == "there" and (name not in titles or titles[name] != title):
        complain(f"lost: {name} is {titles.get(name)}, and was said to be {title}")
    if state == "gone" and name in titles:
        complain(f"came back: {name}")
    if state == "archive" and name not in titles and name not in in_archive:
        complain(f"in neither: {name}")
for name in base:
    if name not in titles and name not in in_archive:
        complain(f"in neither, of the first: {name}")
strange = [name for name in titles if name not in ledger and name not in base]
if strange:
    complain(f"phantoms: {strange[:3]}")
print(mode, "done", counts, "ledger", states, "rows", len(titles), "archived", len(in_archive), "faults", len(complaints))
if not complaints:
    shutil.rmtree(root)
else:
    print("kept", root)
sys.exit(1 if complaints else 0)
