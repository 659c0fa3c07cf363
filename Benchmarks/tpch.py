#!/usr/bin/env python3
"""Times Slicehouse beside DuckDB on TPC-H: load, size, queries, memory.

Every query runs `rounds` times after one warm-up, the two engines taking turns; wall time is from
sending the text to holding the last row, CPU time is the whole process's. Medians are printed
with their ratio; the last lines are geometric means. Both engines get the same two threads.
"""
import argparse
import math
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
PROGRAM = ROOT / ".build/release/slicehouse"
TABLES = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"]
DONE = "benchmark-statement-done"


def schema(layout):
    """The DDL with no keys, everything EVEN, or the keys in the comments of schema.sql."""
    text = (ROOT / "sql/tpch/schema.sql").read_text()
    if layout == "keys":
        return re.sub(r"\) /\*\+ (.*?) \*/;", r") \1;", text)
    suffix = " DISTSTYLE EVEN" if layout == "even" else ""
    return re.sub(r"\) /\*\+ (.*?) \*/;", ")" + suffix + ";", text)


class Slicehouse:
    name = "slicehouse"

    def __init__(self, folder, data, layout):
        self.path = folder / f"warehouse-{layout}"
        start, cpu = time.perf_counter(), children_cpu()
        script = schema(layout) + "".join(
            f"COPY {table} FROM '{data}/{table}.tbl' DELIMITER '|';\n" for table in TABLES
        )
        subprocess.run(
            [PROGRAM, "-X", "-q", "-v", "ON_ERROR_STOP=1", self.path],
            input=script.encode(), check=True, stderr=subprocess.DEVNULL,
        )
        self.load_seconds, self.load_cpu = time.perf_counter() - start, children_cpu() - cpu
        self.byte_count = size(self.path)
        self.process = subprocess.Popen(
            [PROGRAM, "-X", "-q", "-t", "--csv", self.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )

    def run(self, query):
        self.process.stdin.write(query.encode() + f"\n\\echo {DONE}\n".encode())
        self.process.stdin.flush()
        rows = 0
        for line in self.process.stdout:
            if line.startswith(DONE.encode()):
                return rows
            rows += 1
        raise RuntimeError("the shell ended")

    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")")[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class DuckDB:
    name = "duckdb"

    def __init__(self, folder, data, layout):
        self.path = folder / "peer.duckdb"
        start, cpu = time.perf_counter(), time.process_time()
        if self.path.exists():
            self.path.unlink()
        self.connection = duckdb.connect(str(self.path))
        self.connection.execute("SET threads = 2")
        # Its primary keys are indexes that double load time and size; ours are promises. It is
        # measured without them.
        plain = re.sub(r",\s+PRIMARY KEY \(.*?\)|\s+PRIMARY KEY", "", schema("none"))
        self.connection.execute(plain)
        for table in TABLES:
            self.connection.execute(
                f"COPY {table} FROM '{data}/{table}.tbl' (DELIMITER '|', HEADER false)"
            )
        self.connection.execute("CHECKPOINT")
        self.load_seconds, self.load_cpu = time.perf_counter() - start, time.process_time() - cpu
        self.byte_count = size(self.path)

    def run(self, query):
        return len(self.connection.execute(query).fetchall())

    def cpu(self):
        return time.process_time()

    def peak(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def close(self):
        self.connection.close()


def children_cpu():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def size(path):
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def timed(engine, query):
    cpu, start = engine.cpu(), time.perf_counter()
    engine.run(query)
    return (time.perf_counter() - start) * 1000, (engine.cpu() - cpu) * 1000


def measure(engines, queries, rounds):
    figures = {}
    for name, query in queries:
        for engine in engines:
            engine.run(query)
        samples = {engine.name: [] for engine in engines}
        for turn in range(rounds):
            for engine in engines if turn % 2 == 0 else engines[::-1]:
                samples[engine.name].append(timed(engine, query))
        figures[name] = {
            engine: tuple(statistics.median(column) for column in zip(*values))
            for engine, values in samples.items()
        }
    return figures


def geometric_mean(values):
    return math.exp(sum(math.log(max(value, 1e-6)) for value in values) / len(values))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", default="1")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--layouts", default="none,keys")
    parser.add_argument("--queries", default="", help="comma-separated numbers; all by default")
    options = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    data = HERE / "data" / f"sf{options.scale}"
    wanted = {f"q{int(number):02}" for number in options.queries.split(",") if number}
    queries = [
        (path.stem, path.read_text()) for path in sorted((ROOT / "sql/tpch").glob("q*.sql"))
        if not wanted or path.stem in wanted
    ]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=HERE / "data"))
    try:
        print(f"TPC-H SF {options.scale}, median of {options.rounds}, ms wall / ms CPU")
        peer = DuckDB(folder, data, "none")
        print(
            f"load duckdb: {peer.load_seconds:.1f} s wall, {peer.load_cpu:.1f} s CPU, "
            f"{peer.byte_count / 1e6:.0f} MB"
        )
        for layout in options.layouts.split(","):
            ours = Slicehouse(folder, data, layout)
            print(
                f"\nlayout {layout}: load {ours.load_seconds:.1f} s wall "
                f"({ours.load_seconds / peer.load_seconds:.2f} x), {ours.load_cpu:.1f} s CPU, "
                f"{ours.byte_count / 1e6:.0f} MB ({ours.byte_count / peer.byte_count:.2f} x)"
            )
            figures = measure([ours, peer], queries, options.rounds)
            print("| query | slicehouse | CPU | duckdb | CPU | ratio wall | ratio CPU |")
            print("|---|---:|---:|---:|---:|---:|---:|")
            ratios = []
            for name, row in figures.items():
                (wall, cpu), (peer_wall, peer_cpu) = row["slicehouse"], row["duckdb"]
                ratios.append((wall / peer_wall, max(cpu, 1) / max(peer_cpu, 1)))
                print(
                    f"| {name} | {wall:.1f} | {cpu:.0f} | {peer_wall:.1f} | {peer_cpu:.0f} | "
                    f"{ratios[-1][0]:.2f} | {ratios[-1][1]:.2f} |"
                )
            walls, cpus = zip(*ratios)
            print(
                f"geometric mean: {geometric_mean(walls):.2f} x wall, "
                f"{geometric_mean(cpus):.2f} x CPU; peak memory "
                f"{ours.peak() / 1e6:.0f} MB"
            )
            ours.close()
            shutil.rmtree(ours.path)
        peer.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
