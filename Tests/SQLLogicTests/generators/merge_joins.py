#!/usr/bin/env python3
"""Writes the scripts of merge joins and of groupings in the order of a sort key.

The tables are made by SQL, the same in DuckDB, which gives the expected rows. Every query runs
twice, the second time with merge joins and ordered groupings switched off. Run it with the Python
that has `duckdb`; it writes below ../scripts/merging and prints what it wrote.
"""
import pathlib

import duckdb

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "merging"
NUMBERS = (
    "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n"
    " FROM digit a, digit b, digit c, digit d, digit e) AS s"
)
ORDERED = " DISTKEY (k) SORTKEY (k)"
SWITCHES = ("enable_mergejoin", "enable_groupagg")
ANY = "SELECT count(*), sum(l.v), sum(r.w), sum(l.v * r.w), min(r.t), max(l.k) FROM"
FIRST = "SELECT l.k, l.v, r.w, r.t FROM"
END = "ORDER BY 1, 2, 3, 4 LIMIT 25"

# The queries that every pair of tables l (k, v) and r (k, w, t) is asked.
QUERIES = [
    f"{ANY} l JOIN r ON l.k = r.k",
    f"{ANY} r JOIN l ON l.k = r.k WHERE l.v % 3 = 0 AND r.w % 7 < 5",
    f"{ANY} l LEFT JOIN r ON l.k = r.k",
    f"{ANY} l RIGHT JOIN r ON l.k = r.k",
    f"{ANY} l FULL JOIN r ON l.k = r.k",
    f"{ANY} l LEFT JOIN r ON l.k = r.k AND r.w > l.v",
    f"{ANY} r LEFT JOIN l ON l.k = r.k AND l.v % 2 = 0",
    f"{ANY} l LEFT JOIN (SELECT k, w + 1 AS w, t FROM r WHERE w % 5 = 1) AS r ON l.k = r.k",
    f"{FIRST} l JOIN r ON l.k = r.k {END}",
    f"{FIRST} l LEFT JOIN r ON l.k = r.k {END}",
    f"{FIRST} l RIGHT JOIN r ON l.k = r.k WHERE l.v IS NULL OR l.v % 50 = 3 {END}",
    "SELECT count(*), sum(x.v), sum(y.w), sum(z.v) FROM (SELECT k, v FROM l WHERE v % 4 = 1) AS x"
    " JOIN r AS y ON x.k = y.k LEFT JOIN (SELECT k, v FROM l WHERE v % 9 = 1) AS z ON x.k = z.k",
    "SELECT count(*), sum(n), sum(s), sum(k), min(m) FROM"
    " (SELECT k, count(*) AS n, sum(v) AS s, min(v) AS m FROM l GROUP BY k) AS g",
    "SELECT k, count(*), count(v), sum(v), max(v) FROM l GROUP BY k ORDER BY 2 DESC, 1 LIMIT 20",
    "SELECT count(*), sum(n), sum(s), sum(k) FROM"
    " (SELECT k, v % 3, count(*) AS n, sum(v) AS s FROM l WHERE v % 11 <> 4 GROUP BY 1, 2) AS g",
    "SELECT count(*), count(k), sum(k) FROM (SELECT DISTINCT k FROM r) AS g",
    "SELECT count(*), sum(n), sum(s), sum(k) FROM (SELECT l.k, count(*) AS n, sum(r.w) AS s"
    " FROM l JOIN r ON l.k = r.k GROUP BY l.k HAVING count(*) > 1) AS g",
    "SELECT count(*), sum(g.s), sum(r.w) FROM (SELECT k, sum(v) AS s FROM l GROUP BY k) AS g"
    " JOIN r ON g.k = r.k",
    "SELECT count(*), sum(v) FROM l WHERE EXISTS (SELECT 1 FROM r WHERE r.k = l.k)",
    "SELECT count(*) FROM (SELECT l.k, l.v FROM l JOIN r ON l.k = r.k LIMIT 3000) AS g",
]


class Script:
    """Statements run in DuckDB as they are written down."""

    def __init__(self, name, *comment):
        self.name = name
        self.lines = [f"# {line}" for line in comment]
        self.lines += ["# Expected rows: DuckDB (generators/merge_joins.py).", ""]
        self.database = duckdb.connect()
        self.statement("CREATE TABLE digit (n int)", " DISTSTYLE ALL")
        self.statement("INSERT INTO digit VALUES " + ", ".join(f"({n})" for n in range(10)))

    def statement(self, sql, attributes=""):
        self.database.execute(sql)
        self.lines += ["statement ok", sql + attributes, ""]

    def switch(self, state):
        for name in SWITCHES:
            self.lines += ["statement ok", f"SET {name} TO {state}", ""]

    def tables(self, distribution=ORDERED):
        self.statement("CREATE TABLE l (k int, v int)", distribution)
        self.statement("CREATE TABLE r (k bigint, w int, t varchar(20))", distribution)

    def fill(self, table, select, where):
        self.statement(f"INSERT INTO {table} SELECT {select} FROM {NUMBERS} WHERE {where}")

    def shown(self, sql, rows):
        """A query with rows known beforehand."""
        self.lines += ["query nosort", sql, "----", *rows, ""]

    def ask(self, queries=QUERIES):
        for state in ("on", "off"):
            self.switch(state)
            for sql in queries:
                rows = self.database.execute(sql).fetchall()
                assert len(rows) <= 25, (len(rows), sql)
                order = "nosort" if "ORDER BY" in sql else "rowsort"
                self.lines += [f"query {order}", sql, "----"]
                self.lines += ["|".join(map(text, row)) for row in rows]
                self.lines += [""]
        self.switch("on")

    def write(self):
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{self.name}.slt").write_text("\n".join(self.lines))
        print(self.name, self.lines.count("----"), "queries")


def text(value):
    if value is None:
        return "NULL"
    return "(empty)" if value == "" else str(value)


def main():
    script = Script("many_to_many", "Many rows of each key on both sides, and rows without a key.")
    script.tables()
    script.fill("l", "CASE WHEN n % 97 <> 0 THEN n % 700 END, n", "n < 9000")
    script.fill("r", "CASE WHEN n % 89 <> 0 THEN n % 900 + 100 END, n, 't' || n % 13", "n < 5400")
    script.ask()
    script.write()

    script = Script("one_key", "One key has nearly all rows of both sides, on one slice.")
    script.tables()
    script.fill("l", "CASE WHEN n % 100 = 0 THEN n ELSE 2500 END, n", "n < 2600")
    script.fill("r", "CASE WHEN n % 10 = 0 THEN n ELSE 2500 END, n, 't' || n % 13", "n < 40")
    script.ask()
    script.write()

    script = Script("other_side", "One key has many chunks of rows of the inner side.")
    script.tables()
    script.fill("l", "n, n", "n < 9000")
    script.fill("r", "CASE WHEN n % 3 = 0 THEN 4000 + n % 2 ELSE n END, n, 't' || n % 13", "n < 8000")
    script.ask()
    script.write()

    script = Script("unique_keys", "A key each, some thousands of rows a slice, gaps on both sides.")
    script.tables()
    script.fill("l", "n, n % 300", "n % 5 <> 0 AND n < 60000")
    script.fill("r", "n, n % 1000, 't' || n % 13", "n % 4 <> 1 AND n < 70000")
    script.ask()
    script.write()

    script = Script("few_matches", "Long stretches of one side without a partner on the other.")
    script.tables()
    script.fill("l", "n, n % 500", "n < 40000")
    script.fill("r", "n, n, 't' || n % 13", "n > 30000 AND n < 30020 OR n > 99990 OR n = 5")
    script.ask()
    script.write()

    for name, first, comment in [
        ("small_tail", 20000, "Loads that overlap: less than a fifth of the rows is unsorted."),
        ("large_tail", 5000, "Loads that overlap: more than a fifth of the rows is unsorted."),
    ]:
        script = Script(name, comment)
        script.tables()
        script.fill("l", "(n - n % 3) / 3, n", f"n < {first}")
        script.fill("r", "(n - n % 2) / 2, n, 't' || n % 13", f"n < {first}")
        script.fill("l", "CASE WHEN n % 17 > 0 THEN n * 3 END, -n", "n < 1500")
        script.fill("r", "n * 5, -n, 'u' || n % 7", "n < 1200")
        script.fill("l", "7000 - n, n", "n < 600")
        script.fill("r", "CASE WHEN n % 5 > 0 THEN n * 2 END, n, NULL", "n < 300")
        script.statement("INSERT INTO l VALUES (11, 1), (3, 2), (NULL, 3), (11, 4)")
        script.statement("INSERT INTO r VALUES (11, 1, 'x'), (2, NULL, 'y'), (NULL, 3, 'z')")
        script.ask()
        script.statement("DELETE FROM l WHERE v % 7 = 2 OR k BETWEEN 1000 AND 1900")
        script.statement("DELETE FROM r WHERE w % 11 = 2 OR k BETWEEN 2000 AND 2400")
        script.statement("UPDATE r SET k = k + 1 WHERE w % 101 = 3")
        script.ask()
        script.write()

    script = Script("no_rows", "No rows on one side, on both, and all of them deleted.")
    script.tables()
    script.ask()
    script.fill("r", "n, n, 't' || n % 13", "n < 3000")
    script.ask()
    script.statement("DELETE FROM r WHERE k < 2999")
    script.statement("INSERT INTO l VALUES (NULL, 1), (NULL, 2)")
    script.ask()
    script.statement("INSERT INTO l VALUES (2999, 3)")
    script.ask()
    script.write()

    script = Script("sorted_only", "Sorted by the key and not distributed by it: grouped twice.")
    script.tables(" DISTSTYLE EVEN SORTKEY (k)")
    script.fill("l", "CASE WHEN n % 97 <> 0 THEN (n - n % 40) / 40 END, n", "n < 30000")
    script.fill("r", "(n - n % 8) / 8, n, 't' || n % 13", "n < 5400")
    script.fill("l", "n * 3, n", "n < 400")
    script.ask()
    script.write()


if __name__ == "__main__":
    main()
