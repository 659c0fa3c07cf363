"""The engines that are asked: Slicehouse and PostgreSQL through their shells, DuckDB in process."""
import datetime
import os
import pathlib
import selectors
import shutil
import subprocess
import tempfile
import threading

ROWS_MAX = 20000
TEXT_BYTES_MAX = 200


class Ended(Exception):
    """The program ended or took too long."""


class Shell:
    """A psql-like program, fed one statement at a time; it stops one after `seconds` itself.

    What still runs a minute later hangs: the program is killed.
    """

    def __init__(self, command, setup, seconds):
        self.command = command
        self.setup = [*setup, f"SET statement_timeout TO {int(1000 * seconds)}"]
        self.seconds = seconds + 60
        self.start()

    def start(self):
        """Begins the program and makes its tables."""
        self.number = 0
        self.process = subprocess.Popen(
            [*self.command, "-X", "-q", "-t", "-A", "-F", "\x1f", "-P", "null=\\N",
             "-v", "ON_ERROR_STOP=0", "-v", "VERBOSITY=verbose"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        for statement in self.setup:
            lines = [line for line in self.ask(statement) if line.startswith("ERROR")]
            if lines:
                raise SystemExit(f"{lines[0]}\nin {statement[:300]}")

    def ask(self, statement):
        """The lines that a statement prints, errors among them."""
        self.number += 1
        end = f"@@{self.number}".encode()
        try:
            self.process.stdin.write(f"{statement};\n\\echo @@{self.number}\n".encode())
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Ended(f"exit status {self.process.wait()}") from None
        kept = bytearray()
        while not (kept.endswith(b"\n" + end + b"\n") or kept == end + b"\n"):
            if not self.selector.select(self.seconds):
                self.process.kill()
                self.process.wait()
                raise Ended(f"not stopped after {self.seconds} s")
            part = os.read(self.process.stdout.fileno(), 1 << 20)
            if not part:
                status = self.process.wait()
                raise Ended(f"exit status {status}: {kept.decode(errors='replace')[-500:]}")
            kept += part
        lines = kept.decode(errors="replace").split("\n")[:-2]
        return [line for line in lines if not line.startswith(("slicehouse:", "INFO", "NOTICE"))]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Server:
    """A PostgreSQL of our own, reachable only through a socket in a private folder."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slicehouse-pg-"))
        found = shutil.which("initdb") or next(
            iter(sorted(map(str, pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")))), None)
        if not found:
            raise SystemExit("PostgreSQL is missing; on Debian: apt-get install postgresql")
        self.programs = pathlib.Path(found).resolve().parent
        self.prefix = []
        if os.getuid() == 0:  # PostgreSQL refuses to run as root.
            shutil.chown(self.folder, "postgres")
            self.prefix = ["runuser", "-u", "postgres", "--"]
        self.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "--locale=C.UTF-8",
                 "-E", "UTF8", "--no-sync")
        self.run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o",
                 f"-p 5499 -k {self.folder} -c listen_addresses='' -c fsync=off "
                 "-c jit=off", "start")

    def run(self, program, *options):
        subprocess.run([*self.prefix, self.programs / program, *options], check=True,
                       cwd=self.folder, stdout=subprocess.DEVNULL)

    def shell(self, setup, seconds):
        """A session with the tables in it."""
        command = ["stdbuf", "-oL", "psql", "-h", str(self.folder), "-p", "5499", "-U", "postgres"]
        return Shell(command, setup, seconds)

    def close(self):
        self.run("pg_ctl", "-D", "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)


class DuckDB:
    """DuckDB in this process, NULLs ordered as Redshift does."""

    def __init__(self, setup, seconds):
        import duckdb
        self.seconds = seconds
        self.error = duckdb.Error
        self.connection = duckdb.connect()
        self.connection.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
        self.connection.execute("SET threads = 1")
        self.connection.execute("SET memory_limit = '4GB'")
        for statement in setup:
            self.connection.execute(statement)

    def ask(self, statement):
        """Printed rows and no error, or no rows and what was wrong; None for too many rows."""
        alarm = threading.Timer(self.seconds, self.connection.interrupt)
        alarm.start()
        try:
            rows = self.connection.execute(statement).fetchmany(ROWS_MAX + 1)
        except (self.error, RuntimeError) as error:
            return None, str(error).split("\n")[0]
        finally:
            alarm.cancel()
        if len(rows) > ROWS_MAX:
            return None, None
        return ["\x1f".join(map(printed, row)) for row in rows], None


def printed(value):
    """A value of DuckDB as the shells print it."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime.datetime):
        text = value.isoformat(" ")
        return text.rstrip("0") if "." in text else text
    if isinstance(value, str):
        # DuckDB's VARCHAR(200) has no length; queries cast every text they put out to it.
        return value.encode()[:TEXT_BYTES_MAX].decode(errors="ignore")
    return repr(value) if isinstance(value, float) else str(value)
