"""What jobctl says of itself: commands and flags in its help; sort keys, formats and other words in what it says to a wrong one."""
import re
import subprocess

# The commands whose flags are looked at.
ASKED = ("list", "export", "stats", "cleanup", "delete", "show", "create", "update")


class Definition:
    """What the command says of itself."""

    def __init__(self, jobctl):
        self.jobctl = jobctl
        self.commands = re.findall(r"^  ([a-z-]+) {2,}", self.help().partition("\nCommands:\n")[2].partition("\n\n")[0], re.M)
        self.headings = {command: headings_of(self.help(command)) for command in self.commands if command in ASKED}
        self.filters = self.headings["list"]["Filters"]
        self.sort_keys = self.words_for(r"the columns are ([^\n]*)", "list", "--sort", "?")
        self.states = self.words_for(r"it is one of ([^\n]*)", "create", "--status", "?")
        self.groups = self.words_for(r"\[possible values: ([^\]]*)", "stats", "--by", "?")
        self.formats = {command: self.words_for(r"\[possible values: ([^\]]*)", command, "-o", "?")
                        for command in ("list", "stats", "show", "cleanup")}
        self.formats["export"] = self.words_for(r"an export is ([^\n]*)", "export", "-o", "table")

    def run(self, *words):
        done = subprocess.run([self.jobctl, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        return done.returncode, done.stdout + done.stderr

    def help(self, *command):
        return self.run(*command, "-h")[1]

    def words_for(self, pattern, *words):
        """The words that a refusal names."""
        status, said = self.run(*words)
        found = re.search(pattern, said)
        if status != 2 or not found:
            raise SystemExit(f"no words are named by: jobctl {' '.join(words)}\n{said}")
        return re.split(r", | or | and ", found[1])


def headings_of(help_text):
    """The long flags below each heading."""
    found, heading = {}, None
    for line in help_text.splitlines():
        if named := re.fullmatch(r"([A-Z][\w ]*):", line):
            heading = found.setdefault(named[1], [])
        elif (flag := re.match(r"(?:  -.(?:, | )| {6})(--[a-z][a-z-]*)", line)) and heading is not None:
            heading.append(flag[1])
    if not found.get("Options"):
        raise SystemExit(f"no flags are named by this help:\n{help_text}")
    return found
