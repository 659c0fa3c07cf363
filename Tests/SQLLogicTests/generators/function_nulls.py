#!/usr/bin/env python3
"""Writes the scripts of what every scalar function does with NULL, and with too few or too many
arguments, each over constants and over a table.

The rule is Redshift's: a NULL argument makes the result NULL, a call that no overload takes is
42883. Functions for which the manual says otherwise are left out here and tested by hand in
conditionals.slt, hashes.slt and json_texts.slt.
"""
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "scripts" / "functions"

TS, DATE, TZ = "timestamp '2008-02-29 13:14:15.678'", "date '2008-02-29'", "timestamptz '2008-02-29 13:14:15+00'"
JSON = """'{"a":[1,2]}'"""
ARRAY = "'[1,2]'"

# Each family: names of one signature, with arguments that they take.
STRINGS = [
    ("ascii chr:65 initcap lower upper reverse quote_ident quote_literal soundex", ["'abc'"]),
    ("len length char_length character_length textlen octet_length bit_length", ["'abc'"]),
    ("btrim ltrim rtrim trim:1", ["'abc'", "'a'"]),
    ("btrim ltrim rtrim", ["'abc'"]),
    ("lpad rpad", ["'abc'", "5", "'x'"]),
    ("lpad rpad", ["'abc'", "5"]),
    ("left right repeat replicate", ["'abc'", "2"]),
    ("substring substr", ["'abc'", "1", "2"]),
    ("substring substr", ["'abc'", "2"]),
    ("strpos charindex octetindex concat difference", ["'abc'", "'b'"]),
    ("replace translate", ["'abc'", "'b'", "'x'"]),
    ("split_part", ["'a-b'", "'-'", "2"]),
    ("bpcharcmp bttext_pattern_cmp", ["'a'", "'b'"]),
    ("regexp_count regexp_instr regexp_substr", ["'abc'", "'b'"]),
    ("regexp_replace", ["'abc'", "'b'", "'x'"]),
    ("regexp_count regexp_instr regexp_substr", ["'abc'", "'b'", "1"]),
    ("md5 sha sha1 func_sha1 crc32", ["'abc'"]),
    ("sha2", ["'abc'", "256"]),
    ("strtol", ["'ff'", "16"]),
    ("getbit", ["'ab'::varbyte", "1"]),
    ("to_varbyte", ["'ab'", "'hex'"]),
    ("from_varbyte", ["'ab'::varbyte", "'hex'"]),
    ("from_hex", ["'ff'"]),
    ("to_hex", ["255"]),
    ("json_extract_path_text", [JSON, "'a'"]),
    ("json_extract_array_element_text", [ARRAY, "0"]),
    ("json_array_length is_valid_json is_valid_json_array can_json_parse", [ARRAY]),
]
NUMBERS = [
    ("abs ceil ceiling floor round trunc sign", ["-2.5"]),
    ("abs sign", ["-7::bigint"]),
    ("round trunc", ["1.234", "1"]),
    ("sqrt cbrt dcbrt exp dexp ln dlog1 log dlog10 degrees radians", ["2.0"]),
    ("sin cos tan cot asin acos atan", ["0.5"]),
    ("atan2 power pow", ["0.5", "2.0"]),
    ("mod", ["7", "3"]),
    ("to_number", ["'1,234'", "'9,999'"]),
    ("to_char", ["1.5", "'9.9'"]),
]
DATES = [
    ("add_months", [DATE, "1"]),
    ("months_between", [DATE, TS]),
    ("last_day date_part_year", [DATE]),
    ("next_day", [DATE, "'Mon'"]),
    ("date_trunc date_part pgdate_part", ["'month'", TS]),
    ("dateadd date_add", ["'day'", "1", TS]),
    ("datediff date_diff", ["'day'", DATE, TS]),
    ("convert_timezone", ["'US/Pacific'", TS]),
    ("convert_timezone", ["'UTC'", "'US/Pacific'", TS]),
    ("timezone", ["'US/Pacific'", TS]),
    ("timezone", ["'US/Pacific'", TZ]),
    ("to_date to_timestamp", ["'2008-02-29'", "'YYYY-MM-DD'"]),
    ("to_char", [TS, "'YYYY'"]),
    ("trunc", [TS]),
    ("date_cmp", [DATE, DATE]),
    ("timestamp_cmp timestamp_cmp_date date_cmp_timestamp", [DATE, DATE]),
    ("timestamptz_cmp timestamptz_cmp_date timestamptz_cmp_timestamp", [TZ, DATE]),
    ("timestamp_cmp_timestamptz date_cmp_timestamptz", [DATE, TZ]),
    ("interval_cmp", ["interval '1 day'", "interval '1 hour'"]),
    ("isfinite", [DATE]),
    ("age", [TS, TS]),
]


def calls(families):
    for names, arguments in families:
        for name in names.split():
            if ":" in name:
                name, argument = name.split(":")
                if name == "trim":
                    continue
                yield name, [argument]
            else:
                yield name, arguments


def typed(argument):
    """NULL of the argument's type, so that the same overload is meant."""
    if argument.startswith("interval"):
        return "NULL::interval"
    for kind in ("timestamptz", "timestamp", "date"):
        if argument.startswith(kind + " "):
            return f"NULL::{kind}"
    if "::" in argument:
        return f"NULL::{argument.rpartition('::')[2]}"
    if argument.startswith("'"):
        return "NULL::varchar(20)"
    return "NULL::decimal(8,3)" if "." in argument else "NULL::integer"


def is_part(name, place):
    """Dateparts are words, not values."""
    return place == 0 and name in (
        "date_trunc", "date_part", "pgdate_part", "dateadd", "date_add", "datediff", "date_diff",
    )


def nulls(families):
    for name, arguments in calls(families):
        variants = []
        for place, argument in enumerate(arguments):
            if is_part(name, place):
                continue
            variants.append([*arguments[:place], typed(argument), *arguments[place + 1:]])
        made = [f"{name}({', '.join(v)})" for v in variants]
        yield (
            f"query nosort\nSELECT {', '.join(made)}\n----\n" + "|".join(["NULL"] * len(made)) + "\n"
        )
        # Where rows differ, the kernel must skip those that are NULL.
        cases = [
            f"CASE WHEN n > 0 THEN {argument} END" for argument in arguments
        ]
        first = 1 if is_part(name, 0) else 0
        mixed = [*arguments[:first], cases[first], *arguments[first + 1:]]
        yield (
            f"query nosort\nSELECT n, {name}({', '.join(mixed)}) IS NULL FROM n ORDER BY n\n"
            "----\n-1|t\n1|f\n2|f\nNULL|t\n"
        )


def counts(families):
    seen = {}
    for name, arguments in calls(families):
        seen.setdefault(name, set()).add(len(arguments))
    extra = {"regexp_replace": 5, "regexp_count": 4, "regexp_substr": 6, "regexp_instr": 6,
             "json_extract_path_text": 7}
    for name, taken in seen.items():
        most = max(taken | {extra.get(name, 0)})
        # SUBSTRING has a grammar of its own, which wants something between the brackets.
        if name != "substring":
            yield f"statement error 42883\nSELECT {name}()\n"
        arguments = ", ".join(["'day'" if is_part(name, 0) else "'1'"] + ["'1'"] * (most + 3))
        yield f"statement error 42883\nSELECT {name}({arguments})\n"


def write(file, families, about):
    text = [
        f"# {about}: NULL for NULL, and calls with too few or too many arguments.",
        "# Written by generators/function_nulls.py from Redshift's rule.\n",
        "statement ok\nCREATE TABLE n (n integer) DISTSTYLE EVEN\n",
        "statement ok\nINSERT INTO n VALUES (1), (-1), (2), (NULL)\n",
        *nulls(families), *counts(families),
    ]
    (FOLDER / f"{file}.slt").write_text("\n".join(text))


write("null_strings", STRINGS, "Functions of strings")
write("null_numbers", NUMBERS, "Functions of numbers")
write("null_dates", DATES, "Functions of dates and times")
