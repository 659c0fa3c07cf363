import Testing

@testable import Loading
@testable import Warehouse

@Suite struct RefusedRowsTests {
    private func error(_ line: Int) -> LoadError {
        LoadError(
            file: "f",
            line: line,
            startOffset: 0,
            column: "c",
            type: "int4",
            length: "0",
            position: 0,
            rawLine: String(repeating: "x", count: 500),
            rawField: "",
            code: 1207,
            reason: "Invalid digit"
        )
    }

    @Test(arguments: [1, 7, 100])
    func `the first rows are kept, in whatever order they come`(step: Int) {
        var rows = RefusedRows(byteCountMax: 10_000)
        // Every line from 1 to 997 once, far out of order.
        for index in 0..<997 {
            rows.append([error((index * step) % 997 + 1)], slice: index % 4)
        }
        #expect(rows.kept().map(\.error.line) == Array(1...13))
    }

    @Test func `few rows are all kept`() {
        var rows = RefusedRows(byteCountMax: 10_000)
        #expect(rows.kept().isEmpty)
        rows.append([error(3), error(1)], slice: 2)
        rows.append([error(2)], slice: 0)
        #expect(rows.kept().map(\.error.line) == [1, 2, 3])
        #expect(rows.kept().map(\.slice) == [2, 0, 2])
    }
}
