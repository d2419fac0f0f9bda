"""What is recorded, and what of it is short enough for each change."""
import os
import sys

import data
from run import DB, HERE, JOBCTL, Case, jobctl, run

MODES = ("delete", "wal")


def base(journal, count=200, size=600, dump=0, dump_size=600, auto_vacuum=0, ids=0, archive=None, torn=False, folders=False, status=None):
    def prepare(root):
        data.make(os.path.join(root, DB), journal, count, size, auto_vacuum=auto_vacuum, folders="video/.work" if folders else None)
        if dump:
            data.dump(os.path.join(root, "dump.jsonl"), dump, dump_size, status=status)
        if ids:
            with open(os.path.join(root, "ids"), "w") as file:
                file.write("\n".join(data.ids(count, 1)[:ids]) + "\n")
        if folders:
            for name in data.ids(count, 1):
                os.makedirs(os.path.join(root, "video/.work", name))
                with open(os.path.join(root, "video/.work", name, "shot.bin"), "wb") as file:
                    file.write(b"shot" * 50)
        if archive:
            # An archive of other jobs, made by the tool; torn as a killed run leaves it.
            other = os.path.join(root, "other.db")
            data.make(other, "delete", 40, 300, seed=9)
            run([JOBCTL, "--db", other, "cleanup", "--older-than", "30d", "--archive", archive, "--yes"], root)
            os.unlink(other)
            if torn:
                path = os.path.join(root, archive)
                os.truncate(path, os.path.getsize(path) - 7)
    return prepare


def empty(dump=0, size=600):
    def prepare(root):
        if dump:
            data.dump(os.path.join(root, "dump.jsonl"), dump, size)
    return prepare


def with_history(journal, *commands, count=200, size=600):
    """A file in which these commands have changed something."""
    def prepare(root):
        base(journal, count, size)(root)
        for command in commands:
            ended = run(jobctl(*command), root)
            assert ended.returncode == 0, ended.stderr
    return prepare


# A few of each kind, and of each kind of fault one that must be found.
SHORT = (
    "sqlite delete EXTRA", "sqlite delete FULL", "sqlite delete OFF", "sqlite persist FULL", "sqlite wal NORMAL", "sqlite delete EXTRA, journal never synced",
    "create delete", "create wal", "create wal, log never synced", "create fresh", "create fresh in a new folder",
    "create fresh in a new folder, folders never synced", "update delete", "update wal", "delete ids delete", "delete filter delete",
    "delete filter wal", "migrate exclusive delete", "migrate atomic delete", "migrate atomic wal", "migrate fresh", "migrate fresh, file never synced",
    "migrate delete, journal never synced", "cleanup jsonl delete", "cleanup jsonl.zst wal", "cleanup jsonl.gz torn delete", "cleanup folders wal",
    "history update delete", "history delete wal", "history undo delete", "history undo wal", "history redact delete", "history prune wal",
    "restore delete", "restore wal", "restore delete, copy never synced", "backup delete", "backup wal", "backup gz delete",
    "update after a backup delete", "backup delete, copy never synced",
    "cleanup exclusive delete", "cleanup delete, archive never synced", "cleanup wal, folder never synced",
)


def reference(*arguments):
    return [sys.executable, os.path.join(HERE, "ref.py"), DB, *map(str, arguments)]


def cases():
    # SQLite itself. EXTRA syncs the folder behind a removed journal; FULL does not, so its last commit may be lost with the name.
    for name, journal, sync, more, expected in (
        ("delete EXTRA", "delete", "EXTRA", (), ()),
        ("delete FULL", "delete", "FULL", (), ("reported, and lost",)),
        ("persist FULL", "delete", "FULL", ("PERSIST",), ()),
        ("truncate FULL", "delete", "FULL", ("TRUNCATE",), ()),
        ("wal FULL", "wal", "FULL", (), ()),
        ("wal NORMAL", "wal", "NORMAL", (), ("reported, and lost",)),
        ("delete OFF", "delete", "OFF", (), ("corrupt",)),
        ("wal OFF", "wal", "OFF", (), ("reported, and lost",)),
    ):
        yield Case(f"sqlite {name}", base(journal), reference(sync, 4, 20, -2000, *more), expected=expected)
    yield Case("sqlite delete EXTRA spilled", base("delete", 600), reference("EXTRA", 2, 200, 20), points=90)
    yield Case("sqlite delete OFF spilled", base("delete", 600), reference("OFF", 2, 200, 20), points=60, expected=("corrupt",))
    no_sync = lambda part: lambda path: part(os.path.basename(path))
    yield Case("sqlite delete EXTRA, journal never synced", base("delete"), reference("EXTRA", 4, 20, -2000),
               ignored=no_sync(lambda name: name.endswith("-journal")), expected=("corrupt",))
    yield Case("sqlite delete EXTRA, database never synced", base("delete"), reference("EXTRA", 4, 20, -2000),
               ignored=no_sync(lambda name: name == DB), expected=("corrupt",))

    yield from vfs_cases()
    one = data.ids(200, 1)
    queued = [name for number, name in enumerate(one) if number % 4 == 3]
    for mode in MODES:
        yield Case(f"create {mode}", base(mode), jobctl("create", "--type", "idea2video", "--content", "an idea that is long enough"))
        yield Case(f"update {mode}", base(mode), jobctl("update", *queued[:30], "--title", "new"))
        yield Case(f"delete ids {mode}", base(mode), jobctl("delete", *one[:20], "--force"))
        yield Case(f"delete filter {mode}", base(mode), jobctl("delete", "--status", "failed", "--yes"),
                   again=jobctl("delete", "--status", "failed", "--yes"))
        yield Case(f"delete filter batches {mode}", base(mode, 12000, 200), jobctl("delete", "--status", "failed", "--yes"),
                   again=jobctl("delete", "--status", "failed", "--yes"), points=50)
        again = jobctl("migrate", "dump.jsonl")
        yield Case(f"migrate {mode}", base(mode, dump=8000, dump_size=300), again, again=again)
        yield Case(f"migrate quiet {mode}", base(mode, dump=8000, dump_size=300), again, again=again, wait=0.4)
        yield Case(f"migrate exclusive {mode}", base(mode, dump=400), jobctl("migrate", "--exclusive", "dump.jsonl"), again=again)
        yield Case(f"migrate atomic {mode}", base(mode, dump=400), jobctl("migrate", "--atomic", "dump.jsonl"), again=again)
        keep = ("cleanup", "--older-than", "30d", "--yes")
        for ending in ("jsonl", "jsonl.gz", "jsonl.zst"):
            archive = f"old.{ending}"
            command = jobctl(*keep, "--archive", archive)
            yield Case(f"cleanup {ending} {mode}", base(mode, 400), command, archive=archive, again=command, variants=14)
            if ending != "jsonl.gz":
                yield Case(f"cleanup batches {ending} {mode}", base(mode, 8000, 1100), command, archive=archive, again=command, variants=8, points=40)
                yield Case(f"cleanup batches quiet {ending} {mode}", base(mode, 8000, 1100), command, archive=archive, again=command, variants=8, points=40, wait=0.4)
            other = set(data.ids(40, 9))
            yield Case(f"cleanup {ending} appended {mode}", base(mode, 200, archive=archive), command, archive=archive, again=command, removed=other)
            yield Case(f"cleanup {ending} torn {mode}", base(mode, 200, archive=archive, torn=True), command, archive=archive, again=command, removed=other)
        command = jobctl(*keep, "--archive", "old.jsonl", "--exclusive")
        yield Case(f"cleanup exclusive {mode}", base(mode, 400), command, archive="old.jsonl", again=jobctl(*keep, "--archive", "old.jsonl"))
        command = jobctl(*keep, "--archive", "old.jsonl", "--files-under", "video")
        stays = {name: f"video/.work/{name}" for number, name in enumerate(data.ids(60, 1)) if number % 4 == 3}
        yield Case(f"cleanup folders {mode}", base(mode, 60, folders=True), jobctl(*keep, "--archive", "old.jsonl", "--files-under", "."),
                   archive="old.jsonl", again=jobctl(*keep, "--archive", "old.jsonl", "--files-under", "."), folders=stays)
        for name, more, vacuum in (("reclaim", ("--reclaim",), 2), ("vacuum", ("--vacuum",), 0)):
            command = jobctl(*keep, *more)
            yield Case(f"cleanup {name} {mode}", base(mode, 300, auto_vacuum=vacuum), command, again=command)
        # The same with syncs that do not happen: what must be seen if the tool left one out.
        command = jobctl(*keep, "--archive", "old.jsonl")
        yield Case(f"cleanup {mode}, archive never synced", base(mode, 400), command, archive="old.jsonl",
                   ignored=no_sync(lambda name: name == "old.jsonl"), expected=("neither in table nor archive",))
        yield Case(f"cleanup {mode}, folder never synced", base(mode, 400), command, archive="old.jsonl",
                   ignored=lambda path: "." not in os.path.basename(path), expected=("neither in table nor archive",))
    for mode in MODES:
        change = ("delete", "--status", "failed", "--yes")
        titles = ("update", *queued[:30], "--title", "new")
        yield Case(f"history update {mode}", base(mode), jobctl(*titles), history=True)
        yield Case(f"history delete {mode}", base(mode), jobctl(*change), history=True)
        yield Case(f"history delete batches {mode}", base(mode, 12000, 200), jobctl(*change), history=True, points=50)
        yield Case(f"history undo {mode}", with_history(mode, titles, change), jobctl("undo"), history=True)
        yield Case(f"history undo twice {mode}", with_history(mode, titles, change, ("undo",)), jobctl("undo"), history=True)
        yield Case(f"history redact {mode}", with_history(mode, titles), jobctl("redact", "--status", "queued", "--yes"), history=True)
        yield Case(f"history prune {mode}", with_history(mode, titles, change, ("undo",)), jobctl("history", "prune", "--older-than", "0s"), history=True)
        changed = with_history(mode, ("backup", "copy.db"), change)
        kept = "jobs-replaced-*.db"
        yield Case(f"restore {mode}", changed, jobctl("restore", "copy.db", "--replace", "--yes"), history="content", copy=kept, before=True)
        yield Case(f"big restore {mode}", with_history(mode, ("backup", "copy.db"), change, count=6500, size=2500), jobctl("restore", "copy.db", "--replace", "--yes"),
                   history="content", copy=kept, before=True, points=24, variants=3)
        yield Case(f"backup {mode}", base(mode), jobctl("backup", "new.db"), copy="new.db")
        yield Case(f"backup gz {mode}", base(mode), jobctl("backup", "new.db.gz"), copy="new.db.gz")
        yield Case(f"update after a backup {mode}", base(mode), jobctl(*titles, "--backup=new.db"), history=True, copy="new.db", before=True)
    yield Case("restore delete, copy never synced", with_history("delete", ("backup", "copy.db"), change), jobctl("restore", "copy.db", "--replace", "--yes"),
               copy=kept, before=True, ignored=lambda path: "replaced" in path, expected=("half a copy",))
    yield Case("backup delete, copy never synced", base("delete"), jobctl("backup", "new.db"), copy="new.db",
               ignored=no_sync(lambda name: name.startswith("new.db")), expected=("half a copy",))
    yield Case("migrate delete, journal never synced", base("delete", dump=600), jobctl("migrate", "dump.jsonl"),
               ignored=no_sync(lambda name: name.endswith("-journal")), expected=("corrupt",))
    yield Case("create fresh", empty(), jobctl("create", "--type", "idea2video", "--content", "an idea that is long enough"))
    yield Case("create fresh in a new folder", empty(), jobctl("create", "--type", "idea2video", "--content", "an idea that is long enough", db="new/deep/jobs.db"), db="new/deep/jobs.db")
    yield Case("create fresh in a new folder, folders never synced", empty(), jobctl("create", "--type", "idea2video", "--content", "an idea that is long enough", db="new/deep/jobs.db"),
               db="new/deep/jobs.db", ignored=lambda path: "." not in os.path.basename(path), expected=("reported, and lost",))
    yield Case("create wal, log never synced", base("wal"), jobctl("create", "--type", "idea2video", "--content", "an idea that is long enough"),
               ignored=no_sync(lambda name: name.endswith("-wal")), expected=("corrupt",))
    yield Case("migrate fresh", empty(400), jobctl("migrate", "dump.jsonl"), again=jobctl("migrate", "dump.jsonl"))
    yield Case("migrate fresh, file never synced", empty(400), jobctl("migrate", "dump.jsonl"),
               ignored=no_sync(lambda name: name.endswith(".new")), expected=("corrupt",))

    # More than the caches hold: pages are spilled, the journal gets more than one header, and the writer's thread is at work.
    for mode in MODES:
        yield Case(f"big update {mode}", base(mode, 6500, 2500, ids=6500), jobctl("update", "-", "--yes", "--title", "new"), stdin="ids",
                   points=36, variants=4)
        yield Case(f"big delete {mode}", base(mode, 6500, 2500, ids=6000), jobctl("delete", "-", "--yes", "--force"), stdin="ids", points=24, variants=3)
        yield Case(f"big migrate atomic {mode}", base(mode, 3000, 2500, dump=7000, dump_size=2500), jobctl("migrate", "--atomic", "dump.jsonl"),
                   points=30, variants=3, again=jobctl("migrate", "dump.jsonl"), next_every=20)
        yield Case(f"big cleanup {mode}", base(mode, 8000, 2500), jobctl("cleanup", "--older-than", "30d", "--archive", "old.jsonl.zst", "--yes"),
                   points=24, variants=3, archive="old.jsonl.zst", again=jobctl("cleanup", "--older-than", "30d", "--archive", "old.jsonl.zst", "--yes"), next_every=20, wait=0.4)
    yield Case("big replace delete", base("delete", 6500, 2500, dump=6500, dump_size=2499), jobctl("migrate", "--exclusive", "dump.jsonl"), points=24, variants=3)


def vfs_cases():
    """The VFS alone, with a cache so small that most pages are written before a commit (`crates/buffered-vfs/examples/transact.rs`)."""
    helper = os.environ.get("TRANSACT")
    if not helper:
        return
    for vfs in ("ours", "theirs"):
        for journal in ("DELETE", "PERSIST", "TRUNCATE", "WAL"):
            for exclusive in (0, 1):
                for sync in ("EXTRA", "FULL", "NORMAL", "OFF"):
                    if sync == "EXTRA" and journal != "DELETE":
                        continue
                    lost = ("reported, and lost",)
                    known = lost if (journal, sync) in (("DELETE", "FULL"), ("DELETE", "NORMAL"), ("WAL", "NORMAL"), ("TRUNCATE", "NORMAL")) else ()
                    # NORMAL does not promise more: the count of records may be there before the records, whose checksum is of each 200th byte.
                    known += ("corrupt", "half a transaction") if sync == "NORMAL" and journal != "WAL" else ()
                    what = [os.path.abspath(helper), DB, sync, "3", "260", "20", journal, str(exclusive), vfs]
                    name = f"vfs {vfs} {journal} {sync} {'exclusive ' if exclusive else ''}"
                    make = base("wal" if journal == "WAL" else "delete", 500, 900)
                    if sync != "OFF":
                        yield Case(name + "power", make, what, points=70, variants=8, known=known)
                    yield Case(name + "kill", make, what, points=300, kill=True)
