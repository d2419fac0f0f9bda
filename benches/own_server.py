"""A PostgreSQL server of a benchmark's own, run by `nobody` where root starts it, with its usual settings: durable commits are among them."""
import contextlib
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

USER, DATABASE = "service", "videos"


def programs():
    """The folder of the newest server's programs that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda it: int(it.parts[4]))
    return found[-1].parent if found else Path(shutil.which("initdb") or sys.exit("no initdb: PostgreSQL is not installed")).parent


@contextlib.contextmanager
def own_server(folder, *settings):
    """Starts one whose files are in this folder; gives its port. It has an empty database."""
    bin_folder, user = programs(), []
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = ["setpriv", "--reuid", "nobody", "--regid", str(nobody.pw_gid), "--clear-groups"]
    data = f"{folder}/data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL}
    subprocess.run([*user, bin_folder / "initdb", "-A", "trust", "-U", USER, "-D", data], **quiet)
    port = 50000 + os.getpid() % 10000
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c shared_buffers=256MB"
    for setting in settings:
        options += f" -c {setting}"
    subprocess.run([*user, bin_folder / "pg_ctl", "-w", "-D", data, "-l", f"{folder}/log", "-o", options, "start"], **quiet)
    try:
        subprocess.run([bin_folder / "createdb", "-h", folder, "-p", str(port), "-U", USER, DATABASE], check=True)
        yield port
    finally:
        subprocess.run([*user, bin_folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"], stdout=subprocess.DEVNULL)


def url(port, database=DATABASE):
    return f"postgresql+psycopg2://{USER}@127.0.0.1:{port}/{database}"
