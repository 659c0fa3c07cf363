"""Answers side by side: rows as values, and what is different in them."""
import decimal

TOLERANCE = 1e-8


def read_value(text, kind):
    """A printed value as something that sorts and compares."""
    if text is None or text == "\\N":
        return None
    try:
        if kind in ("int", "wide", "dec"):
            return decimal.Decimal(text)
        if kind == "float":
            return float(text)
    except (decimal.InvalidOperation, ValueError):
        pass
    return text


def read_rows(lines, kinds):
    """Printed lines as rows of values; a line of another width stays one text."""
    rows = []
    for line in lines:
        fields = line.split("\x1f")
        if len(fields) == len(kinds):
            rows.append([read_value(field, kind) for field, kind in zip(fields, kinds)])
        else:
            rows.append([f"a line of {len(fields)} fields: {line[:300]}"])
    return rows


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return a == b or abs(a - b) <= TOLERANCE * max(abs(a), abs(b), 1e-3)
    return a == b


def order(row):
    def key(value):
        if value is None:
            return (0, 0, "")
        if isinstance(value, float):
            return (1, decimal.Decimal(f"{value:.7g}"), "")
        return (1, value, "") if isinstance(value, decimal.Decimal) else (2, 0, value)
    return [key(value) for value in row]


def differences(got, wanted, has_order):
    """What is different between two lists of rows, as text; empty if nothing."""
    if not has_order:
        got, wanted = sorted(got, key=order), sorted(wanted, key=order)
    pairs = [(w, g) for w, g in zip(wanted, got)
             if len(w) != len(g) or not all(map(same, w, g))]
    if len(got) == len(wanted) and not pairs:
        return ""
    shown = "\n".join(f"    wanted {list(map(str, w))}\n    got    {list(map(str, g))}"
                      for w, g in pairs[:3])
    extra = wanted[len(got):][:2] or got[len(wanted):][:2]
    return f"  {len(wanted)} rows wanted, {len(got)} got\n{shown}\n    beyond: {extra}"
