import Foundation
import Testing
import Warehouse

/// Runs every script under `scripts/` on three cluster shapes.
@Suite struct SQLLogicTests {
    /// Nodes and slices per node.
    struct Shape: Sendable, CustomTestStringConvertible {
        var nodes: Int
        var slicesPerNode: Int
        var testDescription: String { "\(nodes) x \(slicesPerNode)" }

        /// The shapes every script runs on; `SLICEHOUSE_SHAPES=2x2` leaves the others out.
        static let all: [Shape] = {
            let wanted = ProcessInfo.processInfo.environment["SLICEHOUSE_SHAPES"]
            return [(1, 2), (2, 2), (4, 4)].map { Shape(nodes: $0.0, slicesPerNode: $0.1) }
                .filter { wanted == nil || wanted == "\($0.nodes)x\($0.slicesPerNode)" }
        }()
    }

    @Test(
        arguments: Script.all,
        Shape.all
    )
    func `a script gives what it promises`(script: Script, shape: Shape) throws {
        #expect(!script.records.isEmpty)
        var options = WarehouseOptions()
        options.nodes = shape.nodes
        options.slicesPerNode = shape.slicesPerNode
        options.memoryBytes = script.memoryBytes
        let warehouse = try Warehouse.open(options) { _ in }
        defer { warehouse.close() }
        var sessions: [String: Session] = [:]
        for record in script.records {
            let session = sessions[record.session] ?? warehouse.makeSession()
            sessions[record.session] = session
            check(record, of: script, in: session)
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["SLICEHOUSE_SCRIPTS"] == nil))
    func `two thousand records are there, and no script is empty`() {
        let count = Script.all.reduce(0) { $0 + $1.records.count }
        #expect(count >= 2000)
        #expect(Script.all.allSatisfy { !$0.records.isEmpty })
    }

    private func check(_ record: Script.Record, of script: Script, in session: Session) {
        let sink = RowCollector()
        var failure: SQLError?
        do { try session.execute(record.sql, into: sink) } catch { failure = error }
        let place = "\(script.name):\(record.line): \(record.sql)"
        switch record.expectation {
        case .success:
            if let failure { Issue.record("\(place)\n\(failure.state): \(failure.message)") }
        case .failure(let state, let message):
            let isExpected =
                failure?.state.code == state && (message ?? failure?.message) == failure?.message
            if !isExpected {
                let got = failure.map { "\($0.state): \($0.message)" } ?? "success"
                Issue.record("\(place)\nexpected \(state) \(message ?? ""), got \(got)")
            }
        case .rows(let expected, let isSorted):
            if let failure {
                Issue.record("\(place)\n\(failure.state): \(failure.message)")
                return
            }
            let got = isSorted ? sink.lines.sorted() : sink.lines
            let wanted = isSorted ? expected.sorted() : expected
            if got != wanted {
                Issue.record(
                    """
                    \(place)
                    expected \(wanted.count) rows:
                    \(wanted.prefix(20).joined(separator: "\n"))
                    got \(got.count) rows:
                    \(got.prefix(20).joined(separator: "\n"))
                    """
                )
            }
        }
    }
}

/// Keeps a result's rows as lines of values joined by `|`.
final class RowCollector: ResultSink {
    var lines: [String] = []

    func begin(columns: [ResultColumn]) throws(SQLError) {}

    func rows(_ batch: RowBatch) throws(SQLError) {
        for row in 0..<batch.rowCount {
            let values = batch.columns.indices.map { column in
                guard let text = batch.text(row: row, column: column) else { return "NULL" }
                return text.isEmpty ? "(empty)" : text
            }
            // A value of several lines is several lines of the script.
            lines += values.joined(separator: "|")
                .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }

    func finish(tag: String) throws(SQLError) {}

    func notice(_ notice: SQLNotice) {}
}
