#!/usr/bin/env python3
"""Writes the scripts of joins and groupings over every pair of distribution styles.

Expected rows come from DuckDB, whose semantics agree with Redshift's for all that is asked here.
Run it with the Python that has `duckdb`; it writes below ../scripts and prints what it wrote.
"""
import pathlib

import duckdb

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts"
STYLES = {
    "even": "DISTSTYLE EVEN",
    "key": "DISTKEY (k)",
    "all": "DISTSTYLE ALL",
}

LEFT_ROWS = [
    (1, 10, "one", 1.5), (2, 20, "two", 2.25), (2, 21, "two ", None), (3, 30, None, 3.0),
    (None, 40, "four", 4.75), (5, None, "five", 5.5), (None, None, None, None), (7, 70, "", 0.0),
    (-8, 80, "minus eight, which is a long text", -8.25), (2147483647, 90, "max", 9.0),
]
RIGHT_ROWS = [
    (1, 100, "one", 1.5), (1, 101, "uno", 1.5), (2, 200, "two", 2.25), (4, 400, "four", 4.75),
    (None, 500, "five", None), (None, None, None, None), (7, 700, "", 0.0), (9, None, "nine", 9.0),
    (-8, 800, "minus eight, which is a long text", -8.25),
]
DATASETS = {
    "nulls": (LEFT_ROWS, RIGHT_ROWS),
    "right_empty": (LEFT_ROWS, []),
    "left_empty": ([], RIGHT_ROWS),
    "both_empty": ([], []),
    "one_row": ([(3, 30, "three", 3.5)], [(3, 31, "three", 3.5)]),
    "skewed": (
        [(6, i, f"s{i % 3}", i / 4) for i in range(40)],
        [(6, i * 2, f"s{i % 5}", i / 2) for i in range(12)] + [(1, 1, "s1", 0.25)],
    ),
    "many": (
        [((i * 7) % 50, i, f"name {i % 11}", i / 8) for i in range(120)],
        [((i * 3) % 60 if i % 9 else None, i, f"name {i % 13}", i / 8) for i in range(90)],
    ),
}

JOINS = [
    "SELECT a.k, a.v, b.w FROM a JOIN b ON a.k = b.k",
    "SELECT a.k, a.v, b.k, b.w FROM a LEFT JOIN b ON a.k = b.k",
    "SELECT a.k, a.v, b.k, b.w FROM a RIGHT JOIN b ON a.k = b.k",
    "SELECT a.k, a.v, b.k, b.w FROM a FULL JOIN b ON a.k = b.k",
    "SELECT a.v, b.w FROM a JOIN b ON a.s = b.s",
    "SELECT a.v, b.w FROM a LEFT JOIN b ON a.s = b.s",
    "SELECT a.v, b.w FROM a FULL JOIN b ON a.s = b.s",
    "SELECT a.v, b.w FROM a JOIN b ON a.k = b.k AND a.s = b.s",
    "SELECT a.v, b.w FROM a JOIN b ON a.d = b.d",
    "SELECT a.v, b.w FROM a LEFT JOIN b ON a.k = b.k AND b.w > 150",
    "SELECT a.v, b.w FROM a LEFT JOIN b ON a.k = b.k AND a.v > 15",
    "SELECT a.v, b.w FROM a RIGHT JOIN b ON a.k = b.k AND a.v + b.w > 120",
    "SELECT a.v, b.w FROM a JOIN b ON a.k = b.k WHERE a.v < b.w",
    "SELECT a.v, b.w FROM a LEFT JOIN b ON a.k = b.k WHERE b.k IS NULL",
    "SELECT count(*) FROM a CROSS JOIN b",
    "SELECT a.v, b.w FROM a JOIN b ON a.k < b.k",
    "SELECT a.v, b.w FROM a LEFT JOIN b ON a.k > b.k + 3",
    "SELECT k, a.v, b.w FROM a JOIN b USING (k)",
    "SELECT k, a.v, b.w FROM a LEFT JOIN b USING (k)",
    "SELECT v FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
    "SELECT v FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k)",
    "SELECT v FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.w > a.v * 5)",
    "SELECT v FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.k = a.k AND b.w > a.v * 5)",
    "SELECT v FROM a WHERE k IN (SELECT k FROM b)",
    "SELECT v FROM a WHERE k NOT IN (SELECT k FROM b)",
    "SELECT v FROM a WHERE k NOT IN (SELECT k FROM b WHERE k IS NOT NULL)",
    "SELECT v FROM a WHERE s IN (SELECT s FROM b WHERE w > 100)",
    "SELECT v FROM a WHERE v > (SELECT avg(w) FROM b WHERE w < 300)",
    "SELECT a.k, count(*), sum(b.w), min(a.v) FROM a JOIN b ON a.k = b.k GROUP BY a.k",
    "SELECT b.s, count(*), count(a.v), max(a.d) FROM a RIGHT JOIN b ON a.k = b.k GROUP BY b.s",
    "SELECT x.v, y.v FROM a x JOIN a y ON x.k = y.k WHERE x.v <= y.v",
    "SELECT a.v, b.w, c.w FROM a JOIN b ON a.k = b.k LEFT JOIN b c ON b.s = c.s",
    "SELECT count(*), sum(v) FROM a WHERE k IN (SELECT k FROM b GROUP BY k HAVING count(*) > 1)",
    "SELECT t.k, t.n, b.w FROM (SELECT k, count(*) AS n FROM a GROUP BY k) t JOIN b ON t.k = b.k",
    "SELECT count(*), sum(c.w), count(x.v), sum(x.w) FROM b c LEFT JOIN"
    " (SELECT a.k, a.v, b.w FROM a FULL JOIN b ON a.k = b.k) x ON c.w = x.w",
    "SELECT count(*), sum(a.v), count(b.w), sum(c.v) FROM a RIGHT JOIN b ON a.k = b.k"
    " RIGHT JOIN a c ON b.w = c.v * 10",
    "SELECT v FROM a UNION ALL SELECT w FROM b",
    "SELECT k FROM a UNION SELECT k FROM b",
]

GROUPINGS = [
    "SELECT count(*), count(k), count(v), sum(v), min(v), max(v) FROM a",
    "SELECT sum(d), min(d), max(d), min(s), max(s) FROM a",
    "SELECT k, count(*), sum(v) FROM a GROUP BY k",
    "SELECT s, count(*), max(k) FROM a GROUP BY s",
    "SELECT k, s, count(*) FROM a GROUP BY k, s",
    "SELECT k % 3, count(*) FROM a GROUP BY k % 3",
    "SELECT count(DISTINCT k), count(DISTINCT s) FROM a",
    "SELECT s, count(DISTINCT k), sum(v) FROM a GROUP BY s",
    "SELECT k, sum(DISTINCT v) FROM a GROUP BY k",
    "SELECT DISTINCT k FROM a",
    "SELECT DISTINCT s, k FROM a",
    "SELECT k, count(*) FROM a GROUP BY k HAVING count(*) > 1",
    "SELECT count(*) FROM a WHERE k > 1 AND s IS NOT NULL",
    "SELECT k, v FROM a WHERE v BETWEEN 15 AND 45 OR k IS NULL",
    "SELECT sum(v) FROM a HAVING count(*) > 3",
    "SELECT count(*) FROM (SELECT k, s FROM a GROUP BY k, s) t",
    "SELECT max(n) FROM (SELECT k, count(*) AS n FROM a GROUP BY k) t",
    "SELECT d, count(*) FROM a GROUP BY d",
    "SELECT v IS NULL, count(*) FROM a GROUP BY v IS NULL",
    "SELECT CASE WHEN k > 2 THEN 'big' ELSE 'small' END, count(*) FROM a GROUP BY 1",
]
ORDERED = [
    "SELECT k, v, s FROM a ORDER BY k, v, s",
    "SELECT k, v FROM a ORDER BY k DESC, v DESC",
    "SELECT k, v FROM a ORDER BY k NULLS FIRST, v NULLS FIRST",
    "SELECT v, s FROM a ORDER BY s, v LIMIT 5",
    "SELECT v FROM a ORDER BY v DESC LIMIT 3 OFFSET 2",
    "SELECT k, count(*) AS n FROM a GROUP BY k ORDER BY n DESC, k LIMIT 4",
    "SELECT d, v FROM a ORDER BY d DESC NULLS LAST, v",
]


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def text(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value) or "(empty)"


def insert(table, rows):
    values = ",\n".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
    return f"statement ok\nINSERT INTO {table} VALUES\n{values}\n" if rows else ""


def table(name, columns, style):
    return f"statement ok\nCREATE TABLE {name} ({columns}) {style}\n"


A = "k integer, v integer, s varchar(40), d decimal(8,2)"
B = "k integer, w integer, s varchar(40), d decimal(8,2)"


def expected(reference, query):
    # Sums of integers are HUGEINT there and BIGINT here; both print alike. NULLs sort as in
    # PostgreSQL. Blanks at the end of VARCHAR do not count here: the data has them trimmed for
    # the reference, and keys with such blanks print as the first one seen, so they are trimmed.
    return [
        "|".join(text(value) for value in row) for row in reference.execute(query).fetchall()
    ]


def record(reference, query, mode):
    rows = expected(reference, query)
    return "\n".join([f"query {mode}", query, "----", *rows]) + "\n"


def trimmed(rows):
    return [tuple(v.rstrip(" ") if isinstance(v, str) else v for v in row) for row in rows]


def load(reference, left, right):
    reference.execute("SET default_null_order = 'nulls_last_on_asc_first_on_desc'")
    reference.execute(f"CREATE TABLE a ({A})")
    reference.execute(f"CREATE TABLE b ({B})")
    for name, rows in (("a", left), ("b", right)):
        for row in trimmed(rows):
            reference.execute(f"INSERT INTO {name} VALUES ({', '.join(map(literal, row))})")


def main():
    written = 0
    for dataset, (left, right) in DATASETS.items():
        left, right = trimmed(left), trimmed(right)
        reference = duckdb.connect()
        load(reference, left, right)
        joins = "\n".join(record(reference, query, "rowsort") for query in JOINS)
        groups = "\n".join(record(reference, query, "rowsort") for query in GROUPINGS)
        groups += "\n" + "\n".join(record(reference, query, "nosort") for query in ORDERED)
        for left_style, left_attribute in STYLES.items():
            parts = [
                f"# Groupings and orders over {dataset}, {left_style.upper()}.",
                "# Expected rows: DuckDB. Written by generators/joins.py.\n",
                table("a", A, left_attribute), insert("a", left), groups,
            ]
            path = FOLDER / "aggregates" / f"{dataset}_{left_style}.slt"
            path.write_text("\n".join(parts))
            written += 1
            for right_style, right_attribute in STYLES.items():
                parts = [
                    f"# Joins over {dataset}: {left_style.upper()} with {right_style.upper()}.",
                    "# Expected rows: DuckDB. Written by generators/joins.py.\n",
                    table("a", A, left_attribute), table("b", B, right_attribute),
                    insert("a", left), insert("b", right), joins,
                ]
                path = FOLDER / "joins" / f"{dataset}_{left_style}_{right_style}.slt"
                path.write_text("\n".join(parts))
                written += 1
    print(f"{written} scripts below {FOLDER.name}/")


main()
