#!/usr/bin/env python3
"""Asks random queries of Slicehouse and of DuckDB and compares the answers.

    random_queries.py --program .build/release/slicehouse --count 1000 --seed 1 [--shape 2x2]

A seed decides the tables (rows, distribution styles, sort keys, deleted and updated rows) and all
queries; a run prints it, so that a failure can be asked for again, and `--only N` asks that one
query alone. Only what Redshift and DuckDB agree on is asked: averages are of floats, the integer
division `/` is written `//` for DuckDB, text has no blanks at its end. Rows without ORDER BY are
compared as a set with counts; numbers by value, floats with a tolerance of 1e-9.

An answer that differs, an error of one side alone, a process that ends and an answer that takes
over `--seconds` are failures. What Slicehouse refuses with 0A000 counts as neither passed nor
failed; overflow (22003) and division by zero (22012) may come from one side alone where a query's
evaluation order decides. The last line reads `N passed, M failed`; the exit status is 1 where any
failed. Needs the Python package `duckdb`.
"""
import argparse
import datetime
import decimal
import os
import pathlib
import random
import selectors
import subprocess
import sys

import duckdb

DIVISION = "\u2044"  # Integer division: / for Slicehouse, // for DuckDB.
ROWS_MAX = 20000

COLUMNS = [
    ("id", "int", "integer"), ("k", "int", "integer"), ("n", "int", "integer"),
    ("i", "wide", "integer"), ("x", "wide", "smallint"), ("b", "wide", "bigint"),
    ("s", "text", "varchar(60)"), ("c", "text", "varchar(4)"), ("d", "dec", "decimal(10,2)"),
    ("e", "dec", "decimal(24,4)"), ("f", "float", "double precision"), ("dt", "date", "date"),
    ("ts", "time", "timestamp"), ("ok", "bool", "boolean"),
]
TYPES = {"int": "bigint", "wide": "bigint", "text": "varchar(200)", "dec": "decimal(30,4)",
         "float": "double precision", "date": "date", "time": "timestamp", "bool": "boolean"}
WORDS = ["", "a", "b", "ab", "abc", "Abc", "hello", "hello world", "twelve bytes", "zz", "é",
         "über", "a text that is longer than an inline view",
         "a text that is longer than an inline one"]


class Table:
    """A table's name, its attributes and its rows."""

    def __init__(self, name, source, count):
        self.name = name
        styles = ["DISTSTYLE EVEN", "DISTSTYLE ALL", "DISTSTYLE AUTO", "DISTKEY (k)",
                  "DISTKEY (id)", "DISTKEY (s)", "DISTKEY (dt)", "DISTKEY (d)"]
        orders = ["", "", " SORTKEY (id)", " SORTKEY (k, n)", " SORTKEY (s)", " SORTKEY (dt)"]
        self.attributes = source.choice(styles) + source.choice(orders)
        self.rows = [self.row(source, index, max(count, 1)) for index in range(count)]

    def row(self, source, index, count):
        nulls = source.choice([0, 0.05, 0.3])
        skew = source.random() < 0.3
        values = {
            "id": index,
            "k": 7 if skew else source.randrange(max(count // 2, 3)),
            "n": source.randrange(-20, 20),
            "i": source.choice([2147483647, -2147483648, 0, -1, source.randrange(-10**6, 10**6)]),
            "x": source.choice([32767, -32768, 0, source.randrange(-300, 300)]),
            "b": source.choice([2**63 - 1, -2**63, 0, 2**31, source.randrange(-10**12, 10**12)]),
            "s": source.choice(WORDS), "c": source.choice(["", "a", "b", "q", "zz", "é"]),
            "d": decimal.Decimal(source.randrange(-500, 500)) / 4,
            "e": decimal.Decimal(source.choice([source.randrange(-10**6, 10**6), 10**20, -1])) / 16,
            "f": source.choice([0.0, 1e15, -1e-9, 0.1, source.randrange(-999, 999) / 8]),
            "dt": datetime.date(1999, 12, 25) + datetime.timedelta(source.randrange(-40, 400)),
            "ts": datetime.datetime(2000, 1, 1, 12) + datetime.timedelta(
                seconds=source.randrange(-10**7, 10**7) * source.choice([0, 1, 1, 0.5])),
            "ok": source.random() < 0.5,
        }
        return [
            None if name != "id" and source.random() < nulls else values[name]
            for name, _, _ in COLUMNS
        ]

    def statements(self, source):
        """The statements that make the table; DuckDB takes no `attributes`."""
        columns = ", ".join(f"{name} {type_name}" for name, _, type_name in COLUMNS)
        yield f"CREATE TABLE {self.name} ({columns}) {self.attributes}"
        start = 0
        while start < len(self.rows):
            end = start + source.choice([1, 50, 700, 2500])
            rows = ", ".join(
                "(" + ", ".join(map(literal, row)) + ")" for row in self.rows[start:end])
            yield f"INSERT INTO {self.name} VALUES {rows}"
            start = end
        if source.random() < 0.6:
            yield f"DELETE FROM {self.name} WHERE id % {source.randrange(3, 40)} = 1"
        if source.random() < 0.6:
            share = source.randrange(3, 40)
            yield f"UPDATE {self.name} SET n = n + 1, s = c WHERE id % {share} = 2"


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, datetime.date)):
        return "'" + str(value).replace("'", "''") + "'"
    return str(value)


class Queries:
    """Makes queries. A scope is a list of (alias, [(column, type)])."""

    def __init__(self, source, tables):
        self.source = source
        self.tables = tables
        self.number = 0

    def chance(self, share):
        return self.source.random() < share

    def alias(self):
        self.number += 1
        return f"q{self.number}"

    def columns(self, scope, wanted):
        return [f"{alias}.{name}" for alias, columns in scope for name, kind in columns
                if kind == wanted]

    # Expressions.

    def constant(self, kind):
        pick = self.source.choice
        return {
            "int": lambda: str(pick([0, 1, 2, 3, 5, 7, 10, 100])),
            "wide": lambda: pick(["0", "-1", "2147483647", "32767", "9223372036854775807", "100"]),
            "text": lambda: literal(pick(WORDS)),
            "dec": lambda: pick(["0.25", "1.5", "-3.75", "100.00", "0.0"]),
            "float": lambda: pick(["0.5::float8", "1e3::float8", "-2::float8"]),
            "date": lambda: f"date '{pick(['2000-01-01', '1999-12-31', '2000-02-29'])}'",
            "time": lambda: f"timestamp '{pick(['2000-01-01 12:00:00', '1999-12-31 23:59:59'])}'",
            "bool": lambda: pick(["true", "false"]),
        }[kind]()

    def leaf(self, scope, kind):
        columns = self.columns(scope, kind)
        if columns and self.chance(0.85):
            return self.source.choice(columns)
        return self.constant(kind)

    def value(self, scope, kind, depth=2):
        """An expression of a type."""
        if depth <= 0 or self.chance(0.4):
            return self.leaf(scope, kind)
        roll = self.source.random()
        if roll < 0.1:
            return (f"CASE WHEN {self.predicate(scope, depth - 1)} THEN "
                    f"{self.value(scope, kind, depth - 1)} ELSE "
                    f"{self.value(scope, kind, depth - 1)} END")
        if roll < 0.17:
            return (f"coalesce({self.value(scope, kind, depth - 1)}, "
                    f"{self.value(scope, kind, depth - 1)})")
        if roll < 0.22:
            return f"nullif({self.leaf(scope, kind)}, {self.leaf(scope, kind)})"
        if roll < 0.27 and kind != "bool":
            name = self.source.choice(["greatest", "least"])
            return f"{name}({self.leaf(scope, kind)}, {self.leaf(scope, kind)})"
        return getattr(self, "make_" + kind)(scope, depth)

    def make_int(self, scope, depth):
        pick = self.source.choice
        a, b = self.leaf(scope, "int"), self.leaf(scope, "int")
        return pick([
            lambda: f"({a} {pick('+-')} {b})", lambda: f"({a} * {pick([2, 3, -1])})",
            lambda: f"({a} {DIVISION} {pick([2, 3, -7])})", lambda: f"({a} % {pick([2, 3, 10])})",
            lambda: f"abs({a})", lambda: f"(- {a})",
            lambda: f"length({self.value(scope, 'text', 1)})",
            lambda: f"({self.leaf(scope, 'date')} - {self.leaf(scope, 'date')})",
            lambda: f"extract({pick(['year', 'month', 'day', 'doy', 'quarter'])} from "
                    f"{self.leaf(scope, pick(['date', 'time']))})::integer",
            lambda: f"strpos({self.leaf(scope, 'text')}, 'l')",
            lambda: f"cast({a} as smallint)", lambda: f"sign({a})::integer",
            lambda: f"CASE {a} WHEN 1 THEN 10 WHEN 2 THEN NULL ELSE {b} END",
        ])()

    def make_wide(self, scope, depth):
        return self.source.choice([
            lambda: f"{self.leaf(scope, 'wide')}::bigint",
            lambda: f"({self.leaf(scope, 'wide')} % 1000)",
            lambda: f"({self.value(scope, 'int', 1)})::bigint",
        ])()

    def make_text(self, scope, depth):
        pick = self.source.choice
        a = self.leaf(scope, "text")
        return pick([
            lambda: f"upper({a})", lambda: f"lower({a})",
            lambda: f"({a} || {self.leaf(scope, 'text')})",
            lambda: f"replace({a}, 'l', 'LL')", lambda: f"({self.leaf(scope, 'int')})::varchar(20)",
            lambda: f"rtrim(substring({a}, {pick([1, 2, 3])}, {pick([1, 2, 5])}))",
            lambda: f"rtrim(left({a}, 3))", lambda: f"({self.leaf(scope, 'date')})::varchar(20)",
            lambda: f"trim({a})",
        ])()

    def make_dec(self, scope, depth):
        pick = self.source.choice
        a, b = self.leaf(scope, "dec"), self.leaf(scope, "dec")
        return pick([
            lambda: f"({a} + {b})", lambda: f"({a} - {b})", lambda: f"({a} * {pick([2, -1, 3])})",
            lambda: f"({a} + {self.leaf(scope, 'int')})", lambda: f"abs({a})", lambda: f"(- {a})",
            lambda: f"({self.leaf(scope, 'int')})::decimal(12,3)",
        ])()

    def make_float(self, scope, depth):
        return self.source.choice([
            lambda: f"({self.leaf(scope, 'float')} + {self.leaf(scope, 'int')})",
            lambda: f"({self.leaf(scope, 'float')} * 0.5::float8)",
            lambda: f"({self.leaf(scope, 'int')})::float8",
            lambda: f"abs({self.leaf(scope, 'float')})",
            lambda: f"({self.leaf(scope, 'dec')})::float8",
        ])()

    def make_date(self, scope, depth):
        return self.source.choice([
            lambda: f"({self.leaf(scope, 'date')} + {self.source.randrange(-40, 40)})",
            lambda: f"({self.leaf(scope, 'time')})::date",
        ])()

    def make_time(self, scope, depth):
        pick = self.source.choice
        return pick([
            lambda: f"date_trunc('{pick(['year', 'month', 'day', 'hour', 'week'])}', "
                    f"{self.leaf(scope, 'time')})",
            lambda: f"({self.leaf(scope, 'date')})::timestamp",
            lambda: f"({self.leaf(scope, 'time')} + "
                    f"interval '{pick(['1 day', '2 months', '90 minutes'])}')",
        ])()

    def make_bool(self, scope, depth):
        return f"({self.predicate(scope, depth - 1)})"

    # Conditions.

    def predicate(self, scope, depth=2):
        pick = self.source.choice
        if depth > 0 and self.chance(0.35):
            joined = f" {pick(['AND', 'OR'])} ".join(
                self.predicate(scope, depth - 1) for _ in range(pick([2, 2, 3])))
            return f"{pick(['', '', 'NOT '])}({joined})"
        kind = pick(["int", "int", "int", "wide", "text", "text", "dec", "float", "date", "time"])
        a = self.value(scope, kind, 1)
        return pick([
            lambda: f"{a} {pick(['=', '<>', '<', '<=', '>', '>='])} {self.value(scope, kind, 1)}",
            lambda: f"{a} {pick(['=', '<>', '<', '<=', '>', '>='])} {self.constant(kind)}",
            lambda: f"{a} {pick(['', 'NOT '])}BETWEEN {self.constant(kind)} "
                    f"AND {self.constant(kind)}",
            lambda: f"{a} {pick(['', 'NOT '])}IN ({self.constant(kind)}, {self.constant(kind)}, "
                    f"{pick([self.constant(kind), 'NULL'])})",
            lambda: f"{a} IS {pick(['', 'NOT '])}NULL",
            lambda: f"{self.leaf(scope, 'text')} {pick(['', 'NOT '])}LIKE "
                    f"'{pick(['a%', '%l%', '_b%', '%', '', '%o_w%', 'hello', '%c'])}'",
            lambda: self.leaf(scope, "bool"),
        ])()

    def subquery_predicate(self, scope):
        """A condition with a subquery, correlated or not."""
        pick = self.source.choice
        table = pick(self.tables)
        inner = [(self.alias(), [(name, kind) for name, kind, _ in COLUMNS])]
        kind = pick(["int", "int", "text", "date", "dec", "wide"])
        outer = self.leaf(scope, kind)
        column = pick(self.columns(inner, kind))
        where = [self.predicate(inner, 1)] if self.chance(0.6) else []
        link = f"{pick(self.columns(inner, 'int'))} = {self.value(scope, 'int', 1)}"
        roll = self.source.random()
        start = f"FROM {table.name} {inner[0][0]}"

        def clause(conditions):
            return f" WHERE {' AND '.join(conditions)}" if conditions else ""

        if roll < 0.3:
            links = where + ([link] if self.chance(0.25) else [])
            return f"{outer} {pick(['', 'NOT '])}IN (SELECT {column} {start}{clause(links)})"
        if roll < 0.6:
            links = where + [link]
            if self.chance(0.35):
                links.append(f"{self.leaf(inner, 'int')} {pick(['<', '<>', '>='])} "
                             f"{self.leaf(scope, 'int')}")
            return f"{pick(['', 'NOT '])}EXISTS (SELECT 1 {start}{clause(links)})"
        call = pick(["max({})", "min({})", "count({})", "count(*)", "count(DISTINCT {})"])
        compared = outer
        if call.startswith("count"):
            compared = self.leaf(scope, "int")
        links = where + ([link] if self.chance(0.6) else [])
        return (f"{compared} {pick(['=', '<', '>', '<>', '>='])} "
                f"(SELECT {call.format(column)} {start}{clause(links)})")

    def scalar_subquery(self, scope, kind):
        """A subquery as a value: one row, or none, or an aggregate of those that match."""
        pick = self.source.choice
        inner = [(self.alias(), [(name, kind) for name, kind, _ in COLUMNS])]
        column = pick(self.columns(inner, kind))
        call = "bool_or({})" if kind == "bool" else pick(["min({})", "max({})"])
        if kind == "int":
            call = pick(["count(*)", "count({})", "max({})", "coalesce(sum({}), 0)"])
        where = f" WHERE {self.predicate(inner, 1)}" if self.chance(0.4) else ""
        if self.chance(0.6):
            link = f"{pick(self.columns(inner, 'int'))} = {self.leaf(scope, 'int')}"
            where += f"{' AND' if where else ' WHERE'} {link}"
        return f"(SELECT {call.format(column)} FROM {pick(self.tables).name} {inner[0][0]}{where})"

    # Queries.

    def ordered(self, text, width, limit=None):
        """A query in the order of all its columns, so that every engine cuts it alike."""
        orders = [
            f"{index + 1}{self.source.choice(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}"
            for index in range(width)]
        text = f"SELECT * FROM ({text}) o ORDER BY {', '.join(orders)}"
        return text if limit is None else f"{text} LIMIT {limit}"

    def source_table(self, depth):
        """One item of FROM: its text and its scope entry."""
        alias = self.alias()
        if depth > 0 and self.chance(0.25):
            kinds = [self.source.choice(list(TYPES)) for _ in range(self.source.randrange(2, 5))]
            kinds[0] = "int"
            text = self.query(kinds, depth - 1)
            if self.chance(0.2):
                text = self.ordered(text, len(kinds), self.source.choice([1, 3, 20, 1000]))
            return f"({text}) {alias}", (alias, [(f"c{i}", kind) for i, kind in enumerate(kinds)])
        table = self.source.choice(self.tables)
        return f"{table.name} {alias}", (alias, [(name, kind) for name, kind, _ in COLUMNS])

    def from_clause(self, depth):
        text, entry = self.source_table(depth)
        scope = [entry]
        pick = self.source.choice
        for _ in range(pick([0, 0, 1, 1, 1, 2, 3])):
            other, entry = self.source_table(depth)
            if self.chance(0.08) and len(scope) < 2:
                # Joins without equality, of tables that keep them small.
                small = f"u {entry[0]}"
                columns = [(name, kind) for name, kind, _ in COLUMNS]
                text += pick([
                    f" CROSS JOIN {small}",
                    f" {pick(['', 'LEFT '])}JOIN {small} ON {self.leaf(scope, 'int')} "
                    f"{pick(['<', '>', '<>'])} {entry[0]}.n",
                ])
                scope.append((entry[0], columns))
                continue
            kind = pick(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
            conditions = []
            for _ in range(pick([1, 1, 2])):
                key = pick(["int", "int", "int", "text", "date", "dec", "wide"])
                left, right = self.columns(scope, key), self.columns([entry], key)
                if left and right:
                    conditions.append(f"{pick(left)} = {pick(right)}")
                else:
                    conditions.append(
                        f"{self.value(scope, 'int', 1)} = {pick(self.columns([entry], 'int'))}")
            if self.chance(0.3) and kind != "FULL JOIN":
                both = scope + [entry]
                conditions.append(pick([
                    lambda: self.predicate(both, 1),
                    lambda: self.predicate([entry], 1),
                    lambda: f"{self.leaf(scope, 'int')} < {self.leaf([entry], 'int')}",
                ])())
            text += f" {kind} {other} ON {' AND '.join(conditions)}"
            scope.append(entry)
        return text, scope

    def aggregate(self, scope, kind):
        pick = self.source.choice
        a = self.value(scope, kind, 1)
        choices = {
            "int": [lambda: "count(*)", lambda: f"count({self.leaf(scope, pick(list(TYPES)))})",
                    lambda: f"sum({a})", lambda: f"min({a})", lambda: f"max({a})",
                    lambda: "count(DISTINCT "
                            f"{self.leaf(scope, pick(['int', 'text', 'dec', 'date']))})",
                    lambda: f"sum(DISTINCT {a})",
                    lambda: f"sum(CASE WHEN {self.predicate(scope, 1)} THEN 1 ELSE 0 END)"],
            "dec": [lambda: f"sum({a})", lambda: f"min({a})", lambda: f"max({a})"],
            "float": [lambda: f"min({a})", lambda: f"max({a})",
                      lambda: f"avg(({self.leaf(scope, 'int')})::float8)"],
        }.get(kind, [lambda: f"min({a})", lambda: f"max({a})"])
        if kind == "bool":
            return f"(count(*) > {self.source.randrange(4)})"
        return pick(choices)()

    def select(self, kinds, depth):
        """A SELECT whose columns c0, c1 … have the types asked for."""
        pick = self.source.choice
        text, scope = self.from_clause(depth)
        conditions = [self.predicate(scope)] if self.chance(0.55) else []
        if self.chance(0.3):
            conditions.append(self.subquery_predicate(scope))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        roll = self.source.random()
        tail = ""
        start = "SELECT "
        if roll < 0.45:
            grouped = pick([0, 1, 1, 2, len(kinds)])
            values = []
            groups = []
            for index, kind in enumerate(kinds):
                columns = self.columns(scope, kind)
                if index >= grouped or not columns:
                    values.append(self.aggregate(scope, kind))
                    continue
                value = pick(columns) if self.chance(0.6) else self.value(scope, kind)
                if not any(f"{alias}." in value for alias, _ in scope):
                    value = pick(columns)  # GROUP BY a constant means a column's number.
                groups.append(value)
                values.append(value)
            if groups:
                tail = f" GROUP BY {', '.join(groups)}"
            if self.chance(0.3):
                tail += (f" HAVING {self.aggregate(scope, 'int')} {pick(['>', '<', '<>'])} "
                         f"{pick([0, 1, 2, 9])}")
        else:
            values = [
                self.scalar_subquery(scope, kind) if self.chance(0.06) else self.value(scope, kind)
                for kind in kinds
            ]
            if roll < 0.6:
                start += "DISTINCT "
        columns = ", ".join(f"({value})::{TYPES[kind]} AS c{index}"
                            if self.cast else f"{value} AS c{index}"
                            for index, (value, kind) in enumerate(zip(values, kinds)))
        return f"{start}{columns} FROM {text}{where}{tail}"

    cast = False

    def query(self, kinds, depth):
        if depth > 0 and self.chance(0.2):
            pick = self.source.choice
            outside, self.cast = self.cast, True
            left, right = self.select(kinds, depth - 1), self.select(kinds, depth - 1)
            self.cast = outside
            operation = pick(["UNION ALL", "UNION ALL", "UNION", "INTERSECT", "EXCEPT"])
            return f"{left} {operation} {right}"
        return self.select(kinds, depth)

    def statement(self):
        """A whole query and whether its rows have an order."""
        kinds = [self.source.choice(list(TYPES)) for _ in range(self.source.randrange(1, 6))]
        text = self.query(kinds, 2)
        if self.chance(0.15):
            text = f"WITH w AS ({text}) SELECT * FROM w"
            if self.chance(0.5):
                negation = self.source.choice(["", "NOT "])
                text += f" UNION ALL SELECT * FROM w WHERE c0 IS {negation}NULL"
        if not self.chance(0.35):
            return text, False
        text = self.ordered(text, len(kinds))
        if self.chance(0.6):
            text += f" LIMIT {self.source.choice([0, 1, 5, 100, 3000])}"
            if self.chance(0.3):
                text += f" OFFSET {self.source.choice([0, 2, 50])}"
        return text, True


class Ended(Exception):
    """The program ended or took too long."""


class Program:
    """Slicehouse, fed one statement at a time."""

    def __init__(self, path, shape, setup, seconds):
        nodes, slices = shape.split("x")
        self.seconds = seconds
        self.number = 0
        self.process = subprocess.Popen(
            [path, "-X", "-q", "-t", "-A", "-F", "\x1f", "-P", "null=\\N", "-v", "ON_ERROR_STOP=0",
             "-v", "VERBOSITY=verbose", "--nodes", nodes, "--slices-per-node", slices],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        for statement in setup:
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
        kept = b""
        while not (kept.endswith(b"\n" + end + b"\n") or kept == end + b"\n"):
            if not self.selector.select(self.seconds):
                self.process.kill()
                self.process.wait()
                raise Ended(f"no answer in {self.seconds} s")
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


def reference_value(value):
    """A value of DuckDB as something that sorts and compares."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, (int, decimal.Decimal)):
        return decimal.Decimal(value)
    if isinstance(value, datetime.datetime):
        text = value.isoformat(" ")
        return text.rstrip("0") if "." in text else text
    return value if isinstance(value, float) else str(value)


def read_value(text, example):
    """A printed value as the type that the reference has in that column."""
    if text == "\\N":
        return None
    try:
        if isinstance(example, decimal.Decimal):
            return decimal.Decimal(text)
        if isinstance(example, float):
            return float(text)
    except (decimal.InvalidOperation, ValueError):
        pass
    return text


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-3)
    return a == b


def order(row):
    def key(value):
        if value is None:
            return (0, 0, "")
        if isinstance(value, float):
            return (1, decimal.Decimal(f"{value:.8g}"), "")
        return (1, value, "") if isinstance(value, decimal.Decimal) else (2, 0, value)
    return [key(value) for value in row]


def differences(lines, wanted, has_order):
    """What is different, as text; empty if nothing."""
    width = len(wanted[0]) if wanted else 0
    examples = [next((row[i] for row in wanted if row[i] is not None), None) for i in range(width)]
    got = []
    for line in lines:
        fields = line.split("\x1f")
        if wanted and len(fields) != width:
            return f"a row of {len(fields)} fields: {line[:300]}"
        got.append([read_value(field, example) for field, example in
                    zip(fields, examples or [None] * len(fields))])
    if not has_order:
        got.sort(key=order)
        wanted = sorted(wanted, key=order)
    pairs = [(w, g) for w, g in zip(wanted, got) if not all(map(same, w, g))]
    if len(got) == len(wanted) and not pairs:
        return ""
    shown = "\n".join(f"    wanted {list(map(str, w))}\n    got    {list(map(str, g))}"
                      for w, g in pairs[:3])
    extra = wanted[len(got):][:2] or got[len(wanted):][:2]
    return f"  {len(wanted)} rows wanted, {len(got)} got\n{shown}\n    beyond: {extra}"


def main():
    parser = argparse.ArgumentParser(description="Compares random queries with DuckDB.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--shape", default="2x2", help="nodes x slices per node")
    parser.add_argument("--seconds", type=float, default=60, help="longest wait for an answer")
    parser.add_argument("--only", type=int, help="ask this query alone")
    parser.add_argument("--refused", action="store_true", help="show what is refused")
    parser.add_argument("--save", help="write the statements of the tables to this file")
    options = parser.parse_args()
    print(f"seed {options.seed}, shape {options.shape}", flush=True)
    source = random.Random(options.seed)
    tables = [Table(name, source, count) for name, count in
              [("t", 300), ("u", 40), ("v", 5000), ("w", 900), ("z", 0), ("one", 1)]]
    setup = []
    reference = duckdb.connect()
    reference.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
    reference.execute("SET threads = 1")
    for table in tables:
        for statement in table.statements(source):
            setup.append(statement)
            reference.execute(statement.removesuffix(table.attributes))
    if options.save:
        pathlib.Path(options.save).write_text("".join(f"{statement};\n" for statement in setup))
    passed = failed = refused = skipped = 0
    program = Program(options.program, options.shape, setup, options.seconds)
    for number in range(options.count):
        queries = Queries(random.Random(f"{options.seed} {number}"), tables)
        text, has_order = queries.statement()
        if options.only is not None and number != options.only:
            continue
        problem = None
        try:
            cursor = reference.execute(text.replace(DIVISION, "//"))
            rows = cursor.fetchmany(ROWS_MAX + 1)
            if len(rows) > ROWS_MAX:
                skipped += 1
                continue
        except duckdb.Error as error:
            rows, problem = None, str(error).split("\n")[0]
        text = text.replace(DIVISION, "/")
        try:
            lines = program.ask(text)
        except Ended as ended:
            failed += 1
            print(f"--- seed {options.seed} query {number}: {ended}\n{text}", flush=True)
            program = Program(options.program, options.shape, setup, options.seconds)
            continue
        error = next((line for line in lines if line.startswith("ERROR")), None)
        state = error[8:13] if error else None
        if state == "0A000":
            refused += 1
            if options.refused:
                print(f"refused query {number}: {error}\n{text}", file=sys.stderr)
        elif state in ("22003", "22012") or error and problem:
            skipped += 1
        elif problem and "onversion" not in problem and "ut of Range" not in problem:
            skipped += 1
            print(f"the reference refuses query {number}: {problem}\n{text}", file=sys.stderr)
        elif problem:
            skipped += 1
        elif error:
            failed += 1
            print(f"--- seed {options.seed} query {number}: {error}\n{text}", flush=True)
        else:
            wanted = [[reference_value(value) for value in row] for row in rows]
            text_of = differences(lines, wanted, has_order)
            passed += not text_of
            failed += bool(text_of)
            if text_of:
                print(f"--- seed {options.seed} query {number}\n{text}\n{text_of}", flush=True)
    program.close()
    print(f"{refused} refused, {skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
