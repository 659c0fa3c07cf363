import Testing
import Warehouse

@testable import Shell

@Suite struct ErrorReportTests {
    private func marked(_ text: String, before mark: String) throws -> String {
        let range = try #require(text.utf8.firstRange(of: mark.utf8))
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: range.lowerBound)
        return ErrorReport.markedLine(of: Array(text.utf8), at: offset)
    }

    @Test func `the caret counts terminal columns`() throws {
        #expect(
            try marked("select 'é日', x;", before: "x")
                == "LINE 1: select 'é日', x;\n                      ^\n"
        )
    }

    @Test func `lines are counted and tabs are blanks`() throws {
        #expect(
            try marked("select 1,\r\n2,\n\t\tx", before: "x") == "LINE 3:   x\n          ^\n"
        )
    }

    /// The expected texts are psql's own.
    @Test func `a long line is cut around the caret`() throws {
        let ones = String(repeating: "1 + ", count: 50)
        let twos = String(repeating: "2+ ", count: 50)
        #expect(
            try marked("select \(ones) x + \(twos)1;", before: "x")
                == "LINE 1: ... 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 +  x + 2+ 2+ ...\n"
                + "                                                             ^\n"
        )
    }

    @Test func `a line of megabytes is cut quickly`() {
        let statement = Array(repeating: UInt8(ascii: "a"), count: 8 << 20)
        let text = ErrorReport.markedLine(of: statement, at: 4 << 20)
        #expect(text.hasPrefix("LINE 1: ...aaa"))
        #expect(text.utf8.count < 200)
    }

    @Test func `a position behind the end marks the end`() {
        #expect(
            ErrorReport.markedLine(of: Array("select".utf8), at: 6)
                == "LINE 1: select\n              ^\n"
        )
    }

    @Test(arguments: [
        (Verbosity.default, "ERROR:  no x\nLINE 1: éx\n         ^\nDETAIL:  d\nHINT:  h\n"),
        (.verbose, "ERROR:  42703: no x\nLINE 1: éx\n         ^\nDETAIL:  d\nHINT:  h\n"),
        (.terse, "ERROR:  no x at character 2\n"),
        (.sqlstate, "ERROR:  42703\n"),
    ])
    func `verbosity decides how much is said`(verbosity: Verbosity, text: String) {
        let error = SQLError(.undefinedColumn, "no x", detail: "d", hint: "h", position: 2)
        let report = ErrorReport.text(error, statement: Array("éx".utf8), verbosity: verbosity)
        #expect(report == text)
    }
}
