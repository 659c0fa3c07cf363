"""Random queries over the random tables."""
import re

from tables import COLUMNS, TYPES, WORDS, literal

DIVISION = "\u2044"  # Integer division: / for Slicehouse and PostgreSQL, // for DuckDB.
LISTED = re.compile("\u2045(.*?)\u2046")  # Text joined by commas in its own order.


def for_slicehouse(text):
    """The query in Redshift's words."""
    text = text.replace(DIVISION, "/")
    return LISTED.sub(r"listagg(nullif(\1, ''), ',') WITHIN GROUP (ORDER BY \1)", text)


def for_postgresql(text):
    """The query in PostgreSQL's words."""
    text = text.replace(DIVISION, "/")
    return LISTED.sub(r"string_agg(nullif(\1, ''), ',' ORDER BY \1)", text)


def for_duckdb(text):
    """The query in DuckDB's words."""
    text = text.replace(DIVISION, "//")
    return LISTED.sub(r"string_agg(nullif(\1, ''), ',' ORDER BY \1)", text)


class Queries:
    """Makes queries. A scope is a list of (alias, [(column, type)])."""

    def __init__(self, source, tables):
        self.source = source
        self.tables = tables
        self.number = 0

    def chance(self, share):
        return self.source.random() < share

    def alias(self):
        self.number += 1
        return f"q{self.number}"

    def columns(self, scope, wanted):
        return [f"{alias}.{name}" for alias, columns in scope for name, kind in columns
                if kind == wanted]

    # Expressions.

    def constant(self, kind):
        pick = self.source.choice
        return {
            "int": lambda: str(pick([0, 1, 2, 3, 5, 7, 10, 100])),
            "wide": lambda: pick(["0", "-1", "2147483647", "32767", "9223372036854775807", "100"]),
            "text": lambda: literal(pick(WORDS)),
            "dec": lambda: pick(["0.25", "1.5", "-3.75", "100.00", "0.0"]),
            "float": lambda: pick(["0.5::float8", "1e3::float8", "-2::float8"]),
            "date": lambda: f"date '{pick(['2000-01-01', '1999-12-31', '2000-02-29'])}'",
            "time": lambda: f"timestamp '{pick(['2000-01-01 12:00:00', '1999-12-31 23:59:59'])}'",
            "bool": lambda: pick(["true", "false"]),
        }[kind]()

    def leaf(self, scope, kind):
        columns = self.columns(scope, kind)
        if columns and self.chance(0.85):
            return self.source.choice(columns)
        return self.constant(kind)

    def value(self, scope, kind, depth=2):
        """An expression of a type."""
        if depth <= 0 or self.chance(0.4):
            return self.leaf(scope, kind)
        roll = self.source.random()
        if roll < 0.1:
            return (f"CASE WHEN {self.predicate(scope, depth - 1)} THEN "
                    f"{self.value(scope, kind, depth - 1)} ELSE "
                    f"{self.value(scope, kind, depth - 1)} END")
        if roll < 0.17:
            return (f"coalesce({self.value(scope, kind, depth - 1)}, "
                    f"{self.value(scope, kind, depth - 1)})")
        if roll < 0.22:
            return f"nullif({self.leaf(scope, kind)}, {self.leaf(scope, kind)})"
        if roll < 0.27 and kind != "bool":
            name = self.source.choice(["greatest", "least"])
            return f"{name}({self.leaf(scope, kind)}, {self.leaf(scope, kind)})"
        return getattr(self, "make_" + kind)(scope, depth)

    def make_int(self, scope, depth):
        pick = self.source.choice
        a, b = self.leaf(scope, "int"), self.leaf(scope, "int")
        return pick([
            lambda: f"({a} {pick('+-')} {b})", lambda: f"({a} * {pick([2, 3, -1])})",
            lambda: f"({a} {DIVISION} {pick([2, 3, -7])})", lambda: f"({a} % {pick([2, 3, 10])})",
            lambda: f"abs({a})", lambda: f"(- {a})",
            lambda: f"length({self.value(scope, 'text', 1)})",
            lambda: f"({self.leaf(scope, 'date')} - {self.leaf(scope, 'date')})",
            lambda: f"extract({pick(['year', 'month', 'day', 'doy', 'quarter'])} from "
                    f"{self.leaf(scope, pick(['date', 'time']))})::integer",
            lambda: f"strpos({self.leaf(scope, 'text')}, 'l')",
            lambda: f"cast({a} as smallint)", lambda: f"sign({a})::integer",
            lambda: f"CASE {a} WHEN 1 THEN 10 WHEN 2 THEN NULL ELSE {b} END",
        ])()

    def make_wide(self, scope, depth):
        return self.source.choice([
            lambda: f"{self.leaf(scope, 'wide')}::bigint",
            lambda: f"({self.leaf(scope, 'wide')} % 1000)",
            lambda: f"({self.value(scope, 'int', 1)})::bigint",
        ])()

    def make_text(self, scope, depth):
        pick = self.source.choice
        a = self.leaf(scope, "text")
        return pick([
            lambda: f"upper({a})", lambda: f"lower({a})",
            lambda: f"({a} || {self.leaf(scope, 'text')})",
            lambda: f"replace({a}, 'l', 'LL')", lambda: f"({self.leaf(scope, 'int')})::varchar(20)",
            lambda: f"rtrim(substring({a}, {pick([1, 2, 3])}, {pick([1, 2, 5])}))",
            lambda: f"rtrim(left({a}, 3))", lambda: f"({self.leaf(scope, 'date')})::varchar(20)",
            lambda: f"trim({a})",
        ])()

    def make_dec(self, scope, depth):
        pick = self.source.choice
        a, b = self.leaf(scope, "dec"), self.leaf(scope, "dec")
        return pick([
            lambda: f"({a} + {b})", lambda: f"({a} - {b})", lambda: f"({a} * {pick([2, -1, 3])})",
            lambda: f"({a} + {self.leaf(scope, 'int')})", lambda: f"abs({a})", lambda: f"(- {a})",
            lambda: f"({self.leaf(scope, 'int')})::decimal(12,3)",
        ])()

    def make_float(self, scope, depth):
        return self.source.choice([
            lambda: f"({self.leaf(scope, 'float')} + {self.leaf(scope, 'int')})",
            lambda: f"({self.leaf(scope, 'float')} * 0.5::float8)",
            lambda: f"({self.leaf(scope, 'int')})::float8",
            lambda: f"abs({self.leaf(scope, 'float')})",
            lambda: f"({self.leaf(scope, 'dec')})::float8",
        ])()

    def make_date(self, scope, depth):
        return self.source.choice([
            lambda: f"({self.leaf(scope, 'date')} + {self.source.randrange(-40, 40)})",
            lambda: f"({self.leaf(scope, 'time')})::date",
        ])()

    def make_time(self, scope, depth):
        pick = self.source.choice
        return pick([
            lambda: f"date_trunc('{pick(['year', 'month', 'day', 'hour', 'week'])}', "
                    f"{self.leaf(scope, 'time')})",
            lambda: f"({self.leaf(scope, 'date')})::timestamp",
            lambda: f"({self.leaf(scope, 'time')} + "
                    f"interval '{pick(['1 day', '2 months', '90 minutes'])}')",
        ])()

    def make_bool(self, scope, depth):
        return f"({self.predicate(scope, depth - 1)})"

    # Conditions.

    def predicate(self, scope, depth=2):
        pick = self.source.choice
        if depth > 0 and self.chance(0.35):
            joined = f" {pick(['AND', 'OR'])} ".join(
                self.predicate(scope, depth - 1) for _ in range(pick([2, 2, 3])))
            return f"{pick(['', '', 'NOT '])}({joined})"
        kind = pick(["int", "int", "int", "wide", "text", "text", "dec", "float", "date", "time"])
        a = self.value(scope, kind, 1)
        return pick([
            lambda: f"{a} {pick(['=', '<>', '<', '<=', '>', '>='])} {self.value(scope, kind, 1)}",
            lambda: f"{a} {pick(['=', '<>', '<', '<=', '>', '>='])} {self.constant(kind)}",
            lambda: f"{a} {pick(['', 'NOT '])}BETWEEN {self.constant(kind)} "
                    f"AND {self.constant(kind)}",
            lambda: f"{a} {pick(['', 'NOT '])}IN ({self.constant(kind)}, {self.constant(kind)}, "
                    f"{pick([self.constant(kind), 'NULL'])})",
            lambda: f"{a} IS {pick(['', 'NOT '])}NULL",
            lambda: f"{self.leaf(scope, 'text')} {pick(['', 'NOT '])}LIKE "
                    f"'{pick(['a%', '%l%', '_b%', '%', '', '%o_w%', 'hello', '%c'])}'",
            lambda: self.leaf(scope, "bool"),
        ])()

    def subquery_predicate(self, scope):
        """A condition with a subquery, correlated or not."""
        pick = self.source.choice
        table = pick(self.tables)
        inner = [(self.alias(), [(name, kind) for name, kind, _ in COLUMNS])]
        kind = pick(["int", "int", "text", "date", "dec", "wide"])
        outer = self.leaf(scope, kind)
        column = pick(self.columns(inner, kind))
        where = [self.predicate(inner, 1)] if self.chance(0.6) else []
        link = f"{pick(self.columns(inner, 'int'))} = {self.value(scope, 'int', 1)}"
        roll = self.source.random()
        start = f"FROM {table.name} {inner[0][0]}"

        def clause(conditions):
            return f" WHERE {' AND '.join(conditions)}" if conditions else ""

        if roll < 0.08:
            second = self.leaf(scope, "int")
            return (f"({outer}, {second}) {pick(['', '', 'NOT '])}IN (SELECT {column}, "
                    f"{pick(self.columns(inner, 'int'))} {start}{clause(where)})")
        if roll < 0.16:
            return (f"{outer} {pick(['=', '<>', '<', '>='])} {pick(['ANY', 'ALL', 'SOME'])} "
                    f"(SELECT {column} {start}{clause(where)})")
        if roll < 0.3:
            links = where + ([link] if self.chance(0.25) else [])
            return f"{outer} {pick(['', 'NOT '])}IN (SELECT {column} {start}{clause(links)})"
        if roll < 0.6:
            links = where + [link]
            if self.chance(0.35):
                links.append(f"{self.leaf(inner, 'int')} {pick(['<', '<>', '>='])} "
                             f"{self.leaf(scope, 'int')}")
            return f"{pick(['', 'NOT '])}EXISTS (SELECT 1 {start}{clause(links)})"
        call = pick(["max({})", "min({})", "count({})", "count(*)", "count(DISTINCT {})"])
        compared = outer
        if call.startswith("count"):
            compared = self.leaf(scope, "int")
        links = where + ([link] if self.chance(0.6) else [])
        return (f"{compared} {pick(['=', '<', '>', '<>', '>='])} "
                f"(SELECT {call.format(column)} {start}{clause(links)})")

    def scalar_subquery(self, scope, kind):
        """A subquery as a value: one row, or none, or an aggregate of those that match."""
        pick = self.source.choice
        inner = [(self.alias(), [(name, kind) for name, kind, _ in COLUMNS])]
        column = pick(self.columns(inner, kind))
        call = "bool_or({})" if kind == "bool" else pick(["min({})", "max({})"])
        if kind == "int":
            call = pick(["count(*)", "count({})", "max({})", "coalesce(sum({}), 0)"])
        where = f" WHERE {self.predicate(inner, 1)}" if self.chance(0.4) else ""
        if self.chance(0.6):
            link = f"{pick(self.columns(inner, 'int'))} = {self.leaf(scope, 'int')}"
            where += f"{' AND' if where else ' WHERE'} {link}"
        return f"(SELECT {call.format(column)} FROM {pick(self.tables).name} {inner[0][0]}{where})"

    # Queries.

    def ordered(self, text, width, limit=None):
        """A query in the order of all its columns, so that every engine cuts it alike."""
        orders = [
            f"{index + 1}{self.source.choice(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}"
            for index in range(width)]
        text = f"SELECT * FROM ({text}) o ORDER BY {', '.join(orders)}"
        return text if limit is None else f"{text} LIMIT {limit}"

    def source_table(self, depth):
        """One item of FROM: its text and its scope entry."""
        alias = self.alias()
        if depth > 0 and self.chance(0.25):
            kinds = [self.source.choice(list(TYPES)) for _ in range(self.source.randrange(2, 5))]
            kinds[0] = "int"
            text = self.query(kinds, depth - 1)
            if self.chance(0.2):
                text = self.ordered(text, len(kinds), self.source.choice([1, 3, 20, 1000]))
            return f"({text}) {alias}", (alias, [(f"c{i}", kind) for i, kind in enumerate(kinds)])
        table = self.source.choice(self.tables)
        return f"{table.name} {alias}", (alias, [(name, kind) for name, kind, _ in COLUMNS])

    def from_clause(self, depth):
        text, entry = self.source_table(depth)
        scope = [entry]
        pick = self.source.choice
        for _ in range(pick([0, 0, 1, 1, 1, 2, 3])):
            other, entry = self.source_table(depth)
            if self.chance(0.08) and len(scope) < 2:
                # Joins without equality, of tables that keep them small.
                small = f"u {entry[0]}"
                columns = [(name, kind) for name, kind, _ in COLUMNS]
                text += pick([
                    f" CROSS JOIN {small}",
                    f" {pick(['', 'LEFT '])}JOIN {small} ON {self.leaf(scope, 'int')} "
                    f"{pick(['<', '>', '<>'])} {entry[0]}.n",
                ])
                scope.append((entry[0], columns))
                continue
            kind = pick(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
            conditions = []
            for _ in range(pick([1, 1, 2])):
                key = pick(["int", "int", "int", "text", "date", "dec", "wide"])
                left, right = self.columns(scope, key), self.columns([entry], key)
                if left and right:
                    conditions.append(f"{pick(left)} = {pick(right)}")
                else:
                    conditions.append(
                        f"{self.value(scope, 'int', 1)} = {pick(self.columns([entry], 'int'))}")
            if self.chance(0.3) and kind != "FULL JOIN":
                both = scope + [entry]
                conditions.append(pick([
                    lambda: self.predicate(both, 1),
                    lambda: self.predicate([entry], 1),
                    lambda: f"{self.leaf(scope, 'int')} < {self.leaf([entry], 'int')}",
                ])())
            shared = ("k", "int")
            if self.chance(0.07) and len(scope) == 1 and shared in scope[0][1] and shared in entry[1]:
                text += f" {pick(['', 'LEFT ', 'RIGHT '])}JOIN {other} USING (k)"
            else:
                text += f" {kind} {other} ON {' AND '.join(conditions)}"
            scope.append(entry)
        return text, scope

    def aggregate(self, scope, kind):
        pick = self.source.choice
        a = self.value(scope, kind, 1)
        choices = {
            "int": [lambda: "count(*)", lambda: f"count({self.leaf(scope, pick(list(TYPES)))})",
                    lambda: f"sum({a})", lambda: f"min({a})", lambda: f"max({a})",
                    lambda: "count(DISTINCT "
                            f"{self.leaf(scope, pick(['int', 'text', 'dec', 'date']))})",
                    lambda: f"sum(DISTINCT {a})",
                    lambda: f"sum(CASE WHEN {self.predicate(scope, 1)} THEN 1 ELSE 0 END)"],
            "text": [lambda: f"min({a})", lambda: f"max({a})",
                     lambda: f"\u2045{self.leaf(scope, 'text')}\u2046"],
            "dec": [lambda: f"sum({a})", lambda: f"min({a})", lambda: f"max({a})"],
            "float": [lambda: f"min({a})", lambda: f"max({a})",
                      lambda: f"avg(({self.leaf(scope, 'int')})::float8)",
                      lambda: f"{pick(['stddev_samp', 'stddev_pop', 'var_samp', 'var_pop'])}"
                              f"({self.leaf(scope, 'int')})::float8",
                      lambda: f"percentile_cont({pick(['0', '0.25', '0.5', '1'])}) WITHIN GROUP "
                              f"(ORDER BY ({self.leaf(scope, 'int')})::float8)"],
        }.get(kind, [lambda: f"min({a})", lambda: f"max({a})"])
        if kind == "bool":
            return pick([f"(count(*) > {self.source.randrange(4)})",
                         f"bool_and({self.leaf(scope, 'bool')})",
                         f"bool_or({self.leaf(scope, 'bool')})"])
        return pick(choices)()

    # Windows.

    def keys(self, scope):
        """Columns that tell the rows of a scope apart, or rows that are the same anyway."""
        return [f"{alias}.{name}" for alias, columns in scope
                for name in (["id"] if ("id", "int") in columns else [c for c, _ in columns])]

    def over(self, scope, frame=""):
        """A window whose order decides every row's place."""
        pick = self.source.choice
        parts = [self.leaf(scope, pick(["int", "text", "date", "bool"]))
                 for _ in range(pick([0, 1, 1, 2]))]
        parts = [part for part in parts if "." in part and "'" not in part]
        text = f"PARTITION BY {', '.join(parts)} " if parts else ""
        first = pick(self.keys(scope))
        orders = [f"{column}{pick(['', ' DESC', ' NULLS FIRST', ' DESC NULLS LAST'])}"
                  for column in [first] + [key for key in self.keys(scope) if key != first]]
        return f"OVER ({text}ORDER BY {', '.join(orders)}{frame})"

    def frame(self):
        pick = self.source.choice
        start = pick(["UNBOUNDED PRECEDING", "3 PRECEDING", "1 PRECEDING", "CURRENT ROW"])
        end = pick(["CURRENT ROW", "1 FOLLOWING", "UNBOUNDED FOLLOWING", "20 FOLLOWING"])
        return pick([f" ROWS {start}", f" ROWS BETWEEN {start} AND {end}",
                     " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
                     " ROWS BETWEEN 5 PRECEDING AND 2 PRECEDING",
                     " ROWS BETWEEN 2 FOLLOWING AND 6 FOLLOWING"])

    def window(self, scope, kind):
        """A window function's value of a type."""
        pick = self.source.choice
        a = self.leaf(scope, kind)
        near = [
            lambda: f"{pick(['lag', 'lead'])}({a}{pick(['', ', 2', ', 0'])}) {self.over(scope)}",
            lambda: f"{pick(['first_value', 'last_value'])}({a}) {self.over(scope, self.frame())}",
            lambda: f"nth_value({a}, {pick([1, 2, 7])}) {self.over(scope, self.frame())}",
        ]
        if kind != "bool":
            near.append(
                lambda: f"{pick(['min', 'max'])}({a}) {self.over(scope, self.frame())}")
        own = {
            "int": [lambda: f"{pick(['row_number()', 'rank()', 'dense_rank()', 'ntile(3)'])} "
                            f"{self.over(scope)}",
                    lambda: f"{pick(['count(*)', f'count({a})', f'sum({a})'])} "
                            f"{self.over(scope, self.frame())}",
                    lambda: f"sum({a}) OVER (PARTITION BY {pick(self.keys(scope))})"],
            "dec": [lambda: f"sum({a}) {self.over(scope, self.frame())}"],
            "float": [lambda: f"{pick(['percent_rank', 'cume_dist'])}() {self.over(scope)}",
                      lambda: f"avg(({self.leaf(scope, 'int')})::float8) "
                              f"{self.over(scope, self.frame())}"],
        }.get(kind, [])
        return pick(own + near)()

    def select(self, kinds, depth):
        """A SELECT whose columns c0, c1 … have the types asked for."""
        pick = self.source.choice
        text, scope = self.from_clause(depth)
        conditions = [self.predicate(scope)] if self.chance(0.55) else []
        if self.chance(0.3):
            conditions.append(self.subquery_predicate(scope))
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        roll = self.source.random()
        tail = ""
        start = "SELECT "
        if roll < 0.45:
            grouped = pick([0, 1, 1, 2, len(kinds)])
            values = []
            groups = []
            for index, kind in enumerate(kinds):
                columns = self.columns(scope, kind)
                if index >= grouped or not columns:
                    values.append(self.aggregate(scope, kind))
                    continue
                value = pick(columns) if self.chance(0.6) else self.value(scope, kind)
                if not any(f"{alias}." in value for alias, _ in scope):
                    value = pick(columns)  # GROUP BY a constant means a column's number.
                groups.append(value)
                values.append(value)
            plain = all(re.fullmatch(r"q\d+\.\w+", group) for group in groups)
            if groups and plain and len(set(groups)) == len(groups) and self.chance(0.25):
                tail = f" GROUP BY {self.grouping_sets(groups)}"
            elif groups:
                tail = f" GROUP BY {', '.join(groups)}"
            if self.chance(0.3):
                tail += (f" HAVING {self.aggregate(scope, 'int')} {pick(['>', '<', '<>'])} "
                         f"{pick([0, 1, 2, 9])}")
        else:
            values = [
                self.scalar_subquery(scope, kind) if self.chance(0.06)
                else self.window(scope, kind) if self.windows and self.chance(0.12)
                else self.value(scope, kind)
                for kind in kinds
            ]
            if roll < 0.6:
                start += "DISTINCT "
            elif self.windows and self.chance(0.07):
                tail = f" QUALIFY row_number() {self.over(scope)} <= {pick([1, 2, 10])}"
        columns = ", ".join(f"({value})::{TYPES[kind]} AS c{index}"
                            if self.cast else f"{value} AS c{index}"
                            for index, (value, kind) in enumerate(zip(values, kinds)))
        return f"{start}{columns} FROM {text}{where}{tail}"

    cast = False
    windows = True

    def grouping_sets(self, groups):
        pick = self.source.choice
        if pick([True, False]):
            return f"{pick(['ROLLUP', 'CUBE'])} ({', '.join(groups)})"
        sets = [f"({', '.join(groups)})", "()"]
        sets += [f"({group})" for group in groups if len(groups) > 1]
        return f"GROUPING SETS ({', '.join(sets)})"

    def query(self, kinds, depth):
        if depth > 0 and self.chance(0.2):
            pick = self.source.choice
            outside, self.cast = self.cast, True
            left, right = self.select(kinds, depth - 1), self.select(kinds, depth - 1)
            self.cast = outside
            operation = pick(["UNION ALL", "UNION ALL", "UNION", "INTERSECT", "EXCEPT"])
            return f"{left} {operation} {right}"
        return self.select(kinds, depth)

    def statement(self):
        """A whole query, whether its rows have an order, and the types of its columns."""
        kinds = [self.source.choice(list(TYPES)) for _ in range(self.source.randrange(1, 6))]
        text = self.query(kinds, 2)
        if self.chance(0.15):
            text = f"WITH w AS ({text}) SELECT * FROM w"
            if self.chance(0.5):
                negation = self.source.choice(["", "NOT "])
                text += f" UNION ALL SELECT * FROM w WHERE c0 IS {negation}NULL"
        if not self.chance(0.35):
            return text, False, kinds
        text = self.ordered(text, len(kinds))
        if self.chance(0.6):
            text += f" LIMIT {self.source.choice([0, 1, 5, 100, 3000])}"
            if self.chance(0.3):
                text += f" OFFSET {self.source.choice([0, 2, 50])}"
        return text, True, kinds
