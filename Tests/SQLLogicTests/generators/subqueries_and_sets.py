#!/usr/bin/env python3
"""Writes the scripts of subqueries, set operations, grouping sets and WITH.

Expected rows come from PostgreSQL, whose semantics agree with Redshift's for all that is asked
here: run it where `psql` reaches a server (PGHOST, PGPORT, PGUSER, PGDATABASE say which); it
makes its tables in a temporary schema, writes below ../scripts and prints what it wrote.
"""
import itertools
import pathlib
import random
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts"
LAYOUTS = {
    "even": ("DISTSTYLE EVEN", "DISTSTYLE EVEN"),
    "keys": ("DISTKEY (a) SORTKEY (b)", "DISTKEY (a)"),
    "key_all": ("DISTKEY (b)", "DISTSTYLE ALL"),
    "all_even": ("DISTSTYLE ALL", "DISTSTYLE EVEN"),
}
T_ROWS = [
    (1, 1, "x", 10), (1, 2, "y", 20), (2, 1, "x", None), (None, 2, "z", 5), (2, None, None, 7),
    (5, 6, "q", 0), (None, None, None, None), (7, 7, "", 70), (7, 7, "", 70), (-3, 4, "x", -9),
]
U_ROWS = [
    (1, 1, "x", 10), (2, 5, "y", 2), (None, 2, "z", 5), (3, None, "q", 8), (1, 7, "x", None),
    (7, 7, "", 70), (-3, 4, "x", 1), (8, None, None, None),
]


def literal(value):
    if value is None:
        return "NULL"
    return f"'{value}'" if isinstance(value, str) else str(value)


def insert(table, rows):
    values = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
    return f"INSERT INTO {table} VALUES {values}"


# Tables of several chunks are made by SQL that both engines understand.
def tables(left, right):
    return [
        f"CREATE TABLE t (a integer, b integer, c varchar(5), v integer) {left}".strip(),
        f"CREATE TABLE u (a integer, b integer, c varchar(5), v integer) {right}".strip(),
        "CREATE TABLE e (a integer, b integer, c varchar(5), v integer)",
        insert("t", T_ROWS),
        insert("u", U_ROWS),
    ]


def digits(left, right):
    ten = " UNION ALL ".join(f"SELECT {n}{' AS n' if n == 0 else ''}" for n in range(10))
    number = "d1.n + 10 * d2.n + 100 * d3.n + 1000 * d4.n"
    return [
        "CREATE TABLE d (n integer)",
        f"INSERT INTO d {ten}",
        f"CREATE TABLE t (a integer, b integer, c varchar(5), v integer) {left}".strip(),
        f"CREATE TABLE u (a integer, b integer, c varchar(5), v integer) {right}".strip(),
        f"INSERT INTO t SELECT i, i % 37, 'c' || (i % 5), CASE WHEN i % 11 <> 0 THEN i END FROM"
        f" (SELECT {number} AS i FROM d d1, d d2, d d3, d d4) x",
        "INSERT INTO u SELECT CASE WHEN i % 13 <> 0 THEN i * 3 END, i % 41, 'c' || (i % 7), i FROM"
        f" (SELECT {number} AS i FROM d d1, d d2, d d3, d d4 WHERE d4.n < 5) x",
    ]


class Postgres:
    """Runs statements in one session and gives each one's rows."""

    def rows(self, setup, queries):
        mark = "--- end of a query ---"
        script = ["CREATE SCHEMA generated", "SET search_path TO generated"] + setup
        text = ";\n".join(["\\set ON_ERROR_STOP 1", "\\pset null NULL"]) .replace(";", "") + "\n"
        text += "BEGIN;\n" + ";\n".join(script) + ";\n"
        for query in queries:
            text += f"\\echo {mark}\n{query};\n"
        text += f"\\echo {mark}\nROLLBACK;\n"
        run = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "|"],
            input=text, capture_output=True, text=True, check=False,
        )
        if run.returncode:
            raise SystemExit(run.stderr)
        parts = run.stdout.split(mark + "\n")
        assert len(parts) == len(queries) + 2, (len(parts), len(queries))
        return [part.splitlines() for part in parts[1:-1]]


def value_text(line):
    return "|".join(value if value else "(empty)" for value in line.split("|"))


def write(name, title, setup, plain_setup, queries):
    answers = Postgres().rows(plain_setup, queries)
    lines = [
        f"# {title}",
        "# Expected rows: PostgreSQL. Written by generators/subqueries_and_sets.py.",
        "",
    ]
    for statement in setup:
        lines += ["statement ok", statement, ""]
    for query, rows in zip(queries, answers):
        order = "nosort" if " ORDER BY " in query and query.endswith("/* ordered */") else "rowsort"
        lines += [f"query {order}", query.replace(" /* ordered */", ""), "----"]
        texts = [value_text(row) for row in rows]
        lines += (sorted(texts) if order == "rowsort" else texts) + [""]
    path = FOLDER / f"{name}.slt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))
    print(f"{path.relative_to(FOLDER)}: {len(queries)} queries")
    return len(queries)


FILTERS = {
    "every row": "", "no NULL": " WHERE u.b IS NOT NULL", "no row": " WHERE u.b > 100",
    "NULL only": " WHERE u.a = 8", "equal": " WHERE u.a = t.a", "less": " WHERE u.a < t.a",
    "both": " WHERE u.a = t.a AND u.b >= t.b",
}


def quantified():
    for operator, quantifier, condition in itertools.product(
        ["=", "<>", "<", "<=", ">", ">="], ["ANY", "ALL", "SOME"], FILTERS.values()
    ):
        if quantifier == "SOME" and operator not in ("=", "<"):
            continue
        yield f"t.b {operator} {quantifier} (SELECT u.b FROM u{condition})"


def memberships():
    for word, condition in itertools.product(["IN", "NOT IN"], FILTERS.values()):
        yield f"t.a {word} (SELECT u.a FROM u{condition})"
        yield f"t.c {word} (SELECT u.c FROM u{condition})"
        yield f"(t.a, t.b) {word} (SELECT u.a, u.b FROM u{condition})"
        yield f"t.a + 1 {word} (SELECT u.b FROM u{condition})"


def existences():
    for word, condition in itertools.product(["EXISTS", "NOT EXISTS"], FILTERS.values()):
        yield f"{word} (SELECT 1 FROM u{condition})"


def placed(test, place):
    return {
        "select": f"SELECT t.a, t.b, {test} FROM t",
        "where": f"SELECT t.a, t.b FROM t WHERE {test}",
        "not": f"SELECT t.a, t.b FROM t WHERE NOT ({test})",
        "or": f"SELECT t.a, t.b FROM t WHERE {test} OR t.v = 7",
        "case": f"SELECT t.a, CASE WHEN {test} THEN 'yes' WHEN t.v > 5 THEN 'no' END FROM t",
        "unknown": f"SELECT t.a, t.b FROM t WHERE ({test}) IS NULL",
    }[place]


def subqueries(layout, number):
    tests = {"quantified": quantified(), "in": memberships(), "exists": existences()}
    places = ["select", "where", "not", "or", "case", "unknown"]
    for kind, found in tests.items():
        queries = []
        for index, test in enumerate(found):
            # Each layout takes other places, all of them every one.
            queries.append(placed(test, places[(index + number) % len(places)]))
        yield kind, queries


SCALARS = [
    "SELECT a, (SELECT max(u.v) FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, (SELECT count(u.v) + 1 FROM u WHERE u.a = t.a AND u.b > 1) FROM t",
    "SELECT a, coalesce((SELECT sum(u.v) FROM u WHERE u.c = t.c), -1) FROM t",
    "SELECT a FROM t WHERE v > (SELECT min(u.v) FROM u WHERE u.a = t.a)",
    "SELECT a FROM t WHERE v = (SELECT max(v) FROM t)",
    "SELECT a FROM t WHERE (SELECT count(*) FROM u WHERE u.a = t.a) = 2",
    "SELECT a FROM t WHERE (SELECT count(*) FROM u WHERE u.a = t.a) = 0",
    "SELECT a, b FROM t WHERE b > (SELECT count(*) FROM e)",
    "SELECT a, (SELECT max(v) FROM e) FROM t",
    "SELECT a, (SELECT v FROM u WHERE u.a = 7) FROM t",
    "SELECT (SELECT v FROM u WHERE u.a = 700)",
    "SELECT (SELECT min(a) FROM t) + (SELECT max(a) FROM u)",
    "SELECT CASE WHEN (SELECT count(*) FROM e) = 0 THEN 'none' ELSE 'some' END",
    "SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > (SELECT count(*) FROM e)",
    "SELECT a, count(*) FROM t GROUP BY a HAVING a IN (SELECT a FROM u)",
    "SELECT a, count(*) FROM t GROUP BY a HAVING count(*) IN (SELECT b FROM u)",
    "SELECT a, sum(v) FROM t GROUP BY a HAVING sum(v) > (SELECT min(v) FROM u WHERE u.a = t.a)",
    "SELECT a, (SELECT max(u.v) FROM u WHERE u.a = t.a) AS m FROM t GROUP BY a",
    "SELECT sum((SELECT count(*) FROM u WHERE u.a = t.a)) FROM t",
    "SELECT count(*) FROM t WHERE a IN (SELECT a FROM u) AND EXISTS (SELECT 1 FROM u WHERE u.b = t.b)",
    "SELECT x.a, x.n FROM (SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a) AS n FROM t) x WHERE x.n > 0",
    "SELECT a FROM t ORDER BY (SELECT count(*) FROM u WHERE u.a = t.a), a, v /* ordered */",
    "SELECT x.a FROM (SELECT a, v FROM t ORDER BY v NULLS FIRST, a LIMIT 4) x",
    "SELECT x.a FROM (SELECT a, v FROM t ORDER BY v, a, b LIMIT 3 OFFSET 2) x",
    "SELECT count(*) FROM (SELECT a FROM t OFFSET 3) x",
    "SELECT count(*) FROM (SELECT a FROM t LIMIT 0) x",
    "SELECT a FROM t WHERE a IN (SELECT a FROM u ORDER BY v LIMIT 2)",
    "SELECT a FROM t WHERE EXISTS (SELECT a FROM u LIMIT 1) AND v > 5",
    "SELECT a FROM t WHERE NOT EXISTS (SELECT 1 FROM e)",
    "SELECT a FROM t WHERE a IN (SELECT u.a FROM u WHERE u.b IN (SELECT b FROM t))",
    "SELECT a FROM t WHERE a NOT IN (SELECT u.a FROM u WHERE u.a IS NOT NULL AND NOT EXISTS (SELECT 1 FROM e))",
    "SELECT t.a, x.m FROM t JOIN (SELECT a, max(v) AS m FROM u GROUP BY a) x ON t.a = x.a",
    "SELECT t.a, x.m FROM t LEFT JOIN (SELECT a, max(v) AS m FROM u GROUP BY a) x ON t.a = x.a AND x.m > 5",
    "SELECT t.a FROM t WHERE (t.a, t.v) IN (SELECT a, max(v) FROM u GROUP BY a)",
    "SELECT t.a FROM t WHERE t.v >= ALL (SELECT v FROM t x WHERE x.v IS NOT NULL)",
    "SELECT t.a FROM t WHERE t.v <= ALL (SELECT x.v FROM t x WHERE x.a = t.a AND x.v IS NOT NULL)",
    "SELECT t.a IN (SELECT a FROM u), count(*) FROM t GROUP BY 1",
]

JOINS = [
    "SELECT count(*), sum(t.a), sum(u.v) FROM t NATURAL JOIN u",
    "SELECT a, b, c FROM t NATURAL LEFT JOIN u",
    "SELECT t.a, u.a FROM t JOIN u ON t.a < u.a",
    "SELECT t.a, u.a FROM t LEFT JOIN u ON t.a > u.a AND t.b > u.b",
    "SELECT t.a, u.a FROM t RIGHT JOIN u ON t.a > u.a",
    "SELECT t.a, u.a FROM t RIGHT JOIN u ON t.a = u.a AND t.b < u.b",
    "SELECT t.a, u.a FROM t FULL JOIN u ON t.a = u.a AND t.b < u.b",
    "SELECT t.a, u.b FROM t CROSS JOIN u WHERE t.b BETWEEN u.a AND u.b",
    "SELECT count(*) FROM t, u, t x",
    "SELECT count(*) FROM t x, t y WHERE x.a <> y.a",
    "SELECT t.a, u.b FROM t JOIN u ON t.a = u.a OR t.b = u.b",
    "SELECT t.a, u.b FROM t LEFT JOIN u ON t.a = u.a OR t.c = u.c",
    "SELECT t.a, u.b FROM t LEFT JOIN u ON true WHERE u.b = 1",
    "SELECT t.a, u.b FROM t LEFT JOIN e u ON t.a = u.a",
    "SELECT t.a, u.b FROM e t FULL JOIN u ON t.a = u.a",
    "SELECT t.a, x.a, u.a FROM t LEFT JOIN (e x JOIN u ON x.a = u.a) ON t.a = x.a",
    "SELECT b, t.c, u.c FROM t FULL JOIN u USING (b)",
    "SELECT b, count(*) FROM t FULL JOIN u USING (b) GROUP BY b",
    "SELECT t.a FROM t JOIN u ON t.a = u.a AND t.a IN (1, 7) LEFT JOIN t x ON x.b = u.b",
    "SELECT t.a, u.v FROM t LEFT JOIN u ON t.a = u.a AND u.v IS NULL",
]


def sets(layout):
    arms = [
        "SELECT a FROM t", "SELECT a FROM u", "SELECT a FROM e", "SELECT b FROM t",
        "SELECT a FROM t WHERE a IS NOT NULL", "SELECT 1", "SELECT NULL::integer",
    ]
    words = ["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]
    queries = []
    for word, (one, other) in itertools.product(words, itertools.permutations(arms[:5], 2)):
        queries.append(f"{one} {word} {other}")
    choice = random.Random(f"sets {layout}")
    chosen = choice.sample(queries, 22)
    for first, second in itertools.product(words, words):
        one, two, three = choice.sample(arms, 3)
        chosen.append(f"{one} {first} {two} {second} {three}")
        one, two, three = choice.sample(arms, 3)
        chosen.append(f"{one} {first} ({two} {second} {three})")
    pairs = ["SELECT a, b FROM t", "SELECT a, b FROM u", "SELECT b, a FROM u", "SELECT a, v FROM t"]
    for word, (one, other) in itertools.product(words, itertools.permutations(pairs, 2)):
        if choice.random() < 0.4:
            chosen.append(f"{one} {word} {other}")
    return chosen + [
        "SELECT c FROM t UNION SELECT c FROM u",
        "SELECT c FROM t INTERSECT SELECT c FROM u",
        "SELECT c FROM t EXCEPT SELECT c FROM u",
        "SELECT a AS k FROM t UNION SELECT b FROM u ORDER BY k /* ordered */",
        "SELECT a AS k FROM t UNION ALL SELECT b FROM u ORDER BY 1 DESC LIMIT 5 /* ordered */",
        "SELECT a AS k FROM t UNION SELECT b FROM u ORDER BY 1 LIMIT 3 OFFSET 2 /* ordered */",
        "SELECT count(*), sum(x.a) FROM (SELECT a FROM t UNION SELECT a FROM u) x",
        "SELECT count(*) FROM (SELECT a, b, c, v FROM t INTERSECT SELECT a, b, c, v FROM u) x",
        "SELECT a FROM t WHERE a IN (SELECT a FROM u EXCEPT SELECT 7)",
        "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u UNION SELECT 2 FROM e)",
        "SELECT x.a, count(*) FROM (SELECT a FROM t UNION ALL SELECT a FROM u) x GROUP BY x.a",
        "SELECT x.a, u.b FROM (SELECT a FROM t EXCEPT SELECT a FROM e) x JOIN u ON x.a = u.a",
        "SELECT a, 1.5 FROM t UNION SELECT b, 2.5 FROM u",
        "SELECT a::bigint FROM t UNION SELECT b FROM u",
        "SELECT a, NULL FROM t UNION SELECT b, v FROM u",
        "SELECT max(a) FROM t UNION ALL SELECT min(a) FROM u UNION ALL SELECT count(*) FROM e",
        "SELECT x.a FROM (SELECT a, b FROM t UNION SELECT a, b FROM u) x WHERE x.b = 1",
    ]


def groupings(layout):
    choice = random.Random(f"groupings {layout}")
    aggregates = "count(*), sum(v), count(DISTINCT v), min(b)"
    shapes = [
        "ROLLUP(a)", "ROLLUP(a, b)", "ROLLUP(a, b, c)", "ROLLUP((a, b), c)", "CUBE(a)",
        "CUBE(a, b)", "CUBE(a, b, c)", "CUBE((a, b), c)", "GROUPING SETS((a), (b))",
        "GROUPING SETS((a, b), (c), ())", "GROUPING SETS((a), (a))", "GROUPING SETS((), ())",
        "GROUPING SETS(a, b, c)", "GROUPING SETS(ROLLUP(a, b), CUBE(c))",
        "GROUPING SETS(GROUPING SETS(a, b), ())", "a, ROLLUP(b)", "a, ROLLUP(b, c)",
        "ROLLUP(a), ROLLUP(b)", "CUBE(a), c", "ROLLUP(a), CUBE(b, c)", "a, b, GROUPING SETS(c, ())",
        "GROUPING SETS((a, b)), ROLLUP(c)",
    ]
    for shape in shapes:
        keys = [key for key in "abc" if f"{key}" in shape.replace("CUBE", "").replace("GROUPING", "")]
        listed = ", ".join(keys)
        marks = ", ".join(f"grouping({key})" for key in keys)
        whole = f", grouping({listed})" if keys else ""
        marks = f", {marks}" if marks else ""
        listed = f"{listed}, " if listed else ""
        source = choice.choice(["t", "u", "t", "e"])
        yield f"SELECT {listed}{aggregates}{marks}{whole} FROM {source} GROUP BY {shape}"
        if keys:
            key = choice.choice(keys)
            yield (
                f"SELECT {listed}count(*) FROM t GROUP BY {shape}"
                f" HAVING grouping({key}) = {choice.choice([0, 1])} OR sum(v) > 50"
            )
    yield from [
        "SELECT a + 1, count(*) FROM t GROUP BY ROLLUP(a + 1)",
        "SELECT a + 1 AS k, c, count(*) FROM t GROUP BY CUBE(1, 2)",
        "SELECT coalesce(c, 'all'), sum(v) FROM t GROUP BY ROLLUP(c)",
        "SELECT CASE WHEN grouping(c) = 1 THEN 'total' ELSE c END, sum(v) FROM t GROUP BY ROLLUP(c)",
        "SELECT a, b, count(*) FROM t GROUP BY ROLLUP(a, b) ORDER BY grouping(a, b), a, b /* ordered */",
        "SELECT a, sum(coalesce(v, 1)), max(3), count(1) FROM e GROUP BY ROLLUP(a)",
        "SELECT a, sum(coalesce(v, 1)), max(3), count(1) FROM t GROUP BY ROLLUP(a)",
        "SELECT t.a, u.b, sum(t.v + u.v) FROM t JOIN u ON t.a = u.a GROUP BY CUBE(t.a, u.b)",
        "SELECT a, b, count(*) FROM t WHERE a IN (SELECT a FROM u) GROUP BY ROLLUP(a, b)",
        "SELECT x.a, x.n FROM (SELECT a, count(*) AS n FROM t GROUP BY ROLLUP(a)) x WHERE x.a IS NULL",
        "SELECT x.a, x.n FROM (SELECT a, count(*) AS n FROM t GROUP BY ROLLUP(a)) x WHERE x.a = 7",
        "SELECT DISTINCT a FROM t GROUP BY CUBE(a, b)",
        "SELECT 1 FROM t GROUP BY ()",
        "SELECT count(*) FROM e GROUP BY ()",
        "SELECT sum(v) FROM t GROUP BY a, (), b",
        "SELECT a % 2, sum(v) FROM t GROUP BY 1",
        "SELECT a AS k, sum(v) FROM t GROUP BY k",
        "SELECT a + b, count(*) FROM t GROUP BY a + b",
        "SELECT (a + b) * 2, count(*) FROM t GROUP BY a + b",
        "SELECT count(*) FROM t HAVING count(*) > 3",
        "SELECT count(*) FROM t HAVING count(*) > 300",
    ]


COMMON = [
    "WITH x AS (SELECT a, sum(v) AS s FROM t GROUP BY a) SELECT * FROM x",
    "WITH x AS (SELECT a, sum(v) AS s FROM t GROUP BY a) SELECT x.a, y.s FROM x JOIN x y ON x.a = y.a",
    "WITH x AS (SELECT a, sum(v) AS s FROM t GROUP BY a) SELECT a FROM x WHERE s = (SELECT max(s) FROM x)",
    "WITH x AS (SELECT a, sum(v) AS s FROM t GROUP BY a) SELECT a FROM x WHERE s > (SELECT avg(s) FROM x) UNION ALL SELECT a FROM x WHERE a IS NULL",
    "WITH x(k, n) AS (SELECT a, count(*) FROM u GROUP BY a) SELECT p.k, q.n FROM x p, x q WHERE p.n = q.n",
    "WITH x AS (SELECT a FROM t), y AS (SELECT a FROM x WHERE a > 1) SELECT y.a, x.a FROM x JOIN y ON x.a = y.a",
    "WITH x AS (SELECT a, b FROM t UNION SELECT a, b FROM u), y AS (SELECT a, count(*) AS n FROM x GROUP BY a) SELECT x.a, x.b, y.n FROM x JOIN y ON x.a = y.a",
    "WITH x AS (SELECT DISTINCT a FROM t), y AS (SELECT x.a FROM x JOIN x z ON x.a = z.a), z AS (SELECT y.a FROM y JOIN y w ON y.a = w.a) SELECT count(*) FROM z, z q",
    "WITH x AS (SELECT max(v) AS m FROM t) SELECT a FROM t, x WHERE v = m",
    "WITH x AS (SELECT max(v) AS m FROM t) SELECT a FROM t WHERE v = (SELECT m FROM x) OR v = (SELECT m - 63 FROM x)",
    "WITH x AS (SELECT a FROM t ORDER BY a LIMIT 3) SELECT x.a, y.a FROM x, x y",
    "WITH x AS (SELECT a, v FROM t WHERE v > 5) SELECT * FROM x WHERE a IN (SELECT a FROM x WHERE v < 50)",
    "WITH x AS (SELECT a, v FROM t) SELECT * FROM (WITH y AS (SELECT a FROM x WHERE v > 5) SELECT * FROM y) q",
    "WITH t AS (SELECT a FROM u) SELECT count(*), sum(a) FROM t",
    "WITH x AS (SELECT 1 AS a), y AS (SELECT 2 AS a) SELECT * FROM x UNION ALL SELECT * FROM y",
    "WITH x AS (SELECT a, b, c, v FROM t UNION ALL SELECT a, b, c, v FROM u) SELECT p.a, count(*), max(q.v) FROM x p LEFT JOIN x q ON p.a = q.b GROUP BY p.a",
    "WITH x AS (SELECT c, sum(v) AS s FROM t GROUP BY ROLLUP(c)) SELECT p.c, q.s FROM x p, x q WHERE p.s = q.s",
    "WITH x AS (SELECT a FROM e GROUP BY a) SELECT count(*) FROM x p, x q",
    "WITH unused AS (SELECT 1 / 0 AS z FROM t) SELECT count(*) FROM t",
    "WITH x AS (SELECT a FROM t EXCEPT SELECT a FROM u) SELECT a FROM t WHERE a IN (SELECT a FROM x) OR a NOT IN (SELECT a FROM x)",
]
RECURSIVE = [
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT n FROM r",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100) SELECT count(*), sum(n), max(n) FROM r",
    "WITH RECURSIVE r(n, f) AS (SELECT 1, 1::bigint UNION ALL SELECT n + 1, f * (n + 1) FROM r WHERE n < 12) SELECT n, f FROM r",
    "WITH RECURSIVE r(x, y) AS (SELECT 0, 1 UNION ALL SELECT y, x + y FROM r WHERE y < 100) SELECT x FROM r",
    "WITH RECURSIVE r(a, depth) AS (SELECT a, 0 FROM t WHERE v = 10 UNION ALL SELECT u.b, depth + 1 FROM r JOIN u ON r.a = u.a WHERE depth < 4) SELECT a, depth FROM r",
    "WITH RECURSIVE r(a, depth) AS (SELECT a, 0 FROM t UNION ALL SELECT u.b, depth + 1 FROM r, u WHERE r.a = u.a AND depth < 3) SELECT depth, count(*), sum(a) FROM r GROUP BY depth",
    "WITH RECURSIVE r(a) AS (SELECT a FROM e UNION ALL SELECT a + 1 FROM r WHERE a < 5) SELECT count(*) FROM r",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT p.n, q.n FROM r p JOIN r q ON p.n = q.n + 1",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5), s AS (SELECT n * 2 AS m FROM r) SELECT s.m, t.a FROM s LEFT JOIN t ON s.m = t.b",
    "WITH RECURSIVE x AS (SELECT a FROM t), r(n) AS (SELECT a FROM x WHERE a IS NOT NULL UNION ALL SELECT n - 1 FROM r WHERE n > 0) SELECT n, count(*) FROM r GROUP BY n",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n * 2 FROM r WHERE n < (SELECT max(v) FROM t)) SELECT n FROM r",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT a FROM t WHERE a IN (SELECT n FROM r)",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT (SELECT max(n) FROM r), (SELECT sum(n) FROM r)",
    "WITH RECURSIVE r(a, p) AS (SELECT a, c::varchar(100) FROM u WHERE a = 1 UNION ALL SELECT u.b, (p || '>' || u.c)::varchar(100) FROM r JOIN u ON u.a = r.a WHERE length(p) < 8) SELECT a, p FROM r",
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT x.m FROM (SELECT n + 1 AS m FROM r) x WHERE x.m < 6) SELECT n FROM r ORDER BY n DESC /* ordered */",
    "WITH RECURSIVE r(n, s) AS (SELECT a, v FROM t UNION ALL SELECT r.n, r.s - 30 FROM r LEFT JOIN u ON u.a = r.n WHERE r.s > 30) SELECT n, s FROM r",
    "WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r",
]
LARGE = [
    "SELECT count(*), sum(t.a) FROM t WHERE a IN (SELECT a FROM u)",
    "SELECT count(*), sum(t.a) FROM t WHERE a NOT IN (SELECT a FROM u WHERE a IS NOT NULL)",
    "SELECT count(*) FROM t WHERE a NOT IN (SELECT a FROM u)",
    "SELECT count(*), sum(t.a) FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.b < t.b)",
    "SELECT count(*), sum(t.a) FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.b < t.b)",
    "SELECT count(*), sum(t.a) FROM t WHERE v < 50 AND EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
    "SELECT count(*), sum(t.a) FROM t WHERE v < 50 AND NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)",
    "SELECT count(*), sum(t.a) FROM t WHERE v < 50 AND EXISTS (SELECT 1 FROM u WHERE u.b = t.b)",
    "SELECT count(*), sum(t.a) FROM t WHERE v < 50 AND NOT EXISTS (SELECT 1 FROM u WHERE u.b = t.b AND u.v > 4000)",
    "SELECT count(*), sum(t.a) FROM t WHERE v < 50 AND EXISTS (SELECT 1 FROM u WHERE u.c = t.c AND u.b > t.b)",
    "SELECT a IN (SELECT a FROM u), count(*), sum(v) FROM t GROUP BY 1",
    "SELECT count(*), sum(n), max(n) FROM (SELECT (SELECT count(*) FROM u WHERE u.a = t.a AND u.b < t.b) AS n FROM t) x",
    "SELECT count(*), sum(n) FROM (SELECT (SELECT sum(u.v) FROM u WHERE u.a = t.b AND u.v <> t.v) AS n FROM t WHERE v < 9000) x",
    "SELECT count(*), sum(t.a) FROM t WHERE EXISTS (SELECT u.v FROM u WHERE u.b = t.b OFFSET 120)",
    "SELECT sum(n) FROM (SELECT (SELECT u.v FROM u WHERE u.b = t.b ORDER BY u.v DESC LIMIT 1) AS n FROM t) x",
    "SELECT count(*), sum(CASE WHEN EXISTS (SELECT 1 FROM u WHERE u.a = t.a) THEN v ELSE 1 END) FROM t",
    "SELECT (t.a, t.b) IN (SELECT u.a, u.b FROM u), count(*) FROM t GROUP BY 1",
    "SELECT t.v > ALL (SELECT u.v FROM u), count(*) FROM t GROUP BY 1",
    "SELECT t.v > ANY (SELECT u.v FROM u WHERE u.b = t.b), count(*) FROM t GROUP BY 1",
    "SELECT b, c, count(*), sum(v) FROM t WHERE a < 4000 GROUP BY ROLLUP(c, b) HAVING count(*) > 100",
    "SELECT b % 3, c, count(DISTINCT b), sum(v), grouping(c) FROM t GROUP BY b % 3, CUBE(c)",
    "SELECT count(*) FROM (SELECT a FROM t INTERSECT SELECT a FROM u) x",
    "SELECT count(*), sum(a) FROM (SELECT a FROM t EXCEPT SELECT a FROM u) x",
    "SELECT count(*), sum(a) FROM (SELECT a, b FROM t UNION SELECT a, b FROM u) x",
    "SELECT count(*), sum(a) FROM (SELECT a, b FROM t UNION ALL SELECT a, b FROM u) x",
    "WITH x AS (SELECT b, sum(v) AS s FROM t GROUP BY b) SELECT count(*), max(p.s) FROM x p JOIN x q ON p.b = q.b + 1",
    "WITH x AS (SELECT DISTINCT a, b FROM t) SELECT count(*), sum(p.a) FROM x p JOIN x q ON p.a = q.a AND p.b = q.b",
    "WITH RECURSIVE r(a, n) AS (SELECT a, 0 FROM t WHERE a < 3000 UNION ALL SELECT a + 3000, n + 1 FROM r WHERE n < 3) SELECT n, count(*), sum(a) FROM r GROUP BY n",
    "WITH RECURSIVE r(a, n) AS (SELECT a, 0 FROM u WHERE a < 900 UNION ALL SELECT t.v, n + 1 FROM r JOIN t ON t.a = r.a + 1 WHERE n < 5) SELECT n, count(*), sum(a) FROM r GROUP BY n",
    "SELECT count(*), sum(t.a) FROM t LEFT JOIN u ON t.a = u.a AND t.b < u.b",
    "SELECT count(*), sum(t.a), sum(u.v) FROM t FULL JOIN u ON t.a = u.a AND t.b < u.b",
    "SELECT count(*), sum(u.v) FROM t RIGHT JOIN u ON t.a = u.a AND t.b < u.b",
    "SELECT count(*) FROM t JOIN u ON t.a > u.a * 100",
]


# Correlation that equalities alone do not express: joined with the outer query's values.
DOMAINS = [
    "SELECT a, b, (SELECT max(u.v) FROM u WHERE u.a = t.a AND u.v > t.b) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE u.a = t.a AND t.b > 1) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE t.b > 1) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE u.a = t.a OR u.a IS NULL) FROM t",
    "SELECT a, b, (SELECT sum(u.v) FROM u WHERE u.a <= t.a) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE u.a <= t.a) FROM t",
    "SELECT a, c, (SELECT count(*) FROM u WHERE u.c > t.c AND u.a > t.a) FROM t",
    "SELECT a, b, (SELECT max(u.v) + t.b FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, b, (SELECT count(*) + t.b FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, b, (SELECT sum(u.v + t.b) FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, b, (SELECT t.b) FROM t",
    "SELECT a, b, (SELECT sum(x) FROM (VALUES (t.a), (t.b)) AS y(x)) FROM t",
    "SELECT a, b, (SELECT count(u.v) FROM u WHERE u.a = t.a GROUP BY t.b) FROM t",
    "SELECT a, b, (SELECT count(*) FROM e WHERE e.a < t.a) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE u.a < e.a) FROM e",
    "SELECT a, b, b IN (SELECT count(*) FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, b FROM t WHERE b IN (SELECT count(*) FROM u WHERE u.a = t.a)",
    "SELECT a, b FROM t WHERE b NOT IN (SELECT count(*) FROM u WHERE u.a = t.a)",
    "SELECT a, b FROM t WHERE b NOT IN (SELECT u.b FROM u WHERE u.a = t.a ORDER BY u.b OFFSET 1)",
    "SELECT a, v, v > ANY (SELECT sum(u.v) FROM u WHERE u.a = t.a) FROM t",
    "SELECT a, v, v >= ALL (SELECT sum(u.v) FROM u WHERE u.a <= t.a GROUP BY u.b) FROM t",
    "SELECT a, b FROM t WHERE v <> ALL (SELECT min(u.v) FROM u WHERE u.a = t.a)",
    "SELECT a, b, EXISTS (SELECT count(*) FROM e WHERE e.a = t.a) FROM t",
    "SELECT a, b FROM t WHERE EXISTS (SELECT count(*) FROM e WHERE e.a = t.a)",
    "SELECT a, b FROM t WHERE NOT EXISTS (SELECT count(*) FROM u WHERE u.a = t.a HAVING count(*) > 1)",
    "SELECT a, b FROM t WHERE EXISTS (SELECT a FROM u WHERE u.a = t.a UNION SELECT a FROM u WHERE u.b = t.b)",
    "SELECT a, b, EXISTS (SELECT a FROM u WHERE u.a = t.a UNION ALL SELECT 1 FROM e) FROM t",
    "SELECT a, b FROM t WHERE EXISTS (SELECT a FROM u WHERE u.a = t.a INTERSECT SELECT b FROM u WHERE u.b = t.b)",
    "SELECT a, b FROM t WHERE EXISTS (SELECT a FROM u WHERE u.a = t.a EXCEPT SELECT b FROM u WHERE u.b = t.b)",
    "SELECT a, b FROM t WHERE EXISTS (SELECT a FROM u WHERE u.a = t.a LIMIT 0)",
    "SELECT a, b FROM t WHERE EXISTS (SELECT a FROM u WHERE u.a = t.a OFFSET 1)",
    "SELECT a, b FROM t WHERE a IN (SELECT a FROM u WHERE u.a = t.a LIMIT 1)",
    "SELECT a, b, (SELECT b FROM u WHERE u.a = t.a ORDER BY b LIMIT 1) FROM t",
    "SELECT a, b, (SELECT b FROM u WHERE u.a <= t.a ORDER BY b DESC NULLS LAST LIMIT 1 OFFSET 1) FROM t",
    "SELECT a, b, (SELECT count(*) FROM (SELECT DISTINCT u.c FROM u WHERE u.a <= t.a) x) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u LEFT JOIN e ON e.a = u.a AND e.b > t.b WHERE u.a = t.a) FROM t",
    "SELECT a, b, (SELECT sum(n) FROM (SELECT count(*) AS n FROM u WHERE u.a = t.a UNION ALL SELECT count(*) FROM u WHERE u.b = t.b) x) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE u.a = t.a AND u.v < (SELECT sum(x.v) FROM u x WHERE x.a >= u.a)) FROM t",
    "SELECT a, b, (WITH q AS (SELECT b FROM u WHERE u.a <= t.a) SELECT count(*) FROM q x JOIN q y ON x.b = y.b) FROM t",
    "SELECT a, b, (SELECT count(*) FROM u WHERE u.v < t.v) AS n, (SELECT max(v) FROM u WHERE u.v < t.v) AS m FROM t",
    "SELECT t.a, u.b, (SELECT count(*) FROM u x WHERE x.a <= t.a AND x.b >= u.b) FROM t JOIN u ON u.a = t.a",
    "SELECT a, sum(b) FROM t GROUP BY a HAVING sum(b) >= (SELECT min(u.b) FROM u WHERE u.a <= t.a)",
    "SELECT a, sum(b), (SELECT count(*) FROM u WHERE u.a <= t.a) FROM t GROUP BY a",
    "SELECT a, sum((SELECT count(*) FROM u WHERE u.b <= t.b)) FROM t GROUP BY a",
    "SELECT a, b FROM t WHERE (SELECT count(*) FROM u WHERE u.a <= t.a) = 2 OR b = 2",
    "WITH q AS (SELECT a, max(b) AS b FROM t GROUP BY a) SELECT a, b, (SELECT count(*) FROM u WHERE u.b <= q.b) FROM q",
    "SELECT a, b, row_number() OVER (ORDER BY a, b, v) AS n, (SELECT count(*) FROM u WHERE u.a <= t.a) AS m FROM t",
]

# NOT IN of what is known to be NULL, or to be another value.
CONSTANTS = [
    "SELECT count(*) FROM t WHERE NULL NOT IN (SELECT a FROM e)",
    "SELECT count(*) FROM t WHERE NULL NOT IN (SELECT a FROM u)",
    "SELECT count(*) FROM t WHERE nullif(1, 1) NOT IN (SELECT a FROM u)",
    "SELECT a, b FROM t WHERE CAST(NULL AS integer) NOT IN (SELECT a FROM u WHERE u.a = t.a)",
    "SELECT a, b FROM t WHERE CAST(NULL AS integer) NOT IN (SELECT a FROM u WHERE u.a <= t.a)",
    "SELECT count(*) FROM t WHERE NULL IN (SELECT a FROM e)",
    "SELECT count(*) FROM t WHERE 1 NOT IN (SELECT a FROM u WHERE a IS NOT NULL)",
    "SELECT count(*) FROM t WHERE 9 NOT IN (SELECT a FROM u WHERE a IS NOT NULL)",
    "SELECT count(*) FROM t WHERE 9 NOT IN (SELECT a FROM u)",
    "SELECT count(*) FROM t WHERE 5000000000 NOT IN (SELECT a FROM u WHERE a IS NOT NULL)",
    "SELECT count(*) FROM t WHERE 2.5 NOT IN (SELECT a FROM u WHERE a IS NOT NULL)",
    "SELECT count(*) FROM t WHERE 2.5 NOT IN (SELECT a FROM u)",
    "SELECT a, NULL IN (SELECT a FROM u), NULL NOT IN (SELECT a FROM e) FROM t",
]

ROWS = [
    "SELECT a, b, (a, b) = (1, 2), (a, b) <> (1, 2) FROM t",
    "SELECT a, b, (a, b) < (2, 1), (a, b) <= (2, 1), (a, b) > (2, 1), (a, b) >= (2, 1) FROM t",
    "SELECT a, b, (a, b) < (2, NULL), (a, b) >= (2, NULL), (a, b) = (NULL, 2) FROM t",
    "SELECT a, b, c FROM t WHERE (a, b, c) >= (1, 2, 'y')",
    "SELECT a, b, c FROM t WHERE NOT (a, b, c) < (2, 1, 'z')",
    "SELECT a, b, (a, b) = (SELECT 1, 2) FROM t",
    "SELECT a, b, (a, b) <> (SELECT min(a), min(b) FROM u) FROM t",
    "SELECT a, b FROM t WHERE (a, b) < (SELECT max(a), max(b) FROM u)",
    "SELECT a, b, (a, b) = (SELECT a, b FROM e) FROM t",
    "SELECT a, b, (a, b) = (SELECT count(*), 2 FROM e) FROM t",
    "SELECT a, b FROM t WHERE (a, b) = (SELECT a, max(b) FROM u WHERE u.a = t.a GROUP BY a)",
    "SELECT a, b FROM t WHERE (a, b) = (SELECT count(*), max(u.b) FROM u WHERE u.a = t.a)",
    "SELECT a, b FROM t WHERE (a, b) >= (SELECT count(*), min(u.b) FROM u WHERE u.a <= t.a)",
]


def main():
    total = 0
    for number, (layout, styles) in enumerate(LAYOUTS.items()):
        setup, plain = tables(*styles), tables("", "")
        title = f"over tables {styles[0]} and {styles[1]}."
        for kind, queries in subqueries(layout, number):
            total += write(
                f"subqueries/{kind}_{layout}", f"Subqueries ({kind}) {title}", setup, plain, queries
            )
        for name, what, queries in [
            ("subqueries/scalar", "Scalar subqueries", SCALARS),
            ("subqueries/domain", "Subqueries correlated otherwise than by equality", DOMAINS),
            ("subqueries/constant", "NOT IN of constants", CONSTANTS),
            ("subqueries/rows", "Rows compared", ROWS),
            ("joins/conditions", "Joins of every condition", JOINS),
            ("sets/operations", "Set operations", sets(layout)),
            ("grouping/sets", "ROLLUP, CUBE, GROUPING SETS", list(groupings(layout))),
            ("with/common", "WITH", COMMON),
            ("with/recursive", "WITH RECURSIVE", RECURSIVE),
        ]:
            total += write(f"{name}_{layout}", f"{what} {title}", setup, plain, queries)
        if layout in ("keys", "all_even"):
            total += write(
                f"subqueries/large_{layout}", f"Tables of several chunks, {title}",
                digits(*styles), digits("", ""), LARGE,
            )
    print(f"{total} queries")


if __name__ == "__main__":
    main()
