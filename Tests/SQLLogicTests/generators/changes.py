#!/usr/bin/env python3
"""Writes the scripts of MERGE, UPDATE … FROM and DELETE … USING over every pair of styles.

Expected rows come from PostgreSQL 15 or later, whose semantics agree with Redshift's for all that
is asked here. `psql` is found by PATH and asks the server that PGHOST, PGPORT and PGUSER name; it
works in a schema of its own, which it drops. REMOVE DUPLICATES, which PostgreSQL lacks, is told to
it as DELETE and INSERT. Prints what it wrote.
"""
import pathlib
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "dml"
STYLES = {"even": "DISTSTYLE EVEN", "key": "DISTKEY (k)", "all": "DISTSTYLE ALL"}
MANY = "Found multiple matches to update the same tuple."

TABLES = """
CREATE TABLE t (k integer, v integer, s varchar(40), d decimal(8,2) DEFAULT 1.25) {T}
CREATE TABLE s (k integer, v integer, s varchar(40), d decimal(8,2)) {S}
CREATE TABLE digits (i integer) DISTSTYLE ALL
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)
"""
ROWS = """
DELETE FROM t
DELETE FROM s
INSERT INTO t VALUES (1, 10, 'one', 1.5), (2, 20, 'two', NULL), (3, NULL, NULL, 3.25), (NULL, 40, 'nobody', 4), (5, 50, 'a text that is longer than twelve bytes', 5)
INSERT INTO s VALUES (2, 200, 'TWO', 2.5), (3, 300, NULL, NULL), (4, 400, 'FOUR', 4.75), (NULL, 900, 'NULL', 9), (6, NULL, 'another text longer than twelve bytes', 6)
"""
ALL_T = "? SELECT k, v, s, d FROM t"

MERGES = ROWS + f"""
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v, s = s.s WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v, s.s, s.d)
{ALL_T}
? SELECT count(*), sum(v), count(s), sum(d) FROM t
{ROWS}
MERGE INTO t USING s x ON x.k = t.k WHEN MATCHED THEN UPDATE SET v = t.v + x.v, d = DEFAULT WHEN NOT MATCHED THEN INSERT (s, k) VALUES (upper(x.s || '!'), x.k + 100)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k, v, s, d) VALUES (s.k, DEFAULT, s.s, DEFAULT)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON t.k = s.k AND s.v > 250 WHEN MATCHED THEN UPDATE SET d = s.v / 100 WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v, s.s, s.d)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON t.k = s.k AND t.v IS NULL WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (-s.v, s.k)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON t.k + 1 = s.k AND t.k < 3 WHEN MATCHED THEN UPDATE SET k = s.k * 10 WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON t.v * 10 = s.v AND t.s <> s.s WHEN MATCHED THEN UPDATE SET s = t.s || s.s WHEN NOT MATCHED THEN INSERT (k) VALUES (1000 / s.k)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON t.k > 4 AND s.k > t.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
{ALL_T}
{ROWS}
MERGE INTO t USING s ON false WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v, s.s, s.d)
{ALL_T}
{ROWS}
MERGE INTO t AS x USING t AS y ON x.k = y.k WHEN MATCHED THEN UPDATE SET v = y.v + 1 WHEN NOT MATCHED THEN INSERT VALUES (y.k, y.v, y.s, y.d)
{ALL_T}
MERGE INTO s USING t ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = t.v WHEN NOT MATCHED THEN INSERT (k) VALUES (t.k)
? SELECT k, v, s FROM s
{ROWS}
DELETE FROM s
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
{ALL_T}
{ROWS}
DELETE FROM t
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
{ALL_T}
DELETE FROM t
DELETE FROM s
INSERT INTO s VALUES (7, 70, 'seven', 7)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = t.v + s.v WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, s.v)
{ALL_T}
{ROWS}
INSERT INTO s VALUES (2, 201, 'zwei', 2)
! XX000 MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
! XX000 MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
! XX000 MERGE INTO t USING s ON t.k = s.k REMOVE DUPLICATES
{ALL_T}
{ROWS}
INSERT INTO t VALUES (2, 21, 'again', 2), (2, 22, NULL, NULL)
MERGE INTO t USING s ON t.k = s.k REMOVE DUPLICATES
{ALL_T}
{ROWS}
BEGIN
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
UPDATE t SET v = k * 2 WHERE v IS NULL
{ALL_T}
ROLLBACK
{ALL_T}
BEGIN
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = 0 WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
DELETE FROM t WHERE v = 0
COMMIT
{ALL_T}
DELETE FROM t
DELETE FROM s
INSERT INTO t SELECT a.i + 10 * b.i + 100 * c.i + 1000 * e.i, a.i, 'old ' || b.i, c.i FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits e WHERE e.i < 3
INSERT INTO s SELECT k + 1500, v + 1, 'new ' || v, 2 FROM t WHERE k % 2 = 0
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN UPDATE SET v = s.v, s = s.s WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v, s.s, s.d)
? SELECT s, count(*), sum(k), sum(v), sum(d) FROM t GROUP BY s
MERGE INTO t USING s ON t.k = s.k WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)
? SELECT s, count(*), sum(k), sum(v), sum(d) FROM t GROUP BY s
MERGE INTO t USING s ON t.k = s.k REMOVE DUPLICATES
? SELECT count(*), sum(k), sum(v), sum(d), count(DISTINCT k) FROM t
"""

CHANGES = ROWS + f"""
UPDATE t SET v = s.v, s = s.s, d = s.d FROM s WHERE t.k = s.k
{ALL_T}
{ROWS}
UPDATE t SET v = x.v + t.v FROM s AS x WHERE x.k = t.k AND x.v > 200
{ALL_T}
{ROWS}
UPDATE t AS y SET k = y.k + s.k, d = DEFAULT FROM s WHERE y.k = s.k AND y.v IS NOT NULL
{ALL_T}
{ROWS}
UPDATE t SET v = q.n FROM (SELECT k, count(*) AS n FROM s GROUP BY k) q WHERE q.k = t.k
{ALL_T}
{ROWS}
UPDATE t SET v = o.v FROM t AS o WHERE o.k = t.k + 1
{ALL_T}
{ROWS}
UPDATE t SET s = x.s || y.s FROM s x JOIN s y ON x.k = y.k - 2 WHERE x.k = t.k
{ALL_T}
{ROWS}
WITH w AS (SELECT k, max(v) AS m FROM s GROUP BY k) UPDATE t SET v = w.m FROM w WHERE w.k = t.k
{ALL_T}
{ROWS}
WITH w AS (SELECT avg(k) AS m FROM s) UPDATE t SET v = -1 WHERE k > (SELECT m FROM w) OR k IN (SELECT k FROM s WHERE v = 300)
{ALL_T}
{ROWS}
UPDATE t SET v = (SELECT max(v) FROM s WHERE s.k = t.k), s = (SELECT 'all ' || count(*) FROM s)
{ALL_T}
{ROWS}
UPDATE t SET v = s.v FROM s WHERE t.k = s.k AND false
{ALL_T}
UPDATE t SET v = 1 WHERE k NOT IN (SELECT k FROM s WHERE k IS NOT NULL)
{ALL_T}
{ROWS}
DELETE FROM t USING s WHERE t.k = s.k
{ALL_T}
{ROWS}
DELETE FROM t USING s, s AS y WHERE t.k = s.k AND y.v >= s.v
{ALL_T}
{ROWS}
DELETE FROM t x USING t y WHERE x.k < y.k
{ALL_T}
{ROWS}
DELETE FROM t USING s JOIN digits ON digits.i = s.k WHERE t.v < s.v
{ALL_T}
{ROWS}
WITH w AS (SELECT k FROM s WHERE v > 250) DELETE FROM t USING w WHERE w.k = t.k
{ALL_T}
{ROWS}
WITH w AS (SELECT k FROM s) DELETE FROM t WHERE k IN (SELECT k FROM w)
{ALL_T}
{ROWS}
DELETE FROM t WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.k = t.k)
{ALL_T}
{ROWS}
INSERT INTO s VALUES (2, NULL, NULL, 2.75), (2, 202, 'zwei', NULL), (3, 301, 'drei', 3)
UPDATE t SET v = s.v, s = s.s, d = s.d FROM s WHERE t.k = s.k
? SELECT count(*) FROM t JOIN s ON t.k = s.k AND coalesce(t.v, -1) = coalesce(s.v, -1) AND coalesce(t.s, '-') = coalesce(s.s, '-') AND coalesce(t.d, -1) = coalesce(s.d, -1)
? SELECT k FROM t
? SELECT k, v, s, d FROM t WHERE k NOT IN (2, 3) OR k IS NULL
SET error_on_nondeterministic_update TO true
! XX000 UPDATE t SET v = s.v FROM s WHERE t.k = s.k
UPDATE t SET v = s.v FROM s WHERE t.k = s.k AND s.k > 3
UPDATE t SET v = -s.v FROM s WHERE t.k = s.k AND s.v = 202
? SELECT v FROM t WHERE k = 2
RESET error_on_nondeterministic_update
DELETE FROM t USING s WHERE t.k = s.k
{ALL_T}
{ROWS}
BEGIN
UPDATE t SET v = s.v FROM s WHERE t.k = s.k
DELETE FROM t USING s WHERE t.v = s.v AND s.v = 300
{ALL_T}
ROLLBACK
{ALL_T}
DELETE FROM t
DELETE FROM s
UPDATE t SET v = s.v FROM s WHERE t.k = s.k
DELETE FROM t USING s WHERE t.k = s.k
INSERT INTO t SELECT a.i + 10 * b.i + 100 * c.i + 1000 * e.i, a.i, 'old ' || b.i, c.i FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits e WHERE e.i < 3
INSERT INTO s SELECT k * 2, v + 1, 'new ' || v, 2 FROM t
UPDATE t SET v = s.v, s = s.s FROM s WHERE t.k = s.k
? SELECT s, count(*), sum(k), sum(v), sum(d) FROM t GROUP BY s
UPDATE t SET k = t.k + 1 FROM s WHERE s.k = t.k AND t.k % 4 = 0
? SELECT count(*), sum(k), sum(v), count(DISTINCT k) FROM t
DELETE FROM t USING s WHERE t.k = s.k AND s.k > 100
? SELECT s, count(*), sum(k), sum(v), sum(d) FROM t GROUP BY s
INSERT INTO s SELECT k, v + 100, 'twin of ' || s, d + 1 FROM s
UPDATE t SET v = s.v, s = s.s, d = s.d FROM s WHERE t.k = s.k
? SELECT count(*) FROM t JOIN s ON t.k = s.k AND t.v = s.v AND t.s = s.s AND t.d = s.d
? SELECT count(*), sum(k), count(DISTINCT k) FROM t
"""


def steps(text):
    return [line for line in text.strip().split("\n") if line]


def for_reference(step):
    """What PostgreSQL is told in place of a step; nothing for what it does not know."""
    if step[0] in "?!" or "error_on" in step:
        return step[2:] if step[0] == "?" else ""
    if step.endswith("REMOVE DUPLICATES"):
        return "DELETE FROM t USING s WHERE t.k = s.k; INSERT INTO t SELECT * FROM s"
    return step.split(" DISTSTYLE")[0].split(" {")[0]


def expected(script):
    """The rows of each query of a script, by PostgreSQL."""
    lines = ["CREATE SCHEMA changes_script;", "SET search_path TO changes_script;"]
    for step in script:
        told = for_reference(step)
        if told:
            lines.append(told + ";")
        if step[0] == "?":
            lines.append("\\echo =")
    lines.append("DROP SCHEMA changes_script CASCADE;")
    done = subprocess.run(
        ["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-P", "null=NULL"],
        input="\n".join(lines), text=True, capture_output=True, check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return [part.strip("\n").split("\n") for part in done.stdout.split("=\n")[:-1]]


def records(script, answers):
    answers = iter(answers)
    for step in script:
        if step[0] == "?":
            rows = [row for row in next(answers) if row]
            yield "\n".join(["query rowsort", step[2:], "----", *rows])
        elif step[0] == "!":
            yield f"statement error {step[2:7]}\n{step[8:]}"
        else:
            yield f"statement ok\n{step}"


def main():
    for name, title, body in [
        ("merge", "MERGE", MERGES), ("sources", "UPDATE … FROM and DELETE … USING", CHANGES),
    ]:
        script = steps(TABLES) + steps(body)
        answers = expected(script)
        text = "\n\n".join(records(script, answers)) + "\n"
        for target, target_style in STYLES.items():
            for source, source_style in STYLES.items():
                path = FOLDER / f"{name}_{target}_{source}.slt"
                head = (
                    f"# {title}: a table of style {target.upper()} from one of {source.upper()}.\n"
                    "# Expected rows: PostgreSQL. Written by generators/changes.py.\n\n"
                )
                body_text = text.replace("{T}", target_style).replace("{S}", source_style)
                path.write_text(head + body_text)
                print(path.name, body_text.count("\n\n") + 1)


if __name__ == "__main__":
    main()
