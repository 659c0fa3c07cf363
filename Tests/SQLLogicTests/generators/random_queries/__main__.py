#!/usr/bin/env python3
"""Asks random queries of Slicehouse, DuckDB and PostgreSQL and compares the answers.

    random_queries --program .build/release/slicehouse --count 1000 --seed 1 [--layouts 6]

A seed decides the tables (rows, deleted and updated rows), their distribution and sort keys in each
layout, and all queries; a run prints it, so that a failure can be asked for again, and `--only N`
asks that one query alone. Each layout is a cluster of another shape whose tables are laid out in
another way; all must give the same answer. Only what Redshift and a reference agree on is asked:
averages are of floats, text has no blanks at its end. Rows without ORDER BY are compared as a set
with counts; numbers by value, floats with a tolerance.

An answer that differs, an error of one side alone, and a process that ends or cannot be stopped are
failures. What Slicehouse refuses with 0A000, and what a layout does not answer within `--seconds`
(joins of a billion rows occur), counts as neither passed nor failed and is shown; overflow (22003) and division by zero (22012) may come from one side alone where a query's
evaluation order decides. Where the references disagree, the query is skipped and shown on stderr.
The last line reads `N passed, M failed`; the exit status is 1 where any failed. PostgreSQL is
started on a private socket and stopped at the end. Needs the Python package `duckdb`.
"""
import argparse
import pathlib
import random
import signal
import sys

from comparing import differences, read_rows
from programs import ROWS_MAX, DuckDB, Ended, Server, Shell
from queries import Queries, for_duckdb, for_postgresql, for_slicehouse
from tables import Table, attributes

SHAPES = ["2x2", "1x2", "4x4", "1x1", "3x1", "2x5"]
SIZES = [("t", 300), ("u", 40), ("v", 5000), ("w", 900), ("z", 0), ("one", 1)]
# What came of a query; of several layouts' outcomes the first that one of them had.
OUTCOMES = ["failed", "slow", "refused", "skipped", "passed"]
# Evaluation order decides whether these occur.
MAY_OCCUR = ("22003", "22012")


class Run:
    """One seed's engines and counts."""

    def __init__(self, options):
        self.options = options
        self.counts = dict.fromkeys(OUTCOMES, 0)
        source = random.Random(options.seed)
        self.tables = [Table(name, source, count) for name, count in SIZES]
        plain = [statement for table in self.tables for statement in table.statements()]
        self.duckdb = DuckDB(plain, options.seconds)
        self.server = Server() if options.postgresql else None
        self.postgresql = self.server.shell(plain, options.seconds) if self.server else None
        self.layouts = []
        for number in range(options.layouts):
            shape = options.shape or SHAPES[number % len(SHAPES)]
            keys = random.Random(f"{options.seed} layout {number}")
            setup = [statement for table in self.tables
                     for statement in table.statements(attributes(keys))]
            if options.save and number == 0:
                text = "".join(f"{statement};\n" for statement in setup)
                pathlib.Path(options.save).write_text(text)
            nodes, slices = shape.split("x")
            command = [options.program, "--nodes", nodes, "--slices-per-node", slices]
            self.layouts.append((f"layout {number} ({shape})",
                                 Shell(command, setup, options.seconds)))

    def reference(self, text, kinds, has_order):
        """The rows that are right; None where no reference says, with the reason."""
        lines, problem = self.duckdb.ask(for_duckdb(text))
        if lines is None and problem is None:
            return None, f"over {ROWS_MAX} rows"
        rows = None if lines is None else read_rows(lines, kinds)
        if not self.postgresql:
            return rows, problem
        try:
            printed = self.postgresql.ask(for_postgresql(text))
        except Ended as ended:
            self.postgresql.start()
            return rows, f"PostgreSQL: {ended}"
        error = next((line for line in printed if line.startswith("ERROR")), None)
        if error:
            return rows, problem or error
        others = read_rows(printed, kinds)
        if rows is None:
            return others, None
        different = differences(rows, others, has_order)
        if different:
            print(f"the references disagree:\n{text}\n{different}", file=sys.stderr)
            return None, "the references disagree"
        return rows, None

    def ask(self, number):
        """Asks query `number` everywhere and counts what came of it."""
        queries = Queries(random.Random(f"{self.options.seed} {number}"), self.tables)
        text, has_order, kinds = queries.statement()
        wanted, reason = self.reference(text, kinds, has_order)
        if wanted is None and reason is None or reason and reason.startswith("over "):
            self.counts["skipped"] += 1
            return
        outcomes = [self.outcome(name, shell, text, kinds, has_order, wanted, number)
                    for name, shell in self.layouts]
        for outcome in OUTCOMES:
            if outcome in outcomes:
                self.counts[outcome] += 1
                return

    def outcome(self, name, shell, text, kinds, has_order, wanted, number):
        title = f"--- seed {self.options.seed} query {number} {name}"
        text = for_slicehouse(text)
        try:
            lines = shell.ask(text)
        except Ended as ended:
            print(f"{title}: {ended}\n{text}", flush=True)
            shell.start()
            return "failed"
        error = next((line for line in lines if line.startswith("ERROR")), None)
        state = error[8:13] if error else None
        if state == "0A000":
            if self.options.refused:
                print(f"refused query {number}: {error}\n{text}", file=sys.stderr)
            return "refused"
        if state == "57014":
            print(f"{title}: no answer in {self.options.seconds} s\n{text}", flush=True)
            return "slow"
        # References join longer texts than Redshift does.
        is_too_long = error is not None and "LISTAGG limit" in error
        if state in MAY_OCCUR or is_too_long or wanted is None:
            return "skipped"
        if error:
            print(f"{title}: {error}\n{text}", flush=True)
            return "failed"
        different = differences(read_rows(lines, kinds), wanted, has_order)
        if different:
            print(f"{title}\n{text}\n{different}", flush=True)
        return "failed" if different else "passed"

    def close(self):
        for _, shell in self.layouts:
            shell.close()
        if self.server:
            self.postgresql.close()
            self.server.close()


def main():
    parser = argparse.ArgumentParser(
        prog="random_queries", description="Compares random queries with DuckDB and PostgreSQL.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--layouts", type=int, default=1, help="clusters that are asked")
    parser.add_argument("--shape", help="nodes x slices per node of all layouts")
    parser.add_argument("--no-postgresql", dest="postgresql", action="store_false")
    parser.add_argument("--seconds", type=float, default=20, help="longest wait for an answer")
    parser.add_argument("--only", type=int, help="ask this query alone")
    parser.add_argument("--refused", action="store_true", help="show what is refused")
    parser.add_argument("--save", help="write the first layout's tables to this file")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.layouts} layouts", flush=True)
    # So that PostgreSQL is stopped by a terminated run too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    run = Run(options)
    try:
        for number in range(options.count) if options.only is None else [options.only]:
            run.ask(number)
    finally:
        run.close()
    print(", ".join(f"{run.counts[name]} {name}" for name in ["refused", "skipped", "slow"]))
    print(f"{run.counts['passed']} passed, {run.counts['failed']} failed")
    sys.exit(1 if run.counts["failed"] else 0)


if __name__ == "__main__":
    main()
