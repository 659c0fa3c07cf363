#!/usr/bin/env python3
"""Writes the scripts of MEDIAN, PERCENTILE_CONT, PERCENTILE_DISC and LISTAGG as window functions.

Expected rows come from PostgreSQL, which has them as aggregates only: each is computed over groups
and joined to the rows of its partition. The server is found, and the tables are those, of
windows.py. Writes ordered_*.slt below ../scripts/windows.
"""
import windows

SHARES = ("0", "0.25", "0.5", "0.9", "1")


def digits(share):
    return len(share.partition(".")[2])


def continuous(column, scale, share, direction=""):
    """PERCENTILE_CONT of an exact number: the share's digits are added to its scale."""
    order = f"WITHIN GROUP (ORDER BY {column}{direction})"
    value = f"percentile_cont({share}) {order}"
    return value, f"cast({value} AS decimal(38,{scale + digits(share)}))"


def median(column, scale):
    value = f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {column})"
    return f"median({column})", f"cast({value} AS decimal(38,{scale + 1}))"


def median_of_dates(column):
    seconds = f"cast(extract(epoch FROM {column}) AS double precision)"
    value = f"percentile_cont(0.5) WITHIN GROUP (ORDER BY {seconds})"
    return f"median({column})", f"timestamp 'epoch' + {value} * interval '1 second'"


def discrete(column, share, direction=""):
    return windows.same(f"percentile_disc({share}) WITHIN GROUP (ORDER BY {column}{direction})")


def listed(column, delimiter, order, distinct=""):
    text = f"nullif(cast({column} AS text), '')"
    keys = f"{order}, {text}" if order and not distinct else text
    within = f" WITHIN GROUP (ORDER BY {order})" if order else ""
    ours = f"listagg({distinct}{column}, '{delimiter}'){within}"
    return ours, f"string_agg({distinct}{text}, '{delimiter}' ORDER BY {keys})"


def rows(*functions, by="k", condition="", wrap="{}", names=False):
    """The functions beside each row, over the partitions of `by` or over all rows."""
    over = f"PARTITION BY {by}" if by else ""
    where = f" WHERE {condition}" if condition else ""
    suffix = [f" AS c{i}" if names else "" for i in range(len(functions))]
    ours = ", ".join(
        wrap.format(f"{own} OVER ({over})") + name for (own, _), name in zip(functions, suffix)
    )
    inner = ", ".join(f"{theirs} AS c{i}" for i, (_, theirs) in enumerate(functions))
    outer = ", ".join(wrap.format(f"a.c{i}") for i in range(len(functions)))
    group = f"SELECT {by or '1'} AS p, {inner} FROM t{where}" + (f" GROUP BY {by}" if by else "")
    match = f"a.p IS NOT DISTINCT FROM ({by})" if by else "true"
    return (
        f"SELECT id, {ours} FROM t{where}",
        f"SELECT id, {outer} FROM t JOIN ({group}) a ON {match}{where}",
    )


def queries():
    yield rows(median("v", 0), median("d", 2), median("b", 0))
    yield rows(median("w", 4), median_of_dates("t"))
    yield rows(median("v", 0), median("d", 2), by=None)
    yield rows(
        ("median(f)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY f)"),
        wrap="cast({} AS decimal(18,6))",
    )
    for share in SHARES:
        yield rows(
            continuous("v", 0, share), continuous("d", 2, share, " DESC"), discrete("v", share),
            discrete("s", share, " DESC"), discrete("t", share),
        )
    yield rows(continuous("v", 0, "0.3"), discrete("d", "0.3"), by="g")
    yield rows(continuous("v", 0, "0.3"), discrete("g", "0.3"), by=None)
    yield rows(median("v + 1", 0), by="k % 2")
    yield rows(median("k", 0), listed("k", "+", ""))
    yield rows(listed("s", ",", "v, id"), listed("g", "", ""), listed("v", "-", "id DESC"))
    yield rows(listed("s", "; ", "id"), listed("id", " ", "d NULLS FIRST, id"), by="g")
    yield rows(listed("s", ",", "id"), by=None)
    yield rows(listed("s", "/", "", "DISTINCT "), by="g")
    yield rows(listed("g", ",", "g", "DISTINCT "), listed("t", ",", "t", "DISTINCT "))
    yield rows(median("v", 0), listed("s", ",", "id"), condition="v > 3 AND k IS NOT NULL")
    yield rows(median("v", 0), windows.same("count(*)"), windows.same("max(v)"))
    yield (
        "SELECT k, sum(v), median(sum(v)) OVER (), listagg(k, ',') WITHIN GROUP (ORDER BY k) OVER ()"
        " FROM t WHERE k > 1 GROUP BY k",
        "SELECT k, sum(v), (SELECT cast(percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS"
        " decimal(38,1)) FROM (SELECT sum(v) AS n FROM t WHERE k > 1 GROUP BY k) a),"
        " (SELECT string_agg(cast(k AS text), ',' ORDER BY k) FROM"
        " (SELECT DISTINCT k FROM t WHERE k > 1) b)"
        " FROM t WHERE k > 1 GROUP BY k",
    )
    yield (
        "SELECT id, k, v FROM t q WHERE v IS NOT NULL"
        " QUALIFY v = percentile_disc(0.5) WITHIN GROUP (ORDER BY v) OVER (PARTITION BY k)",
        "SELECT id, t.k, v FROM t JOIN (SELECT k, percentile_disc(0.5) WITHIN GROUP (ORDER BY v)"
        " AS m FROM t GROUP BY k) a ON a.k IS NOT DISTINCT FROM t.k WHERE v = m",
    )
    yield (
        "SELECT DISTINCT k, listagg(s, ',') WITHIN GROUP (ORDER BY id) OVER (PARTITION BY k),"
        " row_number() OVER (PARTITION BY k ORDER BY id) <= 1 FROM t",
        "SELECT DISTINCT t.k, l, row_number() OVER (PARTITION BY t.k ORDER BY id) <= 1 FROM t JOIN"
        " (SELECT k, string_agg(nullif(s, ''), ',' ORDER BY id) AS l FROM t GROUP BY k) a"
        " ON a.k IS NOT DISTINCT FROM t.k",
    )


def digest(*functions, by="k", text=False):
    """Sums over all rows that change if any row's value does."""
    parts = []
    for name in (f"c{i}" for i in range(len(functions))):
        parts.append(f"count({name})")
        if text:
            parts += [f"md5(min({name}))", f"md5(max({name}))", f"sum(length({name}) * id)"]
        else:
            parts += [f"min({name})", f"max({name})", f"sum({name} * (id % 17 + 1))"]
    pair = rows(*functions, by=by, names=True)
    return tuple(f"SELECT {', '.join(parts)} FROM ({sql}) q" for sql in pair)


def large_queries():
    yield digest(median("v", 0), median("b", 0), median("d", 2))
    yield digest(continuous("v", 0, "0.9"), discrete("b", "0.9"), by="g")
    yield digest(median("b", 0), continuous("id", 0, "0.25", " DESC"), by=None)
    yield digest(listed("s", ",", "id"), listed("v", "", "v, id"), by="id % 60", text=True)
    yield digest(listed("s", ",", "", "DISTINCT "), text=True)
    yield digest(listed("v", " ", "id DESC"), text=True)
    yield digest(listed("t", " ", "t", "DISTINCT "), by=None, text=True)


if __name__ == "__main__":
    windows.main(queries, large_queries, "ordered_")
