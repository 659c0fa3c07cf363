#!/usr/bin/env python3
"""Writes the scripts of window functions over every distribution style.

Expected rows come from PostgreSQL, asked through psql, which finds the server as libpq does
(PGHOST, PGPORT, PGUSER); it makes and drops a database of its own with byte-wise text order. Where
Redshift differs a query is rewritten for PostgreSQL: AVG of exact numbers is truncated, IGNORE
NULLS is spelled out with arrays, QUALIFY is a subquery. Writes below ../scripts/windows.
"""
import pathlib
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "windows"
DATABASE = "slicehouse_windows"
STYLES = {
    "even": "DISTSTYLE EVEN",
    "key": "DISTKEY (k)",
    "all": "DISTSTYLE ALL",
}
COLUMNS = (
    "id integer, k integer, g varchar(10), v integer, b bigint, d decimal(12,2), "
    "w decimal(38,4), f double precision, s varchar(40), t date"
)


def row(i, k, v):
    """A row whose other columns follow from its number; some of them NULL."""
    return (
        i, k, None if i % 7 == 3 else f"g{i % 3}", v, None if v is None else v * 3_000_000_000,
        None if i % 5 == 4 else round((i * 37 % 101) / 4 - 10, 2),
        None if i % 6 == 2 else (i * 7919 % 1009) - 500 + (i % 4) / 4,
        None if i % 8 == 5 else (i * 13 % 29) / 8 - 1,
        None if i % 9 == 1 else ["", "ant", "bee", "a text longer than twelve bytes", "Zebra"][i % 5],
        None if i % 4 == 2 else f"2024-0{i % 9 + 1}-1{i % 7}",
    )


DATASETS = {
    "empty": [],
    "one_row": [row(1, 5, 50)],
    "nulls": [
        row(i, None if i % 11 == 0 else i * 5 % 6, None if i % 6 == 0 else i * 7 % 10)
        for i in range(1, 45)
    ],
    "skewed": [row(i, 1 if i % 10 else i, i * i % 17 - 5) for i in range(1, 51)],
    "single_rows": [row(i, i, -i) for i in range(1, 31)] + [row(31, None, 0)],
}

# Many rows made by SQL itself: partitions beyond a chunk of 2,048 rows.
DIGITS = "(0), (1), (2), (3), (4), (5), (6), (7), (8), (9)"
LARGE = [
    "INSERT INTO n VALUES " + DIGITS,
    "INSERT INTO t SELECT i, CASE WHEN i < 5000 THEN 1 WHEN i < 8000 THEN 2 WHEN i % 50 = 0 THEN NULL"
    " ELSE i % 700 END, 'g' || cast(i % 4 AS varchar(4)), CASE WHEN i % 13 = 0 THEN NULL ELSE"
    " i * 7 % 1000 END, i * cast(100000 AS bigint), cast(i % 997 AS decimal(12,2)) / 4,"
    " cast(i AS decimal(38,4)) * 1000000, cast(i % 64 AS double precision) / 8,"
    " CASE WHEN i % 5 = 0 THEN NULL ELSE 'text number ' || cast(i * 31 % 1009 AS varchar(8)) END,"
    " date '2024-01-01' + i % 366"
    " FROM (SELECT a.x + b.x * 10 + c.x * 100 + e.x * 1000 AS i"
    " FROM n a CROSS JOIN n b CROSS JOIN n c CROSS JOIN n e) q",
]

BY = "PARTITION BY k ORDER BY v, id"
WHOLE = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
RUNNING = "ROWS UNBOUNDED PRECEDING"
AROUND = "ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING"
FRAMES = [
    RUNNING, WHOLE, AROUND,
    "ROWS CURRENT ROW",
    "ROWS 3 PRECEDING",
    "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING",
    "ROWS BETWEEN 2 FOLLOWING AND 4 FOLLOWING",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING",
    "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 0 PRECEDING AND 0 FOLLOWING",
    "ROWS BETWEEN 100000 PRECEDING AND 100000 FOLLOWING",
]


def same(query):
    return query, query


def average(column, scale, over):
    """AVG of an exact number, which Redshift truncates to the scale of its result."""
    return f"avg({column}) OVER ({over})", f"trunc(avg({column}) OVER ({over}), {scale})"


def select(*expressions, of="t", tail=""):
    """A query of the row's id and expressions, each one text or a pair (ours, PostgreSQL's)."""
    pairs = [e if isinstance(e, tuple) else (e, e) for e in expressions]
    ours, theirs = (", ".join(p[i] for p in pairs) for i in (0, 1))
    return f"SELECT id, {ours} FROM {of}{tail}", f"SELECT id, {theirs} FROM {of}{tail}"


def decimal(expression):
    """A float as text that does not depend on how floats are printed."""
    return f"cast({expression} AS decimal(18,6))"


def array(column, partition, frame):
    return f"array_remove(array_agg({column}) OVER ({partition} {frame}), NULL)"


BEFORE = "ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"
AFTER = "ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING"


def lag_ignoring(column, count):
    values = array(column, BY, BEFORE)
    theirs = f"({values})[array_length({values}, 1) - {count - 1}]"
    return f"lag({column}, {count}) IGNORE NULLS OVER ({BY})", theirs


def lead_ignoring(column, count):
    return (
        f"lead({column}, {count}) IGNORE NULLS OVER ({BY})",
        f"({array(column, BY, AFTER)})[{count}]",
    )


def frame_ignoring(column, frame):
    values = array(column, BY, frame)
    return [
        (f"first_value({column} IGNORE NULLS) OVER ({BY} {frame})", f"({values})[1]"),
        (
            f"last_value({column}) IGNORE NULLS OVER ({BY} {frame})",
            f"({values})[array_length({values}, 1)]",
        ),
        (f"nth_value({column}, 2) IGNORE NULLS OVER ({BY} {frame})", f"({values})[2]"),
    ]


def ratio(column, over):
    value = f"cast({column} AS double precision)"
    return (
        decimal(f"ratio_to_report({column}) OVER ({over})"),
        decimal(f"{value} / nullif(sum({value}) OVER ({over}), 0)"),
    )


def queries():
    yield select(f"k, v, row_number() OVER ({BY})")
    yield select("k, v, rank() OVER (PARTITION BY k ORDER BY v)")
    yield select("dense_rank() OVER (PARTITION BY k ORDER BY v DESC)")
    yield select("rank() OVER (ORDER BY v NULLS FIRST), dense_rank() OVER (ORDER BY v NULLS FIRST)")
    yield select("rank() OVER (PARTITION BY g ORDER BY s), dense_rank() OVER (ORDER BY s DESC)")
    yield select("rank() OVER (PARTITION BY k), dense_rank() OVER ()")
    yield select(
        decimal("percent_rank() OVER (PARTITION BY k ORDER BY v)"),
        decimal("cume_dist() OVER (PARTITION BY k ORDER BY v)"),
    )
    yield select(
        decimal("percent_rank() OVER (ORDER BY f)"), decimal("cume_dist() OVER (ORDER BY f DESC)")
    )
    yield select(f"ntile(3) OVER ({BY})", "ntile(4) OVER (ORDER BY id DESC)")
    yield select(f"ntile(1) OVER ({BY})", "ntile(100) OVER (PARTITION BY g ORDER BY id)")
    yield select(f"lag(v) OVER ({BY})", f"lead(v) OVER ({BY})")
    yield select(f"lag(s, 2) OVER ({BY})", f"lead(s, 2) OVER ({BY})")
    yield select("lag(d) OVER (ORDER BY id)", "lead(w, 3) OVER (ORDER BY id)")
    yield select(f"lag(t, 0) OVER ({BY})", f"lead(f, 1) OVER ({BY})")
    yield select(f"lag(id, id % 3) OVER ({BY})", f"lead(id, k) OVER ({BY})")
    yield select(lag_ignoring("d", 1), lead_ignoring("d", 1))
    yield select(lag_ignoring("s", 2), lead_ignoring("g", 3))
    for frame in (RUNNING, AROUND, "ROWS BETWEEN 1 FOLLOWING AND 3 FOLLOWING"):
        yield select(
            f"first_value(s) OVER ({BY} {frame})", f"last_value(d) OVER ({BY} {frame})",
            f"nth_value(v, 2) OVER ({BY} {frame})",
        )
        yield select(*frame_ignoring("d", frame))
    for frame in FRAMES:
        over = f"{BY} {frame}"
        yield select(
            f"count(*) OVER ({over})", f"count(v) OVER ({over})", f"sum(v) OVER ({over})",
            average("v", 0, over), f"min(v) OVER ({over})", f"max(v) OVER ({over})",
        )
        yield select(
            f"sum(d) OVER ({over})", average("d", 2, over), f"max(d) OVER ({over})",
            f"sum(w) OVER ({over})", f"min(w) OVER ({over})",
        )
        yield select(
            decimal(f"sum(f) OVER ({over})"), decimal(f"avg(f) OVER ({over})"),
            decimal(f"min(f) OVER ({over})"), f"min(s) OVER ({over})", f"max(s) OVER ({over})",
            f"max(t) OVER ({over})",
        )
    for over in (f"{BY} {AROUND}", "PARTITION BY g", f"ORDER BY id {RUNNING}"):
        yield select(
            decimal(f"stddev(v) OVER ({over})"), decimal(f"stddev_pop(d) OVER ({over})"),
            decimal(f"variance(v) OVER ({over})"), decimal(f"var_pop(f * 3.1) OVER ({over})"),
        )
    yield select("sum(v) OVER ()", "count(*) OVER ()", "max(s) OVER ()", "sum(b) OVER ()")
    yield select("sum(v) OVER (PARTITION BY k)", "sum(v) OVER (PARTITION BY g)", "sum(v) OVER ()")
    yield select(
        f"row_number() OVER ({BY})", "sum(v) OVER (PARTITION BY k)",
        "min(v) OVER (PARTITION BY k, g)", "count(*) OVER (PARTITION BY g, k)",
    )
    yield select("count(*) OVER (PARTITION BY k % 2, g)", "max(id) OVER (PARTITION BY upper(g))")
    yield select("sum(v + 1) OVER (PARTITION BY k) - v", "count(*) OVER (PARTITION BY f)")
    yield select("count(*) OVER (PARTITION BY d)", "count(*) OVER (PARTITION BY s, t)")
    yield select("count(*) OVER (PARTITION BY v IS NULL)", "count(*) OVER (PARTITION BY w)")
    yield select(ratio("v", "PARTITION BY k"), ratio("d", ""))
    yield select(f"row_number() OVER ({BY})", tail=" WHERE v > 3 AND k IS NOT NULL")
    yield select("lag(v) OVER (PARTITION BY k ORDER BY id)", of="(SELECT * FROM t WHERE k = 1) t")
    yield grouped()
    yield same(
        "SELECT k, n, rank() OVER (ORDER BY n DESC, k) FROM"
        " (SELECT k, count(*) AS n FROM t GROUP BY k) q"
    )
    yield same(
        "SELECT x.id, y.k, row_number() OVER (PARTITION BY y.k ORDER BY x.id, y.id)"
        " FROM t x JOIN t y ON x.k = y.k WHERE x.v <= 2"
    )
    yield same("SELECT DISTINCT k, count(*) OVER (PARTITION BY k) FROM t")
    yield same(
        "SELECT * FROM (SELECT k, id, sum(v) OVER (PARTITION BY k) AS n,"
        f" row_number() OVER ({BY}) AS r FROM t) q WHERE k = 1 AND r <= 3"
    )
    yield same(
        "SELECT * FROM (SELECT g, id, row_number() OVER (PARTITION BY g ORDER BY id) AS r,"
        " count(*) OVER () AS n FROM t) q WHERE g = 'g1' AND r < 4"
    )
    yield same(
        "SELECT k, max(r), sum(n) FROM (SELECT k, row_number() OVER (ORDER BY id) AS r,"
        " count(*) OVER (PARTITION BY g) AS n FROM t) q GROUP BY k"
    )
    yield same(
        "SELECT id, k, n, max(n) OVER (PARTITION BY g) FROM"
        " (SELECT id, k, g, count(*) OVER (PARTITION BY k) AS n FROM t) q"
    )
    yield same(
        "SELECT id FROM t WHERE id IN (SELECT max(id) OVER (PARTITION BY k) FROM t)"
    )
    yield same(
        "SELECT k, count(*) OVER (PARTITION BY k) FROM t WHERE v > 2"
        " UNION ALL SELECT v, rank() OVER (ORDER BY v) FROM t"
    )
    yield (
        f"SELECT id, k, v FROM t q QUALIFY row_number() OVER ({BY}) = 1",
        f"SELECT id, k, v FROM (SELECT t.*, row_number() OVER ({BY}) AS r FROM t) q WHERE r = 1",
    )
    yield (
        "SELECT k, sum(v), rank() OVER (ORDER BY sum(v)) AS r FROM t GROUP BY k"
        " HAVING count(*) > 1 QUALIFY r <= 2 OR sum(v) > 30",
        "SELECT * FROM (SELECT k, sum(v) AS v, rank() OVER (ORDER BY sum(v)) AS r FROM t"
        " GROUP BY k HAVING count(*) > 1) q WHERE r <= 2 OR v > 30",
    )


def grouped():
    return (
        "SELECT k, sum(v), sum(sum(v)) OVER (), avg(count(*)) OVER (ORDER BY k ROWS 2 PRECEDING),"
        " lag(max(s)) OVER (ORDER BY k), rank() OVER (ORDER BY count(*)) FROM t GROUP BY k",
        "SELECT k, sum(v), sum(sum(v)) OVER (),"
        " trunc(avg(count(*)) OVER (ORDER BY k ROWS 2 PRECEDING)),"
        " lag(max(s)) OVER (ORDER BY k), rank() OVER (ORDER BY count(*)) FROM t GROUP BY k",
    )


def large_queries():
    """Sums that change if any row's value does, so that answers stay short."""
    def digest(*pairs, parts=None):
        pairs = [p if isinstance(p, tuple) else (p, p) for p in pairs]
        made = []
        for side in (0, 1):
            inner = ", ".join(f"{p[side]} AS c{i}" for i, p in enumerate(pairs))
            outer = ", ".join(
                f"count(c{i}), min(c{i}), max(c{i})"
                + ("" if parts else f", sum(c{i} * (id % 17 + 1))") for i in range(len(pairs))
            )
            made.append(f"SELECT {outer} FROM (SELECT id, {inner} FROM t) q")
        return tuple(made)

    yield digest(f"row_number() OVER ({BY})", "rank() OVER (PARTITION BY k ORDER BY v)")
    yield digest("dense_rank() OVER (PARTITION BY g ORDER BY v)", "rank() OVER (ORDER BY v)")
    yield digest(f"ntile(7) OVER ({BY})", "row_number() OVER (ORDER BY id DESC)")
    yield digest(f"lag(v) OVER ({BY})", f"lead(v, 2500) OVER ({BY})")
    yield digest(f"lag(b, 17) OVER ({BY})", "lead(v, 3000) OVER (ORDER BY id)")
    yield digest(f"lag(s) OVER ({BY})", f"lead(s, 2100) OVER ({BY})", parts=True)
    yield digest(f"first_value(v) OVER ({BY} {AROUND})", f"last_value(v) OVER ({BY} {RUNNING})")
    yield digest(f"nth_value(v, 2100) OVER ({BY} {RUNNING})", "sum(v) OVER (PARTITION BY k)")
    for frame in (
        RUNNING, AROUND, "ROWS BETWEEN 2500 PRECEDING AND 3 PRECEDING",
        "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
        "ROWS BETWEEN 10 FOLLOWING AND 2600 FOLLOWING",
    ):
        over = f"{BY} {frame}"
        yield digest(f"sum(v) OVER ({over})", f"count(v) OVER ({over})", average("v", 0, over))
        yield digest(f"sum(b) OVER ({over})", f"sum(d) OVER ({over})", f"sum(w) OVER ({over})")
        yield digest(f"min(v) OVER ({over})", f"max(b) OVER ({over})", f"max(d) OVER ({over})")
        yield digest(f"min(s) OVER ({over})", f"max(s) OVER ({over})", f"max(t) OVER ({over})", parts=True)
    yield digest(f"sum(v) OVER (ORDER BY id {AROUND})", f"max(v) OVER (ORDER BY id ROWS 2100 PRECEDING)")
    yield digest("count(*) OVER (PARTITION BY g, k)", "sum(b) OVER (PARTITION BY g)", "count(*) OVER ()")
    yield same("SELECT * FROM (SELECT id, k, row_number() OVER (ORDER BY id) AS r FROM t) q WHERE r % 1999 = 0")


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(value)


def psql(sql, database=DATABASE):
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-P", "null=NULL"]
    result = subprocess.run(command + [database], input=sql, text=True, capture_output=True)
    if result.returncode != 0:
        raise SystemExit(f"{sql}\n{result.stderr}")
    lines = result.stdout.splitlines()
    return ["|".join(field or "(empty)" for field in line.split("|")) for line in lines]


def record(pair):
    ours, theirs = pair
    return "\n".join(["query rowsort", ours, "----", *psql(theirs + ";")]) + "\n"


def statement(sql):
    return f"statement ok\n{sql}\n"


def write(name, note, attribute, statements, records):
    text = [
        f"# Window functions over {note}.",
        f"# Expected rows: PostgreSQL 15. Written by generators/{pathlib.Path(sys.argv[0]).name}.\n",
        statement(f"CREATE TABLE t ({COLUMNS}) {attribute}"), *map(statement, statements), *records,
    ]
    (FOLDER / f"{name}.slt").write_text("\n".join(text))


def main(queries=queries, large_queries=large_queries, prefix=""):
    psql(f"DROP DATABASE IF EXISTS {DATABASE};", "postgres")
    psql(f"CREATE DATABASE {DATABASE} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C';", "postgres")
    psql(f"CREATE TABLE t ({COLUMNS}); CREATE TABLE n (x integer);")
    count = 0
    for dataset, rows in DATASETS.items():
        values = ",\n".join("(" + ", ".join(map(literal, r)) + ")" for r in rows)
        inserts = [f"INSERT INTO t VALUES\n{values}"] if rows else []
        psql("TRUNCATE t;" + "".join(s + ";" for s in inserts))
        records = [record(pair) for pair in queries()]
        for style, attribute in STYLES.items():
            write(f"{prefix}{dataset}_{style}", f"{dataset}, {style.upper()}", attribute, inserts, records)
            count += len(records)
    psql("TRUNCATE t;" + "".join(s + ";" for s in LARGE))
    records = [record(pair) for pair in large_queries()]
    inserts = ["CREATE TABLE n (x integer)", *LARGE]
    for style, attribute in STYLES.items():
        write(f"{prefix}large_{style}", f"partitions beyond a chunk, {style.upper()}", attribute, inserts, records)
        count += len(records)
    psql(f"DROP DATABASE {DATABASE};", "postgres")
    print(f"{count} records below {FOLDER.name}/")


if __name__ == "__main__":
    main()
