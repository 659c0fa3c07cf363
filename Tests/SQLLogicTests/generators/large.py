#!/usr/bin/env python3
"""Writes the scripts over tables of several blocks per slice and column.

The tables are made by SQL, the same in DuckDB, which gives the expected rows. Texts of 32 to 48
bytes under ENCODE RAW fill a block of 1 MiB after 20,000 to 33,000 rows, so that 140,000 rows
cross block ends on each of four slices; a table with one DISTKEY value for nine rows of ten crosses
them on one slice of any cluster, with integers too. Run it with the Python that has `duckdb`; it
writes below ../scripts/large and prints what it wrote.
"""
import pathlib

import duckdb

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "large"

# What a window without PARTITION BY reads: slice 0 has to hold it all, on 16 slices too.
PART = "v < '0000000000000000000000000000000000020000'"

DIGITS = "CREATE TABLE digit (n int){all}"
FILL_DIGITS = "INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)"
# Numbers from 0 on, made by a cross join of the digits.
NUMBERS = (
    "(SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 100000 * f.n AS n"
    " FROM digit a, digit b, digit c, digit d, digit e, digit f WHERE f.n < {hundreds}) AS s"
)
BLOCKS = (
    "SELECT min(blocks) > 1 OR (SELECT count(*) FROM stv_slices) > 4 FROM"
    " (SELECT b.slice, b.col, count(*) AS blocks FROM stv_blocklist b, stv_tbl_perm p"
    " WHERE b.tbl = p.id AND b.slice = p.slice AND p.name = '{table}' GROUP BY 1, 2) AS counts"
)
FULL_SLICES = (
    "SELECT count(*) FROM (SELECT b.slice FROM stv_blocklist b, stv_tbl_perm p"
    " WHERE b.tbl = p.id AND b.slice = p.slice AND p.name = '{table}' AND b.col < {columns}"
    " GROUP BY b.slice, b.col HAVING count(*) > 1) AS crossing"
)


class Script:
    """Statements run in DuckDB as they are written down."""

    def __init__(self, name, *comment):
        self.name = name
        self.lines = [f"# {line}" for line in comment]
        self.lines += ["# Expected rows: DuckDB (generators/large.py).", ""]
        self.database = duckdb.connect()

    def statement(self, sql, redshift=None):
        self.database.execute(sql)
        self.lines += ["statement ok", redshift or sql, ""]

    def check(self, sql, rows):
        """A query on Redshift's system tables, with rows known beforehand."""
        self.lines += ["query nosort", sql, "----", *rows, ""]

    def query(self, sql):
        rows = self.database.execute(sql).fetchall()
        assert 0 < len(rows) <= 60, (len(rows), sql)
        self.lines += ["query rowsort" if "ORDER BY" not in sql.split(")")[-1] else "query nosort"]
        self.lines += [sql, "----"]
        self.lines += ["|".join(map(text, row)) for row in rows]
        self.lines += [""]

    def write(self):
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{self.name}.slt"
        path.write_text("\n".join(self.lines))
        print(path.name, len([line for line in self.lines if line == "----"]), "queries")


def text(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "t" if value else "f"
    return "(empty)" if value == "" else str(value)


def digits(script):
    script.statement(DIGITS.format(all=""), DIGITS.format(all=" DISTSTYLE ALL"))
    script.statement(FILL_DIGITS)


def wide(script, name, attributes, rows, factor):
    """A table of `rows` rows of four texts; `k` is unique, `r` has NULLs and points at keys."""
    columns = [("k", 32), ("g", 48), ("r", 48), ("v", 40)]
    script.statement(
        f"CREATE TABLE {name} ({', '.join(f'{c} varchar({w})' for c, w in columns)})",
        f"CREATE TABLE {name} ({', '.join(f'{c} varchar({w}) ENCODE raw' for c, w in columns)})"
        + attributes,
    )
    script.statement(
        f"INSERT INTO {name} SELECT md5(n::varchar),"
        " md5((n % 23)::varchar) || '................',"
        f" CASE WHEN n % 7 <> 0 THEN md5((n * {factor} % 150001)::varchar) || '----------------'"
        " END,"
        f" lpad((n * {factor} % 100003)::varchar, 40, '0')"
        f" FROM {NUMBERS.format(hundreds=2)} WHERE n < {rows}"
    )
    script.check(BLOCKS.format(table=name), ["t"])


def joins():
    script = Script("joins", "Joins of every motion over tables of several blocks per slice.")
    digits(script)
    wide(script, "fact", " DISTSTYLE EVEN", 140000, 17)
    wide(script, "part", " DISTKEY (k)", 140000, 31)
    wide(script, "owned", " DISTKEY (k) SORTKEY (k)", 140000, 43)
    script.statement(
        "CREATE TABLE few AS SELECT DISTINCT g, substring(g, 1, 4) AS name FROM fact"
    )
    num = "sum({}::bigint)".format
    for sql in [
        # Co-located: both tables lie by the key.
        f"SELECT count(*), {num('p.v')}, {num('o.v')}, min(o.r), max(p.g) FROM part p"
        " JOIN owned o ON p.k = o.k",
        f"SELECT count(*), {num('o.v')} FROM part p LEFT JOIN owned o"
        " ON p.k = o.k AND o.v < p.v",
        # Broadcast of the small side.
        f"SELECT f.name, count(*), {num('p.v')}, count(p.r) FROM part p JOIN few f ON p.g = f.g"
        " GROUP BY f.name ORDER BY f.name",
        # One side redistributed, then both.
        f"SELECT count(*), {num('f.v')}, {num('p.v')} FROM fact f JOIN part p ON f.k = p.k",
        f"SELECT count(*), count(f.r), {num('p.v')}, max(p.k) FROM fact f JOIN part p"
        " ON f.r = p.r",
        f"SELECT count(*), count(f.k), count(p.k), {num('f.v')}, {num('p.v')} FROM fact f"
        " FULL JOIN part p ON substring(f.r, 1, 32) = p.k",
        "SELECT count(*), max(k) FROM fact f WHERE NOT EXISTS"
        " (SELECT 1 FROM part p WHERE p.r = f.r)",
        f"SELECT count(*), {num('v')} FROM fact WHERE substring(r, 1, 32) IN (SELECT k FROM part)",
        f"SELECT count(*), {num('v')} FROM fact f WHERE v > (SELECT max(v) FROM owned o"
        " WHERE o.k = f.k)",
        # Zone maps of a sorted table, and rows of one block only.
        f"SELECT count(*), {num('v')} FROM owned WHERE k BETWEEN '4' AND '4f'",
        "SELECT v FROM owned WHERE k = 'c4ca4238a0b923820dcc509a6f75849b'",
    ]:
        script.query(sql)
    script.write()


def groups():
    script = Script(
        "groups_and_windows",
        "Groups, DISTINCT, windows, sorts and sets over tables of several blocks per slice.",
    )
    digits(script)
    wide(script, "fact", " DISTSTYLE EVEN", 140000, 17)
    wide(script, "copy", " DISTSTYLE ALL", 40000, 29)
    for sql in [
        "SELECT g, count(*), sum(v::bigint), min(k), max(r), count(DISTINCT r) FROM fact"
        " GROUP BY g ORDER BY g",
        "SELECT count(*), sum(c), max(c) FROM (SELECT r, count(*) AS c FROM fact GROUP BY r) AS t",
        "SELECT count(*), min(v), max(v) FROM (SELECT DISTINCT v FROM fact) AS t",
        "SELECT count(DISTINCT k), count(DISTINCT g), count(r) FROM fact",
        "SELECT k, v FROM fact ORDER BY v DESC, k LIMIT 5 OFFSET 60000",
        "SELECT v, k FROM fact ORDER BY r NULLS FIRST, k LIMIT 3 OFFSET 17999",
        "SELECT count(*), sum(n), sum(last) FROM (SELECT row_number() OVER (PARTITION BY g"
        " ORDER BY k) AS n, lag(v) OVER (PARTITION BY g ORDER BY k)::bigint AS last"
        " FROM fact) AS t",
        "SELECT count(*), sum(n * (v::bigint % 97)), max(running) FROM (SELECT v, row_number()"
        " OVER (ORDER BY k) AS n, sum(v::bigint) OVER (ORDER BY k ROWS UNBOUNDED PRECEDING)"
        f" AS running FROM fact WHERE {PART}) AS t",
        f"SELECT n, v FROM (SELECT v, rank() OVER (ORDER BY v, k) AS n FROM fact WHERE {PART})"
        " AS t WHERE n % 5000 = 1 ORDER BY n",
        "SELECT count(*), min(k), max(k) FROM (SELECT k, g FROM fact INTERSECT"
        " SELECT k, g FROM copy) AS t",
        "SELECT count(*), min(k), max(k) FROM (SELECT k FROM fact EXCEPT SELECT k FROM copy)"
        " AS t",
        "SELECT count(*), min(v), max(v) FROM (SELECT v FROM fact UNION SELECT v FROM copy) AS t",
        "SELECT count(*), sum(v::bigint) FROM (SELECT v FROM fact UNION ALL SELECT v FROM copy)"
        " AS t",
    ]:
        script.query(sql)
    script.write()


def changes():
    script = Script(
        "skewed_changes",
        "A slice that holds nine rows of ten, over several blocks of integers too: changes, and",
        "what is left of them.",
    )
    digits(script)
    columns = [("d", "int"), ("n", "bigint"), ("m", "decimal(38,0)"), ("t", "varchar(32)")]
    listed = ", ".join(f"{name} {kind}" for name, kind in columns)
    encoded = ", ".join(f"{name} {kind} ENCODE raw" for name, kind in columns)
    script.statement(
        f"CREATE TABLE skew ({listed})",
        f"CREATE TABLE skew ({encoded}) DISTKEY (d) SORTKEY (n)",
    )
    script.statement(
        "INSERT INTO skew SELECT CASE WHEN n % 10 = 0 THEN n ELSE 2000000000 END,"
        " n::bigint * 1000000007 % 4294967291,"
        " n * 10000000000000000000000000000::decimal(38,0), md5(n::varchar)"
        f" FROM {NUMBERS.format(hundreds=3)}"
    )
    script.check(FULL_SLICES.format(table="skew", columns=4), ["4"])
    state = (
        "SELECT count(*), count(DISTINCT d), sum(n), min(n), max(n), max(m), min(t), max(t)"
        " FROM skew"
    )
    script.query(state)
    script.query("SELECT d > 1999999999, count(*), sum(n) FROM skew GROUP BY 1 ORDER BY 1")
    script.query("SELECT count(*), sum(n) FROM skew WHERE n BETWEEN 1000000000 AND 1100000000")
    script.query("SELECT n, t FROM skew ORDER BY n DESC LIMIT 4 OFFSET 200000")
    # Deleted positions in every block; then a run of whole blocks.
    script.statement("DELETE FROM skew WHERE n % 3 = 0")
    script.query(state)
    script.statement("DELETE FROM skew WHERE n > 2000000000 AND n < 3500000000")
    script.query(state)
    script.statement("UPDATE skew SET n = n + 5000000000, t = 'changed' WHERE n % 5 = 1")
    script.query(state)
    script.query("SELECT t = 'changed', count(*), sum(n) FROM skew GROUP BY 1 ORDER BY 1")
    # Rows move to another slice as their distribution key changes.
    script.statement("UPDATE skew SET d = (n % 1000)::int WHERE n % 4 = 0")
    script.query(state)
    script.query(
        "SELECT count(*), sum(a.n) FROM skew a JOIN skew b ON a.d = b.d WHERE a.d < 100 AND"
        " b.n % 1001 = 7"
    )
    script.query(
        "SELECT count(*), sum(r) FROM (SELECT n, rank() OVER (PARTITION BY d ORDER BY n) AS r"
        " FROM skew) AS t"
    )
    script.statement("DELETE FROM skew WHERE d = 2000000000")
    script.query(state)
    script.statement("DELETE FROM skew")
    script.query("SELECT count(*), min(n) FROM skew")
    script.write()


if __name__ == "__main__":
    joins()
    groups()
    changes()
