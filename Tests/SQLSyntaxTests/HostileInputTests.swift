import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct HostileInputTests {
    private func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test(arguments: [
        ("(", "1", ")"), ("(", "", ""), ("f(", "1", ")"), ("case when true then ", "1", " end"),
        ("(select ", "1", ")"), ("not ", "true", ""), ("- ", "1", ""), ("a = ", "1", ""),
        ("@ ", "1", ""), ("cast(", "1", " as int)"), ("exists (select ", "1", ")"),
        ("a in (", "1", ")"),
    ])
    func `ten thousand levels of nesting are too complex`(
        opening: String,
        middle: String,
        closing: String
    ) throws {
        let text = "select \(repeated(opening, 10_000))\(middle)\(repeated(closing, 10_000))"
        let error = try #require(failure(text))
        #expect(error.state == .statementTooComplex)
        #expect(error.position != nil)
    }

    @Test(arguments: [
        ("select 1 from ", "(select 1 from ", "t", ")"), ("select 1 from ", "(", "t", ")"),
        ("", "(", "select 1", ")"), ("select 1 from ", "(a join ", "b", " on true)"),
        ("", "with x as (", "select 1", ") select 1"),
    ])
    func `ten thousand levels of queries are too complex`(
        head: String,
        opening: String,
        middle: String,
        closing: String
    ) throws {
        let text = "\(head)\(repeated(opening, 10_000))\(middle)\(repeated(closing, 10_000))"
        #expect(failure(text)?.state == .statementTooComplex)
    }

    @Test(arguments: [
        "select 1" + String(repeating: " + 1", count: 10_000),
        "select 1" + String(repeating: "::int", count: 10_000),
        "select 1" + String(repeating: " is null", count: 10_000),
        "select 1" + String(repeating: " union all select 1", count: 10_000),
        "select 1 from a" + String(repeating: " cross join a", count: 10_000),
    ])
    func `chains that make too high a tree are too complex`(text: String) {
        #expect(failure(text)?.state == .statementTooComplex)
    }

    @Test func `heights add up through brackets and subqueries`() throws {
        var text = "1"
        for _ in 0..<5 { text = "((select \(text)) \(repeated("+ 1 ", 90)))" }
        #expect(try parseExpression(text).height > 450)
        text = "(\(text) \(repeated("+ 1 ", 90)))"
        #expect(failure("select \(text)")?.state == .statementTooComplex)
    }

    @Test func `everyday depths and lengths pass`() throws {
        _ = try query("select \(repeated("(", 200))1\(repeated(")", 200))")
        _ = try query("select \(repeated("1 + ", 400))1")
        _ = try query("select 1 from \(repeated("(select * from ", 100))t\(repeated(")", 100))")
        _ = try query("select 1 \(repeated("union all select 1 ", 400))")
    }

    @Test func `long lists and conjunctions cost no depth`() throws {
        guard case .inList(_, let list, _) = try kind("a in (\(repeated("7, ", 99_999))7)") else {
            Issue.record("no list")
            return
        }
        #expect(list.count == 100_000)
        guard case .and(let operands) = try kind("\(repeated("a and ", 9_999))a") else {
            Issue.record("no and")
            return
        }
        #expect(operands.count == 10_000)
        guard case .or(let alternatives) = try kind("\(repeated("a or ", 9_999))a") else {
            Issue.record("no or")
            return
        }
        #expect(alternatives.count == 10_000)
    }

    @Test func `a statement over 16 MB is too large`() {
        let text = "select '\(repeated("x", 16 * 1_024 * 1_024))'"
        #expect(failure(text)?.state == .programLimitExceeded)
    }

    @Test func `cut and scrambled statements end in an error or a tree, never otherwise`() {
        let text = Array(
            """
            with x as (select a, sum(b) over (partition by c order by d rows 3 preceding) "s"
            from t left join u using (k) where a like 'x\\'%' escape '!' and b in (1, -2.5e3)
            group by rollup (1, 2) having count(*) > 0) insert into z values ($1, default);
            create table #q (a decimal(5,2) default 1 encode az64, like b) sortkey (a);
            copy t from 's' csv null as '' /* c */ maxerror 3; update t set a = (select 1);
            """.utf8
        )
        for length in 0..<text.count {
            _ = failure(String(decoding: text[..<length], as: UTF8.self))
            _ = failure(String(decoding: text[length...], as: UTF8.self))
        }
        // Pieces in random order, from a seed of their own: 17.
        var state: UInt64 = 17
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let words = String(decoding: text, as: UTF8.self).split(separator: " ")
        for _ in 0..<2_000 {
            let scrambled = (0..<next(20)).map { _ in words[next(words.count)] }
            _ = failure(scrambled.joined(separator: " "))
            _ = failure("select " + scrambled.joined(separator: " "))
        }
    }
}
