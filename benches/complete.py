#!/usr/bin/env python3
"""Times what a pressed TAB waits for: `jobctl complete` as a whole process, and the key itself in bash, zsh and fish. Standard library only.

    cargo build --release
    python3 benches/complete.py --jobs 1000000 --db jobs.db

Each question is put to the file and to a copy of it without the indexes of the report (3 GB at 1,000,000 jobs), once uncounted and then
--runs times; medians and the slowest are told, and the slowest must stay within the bar. Then the shells that are here are started in a
pseudo-terminal, and the time from the key to the first offer on the screen is taken. The exit status is 1 when the bar is missed. --db names
a file of benches/generate.py db, which is made when it is not there and kept.
"""
import argparse
import contextlib
import fcntl
import os
import pty
import re
import select
import shutil
import sqlite3
import statistics
import struct
import sys
import tempfile
import termios
import time

sys.dont_write_bytecode = True
import compare  # noqa: E402

BAR = 50.0
QUESTIONS = (("show", ""), ("show", "7"), ("show", "7c1f"), ("list", "--status", ""), ("list", "--type", ""), ("list", "--mode", ""),
             ("list", "--style", ""))
# What is typed, and what the first offer looks like.
KEYS = (("jobctl show ", rb"[0-9a-f]{8}-[0-9a-f]{4}-"), ("jobctl list --type ", rb"script2video"))
# How each is started without the settings of the user, and what makes it read the script.
SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], "source ./jobctl.bash\r"),
    "zsh": (["-f", "-i"], "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D\r"),
    "fish": (["--no-config", "-i"], "source ./jobctl.fish\r"),
}
SCRIPTS = {"bash": "jobctl.bash", "zsh": "_jobctl", "fish": "jobctl.fish"}
QUIET = 0.2


def told(name, times):
    """The row of a case, and whether it met the bar."""
    ok = max(times) <= BAR
    print(f"| {name} | {statistics.median(times):.1f} | {max(times):.1f} | {BAR:.0f} | {'yes' if ok else 'NO'} |", flush=True)
    return ok


def processes(jobctl, path, env, runs, kind):
    for words in QUESTIONS:
        line = [jobctl, "complete", "zsh", "--", "jobctl", "--db", path, *words]
        if not compare.output(line, env):
            sys.exit(f"nothing is offered: {' '.join(line)}")
        yield told(f"`{' '.join(words)}<TAB>`, {kind}", [compare.run(line, env)[0] * 1000 for _ in range(runs)])


class Terminal:
    """A shell in a pseudo-terminal."""

    def __init__(self, shell, env, folder):
        arguments, setup = SHELLS[shell]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(shell, [shell, *arguments], env)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 70, 140, 0, 0))
        self.until_quiet()
        self.type(setup)
        self.until_quiet()

    def type(self, text):
        os.write(self.fd, text.encode())

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        found = os.read(self.fd, 65536)
        # fish asks its terminal what it is, and waits for the answer.
        if b"\x1b[c" in found:
            self.type("\x1b[?62;c")
        return found

    def until_quiet(self):
        while self.read(QUIET):
            pass

    def press(self, line, pattern, twice):
        """Milliseconds from the key until the offers begin to show."""
        self.type(line)
        self.until_quiet()
        if twice:
            self.type("\t")
            self.until_quiet()
        began, seen = time.perf_counter(), b""
        self.type("\t")
        while not re.search(pattern, seen):
            found = self.read(5)
            if not found:
                sys.exit(f"nothing is offered behind {line!r}")
            seen += found
        took = (time.perf_counter() - began) * 1000
        self.until_quiet()
        self.type("\x03")
        self.until_quiet()
        return took

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def shells(jobctl, path, env, runs, folder):
    env = {**env, "PATH": f"{folder}:{env['PATH']}", "JOBCTL_DB": path, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    for shell, script in SCRIPTS.items():
        if not shutil.which(shell):
            print(f"left out: no {shell}", file=sys.stderr)
            continue
        with open(os.path.join(folder, script), "wb") as file:
            file.write(compare.output([jobctl, "completions", shell], env))
        with contextlib.closing(Terminal(shell, env, folder)) as terminal:
            for line, pattern in KEYS:
                # bash shows what there is at the second key. The first press is not counted: zsh loads its own functions then (0.1 s, whatever is completed).
                times = [terminal.press(line, pattern, shell == "bash") for _ in range(runs + 1)]
                yield told(f"`{line}<TAB>` in {shell}", times[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--db", metavar="FILE")
    parser.add_argument("--binary", default=str(compare.ROOT / "target/release/jobctl"))
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    jobctl = shutil.which(options.binary)
    if jobctl is None:
        parser.error(f"no program at {options.binary}: cargo build --release")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.abspath(compare.database(options, folder))
        bare = shutil.copyfile(path, os.path.join(folder, "bare.db"))
        with contextlib.closing(sqlite3.connect(bare)) as db:
            for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall():
                db.execute(f'DROP INDEX "{name}"')
        installed = shutil.copy(jobctl, os.path.join(folder, "jobctl"))
        env = {"HOME": folder, "PATH": os.environ["PATH"]}
        print("| case | median ms | slowest ms | bar | ok |\n|---|---:|---:|---:|---|")
        met = [*processes(installed, path, env, options.runs, "indexed"), *processes(installed, bare, env, options.runs, "without indexes"),
               *shells(installed, path, env, min(options.runs, 6), folder)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
