import SQLTypes
import Testing

@testable import SQLSyntax

@Suite struct CopyTests {
    private func copy(_ text: String) throws -> CopySyntax {
        guard case .copy(let copy) = try parseStatement(text) else {
            throw SQLError(.syntaxError, "no copy: \(text)")
        }
        return copy
    }

    @Test func `COPY keeps its options in order`() throws {
        let copy = try copy(
            """
            copy s.t (a, b) from '/data/x' iam_role default format as csv delimiter as '|'
            ignoreheader 1, null as '\\\\N' maxerror as 10 compupdate off statupdate
            dateformat 'auto' json 'auto ignorecase' gzip
            """
        )
        #expect(copy.table.description == "s.t")
        #expect(copy.columns.map(\.text) == ["a", "b"])
        #expect(copy.source.text == "/data/x" && copy.source.position == 21)
        let names = copy.options.map(\.name)
        #expect(
            names == [
                "iam_role", "csv", "delimiter", "ignoreheader", "null", "maxerror", "compupdate",
                "statupdate", "dateformat", "json", "gzip",
            ]
        )
        #expect(
            copy.options.map(\.value) == [
                .word("default"), nil, .string("|"), .integer(1), .string("\\\\N"), .integer(10),
                .word("off"), nil, .string("auto"), .string("auto ignorecase"), nil,
            ]
        )
    }

    @Test func `an option knows where it and its argument stand`() throws {
        let option = try #require(try copy("copy t from 'x' delimiter ','").options.first)
        #expect(option.position == 16)
        #expect(option.valuePosition == 26)
    }

    @Test(arguments: [
        ("copy t from 'x' nonsense", 16), ("copy t from 'x' delimiter", 25),
        ("copy t from 'x' maxerror 'y'", 25), ("copy t from x", 12), ("copy t", 6),
        ("copy t from 'x' csv as 5", 23),
    ])
    func `a word that COPY does not know is a syntax error at it`(
        text: String,
        position: Int
    ) throws {
        let error = try #require(failure(text))
        #expect(error.state == .syntaxError)
        #expect(error.position == position)
    }
}
