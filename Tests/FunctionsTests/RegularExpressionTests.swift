@testable import Functions
import SQLTypes
import Testing
import Vectors

@Suite struct RegularExpressionTests {
    /// Whether a whole text matches, by a search that stops at the first way to do so.
    private func matchesWhole(_ text: String, _ pattern: String) throws -> Bool {
        try call("~", .text(text), .constant("^(\(pattern))$")).rows[0] == "t"
    }

    @Test func `of the leftmost matches the longest is found`() throws {
        var generator = SeededGenerator(seed: 7)
        let atoms = ["a", "b", "(a|ab)", "(b|ba)", "(ab)", "[ab]", "(a|b|bb)", "(ab|c)", "."]
        let repetitions = ["", "", "?", "*", "+", "{2}", "{1,2}"]
        for _ in 0..<60 {
            var pattern = ""
            for _ in 0...Int.random(in: 0..<4, using: &generator) {
                pattern += (atoms.randomElement(using: &generator) ?? "")
                pattern += (repetitions.randomElement(using: &generator) ?? "")
            }
            let text = String((0..<8).map { _ in "abc".randomElement(using: &generator) ?? "a" })
            let found = try call("regexp_substr", .text(text), .constant(pattern)).rows[0] ?? ""
            let first = try call("regexp_instr", .text(text), .constant(pattern)).rows[0] ?? "0"
            guard let start = Int(first), start > 0 else {
                #expect(try !matchesWhole(text, pattern), "\(pattern) on \(text)")
                continue
            }
            let rest = text.dropFirst(start - 1)
            let ends = try rest.indices.filter {
                try matchesWhole(String(rest[...$0]), pattern)
            }
            let longest = ends.last.map { String(rest[...$0]) } ?? ""
            #expect(found == longest, "\(pattern) on \(text)")
        }
    }

    @Test func `a cancel ends a search between rows`() throws {
        let long = String(repeating: "ab", count: 20_000)
        let rows = Array(repeating: Optional(long), count: 50)
        let texts = Argument(
            type: .varchar(65_535),
            rows: rows.map { $0.map { .text($0) } ?? .null }
        )
        #expect(throws: SQLError.self) {
            let stop = Interruption { () throws(SQLError) in
                throw SQLError(.queryCanceled, "stop")
            }
            try stop.bind {
                _ = try call("regexp_count", texts, .constant("a|b"))
            }
        }
        #expect(try call("regexp_count", texts, .constant("a|b")).rows.allSatisfy { $0 == "40000" })
    }

    @Test func `many patterns leave the cache at its bounds`() throws {
        for number in 0..<600 {
            let found = try call("regexp_substr", .text("x\(number)y"), .constant("\(number)y"))
            #expect(found.rows == ["\(number)y"])
        }
    }

    @Test func `text that is no UTF-8 is an error and not a crash`() throws {
        let bytes = Argument(type: .varchar(8), rows: [.string([0x61, 0xFF, 0x62])])
        #expect(throws: SQLError.self) { try call("regexp_count", bytes, .constant("b")) }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ state >> 29
    }
}
