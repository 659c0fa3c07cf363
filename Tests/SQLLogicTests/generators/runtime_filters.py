#!/usr/bin/env python3
"""Writes the scripts over joins whose few build keys prune scans further down the plan.

The pruned scan may stand below groupings, exchanges, unions and other joins; LIMIT, windows over
all rows and grouping sets must keep it whole. The tables are made by SQL, the same in DuckDB, which
gives the expected rows. Run it with the Python that has `duckdb`; it writes
../scripts/joins/filters_*.slt and prints what it wrote.
"""
import pathlib

import duckdb

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "joins"
LAYOUTS = {"even": "DISTSTYLE EVEN", "key": "DISTKEY (k)", "all": "DISTSTYLE ALL"}

TABLES = [
    ("f", "(k int, g int, dt date, v int, h bigint)"),
    ("d", "(k int, g int, dt date, note varchar(4), h bigint)"),
    ("e", "(k int, g int)"),
]
# 8,000 rows: 500 keys, every eleventh row one key, NULLs; v is unique.
FILL = [
    "INSERT INTO f SELECT CASE WHEN n % 97 = 0 THEN NULL WHEN n % 11 = 0 THEN 7 ELSE n % 500 END,"
    " CASE WHEN n % 89 = 0 THEN NULL ELSE n % 13 END, DATE '2020-01-01' + n % 300, n,"
    " CAST(n % 500 AS bigint) * 1000000000000 FROM"
    " (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n AS n"
    " FROM digit a, digit b, digit c, digit d WHERE d.n < 8) AS s",
    "INSERT INTO d SELECT CASE WHEN n % 9 = 4 THEN NULL ELSE 7 + n * 29 END,"
    " CASE WHEN n = 5 THEN NULL ELSE n % 13 END, DATE '2020-01-01' + n * 17, 't' || n % 3,"
    " CAST(7 + n * 29 AS bigint) * 1000000000000 FROM"
    " (SELECT a.n + 10 * b.n AS n FROM digit a, digit b WHERE b.n < 2) AS s",
]
SUMS = "(SELECT k, sum(v) AS v, count(*) AS c FROM f GROUP BY k) AS a"
QUERIES = {
    "groups": [
        f"SELECT d.k, a.v, a.c FROM d JOIN {SUMS} ON a.k = d.k",
        f"SELECT d.k, a.v FROM d LEFT JOIN {SUMS} ON a.k = d.k",
        f"SELECT count(*), sum(a.c) FROM d RIGHT JOIN {SUMS} ON a.k = d.k",
        f"SELECT count(*), sum(a.c), count(d.k) FROM d FULL JOIN {SUMS} ON a.k = d.k",
        f"SELECT a.k, a.v FROM {SUMS} WHERE a.k IN (SELECT k FROM d)",
        f"SELECT count(*), sum(v) FROM {SUMS} WHERE a.k NOT IN (SELECT k FROM d WHERE k > 0)",
        f"SELECT count(*), sum(v) FROM {SUMS} WHERE EXISTS (SELECT 1 FROM d WHERE d.k = a.k)",
        f"SELECT count(*) FROM e JOIN {SUMS} ON a.k = e.k",
        f"SELECT a.k FROM {SUMS} WHERE a.k = ANY (SELECT k FROM d WHERE note = 't1') AND a.c > 10",
        "SELECT d.k, a.g, a.v FROM d JOIN (SELECT k, g, sum(v) AS v FROM f GROUP BY k, g) AS a"
        " ON a.k = d.k AND a.g = d.g",
        "SELECT d.k, a.c FROM d JOIN (SELECT k, count(DISTINCT g) AS c FROM f GROUP BY k) AS a"
        " ON a.k = d.k",
        "SELECT d.k FROM d JOIN (SELECT DISTINCT k, g FROM f) AS a ON a.k = d.k AND a.g = 3",
        "SELECT d.dt, a.c FROM d JOIN (SELECT dt, count(*) AS c FROM f GROUP BY dt) AS a"
        " ON a.dt = d.dt",
        "SELECT d.k, a.c FROM d JOIN (SELECT h, count(*) AS c FROM f GROUP BY h) AS a"
        " ON a.h = d.h",
        "SELECT d.k, a.m FROM d JOIN (SELECT k, max(c) AS m FROM (SELECT k, g, count(*) AS c"
        " FROM f GROUP BY k, g) AS b GROUP BY k) AS a ON a.k = d.k WHERE d.note <> 't0'",
        "SELECT d.k, a.k2, a.v FROM d JOIN (SELECT k + 1 AS k2, sum(v) AS v FROM f GROUP BY k + 1)"
        " AS a ON a.k2 = d.k",
        "SELECT sum(f.v) FROM f JOIN d ON d.k = f.k WHERE d.note = 't1'"
        " AND f.v < (SELECT avg(f2.v) FROM f f2 WHERE f2.k = d.k)",
        "SELECT d.k, d.g FROM d WHERE d.g < (SELECT sum(f.g) FROM f WHERE f.k = d.k"
        " AND f.g = d.g) AND d.note <> 't2'",
        "SELECT d.note, count(*), sum(a.v) FROM d JOIN (SELECT k, v FROM f WHERE v < 3000"
        " UNION ALL SELECT k, count(*) FROM f GROUP BY k) AS a ON a.k = d.k GROUP BY d.note",
        "SELECT d.k, count(*) FROM d JOIN (SELECT k FROM f UNION SELECT k + 1 FROM f) AS a"
        " ON a.k = d.k GROUP BY d.k",
        "SELECT d.k, a.c FROM d JOIN (SELECT f.k, count(*) AS c FROM f JOIN f f2 ON f2.v = f.v + 1"
        " GROUP BY f.k) AS a ON a.k = d.k",
        "SELECT d.k, a.c FROM d JOIN (SELECT f.k, count(f2.v) AS c FROM f LEFT JOIN f f2"
        " ON f2.k = f.k AND f2.v > f.v AND f2.g = f.g GROUP BY f.k) AS a ON a.k = d.k"
        " WHERE d.k > 7",
        "SELECT d.k, a.c FROM d JOIN (SELECT f2.k, count(*) AS c FROM f LEFT JOIN f f2"
        " ON f2.v = f.v + 1 AND f2.g > 3 GROUP BY f2.k) AS a ON a.k = d.k",
    ],
    "barriers": [
        "SELECT d.k, a.v FROM d JOIN (SELECT k, v FROM f ORDER BY v LIMIT 40) AS a ON a.k = d.k",
        "SELECT d.k, a.v FROM d JOIN (SELECT k, v FROM f ORDER BY v DESC LIMIT 30 OFFSET 25) AS a"
        " ON a.k = d.k",
        "SELECT d.k, a.c FROM d JOIN (SELECT k, count(*) AS c FROM f GROUP BY k"
        " ORDER BY c DESC, k LIMIT 4) AS a ON a.k = d.k",
        "SELECT d.k, a.n FROM d JOIN (SELECT k, row_number() OVER (ORDER BY v) AS n FROM f"
        " WHERE v < 1000) AS a ON a.k = d.k WHERE a.n % 7 = 0",
        "SELECT d.k, a.n FROM d JOIN (SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v)"
        " AS n FROM f) AS a ON a.k = d.k WHERE a.n = 3",
        "SELECT d.k, a.n FROM d JOIN (SELECT k, v, row_number() OVER (PARTITION BY g ORDER BY v)"
        " AS n FROM f WHERE v < 2000) AS a ON a.k = d.k WHERE a.n % 9 = 1",
        "SELECT d.k, a.g, a.c FROM d JOIN (SELECT k, g, count(*) AS c FROM f WHERE g < 3"
        " GROUP BY ROLLUP (k, g)) AS a ON a.k = d.k WHERE d.note = 't0'",
        "SELECT count(*), sum(a.c) FROM d JOIN (SELECT k, g, count(*) AS c FROM f"
        " GROUP BY GROUPING SETS ((k), (g), ())) AS a ON a.g = d.g",
        "SELECT d.k, a.t FROM d JOIN (SELECT k, sum(count(*)) OVER () AS t FROM f GROUP BY k) AS a"
        " ON a.k = d.k WHERE d.note = 't1'",
        "SELECT d.k, a.c FROM d JOIN (SELECT coalesce(k, 7) AS k, count(*) AS c FROM f"
        " GROUP BY coalesce(k, 7)) AS a ON a.k = d.k",
        "SELECT d.k, a.k2, a.c FROM d JOIN (SELECT f.k, f2.k AS k2, count(*) AS c FROM f"
        " FULL JOIN f f2 ON f2.v = f.v + 7000 GROUP BY f.k, f2.k) AS a ON a.k = d.k"
        " WHERE a.k2 IS NULL",
        "SELECT d.k, a.c FROM d JOIN (SELECT f2.k, count(*) AS c FROM (SELECT * FROM f WHERE v < 50)"
        " f RIGHT JOIN f f2 ON f2.v = f.v GROUP BY f2.k) AS a ON a.k = d.k",
        "SELECT d.k FROM d WHERE d.k NOT IN (SELECT k FROM f WHERE k IS NOT NULL GROUP BY k"
        " HAVING count(*) > 1)",
        "WITH a AS (SELECT k, count(*) AS c FROM f GROUP BY k) SELECT d.k, a.c, b.c FROM d"
        " JOIN a ON a.k = d.k JOIN a b ON b.k = d.k + 1 WHERE d.note = 't2'",
    ],
}
# What fails for a key that no build row has fails all the same, however few the keys are.
FAILING = [
    "SELECT max(a.v) FROM d JOIN (SELECT k, sum(100 / (k - 8)) AS v FROM f GROUP BY k) AS a"
    " ON a.k = d.k",
    "SELECT max(a.v) FROM d JOIN (SELECT k, 100 / (count(*) - 83) AS v FROM f GROUP BY k) AS a"
    " ON a.k = d.k",
    "SELECT max(a.v) FROM d JOIN (SELECT DISTINCT k, g, 100 % (k - 8) AS v FROM f) AS a"
    " ON a.k = d.k AND a.g = d.g",
]


def text(value):
    return "NULL" if value is None else "(empty)" if value == "" else str(value)


def write(kind, layout, attribute):
    database = duckdb.connect()
    lines = [
        f"# Few build keys prune scans below {kind}; the large table is {attribute}.",
        "# Expected rows: DuckDB (generators/runtime_filters.py).",
        "",
    ]

    def statement(sql, redshift=None):
        database.execute(sql)
        lines.extend(["statement ok", redshift or sql, ""])

    statement("CREATE TABLE digit (n int)", "CREATE TABLE digit (n int) DISTSTYLE ALL")
    statement("INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
    for name, columns in TABLES:
        style = attribute if name == "f" else LAYOUTS["key" if layout == "even" else "even"]
        statement(f"CREATE TABLE {name} {columns}", f"CREATE TABLE {name} {columns} {style}")
    for sql in FILL:
        statement(sql)
    for sql in QUERIES[kind]:
        rows = database.execute(sql).fetchall()
        assert 0 < len(rows) <= 60 or "NOT IN" in sql, (len(rows), sql)
        lines.extend(["query rowsort", sql, "----"])
        lines.extend("|".join(map(text, row)) for row in rows)
        lines.append("")
    for sql in FAILING if kind == "barriers" else []:
        lines.extend(["statement error 22012", sql, ""])
    path = FOLDER / f"filters_{kind}_{layout}.slt"
    path.write_text("\n".join(lines))
    print(path.name, len(QUERIES[kind]), "queries")


for kind in QUERIES:
    for layout, attribute in LAYOUTS.items():
        write(kind, layout, attribute)
