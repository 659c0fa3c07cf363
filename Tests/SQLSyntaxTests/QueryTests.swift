import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct QueryTests {
    @Test(arguments: [
        "SELECT 1", "SELECT a AS x, t.*, *, b FROM t", "SELECT DISTINCT a FROM s.t AS x",
        "SELECT TOP (10) a FROM t", "SELECT a INTO TEMP u FROM t",
        "SELECT 1 FROM a INNER JOIN b ON a.x = b.x LEFT JOIN c USING (y, z)",
        "SELECT 1 FROM a NATURAL FULL JOIN b CROSS JOIN c",
        "SELECT 1 FROM a INNER JOIN (b INNER JOIN c ON 1 = 1) ON 2 = 2",
        "SELECT 1 FROM (SELECT 2) AS q (x)", "SELECT 1 FROM generate_series(1, 10) AS g",
        "SELECT a, count(*) FROM t WHERE b GROUP BY a HAVING count(*) > 1",
        "SELECT a FROM t GROUP BY ROLLUP (a, (b, c)), CUBE (d), GROUPING SETS ((a, b), a, ())",
        "SELECT a FROM t GROUP BY ALL", "SELECT a FROM t QUALIFY rank() OVER (ORDER BY a) = 1",
        "SELECT 1 UNION ALL SELECT 2", "SELECT 1 UNION (SELECT 2 INTERSECT SELECT 3)",
        "(SELECT 1 EXCEPT SELECT 2) UNION SELECT 3",
        "WITH x (a) AS (SELECT 1), y AS (SELECT 2) SELECT a FROM x, y",
        "WITH RECURSIVE x (a) AS (SELECT 1 UNION ALL SELECT a FROM x) SELECT a FROM x",
        "SELECT a FROM t ORDER BY a, b DESC, 3 NULLS FIRST LIMIT 10 OFFSET 5",
        "VALUES (1, 'a'), (2, 'b')", "(SELECT 1 LIMIT 1) UNION ALL (SELECT 2 ORDER BY 1)",
        "SELECT * EXCLUDE (a, b) FROM t",
    ])
    func `deparsed queries are what was parsed`(text: String) throws {
        #expect(try query(text).deparsed == text)
    }

    @Test(arguments: [
        ("select a b from t c", "SELECT a AS b FROM t AS c"),
        ("select top 5 distinct a from t", "SELECT TOP (5) DISTINCT a FROM t"),
        ("select all a from t", "SELECT a FROM t"),
        ("((select 1))", "SELECT 1"),
        ("select 1 union select 2 except select 3", "(SELECT 1 UNION SELECT 2) EXCEPT SELECT 3"),
        ("select 1 minus select 2", "SELECT 1 EXCEPT SELECT 2"),
        (
            "select 1 union select 2 intersect select 3",
            "SELECT 1 UNION (SELECT 2 INTERSECT SELECT 3)"
        ),
        ("(select 1 order by 1) limit 3", "(SELECT 1 ORDER BY 1) LIMIT 3"),
        ("select 1 limit all offset 2", "SELECT 1 OFFSET 2"),
        ("select 1 offset 2 limit 3", "SELECT 1 LIMIT 3 OFFSET 2"),
        ("select 1 from a join b using (x)", "SELECT 1 FROM a INNER JOIN b USING (x)"),
        ("select 1 from a left outer join b on true", "SELECT 1 FROM a LEFT JOIN b ON TRUE"),
        (
            "select 1 from a join b join c on 1 = 1 on 2 = 2",
            "SELECT 1 FROM a INNER JOIN (b INNER JOIN c ON 1 = 1) ON 2 = 2"
        ),
        ("select 1 from (a cross join b)", "SELECT 1 FROM a CROSS JOIN b"),
        (
            "select 1 from ((select 1) union (select 2)) x",
            "SELECT 1 FROM (SELECT 1 UNION SELECT 2) AS x"
        ),
        (
            "select 1 from ((select 1) x cross join t)",
            "SELECT 1 FROM (SELECT 1) AS x CROSS JOIN t"
        ),
        ("select 1 from ((select 1)) x", "SELECT 1 FROM (SELECT 1) AS x"),
        ("select a from t group by (a, b), c", "SELECT a FROM t GROUP BY a, b, c"),
        (
            "select a as select, b as \"from\" from t",
            "SELECT a AS \"select\", b AS \"from\" FROM t"
        ),
        ("select * into #x from t", "SELECT * INTO TEMP #x FROM t"),
        ("select a exclude from t", "SELECT a AS exclude FROM t"),
        ("select date, time, year from t", "SELECT date, time, year FROM t"),
        ("select t.left from t", "SELECT t.\"left\" FROM t"),
    ])
    func `other spellings give the same trees`(text: String, expected: String) throws {
        let deparsed = try query(text).deparsed
        #expect(deparsed == expected)
        #expect(try query(deparsed).deparsed == deparsed)
    }

    @Test func `a select list's parts carry their positions`() throws {
        let select = try select("select  a, b.* , * from tt")
        #expect(select.position == 0)
        guard case .table(let name, nil) = select.from.first else {
            Issue.record("no table")
            return
        }
        #expect(name.position == 24)
        #expect(select.items.last == .star(position: 17))
    }

    @Test(arguments: [
        ("select", "syntax error at end of input", 6),
        ("select 1 from", "syntax error at end of input", 13),
        ("selec 1", "syntax error at or near \"selec\"", 0),
        ("select 1 frm t x y", "syntax error at or near \"t\"", 13),
        ("select a from t where", "syntax error at end of input", 21),
        ("select (1", "syntax error at end of input", 9),
        ("select 1)", "syntax error at or near \")\"", 8),
        ("select a from t join u", "syntax error at end of input", 22),
        ("select a from t order a", "syntax error at or near \"a\"", 22),
        ("select from t", "syntax error at or near \"from\"", 7),
        ("select a, from t", "syntax error at or near \"from\"", 10),
        ("select case end", "syntax error at or near \"end\"", 12),
        ("select ü.1 from t", "syntax error at or near \".1\"", 9),
        ("select 'é' +", "syntax error at end of input", 13),
        (
            "select a.b.c.d.e from t",
            "improper qualified name (too many dotted names): a.b.c.d.e", 7
        ),
        ("select 1 limit 1 limit 2", "syntax error at or near \"limit\"", 17),
    ])
    func `syntax errors name the token and its byte`(
        text: String,
        message: String,
        position: Int
    ) throws {
        let error = try #require(failure(text))
        #expect(error.state == .syntaxError)
        #expect(error.message == message)
        #expect(error.position == position)
    }

    @Test(arguments: [
        "select distinct on (a) b from t", "select 1 from a, lateral (select 1)",
        "select 1 for update", "select 1 fetch first 3 rows only",
        "select 1 from t start with a connect by prior b = c",
        "select 1 from (t join u on true) pivot (sum(a) for b in (1))",
        "select 1 from f(1) x unpivot (a for b in (c))",
        "select 1 from t pivot (sum(a) for b in (1)) unpivot (a for b in (c))",
        "with x as (select 1) insert into t select 1",
    ])
    func `clauses that Slicehouse lacks are 0A000`(text: String) {
        #expect(failure(text)?.state == .featureNotSupported)
    }
}
