#!/usr/bin/env python3
"""Writes scripts of scalar expressions whose meaning Redshift shares with PostgreSQL.

Each expression runs twice: over constants, and over the rows of a table that every slice holds a
part of, so that constant folding and the kernels are both tested. Expected rows come from a
PostgreSQL server: PGHOST, PGPORT and PGUSER say where; `psql` must be there. The database needs a
UTF-8 locale such as C.UTF-8, or UPPER, LOWER and INITCAP leave letters outside ASCII alone.
"""
import pathlib
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts"

ROWS = """
(1, 10, 100, 1.50, 0.5, 'abc', 'x', '2008-02-29', '2008-02-29 13:14:15.678', true),
(2, -7, 9000000000, -2.25, -1.25, 'Hello World', 'y', '1999-12-31', '1999-12-31 23:59:59', false),
(3, 0, 0, 0.00, 0, '', 'z', '2000-01-01', '2000-01-01 00:00:00', NULL),
(4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(5, 32767, 2147483648, 99999.99, 1e10, 'a longer text than twelve bytes', 'w', '2024-03-31',
 '2024-03-31 06:07:08', true),
(6, -32768, -1, 0.01, -0.001, 'über straße', 'q', '1969-07-20', '1969-07-20 20:17:40', false)
"""
COLUMNS = (
    "id integer, i integer, b bigint, d decimal(10,2), f double precision, s varchar(40), "
    "c varchar(1), dt date, ts timestamp, t boolean"
)

GROUPS = {
    "arithmetic": [
        "i + 1", "i - b", "i * 2", "i / 3", "i % 3", "-i", "b / 7", "b % 7", "d + 1", "d - 0.005",
        "d * d", "d * i", "f * 2", "f + i", "f / 4", "i + d", "b + d", "abs(i)", "abs(d)",
        "sign(i)", "mod(i, 4)", "i = 10", "i <> 10", "i < b", "d > 1", "d >= i", "f < d",
        "i BETWEEN -7 AND 10", "i NOT BETWEEN 0 AND 100", "i IN (10, 0, 5)", "i NOT IN (10, 0)",
        "d IN (1.5, 0.01)", "i IS NULL", "i IS NOT NULL", "2 + 3 * i", "(2 + 3) * i", "- 5 - i",
        "i + 1 > 5 AND d < 3", "i > 5 OR d IS NULL", "NOT (i > 5)", "ceil(d)", "floor(d)",
        "round(d, 1)", "trunc(d, 1)", "round(d)", "greatest(i, 5)", "least(i, 5, -100)",
        "power(2, 3)", "sqrt(16.0)", "i::bigint * 3000000000", "d::integer", "i::decimal(12,3)",
        "'12'::integer + i", "'1.25'::decimal(5,2) + d", "i::varchar(10)", "b::varchar(20)",
        "d::varchar(20)",
    ],
    "strings": [
        "s || '!'", "s || c", "length(s)", "octet_length(s)", "upper(s)", "lower(s)",
        "substring(s, 2, 3)", "substring(s, 4)", "substring(s from 2 for 2)", "left(s, 3)",
        "right(s, 3)", "position('l' in s)", "strpos(s, 'o')", "replace(s, 'l', 'LL')",
        "trim(s)", "btrim(s, 'ad')", "ltrim(s, 'aH')", "rtrim(s, 'cd')", "lpad(s, 6, '*')",
        "rpad(s, 6, '-')", "repeat(c, 3)", "reverse(s)", "split_part(s, ' ', 2)", "ascii(c)",
        "chr(65)", "initcap(s)", "translate(s, 'abl', 'xyz')", "concat(s, c)",
        "s LIKE 'a%'", "s LIKE '%o%'", "s LIKE '%l_ng%'", "s NOT LIKE '%e%'", "s ILIKE 'HELLO%'",
        "s LIKE '_bc'", "s LIKE '%'", "s LIKE ''", "s = 'abc'", "s < 'b'", "s >= 'H'",
        "s IN ('abc', '')", "s <> 'abc'", "coalesce(s, 'none')", "nullif(s, 'abc')",
        "CASE s WHEN 'abc' THEN 1 WHEN '' THEN 2 ELSE 3 END",
        "CASE WHEN i > 5 THEN s ELSE c END", "CASE WHEN i = 0 THEN 0 ELSE 10 / i END",
        "length(s || c) + i", "upper(left(s, 1)) || lower(right(s, 2))", "md5(s)",
    ],
    "dates": [
        "dt + 1", "dt - 1", "dt - date '2000-01-01'", "dt + interval '1 month'",
        "dt - interval '4 months'", "ts + interval '1 day'", "ts - interval '90 minutes'",
        "dt + interval '1 year 2 months 3 days'", "dt = date '2000-01-01'", "dt < '2001-01-01'",
        "dt BETWEEN '1999-01-01' AND '2008-12-31'", "ts >= '2000-01-01'", "ts > dt",
        "extract(year from dt)::integer", "extract(month from dt)::integer",
        "extract(day from ts)::integer", "extract(hour from ts)::integer",
        "extract(dow from dt)::integer", "extract(doy from dt)::integer",
        "extract(quarter from dt)::integer", "extract(week from dt)::integer",
        "date_trunc('month', ts)", "date_trunc('year', ts)", "date_trunc('hour', ts)",
        "date_trunc('week', ts)", "date_trunc('quarter', ts)", "ts::date", "dt::timestamp",
        "dt::varchar(20)", "ts::varchar(40)", "to_char(dt, 'YYYY-MM-DD')",
        "to_char(ts, 'DD.MM.YYYY HH24:MI:SS')", "to_char(ts, 'Mon DD, YYYY')",
        "to_char(ts, 'HH12:MI AM')", "to_char(dt, 'Day')", "to_char(dt, 'DDD')",
        "to_date('20080229', 'YYYYMMDD')", "'2008-02-29'::date + i",
        "CASE WHEN dt IS NULL THEN 'none' ELSE 'some' END", "t", "NOT t", "t AND i > 0",
        "t OR i > 0", "t = true", "coalesce(t, false)",
    ],
}

# What to ask PostgreSQL where the same words mean something else there.
ASKED = {
    "sqrt(16.0)": "sqrt(16.0::double precision)",  # Redshift has no SQRT of DECIMAL.
    "concat(s, c)": "s || c",  # Redshift's CONCAT of a NULL is NULL.
}


def ask(sql):
    result = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-P", "null=NULL", "-v", "ON_ERROR_STOP=1"],
        input=sql, capture_output=True, text=True, check=False,
    )
    if result.returncode:
        raise SystemExit(f"{result.stderr}in {sql}")
    return result.stdout.split("\n")[:-1]


def main():
    setup = f"CREATE TEMP TABLE e ({COLUMNS}); INSERT INTO e VALUES {ROWS};"
    for group, expressions in GROUPS.items():
        for style in ("DISTSTYLE EVEN", "DISTKEY (id)", "DISTSTYLE ALL"):
            parts = [
                f"# Scalar expressions over rows, {style}.",
                "# Expected rows: PostgreSQL 15. Written by generators/expressions.py.\n",
                f"statement ok\nCREATE TABLE e ({COLUMNS}) {style}\n",
                f"statement ok\nINSERT INTO e VALUES {ROWS.strip()}\n",
            ]
            for expression in expressions:
                query = f"SELECT id, {expression} FROM e ORDER BY id"
                asked = f"SELECT id, {ASKED.get(expression, expression)} FROM e ORDER BY id"
                rows = [
                    line + "(empty)" if line.endswith("|") else line for line in ask(setup + asked)
                ]
                parts.append("\n".join(["query nosort", query, "----", *rows]) + "\n")
            name = style.split()[-1].strip("()").lower()
            path = FOLDER / "functions" / f"{group}_{'key' if name == 'id' else name}.slt"
            path.write_text("\n".join(parts))
            print(path.name, len(expressions))


main()
