#!/usr/bin/env python3
"""Judges plans: row estimates against rows, the chosen join order against random ones.

    Benchmarks/plans.py DATA [--program PROGRAM] [--orders 50] [--only estimates|orders]

DATA holds the .tbl files of TPC-H; the Star Schema Benchmark's tables are made of them. Both are
loaded with their keys into a warehouse that is removed at the end.

Estimates: for every join of every query the q-error, the larger of estimate and count through the
smaller, each at least 1, from EXPLAIN ANALYZE without runtime filters, which take from one join
what another would. Orders: the time of the planner's own join order
(median of 3) through that of the fastest of some random valid ones (each tried once, the three
fastest thrice), drawn by the setting join_order_seed from 1 on. Prints a line a query and the
figures that count: median and 95th percentile of the q-errors, share of queries within 1.3.
"""
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = {"tpch": "public", "ssb": "ssb"}
JOIN = re.compile(r"XN (?:Hash|Merge|Nested Loop).*(?:Join|Loop) .*\(cost=")
ROWS = re.compile(r" rows=(\d+) .*\(actual rows=(\d+)\)")
TIME = re.compile(r"^Time: ([0-9.]+) ms")


def shell(program, warehouse, script, *options):
    result = subprocess.run([program, warehouse, "-A", "-t", "-X", *options], input=script,
                            capture_output=True, text=True, check=False)
    return result.stdout, result.stderr


def load(program, warehouse, data):
    text = (ROOT / "sql/tpch/schema.sql").read_text()
    text = re.sub(r"\) /\*\+ (.*?) \*/;", r") \1;", text)
    text += (ROOT / "sql/tpch/load.sql").read_text() + (ROOT / "sql/ssb/create.sql").read_text()
    _, errors = shell(program, warehouse, text, "-q", "-v", f"data={data}", "-v", "ON_ERROR_STOP=1")
    if "ERROR" in errors:
        sys.exit(errors)


def queries():
    for name in ("tpch", "ssb"):
        for path in sorted((ROOT / "sql" / name).glob("q*.sql")):
            yield f"{name} {path.stem}", SCHEMA[name], path.read_text()


def joins(plan):
    """Pairs of estimate and count of each join of EXPLAIN ANALYZE's tree."""
    for line in plan.splitlines():
        found = JOIN.search(line) and ROWS.search(line)
        if found:
            yield max(1, int(found[1])), max(1, int(found[2]))


def judge_estimates(program, warehouse):
    errors = []
    for name, schema, text in queries():
        plan, problems = shell(program, warehouse,
                               f"SET search_path TO {schema}; "
                               f"SET enable_runtime_filters TO off; EXPLAIN ANALYZE {text}")
        if "ERROR" in problems:
            sys.exit(f"{name}: {problems}")
        own = [max(a / b, b / a) for a, b in joins(plan)]
        errors += own
        print(f"{name}: {len(own)} joins, q-errors " + " ".join(f"{e:.2f}" for e in own), flush=True)
    errors.sort()
    print(f"{len(errors)} joins: median {statistics.median(errors):.2f}, "
          f"95th percentile {errors[int(len(errors) * 0.95)]:.2f}, worst {errors[-1]:.1f}")


def times(program, warehouse, text, seeds, limit):
    """Milliseconds of each seed's run; infinite for what took longer than the limit."""
    script = f"SET statement_timeout = {limit};\n"
    for seed in seeds:
        script += f"\\echo @\n\\timing off\nSET join_order_seed = {seed};\n\\timing on\n{text}\n"
    output, _ = shell(program, warehouse, script)
    found = []
    for part in output.split("@\n")[1:]:
        own = [float(TIME.match(line)[1]) for line in part.splitlines() if TIME.match(line)]
        found.append(sum(own) if own else float("inf"))
    return found


def judge_orders(program, warehouse, count):
    within = total = 0
    for name, schema, text in queries():
        text = f"SET search_path TO {schema};\n{text}"
        plan, _ = shell(program, warehouse, text.replace(";\n", ";\nEXPLAIN ", 1))
        if sum(bool(JOIN.search(line)) for line in plan.splitlines()) < 2:
            continue
        chosen = statistics.median(times(program, warehouse, text, [0] * 4, 0)[1:])
        limit = int(chosen * 2 + 50)
        drawn = times(program, warehouse, text, range(1, count + 1), limit)
        best = sorted(range(count), key=drawn.__getitem__)[:3]
        fastest = min(
            statistics.median(times(program, warehouse, text, [seed + 1] * 3, limit))
            for seed in best)
        chosen = min(chosen, statistics.median(times(program, warehouse, text, [0] * 3, 0)))
        ratio = chosen / fastest
        total += 1
        within += ratio <= 1.3
        print(f"{name}: {chosen:.1f} ms, fastest of {count} random orders {fastest:.1f} ms "
              f"(seed {best[0] + 1}), ratio {ratio:.2f}", flush=True)
    print(f"{within} of {total} queries within 1.3 of the fastest random order "
          f"({100 * within / total:.0f} %)")


def main():
    parser = argparse.ArgumentParser(description="Judges estimates and join orders.")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--program", default=str(ROOT / ".build/release/slicehouse"))
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--only", choices=["estimates", "orders"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slicehouse-plans-") as folder:
        warehouse = f"{folder}/w"
        load(options.program, warehouse, options.data.resolve())
        if options.only != "orders":
            judge_estimates(options.program, warehouse)
        if options.only != "estimates":
            judge_orders(options.program, warehouse, options.orders)


if __name__ == "__main__":
    main()
