#!/usr/bin/env python3
"""Writes the scripts of aggregates over every distribution style and several sets of rows.

Expected rows come from a PostgreSQL server: PGHOST, PGPORT and PGUSER say where; `psql` must be
there, and the database needs the C locale, since Redshift compares text by its bytes. Where the
two have a function under different names or types, the pair stands in the list: MEDIAN is
PERCENTILE_CONT(0.5), LISTAGG is STRING_AGG without empty texts, ANY_VALUE is MIN (what this
engine takes), an estimated count of few values is the exact one.
"""
import os
import pathlib
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "aggregates"
DATABASE = os.environ.get("PGDATABASE", "postgres")
STYLES = {"even": "DISTSTYLE EVEN", "key": "DISTKEY (g)", "all": "DISTSTYLE ALL"}
COLUMNS = (
    "id integer, g integer, h varchar(8), i integer, b bigint, d decimal(12,2), "
    "w decimal(38,4), f double precision, s varchar(40), t boolean, dt date, ts timestamp"
)
NULLS = """
(1, 1, 'x', 10, 100, 1.01, 1.0001, 0.5, 'pear', true, '2020-02-28', '2020-02-28 10:00:00'),
(2, 1, 'x', 20, 100, 1.02, 2.0002, 1.5, 'apple', true, '2020-03-01', '2020-02-28 11:00:00'),
(3, 1, 'y', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(4, 1, 'y', 20, 300, 1.02, -7.5, 2.5, '', false, '2020-03-01', '1999-12-31 23:59:59'),
(5, 2, 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(6, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(7, NULL, 'y', 7, -7, -0.01, 0.0001, -1, 'a text of more than twelve bytes', false,
 '1970-01-01', '2038-01-19 03:14:07'),
(8, NULL, NULL, 8, -8, 0.02, 0.0001, -1, 'a text of more than twelve letters', false,
 '1970-01-02', '2038-01-19 03:14:08'),
(9, 3, 'z', -5, 5, 99999.99, 3, 1000.5, 'pear', true, '2000-01-01', '2000-01-01 00:00:00')
"""
EXTREMES = """
(1, 1, 'x', 2147483647, 9223372036854775807, 9999999999.99, 9999999999999999999999999999999999.9999,
 1e300, 'z', true, '2262-01-01', '2262-01-01 00:00:00'),
(2, 1, 'x', -2147483648, -9223372036854775807, -9999999999.99,
 -9999999999999999999999999999999999.9999, -1e300, 'A', false, '1678-01-01', '1678-01-01 00:00:00'),
(3, 1, 'y', 0, 0, 0.00, 0.0001, 0, '~', true, '2000-01-01', '2000-01-01 00:00:00'),
(4, 2, 'x', -1, -1, -0.01, -0.0001, -0.5, 'ü', false, '1999-12-31', '1999-12-31 23:59:59.999999'),
(5, 2, 'x', 1, 1, 0.01, 0.0001, 0.5, 'zz', false, '1999-12-31', '1999-12-31 23:59:59.999998')
"""
MANY = """
SELECT n, n / 1000 * 0 + n % 3, 'h' || (n % 7)::varchar(3), n % 501, (n % 501) * 10000000000,
 (n % 777) / 4.0, n * 1.0001, n / 8.0, 'text ' || (n % 61)::varchar(4), n % 2 = 0,
 date '2000-01-01' + n % 400, timestamp '2000-01-01' + (n % 300) * interval '1 hour'
FROM (SELECT a.n + 10 * b.n + 100 * c.n + 1000 * e.n AS n
      FROM digits a, digits b, digits c, digits e WHERE e.n < 8) numbers
"""
DATASETS = {
    "states_empty": None,
    "states_one_row":
        "(1, 1, 'x', 3, 4, 5.25, 6.5, 7.5, 'one', true, '2020-02-29', '2020-02-29 12:00')",
    "states_nulls": NULLS.strip(),
    "states_extremes": EXTREMES.strip(),
    "states_many": MANY.strip(),
}


def same(*lists):
    return [(one, one) for one in lists]


def deviations(column, unit):
    """The variance family in units of 1/1000, which hides how each engine rounds."""
    names = ["stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop"]
    ours = ", ".join(f"round({n}({column}) * {unit})::bigint" for n in names)
    theirs = ", ".join(f"round({n}({column}::float) * {unit})::bigint" for n in names)
    return ours, theirs


def median(column, digits):
    return (
        f"median({column})",
        f"(percentile_cont(0.5) within group (order by {column}))::numeric(38,{digits})",
    )


def percentile(share, column, digits, order=""):
    within = f"percentile_cont({share}) within group (order by {column}{order})"
    return within, f"({within})::numeric(38,{digits})"


def listed(arguments, order, delimiter=","):
    text = f"nullif({arguments}, '')"
    return (
        f"listagg({arguments}, '{delimiter}') within group (order by {order})",
        f"string_agg({text}, '{delimiter}' order by {order}, {text})",
    )


PLAIN = same(
    "count(*), count(i), count(s), count(t)",
    "sum(i), sum(d), avg(i::float)",
    "min(i), max(i), min(b), max(b), min(d), max(d), min(w), max(w)",
    "min(f), max(f), min(s), max(s), min(dt), max(dt), min(ts), max(ts)",
    "bool_and(t), bool_or(t)",
    "bit_and(i), bit_or(i), bit_and(b), bit_or(b)",
    "count(distinct i), count(distinct s), count(distinct d), count(distinct t), count(*)",
    "sum(distinct i), sum(i), count(distinct i), min(distinct i)",
    "count(distinct dt), count(distinct ts), count(distinct w), max(s)",
    "count(distinct f), sum(distinct d), count(distinct h), bool_or(t)",
    "count(distinct i), sum(distinct i)",
    "bit_and(distinct i), bool_and(distinct t), max(distinct s), count(distinct b)",
) + [
    ("bit_and(t), bit_or(t)", "bool_and(t), bool_or(t)"),
    ("any_value(i), any_value(s), any_value(d)", "min(i), min(s), min(d)"),
    ("hll(i), approximate count(distinct s)", "count(distinct i), count(distinct s)"),
    ("approximate count(distinct d), hll(dt)", "count(distinct d), count(distinct dt)"),
]
DEVIATIONS = [
    deviations("i", 1000),
    deviations("d", 1000),
    deviations("f", 1000),
    deviations("distinct i", 1000),
    ("round(stddev_pop(f) * 100)::bigint, count(distinct i), round(var_samp(d))::bigint",
     "round(stddev_pop(f) * 100)::bigint, count(distinct i), round(var_samp(d))::bigint"),
]
ORDERED = [
    median("i", 1),
    median("d", 3),
    ("median(f)", "percentile_cont(0.5) within group (order by f)"),
    percentile(0.25, "i", 2),
    percentile(0.9, "d", 3, " desc"),
    percentile(0, "i", 0),
    percentile(1, "i", 0),
    ("median(ts)", "timestamp '2000-01-01' + percentile_cont(0.5) within group "
     "(order by ts - timestamp '2000-01-01')"),
    ("median(dt)", "timestamp '2000-01-01' + percentile_cont(0.5) within group "
     "(order by dt - timestamp '2000-01-01')"),
    ("approximate percentile_disc(0.5) within group (order by s)",
     "percentile_disc(0.5) within group (order by s)"),
    ("approximate percentile_disc(0.1) within group (order by i)",
     "percentile_disc(0.1) within group (order by i)"),
    ("approximate percentile_disc(0) within group (order by d desc), count(*)",
     "percentile_disc(0) within group (order by case when true then -d end) * -1, count(*)"),
    ("median(i), sum(d), count(distinct s)",
     "(percentile_cont(0.5) within group (order by i))::numeric(38,1), sum(d), count(distinct s)"),
    ("median(i), percentile_cont(0.5) within group (order by i), approximate percentile_disc(1) "
     "within group (order by i)",
     "(percentile_cont(0.5) within group (order by i))::numeric(38,1), "
     "(percentile_cont(0.5) within group (order by i))::numeric(38,1), "
     "percentile_disc(1) within group (order by i)"),
]
LISTS = [
    listed("s", "s"),
    listed("s", "id desc", "; "),
    listed("h", "i", ""),
    ("listagg(case when t then 'yes' else 'no' end, ' ') within group (order by i desc, id)",
     "string_agg(case when t then 'yes' else 'no' end, ' ' order by i desc, id)"),
    ("listagg(distinct s, '|')", "string_agg(distinct nullif(s, ''), '|')"),
    ("listagg(distinct h, ',') within group (order by h), count(*), max(i)",
     "string_agg(distinct nullif(h, ''), ',' order by nullif(h, '')), count(*), max(i)"),
    ("listagg(s)", "string_agg(nullif(s, ''), '' order by s)"),
    ("listagg(i, ',') within group (order by i, id)", "string_agg(i::text, ',' order by i, id)"),
]
GROUPS = ["", "g", "h", "g, h", "i % 2"]


def ask(text):
    answer = subprocess.run(
        ["psql", "-d", DATABASE, "-X", "-q", "-A", "-t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1"],
        input=text, capture_output=True, text=True,
    )
    if answer.returncode:
        raise SystemExit(answer.stderr + text[-2000:])
    return [
        "|".join(value or "(empty)" for value in line.split("|"))
        for line in answer.stdout.splitlines()
    ]


def fill(rows, name="r"):
    if rows is None:
        return []
    if rows.startswith("SELECT"):
        return [
            "CREATE TABLE digits (n integer)",
            "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
            f"INSERT INTO {name} {rows}",
        ]
    return [f"INSERT INTO {name} VALUES\n{rows}"]


def queries(dataset):
    pairs = list(PLAIN)
    if dataset != "states_extremes":
        pairs += DEVIATIONS + ORDERED
    if dataset == "states_many":
        # Whole lists would be long: their lengths, and what a small part of the rows gives.
        pairs += [
            (f"length({ours})", f"length({theirs})")
            for ours, theirs in LISTS if "count" not in ours and "distinct" in ours
        ]
    else:
        pairs += LISTS
    for number, (ours, theirs) in enumerate(pairs):
        groups = GROUPS if number % 3 == 0 else ["", GROUPS[1 + number % 4]]
        for group in groups:
            lead = f"{group}, " if group else ""
            tail = f" GROUP BY {group}" if group else ""
            yield f"SELECT {lead}{ours} FROM r{tail}", f"SELECT {lead}{theirs} FROM r{tail}"


def main():
    for dataset, rows in DATASETS.items():
        asked = list(queries(dataset))
        setup = [f"CREATE TEMP TABLE r ({COLUMNS})"]
        setup += [s.replace("CREATE TABLE", "CREATE TEMP TABLE") for s in fill(rows)]
        answers = []
        text = ";\n".join(setup) + ";\n"
        text += "\n".join(f"{theirs};\n\\echo @@" for _, theirs in asked)
        current = []
        for line in ask(text):
            if line == "@@":
                answers.append(current)
                current = []
            else:
                current.append(line)
        for style, clause in STYLES.items():
            parts = [
                f"# Aggregates, {dataset.replace('states_', '').replace('_', ' ')}, {clause}.",
                "# Expected rows: PostgreSQL 15. Written by generators/aggregates.py.\n",
            ]
            statements = [f"CREATE TABLE r ({COLUMNS}) {clause}"] + fill(rows)
            parts += [f"statement ok\n{statement}\n" for statement in statements]
            for (ours, _), expected in zip(asked, answers):
                parts.append("\n".join(["query rowsort", ours, "----", *expected]) + "\n")
            path = FOLDER / f"{dataset}_{style}.slt"
            path.write_text("\n".join(parts))
            print(path.name, len(asked))


main()
