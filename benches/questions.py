"""The questions of benches/views.py: what jobctl is asked, and the plain SQL that a competent person would type for the same.

What there is to ask is read from the command itself, by definition.py. Whatever has no question here, and no reason in NOT_ASKED why it needs none,
is named by `gaps`.
"""
import datetime

import compare
import generate
import stats
from definition import ASKED

TABLE = compare.TABLE
# Why the other commands than those of definition.ASKED have no questions.
OTHER_COMMANDS = {
    "wait": "it waits",
    "backup": "benches/backup.py asks",
    "history": "the shell keeps none",
    "redact": "the shell keeps no history to take text out of",
    "redo": "the shell keeps no history",
    "undo": "the shell keeps no history",
    "restore": "it copies the whole file",
    "doctor": "it looks at more than jobs",
    "diff": "it reads two databases",
    "migrate": "benches/migrate.py asks",
    "completions": "it looks at no job",
    "man": "it looks at no job",
    "help": "it looks at no job",
}
# Flags that are no view, by command; "*" stands for every command.
NOT_ASKED = {
    ("*", "--help"): "it looks at no job",
    ("*", "--db"): "every question has it",
    ("*", "--quiet"): "every question has it",
    ("*", "--verbose"): "two lines on stderr more",
    ("*", "--color"): "there is colour on a terminal alone",
    ("*", "--no-pager"): "there is a pager on a terminal alone",
    ("*", "--busy-timeout"): "nobody is waited for here",
    ("*", "--null"): "one byte for another behind an id",
    ("*", "--yes"): "a confirmation",
    ("*", "--max"): "a guard: the same query with a limit",
    ("*", "--watch"): "it stays",
    ("*", "--backup"): "benches/backup.py",
    ("*", "--history"): "the questions are asked with it, as it is without the flag",
    ("*", "--no-history"): "it leaves work out",
    ("*", "--to"): "the same rows into a file, which is synced and moved to its place; the shell's is not",
    ("cleanup", "--stuck"): "it finds processing jobs, of which none goes",
    ("cleanup", "--archive"): "no dry run: benches/cleanup.py",
    ("cleanup", "--files-under"): "it looks at folders, which the shell does not",
    ("cleanup", "--reclaim"): "no dry run: benches/cleanup.py",
    ("cleanup", "--vacuum"): "no dry run: benches/cleanup.py",
    ("cleanup", "--exclusive"): "no dry run: benches/cleanup.py",
    ("cleanup", "--lock-wait"): "nobody is waited for here",
    ("delete", "--ignore-missing"): "a guard",
    ("show", "--scan"): "it looks at folders, which the shell does not",
    ("show", "--files-under"): "it looks at folders, which the shell does not",
    ("create", "--json"): "the same row from other words",
    ("update", "--dry-run"): "a guard: the row is read and not written",
    ("update", "--force"): "a guard",
    ("update", "--if-status"): "a guard",
    ("update", "--if-updated-at"): "a guard",
    ("update", "--clear"): "a column more or less of the one UPDATE",
    ("update", "--complete"): "a column more or less of the one UPDATE",
    ("update", "--fail"): "a column more or less of the one UPDATE",
    ("update", "--cancel"): "a column more or less of the one UPDATE",
    ("update", "--requeue"): "a column more or less of the one UPDATE",
    ("update", "--status"): "a column more or less of the one UPDATE",
    ("create", "--status"): "a column more or less of the one INSERT",
}
# The same by heading of the help.
GROUPS_NOT_ASKED = {
    ("create", "Fields"): "a column more or less of the one INSERT",
    ("update", "Fields"): "a column more or less of the one UPDATE",
}
# The column of each sort key.
COLUMNS = dict(zip(
    "id type mode status content requirement style title request context progress stage working-dir result error total-shots completed-shots "
    "episode series created updated started completed".split(), generate.COLUMNS))
GROUPS = {"status": "status", "type": "job_type", "mode": "mode", "style": "style", "day": "substr(created_at, 1, 10)"}
# How the shell prints the like.
MODES = {"json": "-json", "jsonl": "-json", "csv": "-csv", "tsv": "-tabs", "ids": "-list", "table": "-column", "wide": "-column",
         "prometheus": "-list"}
ENDED = "status IN ('completed', 'failed', 'cancelled')"
DECIDING = "coalesce(completed_at, updated_at, created_at)"
RAN = "round((julianday(completed_at) - julianday(started_at)) * 86400) AS ran"
IDEA = "A lighthouse keeper teaches a robot to read the sea"
# What misses its bar, and why.
SORTED = "each key is copied out of SQLite, whose own sorter takes it where it lies"
ESCAPED = "each value is copied out of SQLite, found to be UTF-8 and copied again with its escapes; the shell prints bytes where they lie"
JUDGED = "every ended job is judged by all rules"
BY_ID = "a run of the history on pages of its own, and in delete mode a fifth sync, without which a loss of power may take the change back"
REASONS = {
    "`list --sort context`": SORTED, "`list --sort context:desc`": SORTED, "`list --sort error`": SORTED,
    "`list --sort episode`": SORTED, "`list --sort series`": SORTED,
    "`export -o tsv`": ESCAPED, "`list --all -o tsv`": ESCAPED,
    "`cleanup --explain -o jsonl`": JUDGED, "`cleanup --keep-last 1000 --dry-run -o ids`": JUDGED,
    "`create`": BY_ID, "`update` by id": BY_ID, "`delete` by id": BY_ID,
}


class Facts:
    """What the questions say of one file: points of time, ids, words to look for. Without a file they are made up."""

    def __init__(self, db=None, cursor=None):
        self.now = datetime.datetime(2026, 1, 1, 12)
        shares = (0.01, 0.1, 0.45, 0.55, 0.9)
        points = ["2025-01-01 00:00:00"] * len(shares)
        self.ids, self.rare = ["00000000-0000-4000-8000-000000000000"] * 4, "Project 00000"
        self.series = self.episode = self.ids[0]
        self.half, self.cursors = 500_000, {"created:desc": "CURSOR", "status": "CURSOR"}
        self.middle, self.middle_status = ("2025-06-01 00:00:00.000000", self.ids[0]), ("completed", self.ids[0])
        if db:
            (count,) = db.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
            points = [at(db, int(count * share), "created_at")[0][:19] for share in shares]
            (last,) = db.execute(f"SELECT max(created_at) FROM {TABLE}").fetchone()
            self.now = datetime.datetime.fromisoformat(last[:10]) + datetime.timedelta(days=1, hours=12)
            self.ids = compare.some_ids(db, min(240, count // 4))
            self.half = count // 2
            self.middle = db.execute(f"SELECT created_at, id FROM {TABLE} ORDER BY created_at DESC LIMIT 1 OFFSET {self.half}").fetchone()
            title, = at(db, self.half, "project_title")
            # All but the last two digits of its number: a hundred jobs.
            self.rare = title[:13]
            self.series, self.episode = db.execute(f"SELECT series_id, episode_id FROM {TABLE} WHERE episode_id IS NOT NULL LIMIT 1").fetchone()
            self.middle_status = db.execute(f"SELECT status, id FROM {TABLE} ORDER BY status, id LIMIT 1 OFFSET {self.half}").fetchone()
            self.cursors = {order: cursor(order, self.half) for order in self.cursors}
        self.old, self.p10, self.p45, self.p55, self.p90 = points
        self.clock = f"{self.now.isoformat()}Z"


def at(db, row, column):
    return db.execute(f"SELECT {column} FROM {TABLE} ORDER BY created_at LIMIT 1 OFFSET {row}").fetchone()


def instant(text):
    return text.replace(" ", "T") + "Z"


class Question:
    """A question to both, in one or several variants, which the runs take in turn."""

    def __init__(self, name, pairs, mode="-json", bar=1.0, ordered=True, memory=compare.MEMORY_BAR, compared="ids", group="Views", writes=None):
        self.name, self.mode, self.ordered, self.memory = name, mode, ordered, memory
        self.compared, self.group, self.writes = compared, group, writes
        # Words of jobctl behind its --db, and one or several texts for the shell.
        self.pairs = [(words, [sql] if isinstance(sql, str) else sql) for words, sql in pairs]
        self.words = self.pairs[0][0]
        self.bar = 0.8 if "--search" in self.words else bar

    def ours(self, jobctl, path, pair):
        return [jobctl, "--db", path, "-q", *pair[0]]

    def theirs(self, shell, path, pair):
        header = ["-header"] if self.mode in ("-csv", "-tabs", "-column") and "--no-header" not in self.words else []
        return [shell, self.mode, *header, path, *pair[1]]


def filters(facts, states):
    """The variants of each filter: what is said of it, its value, and the condition. The first finds few jobs."""
    def like(text):
        return f"(project_title LIKE '%{text}%' OR content LIKE '%{text}%' OR error_message LIKE '%{text}%')"

    def ago(age):
        number, unit = int(age[:-1]), {"d": "days", "h": "hours"}[age[-1]]
        return f"datetime('{facts.now}', '-{number} {unit}')"

    def equal(column, *words):
        return [(word, word, f"{column} IS NULL" if word == "null" else f"{column} = '{word}'") for word in words]

    return {
        "--status": [*equal("status", *sorted(states, key=lambda state: state != "queued"), "null"),
                     ("two of them", "queued,failed", "status IN ('queued', 'failed')")],
        "--not-status": [("completed", "completed", "status <> 'completed'"), ("failed", "failed", "status <> 'failed'")],
        "--type": equal("job_type", "conversational", "script2video", "idea2video"),
        "--mode": equal("mode", "null", "script", "idea"),
        "--style": equal("style", "pixel art", "film noir"),
        "--series": [("one", facts.series, f"series_id = '{facts.series}'"), *equal("series_id", "null")],
        "--episode": [("one", facts.episode, f"episode_id = '{facts.episode}'"), *equal("episode_id", "null")],
        "--since": [("10 % match", instant(facts.p90), f"created_at >= '{facts.p90}'"),
                    ("90 % match", instant(facts.p10), f"created_at >= '{facts.p10}'")],
        "--until": [("old jobs", instant(facts.old), f"created_at < '{facts.old}'"),
                    ("most jobs", instant(facts.p90), f"created_at < '{facts.p90}'")],
        "--older-than": [(age, age, f"{DECIDING} < {ago(age)}") for age in ("395d", "30d")],
        "--search": [("rare", facts.rare, like(facts.rare)), ("nothing found", "zzqq", like("zzqq")), ("common", "lighthouse", like("lighthouse")),
                     ("not ASCII", "灯台守", like("灯台守"))],
        "--stuck": [(age, age, f"status = 'processing' AND updated_at < {ago(age)}") for age in ("395d", "2h")],
    }


def page(where="1", order="created_at DESC", columns="*", limit=50, offset=0, total=True):
    """The SQL of a page, and of the number of all that match."""
    where = "" if where == "1" else f" WHERE {where}"
    count = f"SELECT count(*) AS total FROM {TABLE}{where}; " if total else ""
    limits = f" LIMIT {limit}" + (f" OFFSET {offset}" if offset else "") if limit else ""
    return f"{count}SELECT {columns} FROM {TABLE}{where} ORDER BY {order}{limits}"


def columns_of(form, facts):
    """What a listing of this form shows."""
    done = "id, status, job_type, progress"
    return {
        "ids": "id",
        "table": f"{done}, current_stage, project_title, round(julianday('{facts.now}') - julianday(created_at), 1) AS days, {RAN}",
        "wide": f"{done}, completed_shots || '/' || total_shots AS shots, current_stage, project_title, style, created_at, updated_at, {RAN}, "
                "error_message",
    }.get(form, "*")


def list_questions(facts, definition):
    json = ["-o", "json"]
    known = filters(facts, definition.states)
    yield Question("`list`", [(["list", *json], page())])
    for flag, variants in known.items():
        for label, value, where in variants:
            yield Question(f"`list {flag}`, {label}", [(["list", flag, value, *json], page(where))], group="Filters")
    between = f"created_at >= '{facts.p45}' AND created_at < '{facts.p55}'"
    for label, words, where in (
        ("`list --since A --until B`, 10 % match", ["--since", instant(facts.p45), "--until", instant(facts.p55)], between),
        ("`list --status failed --since`, 10 % match", ["--status", "failed", "--since", instant(facts.p90)],
         f"status = 'failed' AND created_at >= '{facts.p90}'"),
        ("`list --type --style`", ["--type", "script2video", "--style", "anime"], "job_type = 'script2video' AND style = 'anime'"),
        ("`list --status failed --search`, rare", ["--status", "failed", "--search", facts.rare],
         f"status = 'failed' AND {known['--search'][0][2]}"),
    ):
        yield Question(label, [(["list", *words, *json], page(where))], group="Filters")
    # A count is what a listing of one job says beside it.
    for label, words, where in (("all", [], "1"), ("failed", ["--status", "failed"], "status = 'failed'"),
                                ("--since A --until B", ["--since", instant(facts.p45), "--until", instant(facts.p55)], between),
                                ("--style", ["--style", "anime"], "style = 'anime'")):
        yield Question(f"`list --limit 1`, count of {label}", [
            (["list", *words, "--limit", "1", "--fields", "id", *json], page(where, columns="id", limit=1))], group="Counts")
    yield Question("`list --no-total`", [(["list", "--no-total", *json], page(total=False))], group="Paging")
    yield Question("`list --offset 1000`", [(["list", "--offset", "1000", *json], page(offset=1000))], group="Paging")
    yield Question("`list --offset`, half of all", [(["list", "--offset", str(facts.half), *json], page(offset=facts.half))], group="Paging")
    total = f"SELECT count(*) AS total FROM {TABLE}; "
    for name, order, columns, values, by in (
        ("`list --after`", "created:desc", "created_at, id", facts.middle, "created_at DESC"),
        ("`list --sort status --after`", "status", "status, id", facts.middle_status, "status, id"),
    ):
        sign = "<" if by.endswith("DESC") else ">"
        behind = page(f"({columns}) {sign} ('{values[0]}', '{values[1]}')", by, total=False)
        words = ["list", "--sort", order, "--after", facts.cursors[order], *json]
        yield Question(f"{name}, half of all", [(words, total + behind)], group="Paging")
    for key in definition.sort_keys:
        column = COLUMNS.get(key)
        if column is None:
            raise SystemExit(f"benches/questions.py knows no column for the sort key {key}: add it to COLUMNS")
        for suffix, direction in (("", ""), (":desc", " DESC")):
            order = f"{column}{direction}" if column in ("id", "created_at", "project_title") else f"{column}{direction}, id{direction}"
            yield Question(f"`list --sort {key}{suffix}`", [(["list", "--sort", key + suffix, *json], page(order=order))], group="Sorts")
    yield Question("`list --status failed --sort updated:desc`", [
        (["list", "--status", "failed", "--sort", "updated:desc", *json], page("status = 'failed'", "updated_at DESC"))], group="Sorts")
    for form in definition.formats["list"]:
        columns = columns_of(form, facts)
        mode = mode_of(form)
        if form != "json":  # All the others ask for it.
            yield Question(f"`list -o {form}`", [(["list", "-o", form], page(columns=columns, total=False))], mode, group="Outputs")
        bar = {"ids": 0.9, "json": 0.7, "jsonl": 0.7}.get(form, 1.0)
        yield Question(f"`list --all -o {form}`", [(["list", "--all", "-o", form], page(columns=columns, limit=0, total=form == "json"))], mode, bar,
                       group="Outputs")
    three = page(columns="id, status, project_title", limit=0, total=False)
    for form, more in (("csv", []), ("csv", ["--excel"]), ("csv", ["--no-header"]), ("tsv", []), ("jsonl", []), ("table", ["--ascii"])):
        name = " ".join(["list --all -o", form, *more])
        yield Question(f"`{name}`, three fields", [(["list", "--all", "-o", form, *more, "--fields", "id,status,title"], three)], mode_of(form),
                       group="Outputs")
    yield Question("`list -o wide --utc`", [(["list", "-o", "wide", "--utc"], page(columns=columns_of("wide", facts), total=False))], "-column",
                   group="Outputs")
    for flag, variants in known.items():
        label, value, where = variants[0]
        yield Question(f"`list --all -o ids {flag}`, {label}", [
            (["list", "--all", "-o", "ids", flag, value], page(where, columns="id", limit=0, total=False))], "-list", group="Filters, all ids")


def mode_of(form):
    mode = MODES.get(form)
    if mode is None:
        raise SystemExit(f"benches/questions.py knows no mode of the shell for the format {form}: add it to MODES")
    return mode


def export_questions(facts, definition):
    for form in definition.formats["export"]:
        yield Question(f"`export -o {form}`", [(["export", "-o", form], f"SELECT * FROM {TABLE}")], mode_of(form), 0.7, group="Exports")
    yield Question("`export -o csv --excel`", [(["export", "-o", "csv", "--excel"], f"SELECT * FROM {TABLE}")], "-csv", 0.7, group="Exports")
    for flag, variants in filters(facts, definition.states).items():
        label, value, where = variants[0]
        sql = f"SELECT * FROM {TABLE} WHERE {where}"
        yield Question(f"`export {flag}`, {label}", [(["export", flag, value], sql)], ordered=False, group="Exports")


def dry_run_questions(facts, definition):
    """Of cleanup and delete; their ids come in no order that is said."""
    known = filters(facts, definition.states)

    def ask(name, words, sql, mode="-list"):
        return Question(f"`{name}`", [(words, sql)], mode, ordered=False, group="Dry runs")

    def ending(where):
        return f"SELECT id FROM {TABLE} WHERE {ENDED} AND {where}"

    _, age, old = known["--older-than"][1]
    cleanup = ["cleanup", "--older-than", age, "--dry-run"]
    yield ask("cleanup --dry-run -o ids", [*cleanup, "-o", "ids"], ending(old))
    for form in definition.formats["cleanup"]:
        if form != "ids":
            reason = f"status || ', ' || round(julianday('{facts.now}') - julianday({DECIDING}), 1) || ' days old' AS reason"
            sql = f"SELECT id, {reason} FROM {TABLE} WHERE {ENDED} AND {old}"
            yield ask(f"cleanup --dry-run -o {form}", [*cleanup, "-o", form], sql, mode_of(form))
    yield ask("cleanup --explain -o jsonl", ["cleanup", "--older-than", age, "--explain", "-o", "jsonl"],
              f"SELECT id, status, {DECIDING} AS at, {ENDED} AND {old} AS goes FROM {TABLE}", "-json")
    ninety = f"datetime('{facts.now}', '-90 days')"
    thirty = f"datetime('{facts.now}', '-30 days')"
    yield ask("cleanup --keep --dry-run -o ids", [*cleanup, "--keep", "failed=90d", "-o", "ids"],
              ending(f"{DECIDING} < CASE status WHEN 'failed' THEN {ninety} ELSE {thirty} END"))
    yield ask("cleanup --keep-last 1000 --dry-run -o ids", ["cleanup", "--keep-last", "1000", "--dry-run", "-o", "ids"],
              f"SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY status, job_type ORDER BY {DECIDING} DESC) AS n FROM {TABLE} "
              f"WHERE {ENDED}) WHERE n > 1000")
    for flag, variants in known.items():
        label, value, where = variants[0]
        if flag not in ("--older-than", "--stuck"):
            value, where = {"--status": ("failed", "status = 'failed'")}.get(flag, (value, where))
            yield ask(f"cleanup {flag} --dry-run -o ids", [*cleanup, flag, value, "-o", "ids"], ending(f"{old} AND {where}"))
        yield ask(f"delete {flag} --dry-run -o ids", ["delete", flag, variants[0][1], "--dry-run", "--force", "-o", "ids"],
                  f"SELECT id FROM {TABLE} WHERE {variants[0][2]}")


def stats_questions(facts, definition):
    def ask(name, words, sql, form, compared=None):
        return Question(f"`stats{name}", [(["stats", "--utc", *words], sql)], mode_of(form), memory=64.0, compared=compared, group="Stats")

    def all_of(where="1", **more):
        return " ".join(stats.queries(where, facts.now, **more))

    for form in definition.formats["stats"]:
        # CSV and TSV have the groups alone.
        grouped = form in ("csv", "tsv")
        sql = stats.groups("status") if grouped else all_of()
        yield ask(f" -o {form}`", ["-o", form], sql, form, "stats" if form in ("json", "jsonl") else None)
    for key in definition.groups:
        if key not in GROUPS:
            raise SystemExit(f"benches/questions.py knows no expression for stats --by {key}: add it to GROUPS")
        yield ask(f" --by {key} -o csv`", ["--by", key, "-o", "csv"], stats.groups(GROUPS[key]), "csv")
    yield ask(" --top 3 -o json`", ["--top", "3", "-o", "json"], all_of(top=3), "json", "stats")
    yield ask(" --stuck-after 48h -o json`", ["--stuck-after", "48h", "-o", "json"], all_of(stuck="48 hours"), "json", "stats")
    for flag, variants in filters(facts, definition.states).items():
        label, value, where = variants[0]
        yield ask(f" {flag} -o json`, {label}", [flag, value, "-o", "json"], all_of(where), "json", "total")


def show_questions(facts, definition):
    few = facts.ids[:60]

    def ask(name, pairs, mode="-json", **more):
        return Question(f"`show{name}", pairs, mode, 0.75, group="Show", **more)

    def by_id(i):
        return f"SELECT * FROM {TABLE} WHERE id = '{i}'"

    for form in definition.formats["show"]:
        sql = (lambda i: f"SELECT id FROM {TABLE} WHERE id = '{i}'") if form == "ids" else by_id
        yield ask(f" -o {form}`", [(["show", i, "-o", form], sql(i)) for i in few], "-line" if form in ("table", "wide") else mode_of(form))
    yield ask(" --full`", [(["show", i, "--full"], by_id(i)) for i in few], "-line")
    prefixes = [i[:8] for i in few]
    yield ask(" -o json`, by prefix", [
        (["show", p, "-o", "json"], f"SELECT * FROM {TABLE} WHERE id >= '{p}' AND id < '{compare.after(p)}'") for p in prefixes])
    some = few[:20]
    listed = ", ".join(f"'{i}'" for i in some)
    yield ask(" -o json`, 20 ids", [(["show", *some, "-o", "json"], f"SELECT * FROM {TABLE} WHERE id IN ({listed})")], ordered=False)


def write_questions(facts):
    """Each run has ids of its own, the ones of the two programs in turns; a quarter of the ids belongs to each of update and delete."""
    time = f"{facts.now}.000000"
    quarter = len(facts.ids) // 4

    def pairs(first, words, sql):
        ours, theirs = (facts.ids[first + n * quarter:first + (n + 1) * quarter] for n in (0, 1))
        return [(words(a), sql(b)) for a, b in zip(ours, theirs)]

    def ask(name, some, writes):
        return Question(name, some, "-list", 0.9, compared=None, group="Writes", writes=writes)

    columns = "id, job_type, mode, status, content, progress, total_shots, completed_shots, created_at, updated_at"
    yield ask("`create`", [
        (["create", "--type", "idea2video", "--content", IDEA, "--id", made(n, 0)],
         f"INSERT INTO {TABLE} ({columns}) VALUES ('{made(n, 1)}', 'idea2video', 'idea', 'queued', '{IDEA}', 0.0, 0, 0, '{time}', '{time}') "
         "RETURNING id")
        for n in range(quarter)
    ], f"content = '{IDEA}'")
    stage = "current_stage = 'mixing'"
    yield ask("`update` by id", pairs(
        0, lambda i: ["update", i, "--stage", "mixing"],
        lambda i: f"UPDATE {TABLE} SET {stage}, updated_at = '{time}' WHERE id = '{i}'"), stage)
    yield ask("`delete` by id", pairs(
        2 * quarter, lambda i: ["delete", i, "--force", "--yes"], lambda i: f"DELETE FROM {TABLE} WHERE id = '{i}'"), "gone")


def made(number, who):
    """An id that the generator did not make."""
    return f"{number * 2654435761 % (1 << 32):08x}-0000-4000-8000-{who:012x}"


def questions(facts, definition):
    for some in (list_questions(facts, definition), export_questions(facts, definition), dry_run_questions(facts, definition),
                 stats_questions(facts, definition), show_questions(facts, definition), write_questions(facts)):
        yield from some


def gaps(definition):
    """What the command has and no question here, and what is said here of things that are no more."""
    asked = {(question.words[0], word) for question in questions(Facts(), definition) for word in question.words}
    # The short flag that the questions use.
    asked |= {(command, "--output") for command, word in asked if word == "-o"}
    found, used = [], set()
    for command in definition.commands:
        if command not in ASKED and command not in OTHER_COMMANDS:
            found.append(f"the command {command} is neither in ASKED of definition.py nor in OTHER_COMMANDS")
        for heading, flags in definition.headings.get(command, {}).items():
            for flag in flags:
                keys = [key for key in ((command, flag), ("*", flag)) if key in NOT_ASKED]
                groups = [key for key in [(command, heading)] if key in GROUPS_NOT_ASKED]
                used.update(keys, groups)
                if not keys and not groups and (command, flag) not in asked and not is_asked_elsewhere(command, heading, flag, asked):
                    found.append(f"jobctl {command} {flag}: no question has it, and NOT_ASKED gives no reason")
    real = {(command, flag) for command, headings in definition.headings.items() for flags in headings.values() for flag in flags}
    found += [f"jobctl {command} {word}: a question has it, and there is no such flag" for command, word in sorted(asked)
              if word.startswith("--") and (command, word) not in real]
    known = filters(Facts(), definition.states)
    found += [f"the filter {flag} has no variants in filters()" for flag in definition.filters if flag not in known]
    found += [f"{' '.join(key)}: there is no such thing any more" for key in [*NOT_ASKED, *GROUPS_NOT_ASKED] if key not in used]
    found += [f"there is no command {command} any more" for command in [*ASKED, *OTHER_COMMANDS] if command not in definition.commands]
    return found


def is_asked_elsewhere(command, heading, flag, asked):
    """How to print is asked of list; of the others, where they print otherwise."""
    return heading == "Global options" and command != "list" and ("list", flag) in asked
