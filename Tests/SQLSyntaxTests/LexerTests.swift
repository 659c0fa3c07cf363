import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct LexerTests {
    @Test func `names are folded to lower case, quoted ones too`() throws {
        guard case .column(let name) = try kind("Tab.\"Mixed \"\"Case\"") else {
            Issue.record("no column")
            return
        }
        #expect(name.parts.map(\.text) == ["tab", "mixed \"case"])
        #expect(name.parts.map(\.isQuoted) == [false, true])
        #expect(name.parts.map(\.position) == [0, 4])
    }

    @Test func `quoted names keep their capitals where that is asked for`() throws {
        let text = "Tab.\"Mixed \"\"Case\""
        guard case .column(let name) = try parseExpression(text, keepsQuotedCase: true).kind else {
            Issue.record("no column")
            return
        }
        #expect(name.parts.map(\.text) == ["tab", "Mixed \"Case"])
        let long = "\"" + String(repeating: "A", count: 126) + "ÉÉ\""
        guard case .column(let cut) = try parseExpression(long, keepsQuotedCase: true).kind else {
            Issue.record("no column")
            return
        }
        #expect(cut.name == String(repeating: "A", count: 126))
    }

    @Test func `names are cut at 127 bytes, never inside a character`() throws {
        let long = String(repeating: "a", count: 126) + "éé"
        guard case .column(let name) = try kind(long) else {
            Issue.record("no column")
            return
        }
        #expect(name.name == String(repeating: "a", count: 126))
    }

    @Test(arguments: [
        ("'it''s'", "it's"), (#"'a\nb\\c'"#, "a\nb\\c"), (#"'\''"#, "'"),
        (#"E'\t\x41\101'"#, "\tAA"),
        ("'a'\n  'b'", "ab"), ("$$it's \\n$$", "it's \\n"), ("$x$a$$b$x$", "a$$b"), ("''", ""),
        (#"'100\%'"#, "100%"), ("'ü€'", "ü€"),
    ])
    func `strings resolve their escapes`(text: String, value: String) throws {
        #expect(try kind(text) == .string(value))
    }

    @Test(arguments: [
        ("1", ExpressionSyntax.Kind.integer("1")), ("1.5", .decimal("1.5")), (".5", .decimal(".5")),
        ("1.", .decimal("1.")), ("1e3", .float("1e3")), ("1.5E-3", .float("1.5E-3")),
        ("99999999999999999999", .integer("99999999999999999999")),
    ])
    func `numbers keep their text`(text: String, value: ExpressionSyntax.Kind) throws {
        #expect(try kind(text) == value)
    }

    @Test func `comments nest and count as blanks`() throws {
        #expect(try shape("1 /* a /* b */ c */ + -- d\n 2") == "1 + 2")
    }

    @Test func `operators take the longest match but leave signs alone`() throws {
        #expect(try shape("a=-1") == "a = (-1)")
        #expect(try shape("a<-1") == "a < (-1)")
        #expect(try shape("a||b") == "a || b")
        #expect(try shape("a!=b") == "a <> b")
        #expect(try shape("|/ a") == "|/ a")
        #expect(try shape("a !~ b") == "a !~ b")
    }

    @Test(arguments: [
        ("select 'abc", 7, "unterminated quoted string at or near \"'abc\""),
        ("select \"abc", 7, "unterminated quoted identifier at or near \"\"abc\""),
        ("select /* abc", 7, "unterminated /* comment at or near \"/* abc\""),
        ("select $$abc", 7, "unterminated dollar-quoted string at or near \"$$abc\""),
        ("select \"\"", 7, "zero-length delimited identifier at or near \"\"\"\""),
        ("select ?", 7, "syntax error at or near \"?\""),
    ])
    func `what does not end is a syntax error at its start`(
        text: String,
        position: Int,
        message: String
    ) throws {
        let error = try #require(failure(text))
        #expect(error.state == .syntaxError)
        #expect(error.position == position)
        #expect(error.message == message)
    }

    @Test func `escapes that make no text are refused`() throws {
        #expect(failure(#"select '\xff'"#)?.state == .characterNotInRepertoire)
        #expect(failure(#"select '\0'"#)?.state == .characterNotInRepertoire)
    }

    @Test func `every keyword is found by its spelling in any case`() {
        for keyword in Keyword.allCases where keyword != .none {
            let text = String(describing: keyword)
            for spelling in [text, text.uppercased()] {
                let found = Array(spelling.utf8).withUnsafeBufferPointer {
                    KeywordTable.shared.keyword(spelled: $0)
                }
                #expect(found == keyword, "\(spelling)")
            }
        }
    }
}
