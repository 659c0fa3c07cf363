#!/usr/bin/env python3
"""Writes scripts of what the settings timezone, datestyle and extra_float_digits change.

Expected values come from a PostgreSQL 15 server (PGHOST, PGPORT, PGUSER and PGDATABASE say where),
asked with the same words or, where Redshift's differ, with PostgreSQL's for the same meaning:
days of an INTERVAL are 24 hours, EXTRACT gives whole numbers.
"""
import pathlib
import struct
import subprocess

from psql_answers import psql_answers

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "settings"

# Moments in UTC, around the changes of clocks in the zones below, and far away; times and dates
# as a clock shows them, some of which it skips or shows twice.
ROWS = [
    ("2020-03-08 06:59:59", "2020-03-08 02:30:00", "2020-03-08", "02:30:00"),
    ("2020-03-08 07:00:00", "2020-03-08 03:00:00", "2020-03-09", "03:00:00"),
    ("2020-11-01 05:30:00", "2020-11-01 01:30:00", "2020-11-01", "01:30:00"),
    ("2020-11-01 06:30:00.25", "2020-11-01 02:00:00", "2020-11-02", "23:59:59.999999"),
    (None, None, None, None),
    ("2020-03-29 01:00:00", "2020-03-29 01:30:00", "2020-03-29", "12:00:00"),
    ("2020-10-25 00:59:59.999999", "2020-10-25 01:15:00", "2020-10-25", "00:00:00"),
    ("2020-10-03 15:30:00", "2020-10-04 02:10:00", "2020-10-04", "02:10:00"),
    ("2020-04-04 15:00:00", "2020-04-05 01:45:00", "2020-04-05", "01:45:00"),
    ("2020-07-01 00:00:00", "2020-07-01 00:00:00", "2020-07-01", "06:07:08"),
    ("2019-12-31 23:59:59", "2020-01-01 00:00:00", "2020-01-01", "16:00:00"),
    ("2024-02-29 02:00:00", "2024-02-29 20:00:00", "2024-02-29", "20:00:00"),
    ("1970-01-01 00:00:00", "1969-12-31 19:00:00", "1970-01-01", "19:00:00"),
    ("1883-11-18 17:00:00", "1883-11-18 12:01:00", "1883-11-18", "12:01:00"),
    ("1800-07-01 12:00:00", "1800-07-01 12:00:00", "1800-07-01", "12:34:56"),
    ("2050-07-01 04:00:00", "2050-03-13 02:30:00", "2050-07-01", "04:00:00"),
    ("9999-12-31 12:00:00", "9999-12-31 12:00:00", "9999-12-31", "12:00:01"),
    ("0044-03-15 12:00:00 BC", "0044-03-15 12:00:00 BC", "0044-03-15 BC", "00:00:01"),
]
COLUMNS = "id integer, z timestamptz, t timestamp, d date, m time"
ZONES = {
    "new_york": ("America/New_York", "DISTSTYLE EVEN"),
    "london": ("Europe/London", "DISTKEY (id)"),
    "kolkata": ("Asia/Kolkata", "DISTSTYLE ALL"),
    "dublin": ("Europe/Dublin", "DISTSTYLE EVEN SORTKEY (id)"),
    "lord_howe": ("Australia/Lord_Howe", "DISTSTYLE EVEN SORTKEY (z)"),
}
# What is asked, and what PostgreSQL is asked where its words differ.
CALLS = [
    ("z", None), ("z::varchar(40)", None), ("z || ''", None), ("z::timestamp", None),
    ("z::date", None), ("z::time", None), ("z::timetz", None),
    ("t::timestamptz", None), ("d::timestamptz", None), ("t::timestamptz::timestamp", None),
    ("extract(year from z)", "trunc(extract(year from z))"),
    ("extract(month from z), extract(day from z)", None),
    ("extract(hour from z), extract(minute from z)", None),
    ("extract(second from z)", "trunc(extract(second from z))"),
    ("extract(dow from z), extract(doy from z), extract(week from z)", None),
    ("extract(quarter from z)", None),
    ("extract(epoch from z)", "floor(extract(epoch from z))"),
    ("extract(timezone from z)", None),
    ("extract(timezone_hour from z), extract(timezone_minute from z)", None),
    ("date_part('hour', z), date_part('second', z), date_part('epoch', z)", None),
    ("date_part('timezone', z)", None),
    ("date_trunc('year', z)", None), ("date_trunc('quarter', z)", None),
    ("date_trunc('month', z)", None), ("date_trunc('week', z)", None),
    ("date_trunc('day', z)", None), ("date_trunc('hour', z)", None),
    ("date_trunc('minute', z)", None), ("date_trunc('century', z)", None),
    ("to_char(z, 'YYYY-MM-DD HH24:MI:SS.US TZ OF BC')", None),
    ("to_char(z, 'FMDay tz IYYY-IW D J')", None),
    ("to_timestamp(to_char(t, 'YYYY-MM-DD HH24:MI:SS BC'), 'YYYY-MM-DD HH24:MI:SS BC')", None),
    ("z + interval '1 month'", None), ("interval '13 months' + z", None),
    ("z - interval '1 year'", None), ("z + interval '1 day'", "z + interval '24 hours'"),
    ("z + interval '1 hour'", None), ("z - interval '90 minutes'", None),
    ("z + interval '1 month 1 hour'", None),
    ("dateadd(hour, 1, z)", "z + interval '1 hour'"),
    ("dateadd(minute, -90, z)", "z - interval '90 minutes'"),
    ("dateadd(day, 1, z)", "z + interval '1 day'"),
    ("dateadd(week, -1, z)", "z - interval '7 days'"),
    ("dateadd(month, 1, z)", "z + interval '1 month'"),
    ("datediff(day, timestamptz '2020-03-08 12:00:00+00', z)",
     "z::date - (timestamptz '2020-03-08 12:00:00+00')::date"),
    ("datediff(year, z, timestamptz '2020-01-01 00:30:00+00')",
     "to_char(timestamptz '2020-01-01 00:30:00+00', 'YYYY')::int"
     " - case when z < '0001-01-01' then 1 - to_char(z, 'YYYY')::int"
     " else to_char(z, 'YYYY')::int end"),
    ("datediff(second, timestamptz '2020-03-08 12:00:00+00', z)",
     "floor(extract(epoch from z) - extract(epoch from timestamptz '2020-03-08 12:00:00+00'))"
     "::bigint"),
    ("last_day(z)", "(date_trunc('month', z) + interval '1 month' - interval '1 day')::date"),
    ("trunc(z)", "z::date"),
    ("age(timestamptz '2020-05-05 05:05:05+00', z) > interval '0'",
     "z < timestamptz '2020-05-05 05:05:05+00'"),
    ("extract(epoch from t - z), extract(epoch from z - d)",
     "trunc(extract(epoch from t - z)), trunc(extract(epoch from z - d))"),
    ("z = t, z < d, t > z, d <= z", None),
    ("timestamptz_cmp_date(z, d)",
     "case when z < d then -1 when z > d then 1 when z = d then 0 end"),
    ("timestamp_cmp_timestamptz(t, z)",
     "case when t < z then -1 when t > z then 1 when t = z then 0 end"),
    ("coalesce(z, t), nvl2(z, t::timestamptz, z)",
     "coalesce(z, t), case when z is not null then t::timestamptz else z end"),
    ("greatest(z, t), least(d, z)", None),
    ("case when z = t then z else d end", None),
    ("timezone('Asia/Tokyo', z), timezone('Asia/Tokyo', t)", None),
    ("convert_timezone('Asia/Tokyo', z)",
     "timezone('Asia/Tokyo', timezone('UTC', z::timestamp))"),
    ("left(z::varchar, 13), length(z)", "left(z::varchar, 13), length(z::varchar)"),
]
LITERALS = [
    "2020-07-01 12:00", "2020-07-01 12:00+00", "2020-07-01 12:00Z", "2020-07-01 12:00 UTC",
    "2020-07-01 12:00:00.5-03:30", "2020-07-01 12:00 Asia/Tokyo", "2020-07-01 12:00 EST",
    "2020-07-01", "2020-03-08 02:30", "2020-11-01 01:30", "2020-03-29 01:30", "2020-10-25 01:30",
    "2020-12-31 24:00", "epoch", "July 4, 2020 3:04 PM", "20200704T030405", "0044-03-15 BC",
]
TIMES = ["04:05:06", "04:05:06-08", "2020-07-01 04:05:06 America/New_York",
         "2020-01-01 04:05:06", "2020-07-01 04:05:06"]
STYLES = ["ISO, DMY", "ISO, YMD", "SQL, MDY", "SQL, DMY", "SQL, YMD", "Postgres, MDY",
          "Postgres, DMY", "Postgres, YMD", "German, DMY", "German, MDY"]
ORDERED = ["01/02/2003", "1/2/03", "31/12/1999", "12/31/1999", "99-01-08", "1999-01-08",
           "08-Jan-99", "99-Jan-08", "Jan-08-99", "8 January 1999", "01.02.2003", "19990108",
           "990108", "01-02-03 04:05:06"]
FLOATS = ["0.1", "0.3333333333333333", "100", "1e15", "123456789012345678", "-2.5e-7", "1e100",
          "0.30000000000000004", "0", "-0.0", "NaN", "-Infinity", "3.4028234e38", "1e-30",
          "99999.95", "2.675"]


class Server:
    """Answers many queries with one run of psql; an error is its SQLSTATE."""

    def __init__(self):
        self.lines = ["\\set VERBOSITY sqlstate",
                      f"CREATE TEMP TABLE f ({COLUMNS});"]
        self.lines += ["SET timezone TO 'UTC';", f"INSERT INTO f VALUES {rows_text()};"]
        self.count = 0

    def run(self, sql):
        self.lines.append(sql + ";")

    def ask(self, sql):
        self.lines.append(f"\\echo @@{self.count}\n{sql};")
        self.count += 1
        return self.count - 1

    def answers(self):
        return psql_answers(self.lines, self.count, errors=subprocess.STDOUT)


def quoted(value):
    return "NULL" if value is None else f"'{value}'"


def rows_text():
    rows = []
    for number, (z, t, d, m) in enumerate(ROWS, 1):
        zoned = None if z is None else (z[:-3] + "+00 BC" if z.endswith(" BC") else z + "+00")
        rows.append(f"({number}, " + ", ".join(map(quoted, (zoned, t, d, m))) + ")")
    return ",\n".join(rows)


class Writer:
    """Collects records; a query's answer is the server's."""

    def __init__(self, name, title):
        self.name, self.title, self.server, self.records = name, title, Server(), []

    def run(self, sql, asked=None):
        self.records.append(("run", sql, None))
        if asked != "":
            self.server.run(asked or sql)

    def query(self, sql, asked=None):
        self.records.append(("query", sql, self.server.ask(asked or sql)))

    def write(self):
        answers = self.server.answers()
        lines = [f"# {self.title}"]
        for kind, sql, number in self.records:
            if kind == "run":
                lines.append(f"\nstatement ok\n{sql}")
                continue
            rows = answers[number]
            failed = [row for row in rows if row.startswith(("ERROR:", "psql:"))]
            if failed:
                lines.append(f"\nstatement error {failed[0].split()[-1]}\n{sql}")
                continue
            rows = ["(empty)" if row == "" else row for row in rows]
            lines.append("\n".join([f"\nquery nosort\n{sql}\n----", *rows]))
        (FOLDER / f"{self.name}.slt").write_text("\n".join(lines) + "\n")


def time_zone(name, zone, style):
    writer = Writer(
        f"time_zone_{name}",
        f"SET timezone TO '{zone}': casts and functions of TIMESTAMPTZ over a table and over\n"
        "# constants. Values from PostgreSQL 15 (generators/settings.py); days of intervals are 24\n"
        "# hours and EXTRACT is whole, as redshift-functions.md §4 says.")
    writer.run(f"CREATE TABLE f ({COLUMNS}) {style}", "")
    writer.run(f"INSERT INTO f VALUES\n{rows_text()}", "")
    writer.run(f"SET timezone TO '{zone}'")
    for place, (call, asked) in enumerate(CALLS):
        asked = asked or call
        writer.query(f"SELECT id, {call} FROM f ORDER BY id",
                     f"SELECT id, {asked} FROM f ORDER BY id")
        # The same of constants, which are evaluated while the query is bound.
        row = ROWS[(place * 7) % len(ROWS)]
        if row[0] is None:
            continue
        z, t, d, m = row
        z = z[:-3] + "+00 BC" if z.endswith(" BC") else z + "+00"
        values = (f"(SELECT timestamptz '{z}' AS z, timestamp '{t}' AS t, date '{d}' AS d,"
                  f" time '{m}' AS m) q")
        writer.query(f"SELECT {call} FROM {values}", f"SELECT {asked} FROM {values}")
    for text in LITERALS:
        writer.query(f"SELECT timestamptz '{text}', '{text}'::timestamp, '{text}'::date")
        writer.query(f"SELECT x::timestamptz FROM (SELECT '{text}'::varchar(60) AS x) q")
    if zone == "Asia/Kolkata":
        # What takes today's offset, where that is always the same.
        writer.query("SELECT id, m::timetz FROM f ORDER BY id")
        for text in TIMES:
            writer.query(f"SELECT timetz '{text}', '{text}'::varchar(60)::timetz")
    for condition in ["z >= '2020-07-01'", "z < '2020-03-08 03:00'", "z = t", "z::date = d",
                      "z BETWEEN '2020-01-01' AND '2020-12-31'",
                      "z IN ('2020-07-01 00:00+00', '2020-11-01 01:30')",
                      "t < '2020-01-01'::timestamptz",
                      "d > '2020-01-01'::timestamptz"]:
        writer.query(f"SELECT count(*), min(id), max(id) FROM f WHERE {condition}")
    # PostgreSQL merges both orders, which are not the same where clocks go back, and misses rows.
    writer.query("SELECT a.id, b.id FROM f a JOIN f b ON a.z = b.t ORDER BY 1, 2",
                 "SELECT a.id, b.id FROM f a JOIN f b ON a.z = b.t::timestamptz ORDER BY 1, 2")
    writer.query("SELECT date_trunc('month', z), count(*), min(z), max(z::date) FROM f"
                 " GROUP BY 1 ORDER BY 1")
    writer.query("SELECT z FROM f UNION SELECT t FROM f ORDER BY 1")
    writer.run("RESET timezone", "SET timezone TO 'UTC'")
    writer.query("SELECT id, z, z::date FROM f ORDER BY id")
    writer.write()


def statements():
    """Every construct in which a value changes its type."""
    writer = Writer(
        "time_zone_statements",
        "SET timezone: all places where a value takes another type, in queries and in changes.\n"
        "# Values from PostgreSQL 15 (generators/settings.py).")
    writer.run("CREATE TABLE f (id integer, z timestamptz, t timestamp, d date, m time, g integer)"
               " DISTKEY (g)", "ALTER TABLE f ADD COLUMN g integer")
    writer.run("INSERT INTO f (id, z, t, d, m) VALUES\n" + rows_text(), "")
    writer.run("UPDATE f SET g = id % 3")
    writer.run("CREATE TABLE u (id integer, z timestamptz DEFAULT '2020-07-01 08:00', t timestamp"
               " DEFAULT '2020-07-01 08:00+00'::timestamptz, d date, s varchar(40))",
               "CREATE TEMP TABLE u (id integer, z timestamptz DEFAULT '2020-07-01 08:00',"
               " t timestamp DEFAULT '2020-07-01 08:00+00'::timestamptz, d date, s varchar(40))")
    writer.run("SET datestyle TO DMY")
    writer.run("SET timezone TO 'America/New_York'")
    writer.run("CREATE VIEW settings_v AS SELECT id, z, z::date AS x, '2020-07-01 12:00'::timestamptz AS noon,"
               " date '01/02/2003' AS day, '2020-07-01'::varchar(20)::timestamptz AS midnight,"
               " timestamptz '2020-07-01 12:00+00' AS utc FROM u WHERE z > '01/07/2020' OR id = 2",
               "CREATE TEMP VIEW settings_v AS SELECT id, z, z::date AS x, '2020-07-01 12:00'::timestamptz AS noon,"
               " date '01/02/2003' AS day, '2020-07-01'::text::timestamptz AS midnight,"
               " timestamptz '2020-07-01 12:00+00' AS utc FROM u WHERE z > '01/07/2020' OR id = 2")
    writer.run("RESET datestyle", "SET datestyle TO 'ISO, MDY'")
    for query in STATEMENT_QUERIES:
        asked = query.replace(*LISTED)
        # As in time_zone: PostgreSQL's merge join misses rows.
        writer.query(query, asked.replace("IN (SELECT t FROM f)", "IN (SELECT t::timestamptz FROM f)"))
    for change in CHANGES:
        writer.run(change)
        writer.query("SELECT * FROM u ORDER BY id")
    writer.run("SET timezone TO 'Asia/Tokyo'")
    writer.query("SELECT * FROM u ORDER BY id")
    writer.query("SELECT * FROM settings_v ORDER BY id")
    for call in ["add_months(z, 1)", "months_between(z, d)", "next_day(z, 'Mon')",
                 "date_part_year(z)", "last_day(z)"]:
        # The same of a TIMESTAMP that shows the session's clock.
        plain = call.replace("(z", "(z::timestamp")
        same = f"SELECT count(*) FROM f WHERE {call} = {plain}"
        writer.query(same, "SELECT count(z) FROM f")
    writer.write()


LISTED = ("listagg(z::varchar(40), ';') WITHIN GROUP (ORDER BY id)",
          "string_agg(z::varchar(40), ';' ORDER BY id)")
STATEMENT_QUERIES = [
    "SELECT id FROM f WHERE z IN (SELECT t FROM f) ORDER BY 1",
    "SELECT id FROM f WHERE z = ANY (SELECT d FROM f) ORDER BY 1",
    "SELECT id FROM f WHERE z NOT IN (SELECT t FROM f WHERE t IS NOT NULL) ORDER BY 1",
    "SELECT id FROM f WHERE z > ALL (SELECT d FROM f WHERE g = 1) ORDER BY 1",
    "SELECT id FROM f WHERE EXISTS (SELECT 1 FROM f b WHERE b.t::timestamptz = f.z) ORDER BY 1",
    "SELECT id, (SELECT max(d) FROM f) > z FROM f ORDER BY 1",
    "SELECT id FROM f WHERE (z, id) = (t, id) ORDER BY 1",
    "SELECT id FROM f WHERE (id, z) IN ((2, timestamp '2020-03-08 03:00'), (3, date '2020-11-01')) ORDER BY 1",
    "SELECT id, nullif(z, t), coalesce(NULL, d, z) FROM f ORDER BY 1",
    "SELECT id, CASE WHEN g = 0 THEN z WHEN g = 1 THEN t ELSE d END FROM f ORDER BY 1",
    "SELECT id, CASE z WHEN t THEN 'same' WHEN d THEN 'midnight' ELSE z::varchar END FROM f ORDER BY 1",
    "SELECT z FROM f WHERE id < 4 UNION ALL SELECT t FROM f WHERE id < 4 UNION ALL SELECT d FROM f WHERE id < 4 ORDER BY 1",
    "SELECT z FROM f INTERSECT SELECT t FROM f ORDER BY 1",
    "SELECT d FROM f WHERE id < 9 EXCEPT SELECT z::date FROM f ORDER BY 1",
    "SELECT * FROM (VALUES (1, timestamptz '2020-07-01 00:00'), (2, timestamp '2020-07-01 00:00'), (3, date '2020-12-01')) v (a, b) ORDER BY a",
    "SELECT g, min(z), max(z::date), count(DISTINCT date_trunc('day', z)) FROM f GROUP BY g ORDER BY g",
    "SELECT z::date, count(*) FROM f GROUP BY z::date HAVING z::date > '2020-01-01' ORDER BY 1",
    "SELECT extract(year from z), count(*) FROM f GROUP BY extract(year from z) ORDER BY 1",
    "SELECT g, listagg(z::varchar(40), ';') WITHIN GROUP (ORDER BY id) FROM f GROUP BY g ORDER BY g",
    "SELECT id, lag(z) OVER (PARTITION BY g ORDER BY id), row_number() OVER (PARTITION BY z::date ORDER BY id) FROM f ORDER BY id",
    "SELECT id, rank() OVER (ORDER BY z::time, id), first_value(z::date) OVER (PARTITION BY g ORDER BY id ROWS UNBOUNDED PRECEDING) FROM f ORDER BY id",
    "SELECT id FROM f ORDER BY z::time, id",
    "SELECT id FROM f WHERE z::varchar LIKE '%-05' ORDER BY id",
    "SELECT id, upper(z::varchar), replace(z || '', '-', '/'), substring(z::varchar, 12, 5) FROM f ORDER BY id",
    "SELECT id FROM f WHERE NOT (z < t) AND z IS NOT NULL AND (d = z OR t <= z) ORDER BY id",
    "SELECT a.id, b.id FROM f a LEFT JOIN f b ON b.d = a.z::date AND b.id <> a.id WHERE a.id < 9 ORDER BY 1, 2",
    "SELECT a.id, b.id FROM f a JOIN f b ON a.z >= b.d AND a.z < b.d + interval '6 hours' ORDER BY 1, 2",
    "WITH w AS (SELECT id, z::date AS x FROM f WHERE g = 0) SELECT x, count(*) FROM w GROUP BY x ORDER BY x",
    "WITH RECURSIVE r (n, z) AS (SELECT 1, timestamptz '2020-01-31 00:30' UNION ALL SELECT n + 1, z + interval '1 month' FROM r WHERE n < 6) SELECT * FROM r ORDER BY n",
    "SELECT count(*) FROM f WHERE z BETWEEN d AND t",
    "SELECT timestamptz '2020-03-08 01:59:59' + interval '1 second', timestamptz '2020-11-01 01:59:59-04' + interval '1 second'",
    "SELECT 'now'::timestamptz = now(), 'now'::timestamp = localtimestamp, 'today'::timestamptz = current_date, 'today'::date = current_date, 'tomorrow'::timestamp - 'yesterday'::timestamp = interval '48 hours'",
    "SELECT now()::timestamp = localtimestamp, now()::date = current_date, 'epoch'::timestamptz, 'epoch'::timestamp, 'epoch'::date",
    "SELECT left(current_time::varchar, 8) = left(now()::time::varchar, 8), right(now()::varchar, 3) IN ('-04', '-05')",
]
CHANGES = [
    "INSERT INTO u VALUES (1, '2020-07-01 00:00', '2020-07-01 00:00+00', '2020-07-01 03:00+00', 'x')",
    "INSERT INTO u (id) VALUES (2)",
    "INSERT INTO u VALUES (3, timestamp '2020-03-08 02:30', timestamptz '2020-07-01 00:00+00', timestamptz '2020-07-01 00:00+00', timestamptz '2020-07-01 00:00+00'), (4, date '2020-12-01', DEFAULT, DEFAULT, date '2020-12-01')",
    "INSERT INTO u SELECT id + 10, t, z, z, z::varchar FROM f WHERE id < 5",
    "INSERT INTO u SELECT 20, '2020-07-01 00:00', '2020-07-01 00:00', '2020-07-01', 'y'",
    "UPDATE u SET z = t, t = z, d = z, s = z::varchar WHERE id IN (1, 3)",
    "UPDATE u SET z = '2020-11-01 01:30', t = DEFAULT WHERE id = 2",
    "UPDATE u SET z = f.d, d = f.z FROM f WHERE f.id + 10 = u.id",
    "DELETE FROM u WHERE z = '2020-03-08 00:00'",
    "DELETE FROM u USING f WHERE u.z = f.d AND f.id = 1",
    "MERGE INTO u USING f ON u.id = f.id WHEN MATCHED THEN UPDATE SET z = f.t, d = f.z, s = f.z::varchar WHEN NOT MATCHED THEN INSERT VALUES (f.id, f.t, f.z, f.z, '2020')",
]


def date_style():
    writer = Writer(
        "date_style",
        "SET DateStyle: what dates and timestamps look like, and in which order dates are read.\n"
        "# Values from PostgreSQL 15 (generators/settings.py).")
    writer.run(f"CREATE TABLE f ({COLUMNS})", "")
    writer.run(f"INSERT INTO f VALUES\n{rows_text()}", "")
    for style in STYLES:
        writer.run(f"SET datestyle TO '{style}'")
        writer.query("SHOW datestyle")
        for zone in ("UTC", "America/New_York", "America/Sao_Paulo"):
            writer.run(f"SET timezone TO '{zone}'")
            writer.query("SELECT id, z, t, d, m FROM f ORDER BY id")
        writer.query("SELECT id, z::varchar(60) || ';' || t::varchar || ';' || d::varchar"
                     " FROM f ORDER BY id")
        writer.query("SELECT id FROM f WHERE d::varchar::date = d AND t::varchar::timestamp = t"
                     " ORDER BY id")
        writer.query("SELECT date '2001-02-03', timestamp '2001-02-03 04:05:06.7'")
        for text in ORDERED:
            writer.query(f"SELECT date '{text}'")
            writer.query(f"SELECT x::timestamp FROM (SELECT '{text}'::varchar(40) AS x) q")
    writer.write()


def float_digits():
    writer = Writer(
        "float_digits",
        "SET extra_float_digits: FLOAT8 has 15 and that many digits, FLOAT4 6, as in PostgreSQL\n"
        "# before 12, which Redshift comes from. Values from C's %.*g (generators/settings.py); until\n"
        "# it is set, the shortest digits that read back.")
    writer.run("CREATE TABLE g (id integer, a double precision, b real)", "")
    rows = ", ".join(f"({n}, '{text}'::float8, {narrow(text)})"
                     for n, text in enumerate(FLOATS, 1))
    writer.run(f"INSERT INTO g VALUES {rows}, (99, NULL, NULL)", "")
    for extra in (-15, -14, -10, -5, -3, -1, 0, 1, 2):
        writer.run(f"SET extra_float_digits TO {extra}", "")
        lines = [f"{n}|{printed(float(text), 15 + extra)}|{printed(single(text), 6 + extra)}"
                 for n, text in enumerate(FLOATS, 1)] + ["99|NULL|NULL"]
        for query in ("SELECT id, a, b FROM g ORDER BY id",
                      "SELECT id, a::varchar(40), b::varchar(40) FROM g ORDER BY id"):
            writer.records.append(("rows", query, lines))
    write_rows(writer)


def narrow(text):
    value = single(text)
    return "NULL" if value is None else f"'{text}'::float4"


def single(text):
    value = struct.unpack("f", struct.pack("f", float(text)))[0]
    return None if value in (float("inf"), float("-inf")) and "inf" not in text.lower() else value


def printed(value, digits):
    if value is None:
        return "NULL"
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return "%.*g" % (max(1, digits), value)


def write_rows(writer):
    lines = [f"# {writer.title}"]
    for kind, sql, rows in writer.records:
        if kind == "run":
            lines.append(f"\nstatement ok\n{sql}")
        else:
            lines.append("\n".join([f"\nquery nosort\n{sql}\n----", *rows]))
    (FOLDER / f"{writer.name}.slt").write_text("\n".join(lines) + "\n")


for zone_name, (zone_path, table_style) in ZONES.items():
    time_zone(zone_name, zone_path, table_style)
statements()
date_style()
float_digits()
