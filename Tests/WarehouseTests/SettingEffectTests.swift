import Foundation
import Testing
import Warehouse

/// Settings whose effect is on what stands around the rows: column names and messages.
@Suite struct SettingEffectTests {
    /// Runs `body` in a session of a temporary warehouse.
    private func withSession(_ body: (Session) throws -> Void) throws {
        var options = WarehouseOptions()
        options.memoryBytes = 256 << 20
        let warehouse = try Warehouse.open(options) { _ in }
        defer { warehouse.close() }
        try body(warehouse.makeSession())
    }

    private final class Heads: ResultSink {
        var names: [[String]] = []
        var messages: [String] = []
        func begin(columns: [ResultColumn]) throws(SQLError) { names.append(columns.map(\.name)) }
        func rows(_ batch: RowBatch) throws(SQLError) {}
        func finish(tag: String) throws(SQLError) {}
        func notice(_ notice: SQLNotice) { messages.append(notice.severity.rawValue) }
    }

    @Test func `names of result columns are in upper case where that is asked for`() throws {
        try withSession { session in
            let sink = Heads()
            let query = "SELECT 1 AS ab, 2 AS \"c d\", '\u{FC}' AS \u{FC}"
            try session.execute(query, into: sink)
            try session.execute("SET describe_field_name_in_uppercase TO on", into: sink)
            try session.execute(query, into: sink)
            try session.execute("PREPARE p AS SELECT 1 AS x", into: sink)
            try session.execute("EXECUTE p", into: sink)
            try session.execute("SHOW timezone", into: sink)
            try session.execute("RESET describe_field_name_in_uppercase", into: sink)
            try session.execute("EXECUTE p", into: sink)
            #expect(
                sink.names == [
                    ["ab", "c d", "\u{FC}"], ["AB", "C D", "\u{DC}"], ["X"], ["timezone"], ["x"],
                ]
            )
        }
    }

    @Test func `client_min_messages keeps quieter messages back`() throws {
        try withSession { session in
            for (level, expected) in [
                ("notice", ["NOTICE", "INFO", "WARNING"]), ("warning", ["INFO", "WARNING"]),
                ("error", ["INFO"]), ("debug", ["NOTICE", "INFO", "WARNING"]),
            ] as [(String, [String])] {
                let sink = Heads()
                try session.execute("SET client_min_messages TO \(level)", into: sink)
                try session.execute("CREATE TABLE t (a int)", into: sink)
                try session.execute("CREATE VIEW v AS SELECT a FROM t", into: sink)
                try session.execute("DROP TABLE t CASCADE", into: sink)
                try session.execute("DROP TABLE IF EXISTS t", into: sink)
                try session.execute("COMMIT", into: sink)
                #expect(sink.messages == expected)
            }
        }
    }
}
