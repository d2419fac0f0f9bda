"""Tells what libpq makes of addresses: a line of JSON in, [url, environment], a line out. Nothing is connected to: after all
that comes from the address a parameter is wrong, at which libpq gives up. What a URL that names a driver gives to libpq,
SQLAlchemy says."""

import ctypes
import json
import os
import pwd
import sys

from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql import psycopg, psycopg2
from sqlalchemy.exc import ArgumentError


class Option(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in "keyword envvar compiled val label dispchar".split()]
    _fields_.append(("dispsize", ctypes.c_int))


USER = pwd.getpwuid(os.geteuid()).pw_name

try:
    libpq = ctypes.CDLL("libpq.so.5")
except OSError:
    sys.exit("there is no libpq.so.5")
if libpq.PQlibVersion() // 10000 != 15:
    sys.exit(f"libpq is {libpq.PQlibVersion()}, not 15")
libpq.PQconnectStartParams.restype = ctypes.c_void_p
libpq.PQconninfo.restype = ctypes.POINTER(Option)
for name in "PQerrorMessage PQhost PQport PQpass".split():
    getattr(libpq, name).restype = ctypes.c_char_p
for name in "PQerrorMessage PQhost PQport PQpass PQconninfo PQfinish".split():
    getattr(libpq, name).argtypes = [ctypes.c_void_p]


def given(url):
    """The parameters that libpq is given; None where it comes to none."""
    if "+" not in url.split(":")[0]:
        return {"dbname": url}
    dialect = psycopg2 if "psycopg2" in url else psycopg
    try:
        parameters = dialect.dialect().create_connect_args(make_url(url))[1]
    except (ArgumentError, ValueError):
        return None
    # A URL as the name of the database would be read.
    return {name: str(value) for name, value in parameters.items()}


def start(url, **others):
    """What libpq knows then, what it says, and the host, port and password that it would use first."""
    parameters = given(url) | others
    names = list(parameters)
    values = list(parameters.values())
    array = ctypes.c_char_p * (len(names) + 1)
    connection = libpq.PQconnectStartParams(
        array(*(os.fsencode(name) for name in names), None),
        array(*(os.fsencode(value) for value in values), None),
        1,
    )
    known = {}
    options = libpq.PQconninfo(connection)
    index = 0
    while options[index].keyword:
        if options[index].val is not None:
            known[options[index].keyword.decode()] = os.fsdecode(options[index].val)
        index += 1
    text = lambda name: os.fsdecode(getattr(libpq, name)(connection) or b"")
    told = known, text("PQerrorMessage"), text("PQhost"), text("PQport"), text("PQpass")
    libpq.PQfinish(connection)
    return told


def number(text):
    """As libpq reads it when it connects; None for what it refuses then."""
    try:
        return int(text) if "_" not in text and abs(int(text)) < 2**31 else None
    except ValueError:
        return None


def hosts(known):
    """The lists of hosts as libpq puts them together."""
    split = lambda name: known[name].split(",") if known.get(name) else []
    names, addresses, ports = split("host"), split("hostaddr"), split("port")
    count = len(addresses or names) or 1
    names = names or [""] * count
    addresses = addresses or [""] * count
    ports = ports * count if len(ports) == 1 else ports or [""] * count
    told = []
    for name, address, port in zip(names, addresses, ports):
        port = number(port or "5432")
        if port is None or not 0 < port < 65536:
            return None
        if address:
            told.append(f"{name}={address}:{port}")
        else:
            told.append(f"{name or '/var/run/postgresql'}:{port}")
    return ",".join(told)


def made_of(url):
    if given(url) is None:
        return "refused"
    known, error, host, port, password = start(url, gssencmode="none")
    if "invalid gssencmode value" not in error:
        return "refused"
    # The other wrong parameter, which libpq looks at later.
    if "target_session_attrs" in start(url, host="/nowhere", hostaddr="", port="1")[1]:
        return "refused"
    servers = hosts(known)
    if servers is None:
        return "refused"
    first = servers.split(",")[0]
    assert first.split("=")[0].rsplit(":", 1)[0] in (host, "") or "=" in first, (first, host)
    named = lambda name: "os-user" if name == USER else name
    told = [servers, f"user={named(known['user'])}", f"dbname={named(known['dbname'])}"]
    if password:
        told.append(f"password={password}")
    if known["sslmode"] != "prefer":
        told.append(f"sslmode={known['sslmode']}")
    for name in "sslrootcert sslcert sslkey".split():
        if known.get(name):
            told.append(f"{name}={known[name]}")
    if known["sslsni"][:1] != "1":
        told.append("sslsni=0")
    if known["ssl_min_protocol_version"].lower() == "tlsv1.3":
        told.append("ssl_min_protocol_version=TLSv1.3")
    if known.get("ssl_max_protocol_version", "").lower() == "tlsv1.2":
        told.append("ssl_max_protocol_version=TLSv1.2")
    if known["channel_binding"] != "prefer":
        told.append(f"channel_binding={known['channel_binding']}")
    name = known.get("application_name") or known.get("fallback_application_name")
    if name:
        told.append(f"application_name={name}")
    if known.get("options"):
        told.append(f"options={known['options']}")
    if known.get("target_session_attrs", "any") != "any":
        told.append(f"target_session_attrs={known['target_session_attrs']}")
    timeout = number(known.get("connect_timeout", "0"))
    if timeout is None:
        return "refused"
    if timeout > 0:
        told.append(f"connect_timeout={max(timeout, 2)}")
    if known.get("keepalives") is not None and (known["keepalives"] == "" or number(known["keepalives"]) == 0):
        told.append("keepalives=0")
    for name in "keepalives_idle keepalives_interval keepalives_count tcp_user_timeout".split():
        value = number(known.get(name, "0"))
        if value is None:
            return "refused"
        if value > 0:
            told.append(f"{name}={value}")
    return " ".join(told)


for line in sys.stdin:
    url, environment = json.loads(line)
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]
    os.environ.update(environment)
    print(json.dumps(made_of(url)), flush=True)
