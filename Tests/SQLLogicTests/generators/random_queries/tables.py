"""The random tables: what their columns hold and how each engine is told to make them."""
import datetime
import decimal

COLUMNS = [
    ("id", "int", "integer"), ("k", "int", "integer"), ("n", "int", "integer"),
    ("i", "wide", "integer"), ("x", "wide", "smallint"), ("b", "wide", "bigint"),
    ("s", "text", "varchar(60)"), ("c", "text", "varchar(4)"), ("d", "dec", "decimal(10,2)"),
    ("e", "dec", "decimal(24,4)"), ("f", "float", "double precision"), ("dt", "date", "date"),
    ("ts", "time", "timestamp"), ("ok", "bool", "boolean"),
]
TYPES = {"int": "bigint", "wide": "bigint", "text": "varchar(200)", "dec": "decimal(30,4)",
         "float": "double precision", "date": "date", "time": "timestamp", "bool": "boolean"}
WORDS = ["", "a", "b", "ab", "abc", "Abc", "hello", "hello world", "twelve bytes", "zz", "é",
         "über", "a text that is longer than an inline view",
         "a text that is longer than an inline one"]
STYLES = ["DISTSTYLE EVEN", "DISTSTYLE ALL", "DISTSTYLE AUTO", "DISTKEY (k)",
          "DISTKEY (id)", "DISTKEY (s)", "DISTKEY (dt)", "DISTKEY (d)"]
ORDERS = ["", "", " SORTKEY (id)", " SORTKEY (k, n)", " SORTKEY (s)", " SORTKEY (dt)"]


class Table:
    """A table's name, its rows, and the statements that put them there."""

    def __init__(self, name, source, count):
        self.name = name
        self.rows = [self.row(source, index, max(count, 1)) for index in range(count)]
        self.steps = list(self.changes(source))

    def row(self, source, index, count):
        nulls = source.choice([0, 0.05, 0.3])
        skew = source.random() < 0.3
        values = {
            "id": index,
            "k": 7 if skew else source.randrange(max(count // 2, 3)),
            "n": source.randrange(-20, 20),
            "i": source.choice([2147483647, -2147483648, 0, -1, source.randrange(-10**6, 10**6)]),
            "x": source.choice([32767, -32768, 0, source.randrange(-300, 300)]),
            "b": source.choice([2**63 - 1, -2**63, 0, 2**31, source.randrange(-10**12, 10**12)]),
            "s": source.choice(WORDS), "c": source.choice(["", "a", "b", "q", "zz", "é"]),
            "d": decimal.Decimal(source.randrange(-500, 500)) / 4,
            "e": decimal.Decimal(source.choice([source.randrange(-10**6, 10**6), 10**20, -1])) / 16,
            "f": source.choice([0.0, 1e15, -1e-9, 0.1, source.randrange(-999, 999) / 8]),
            "dt": datetime.date(1999, 12, 25) + datetime.timedelta(source.randrange(-40, 400)),
            "ts": datetime.datetime(2000, 1, 1, 12) + datetime.timedelta(
                seconds=source.randrange(-10**7, 10**7) * source.choice([0, 1, 1, 0.5])),
            "ok": source.random() < 0.5,
        }
        return [
            None if name != "id" and source.random() < nulls else values[name]
            for name, _, _ in COLUMNS
        ]

    def statements(self, attributes=""):
        """The statements that make the table; only Slicehouse takes `attributes`."""
        columns = ", ".join(f"{name} {type_name}" for name, _, type_name in COLUMNS)
        return [f"CREATE TABLE {self.name} ({columns}) {attributes}"] + self.steps

    def changes(self, source):
        """What fills the table and then deletes and updates some of its rows."""
        start = 0
        while start < len(self.rows):
            end = start + source.choice([1, 50, 700, 2500])
            rows = ", ".join(
                "(" + ", ".join(map(literal, row)) + ")" for row in self.rows[start:end])
            yield f"INSERT INTO {self.name} VALUES {rows}"
            start = end
        if source.random() < 0.6:
            yield f"DELETE FROM {self.name} WHERE id % {source.randrange(3, 40)} = 1"
        if source.random() < 0.6:
            share = source.randrange(3, 40)
            yield f"UPDATE {self.name} SET n = n + 1, s = c WHERE id % {share} = 2"


def attributes(source):
    """A distribution style and a sort key."""
    return source.choice(STYLES) + source.choice(ORDERS)


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, datetime.date)):
        return "'" + str(value).replace("'", "''") + "'"
    return str(value)
