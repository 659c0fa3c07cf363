import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct ExpressionTests {
    @Test(arguments: [
        ("a or b and not c = d", "a OR (b AND (NOT (c = d)))"),
        ("a and b and c", "a AND b AND c"),
        ("(a and b) and c", "(a AND b) AND c"),
        ("a = b = c", "a = (b = c)"),
        ("a = b < c", "a = (b < c)"),
        ("a < b = c", "(a < b) = c"),
        ("1 + 2 * 3 - 4", "(1 + (2 * 3)) - 4"),
        ("2 ^ 3 ^ 4", "(2 ^ 3) ^ 4"),
        ("-2 ^ 2", "(-2) ^ 2"),
        ("- a * b", "(- a) * b"),
        ("-a::int", "- CAST(a AS integer)"),
        ("a || b || c", "(a || b) || c"),
        ("a || b + c", "a || (b + c)"),
        ("a <= b || c", "a <= (b || c)"),
        ("a = b || c", "a = (b || c)"),
        ("a + 1 is null", "(a + 1) IS NULL"),
        ("a = b is null", "a = (b IS NULL)"),
        ("a between b and c and d", "(a BETWEEN b AND c) AND d"),
        ("a not between b + 1 and c or d", "(a NOT BETWEEN (b + 1) AND c) OR d"),
        ("not a in (1, 2)", "NOT (a IN (1, 2))"),
        ("a not in (1)", "a NOT IN (1)"),
        ("a like 'x%' and b", "((a) LIKE ('x%')) AND b"),
        ("a not ilike b || '%' escape '!'", "(a) NOT ILIKE (b || '%') ESCAPE ('!')"),
        ("a similar to '(x|y)'", "(a) SIMILAR TO ('(x|y)')"),
        ("a ~ '^x' and b !~ 'y'", "(a ~ '^x') AND (b !~ 'y')"),
        ("a at time zone 'UTC' + b", "(a AT TIME ZONE 'UTC') + b"),
        ("a <> b and c", "(a <> b) AND c"),
        ("x % 2 = 0", "(x % 2) = 0"),
        ("a & 4 <> 0", "(a & 4) <> 0"),
        ("a isnull or b notnull", "(a IS NULL) OR (b IS NOT NULL)"),
        ("a is not true", "a IS NOT TRUE"),
        ("a is unknown", "a IS UNKNOWN"),
        ("a = not b", "a = (NOT b)"),
        ("@ -5 + 3", "@ ((-5) + 3)"),
    ])
    func `operators bind as Redshift's do`(text: String, expected: String) throws {
        #expect(try shape(text) == expected)
    }

    @Test(arguments: [
        "a < b < c", "a like b like c", "a in (1) in (2)", "a between 1 and 2 between 3 and 4",
    ])
    func `operators that do not chain are a syntax error`(text: String) {
        #expect(failure("select \(text)")?.state == .syntaxError)
    }

    @Test(arguments: [
        "a.b(+)", "CASE WHEN a THEN 1 ELSE 2 END",
        "CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END",
        "CAST(a AS numeric(10,2))", "TRY_CAST(a AS integer)", "count(*)", "count(DISTINCT a)",
        "APPROXIMATE count(DISTINCT a)", "s.f(a, b)", "date '2020-01-01'",
        "timestamp without time zone '2020-01-01'", "INTERVAL '3 months'", "INTERVAL '90' DAY",
        "INTERVAL '1-2' YEAR TO MONTH", "EXTRACT('year' FROM a)", "ROW(a, b)", "(SELECT 1)",
        "EXISTS (SELECT 1)", "a IN (SELECT 1)", "a >= ALL (SELECT 1)", "a = ANY (SELECT 1)",
        "CURRENT_DATE", "SYSDATE", "$1", "left(a, 2)", "date(a)",
        "listagg(a, ',') WITHIN GROUP (ORDER BY b DESC)",
        "sum(a) OVER (PARTITION BY b ORDER BY c ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)",
        "lag(a, 1) IGNORE NULLS OVER (ORDER BY b DESC NULLS LAST)",
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY b)",
    ])
    func `deparsed text is what was parsed`(text: String) throws {
        #expect(try shape(text) == text)
    }

    @Test(arguments: [
        ("a::varchar(10)::int", "CAST(CAST(a AS character varying(10)) AS integer)"),
        ("convert(int, a)", "CAST(a AS integer)"),
        ("substring(a from 2 for 3)", "substring(a, 2, 3)"),
        ("substring(a, 2)", "substring(a, 2)"),
        ("position('x' in a)", "POSITION(('x') IN a)"),
        ("trim(a)", "btrim(a)"),
        ("trim(both 'x' from a)", "btrim(a, 'x')"),
        ("trim(leading from a)", "ltrim(a)"),
        ("trim(trailing 'x' from a)", "rtrim(a, 'x')"),
        ("extract(epoch from a)", "EXTRACT('epoch' FROM a)"),
        ("dateadd(month, 1, a)", "dateadd(month, 1, a)"),
        ("a = some (select 1)", "a = ANY (SELECT 1)"),
        ("(a, b) = (1, 2)", "ROW(a, b) = ROW(1, 2)"),
        ("(a, b) in (select 1, 2)", "ROW(a, b) IN (SELECT 1, 2)"),
        ("((select 1) + 1)", "(SELECT 1) + 1"),
        ("((select 1) union (select 2))", "(SELECT 1 UNION SELECT 2)"),
        ("a in ((select 1))", "a IN (SELECT 1)"),
        ("a in ((select 1) union all select 2)", "a IN (SELECT 1 UNION ALL SELECT 2)"),
        (
            "first_value(a ignore nulls) over (order by b rows unbounded preceding)",
            "first_value(a) IGNORE NULLS OVER "
                + "(ORDER BY b ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
        ),
        ("boolean 't'", "boolean 't'"),
        ("timestamptz '2020-01-01'", "timestamp with time zone '2020-01-01'"),
    ])
    func `special grammars become plain trees`(text: String, expected: String) throws {
        let deparsed = try shape(text)
        #expect(deparsed == expected)
        #expect(try shape(deparsed) == deparsed)
    }

    @Test func `a sign before digits is part of the number`() throws {
        #expect(try kind("-9223372036854775808") == .integer("-9223372036854775808"))
        #expect(try kind("-1.5") == .decimal("-1.5"))
        #expect(try shape("- -1") == "- (-1)")
        #expect(try shape("3 -1") == "3 - 1")
    }

    @Test(arguments: [
        ("a + bb * c", 2), ("a::int", 1), ("f(x)", 0), ("a is null", 2), ("a not in (1)", 2),
        ("case when a then b end", 0), ("a like b", 2), ("a between 1 and 2", 2), ("  t.c", 2),
        ("a and b", 2),
    ])
    func `a node's position is where its errors point`(text: String, position: Int) throws {
        #expect(try parseExpression(text).position == position)
    }

    @Test(arguments: [
        ("t.Price", "price"), ("f(x)", "f"), ("dateadd(day, 1, x)", "date_add"),
        ("datediff(day, a, b)", "date_diff"), ("date_part(year, x)", "pgdate_part"),
        ("extract(year from x)", "date_part"), ("nvl(a, b)", "coalesce"),
        ("decode(a, 1, 2)", "case"), ("case when a then 1 end", "case"), ("a::int", "a"),
        ("sum(a)::int", "sum"), ("1::bigint", "int8"), ("'x'", "?column?"), ("1 + 1", "?column?"),
        ("-a", "?column?"), ("trim(a)", "btrim"), ("current_date", "date"),
        ("sysdate", "timestamp"), ("true", "bool"), ("date '2020-01-01'", "date"),
        ("(select 1)", "?column?"), ("count(*)", "count"),
    ])
    func `columns without an alias get Redshift's names`(text: String, name: String) throws {
        #expect(try parseExpression(text).defaultColumnName == name)
    }

    @Test(arguments: [
        ("a[1]", "navigation into a SUPER value"),
        ("sum(a) filter (where b)", "FILTER (WHERE ...)"),
        ("a is distinct from b", "IS DISTINCT FROM"),
        ("rank() over w", "a named window"), ("a = any (b)", "ANY over an array"),
        ("sum(a) over (order by b range unbounded preceding)", "RANGE in a window frame"),
        ("a::super", "type super"), ("a::geometry", "type geometry"),
    ])
    func `what Redshift has and Slicehouse lacks is named`(text: String, feature: String) throws {
        let error = try #require(failure("select \(text) from t"))
        #expect(error.state == .featureNotSupported)
        #expect(error.message == "\(feature) is not supported")
        #expect(error.position != nil)
    }
}
