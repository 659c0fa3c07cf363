import Testing
import Warehouse

/// Scans lines as the main loop does; the statements, and what is left unfinished.
private func scan(
    _ lines: [String],
    variables: [String: String] = [:]
) -> (statements: [String], rest: String, open: StatementScanner.Open) {
    var scanner = StatementScanner()
    var buffer: [UInt8] = []
    var statements: [String] = []
    for line in lines {
        if !buffer.isEmpty { buffer.append(UInt8(ascii: "\n")) }
        scanner.feed(Array(line.utf8))
        while case .semicolon = scanner.scan(into: &buffer, variables: { variables[$0] }) {
            statements.append(String(decoding: buffer, as: UTF8.self))
            buffer = []
            scanner.startStatement()
        }
    }
    return (statements, String(decoding: buffer, as: UTF8.self), scanner.open)
}

@Suite struct StatementScannerTests {
    @Test(arguments: [
        "select 'a;b';", "select \"a;b\";", "select $$a;b$$;", "select $x$ ; $$ ; $x$;",
        "select (1;2);", "select 1 /* ; /* ; */ ; */;", "select 'it''s; so';",
        #"select 'a\';b';"#, "select a$b$;",
    ])
    func `a hidden semicolon ends no statement`(text: String) {
        let result = scan([text])
        #expect(result.statements == [text])
        #expect(result.rest.isEmpty)
    }

    @Test func `a statement goes over lines and leading blanks and comments are dropped`() {
        let result = scan(["  -- head", "select 1, -- one ; two", "  2;  select", "3"])
        #expect(result.statements == ["select 1, -- one ; two\n  2;"])
        #expect(result.rest == "select\n3")
    }

    @Test(arguments: [
        ("select 'a", StatementScanner.Open.singleQuote), ("select \"a", .doubleQuote),
        ("select $q$ $$", .dollarQuote), ("select /* /* */", .comment),
        ("select (1", .parenthesis), ("select 1", .nothing), ("select (1)", .nothing),
    ])
    func `what is open shows at the end of a line`(
        text: String,
        open: StatementScanner.Open
    ) {
        #expect(scan([text]).open == open)
    }

    @Test func `variables are put in outside of quotes only`() {
        let variables = ["x": "it's", "n": "7", "back": #"a\b"#]
        let text = #"select :n, :'x', :"x", ':n', ":n", $$:n$$, :'back', :{?n}, :{?m} -- :n"#
        #expect(
            scan([text], variables: variables).rest
                == #"select 7, 'it''s', "it's", ':n', ":n", $$:n$$, 'a\\b', TRUE, FALSE -- :n"#
        )
    }

    @Test(arguments: ["select 1::int", "select a[1:2]", "select :nope, :'nope'", "x := 1", ":"])
    func `a colon that names no variable stays`(text: String) {
        #expect(scan([text], variables: ["int": "bad"]).rest == text)
    }

    @Test func `a variable's value may end statements and hold variables`() {
        let variables = ["two": "select 1; select :n", "n": "2", "self": "x :self y"]
        let result = scan([":two;", ":self;"], variables: variables)
        #expect(result.statements == ["select 1;", "select 2;", "x :self y;"])
    }

    @Test func `a backslash stops the scan and the rest can be taken`() {
        var scanner = StatementScanner()
        var buffer: [UInt8] = []
        scanner.feed(Array(#"select 1 \x on \\ ; select 2"#.utf8))
        let stop = scanner.scan(into: &buffer, variables: { _ in nil })
        guard case .backslash = stop else {
            Issue.record("stopped for something else")
            return
        }
        #expect(String(decoding: buffer, as: UTF8.self) == "select 1 ")
        #expect(String(decoding: scanner.takeRest(), as: UTF8.self) == #"x on \\ ; select 2"#)
    }

    @Test func `the first words pass over comments, blanks and semicolons`() {
        let words = { (text: String) in
            StatementScanner.firstWords(of: Array(text.utf8), limit: 2)
        }
        #expect(words(" -- a\n/* b /* c */ */ ; begin work") == ["BEGIN", "WORK"])
        #expect(words("-- nothing") == [])
        #expect(words("/* open") == [])
        #expect(words("(select") == ["(", "SELECT"])
    }

    @Test func `a statement of megabytes on one line is scanned once`() {
        let values = Array(repeating: "(1,'a;b')", count: 200_000).joined(separator: ",")
        let result = scan(["insert into t values \(values);"])
        #expect(result.statements.count == 1)
        #expect(result.statements[0].utf8.count == values.utf8.count + 22)
    }
}
