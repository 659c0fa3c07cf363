import Foundation
import Plans
import Storage
import Testing

@testable import Warehouse

/// The record of statements: in the history file, across openings, within its limits.
@Suite struct QueryRecordTests {
    /// Runs `body` with the path of a warehouse to be, and removes it afterwards.
    private func withPath(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "slicehouse-record-\(UInt64.random(in: 0...(.max)))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    /// Opens the warehouse at `path`, runs `body` in a session and closes it again.
    private func opened(
        _ path: String,
        days: Int = 7,
        isReadOnly: Bool = false,
        _ body: (Session) throws -> Void
    ) throws {
        var options = WarehouseOptions()
        options.path = path
        options.memoryBytes = 256 << 20
        options.historyDays = days
        options.isReadOnly = isReadOnly
        let warehouse = try Warehouse.open(options) { _ in }
        var notices: [String] = []
        defer { warehouse.close { notices.append($0.message) } }
        try body(warehouse.makeSession())
        #expect(notices.isEmpty)
    }

    private let mine = "SELECT trim(querytxt) FROM stl_query WHERE querytxt LIKE 'SELECT 4%'"

    @Test func `statements are on record for the next opening, also beside a writer`() throws {
        try withPath { path in
            try opened(path) { session in
                _ = try session.rows("SELECT 41")
                let now = try session.rows(mine)
                #expect(now == ["SELECT 41"])
            }
            try opened(path) { session in
                _ = try session.rows("SELECT 42")
                let rows = try session.rows(mine + " ORDER BY query")
                #expect(rows == ["SELECT 41", "SELECT 42"])
            }
            try opened(path, isReadOnly: true) { session in
                _ = try session.rows("SELECT 43")
                let rows = try session.rows(mine + " ORDER BY query")
                #expect(rows == ["SELECT 41", "SELECT 42", "SELECT 43"])
                let steps = """
                    SELECT count(*) FROM svl_query_summary s JOIN stl_query q ON s.query = q.query
                    WHERE querytxt LIKE 'SELECT 41%' AND s.label LIKE 'return%' AND rows = 1
                    """
                let returned = try session.rows(steps)
                #expect(returned == ["1"])
            }
            try opened(path) { session in
                let rows = try session.rows(mine + " ORDER BY query")
                #expect(rows == ["SELECT 41", "SELECT 42"])
            }
        }
    }

    @Test func `zero days record nothing`() throws {
        try withPath { path in
            try opened(path, days: 0) { session in
                _ = try session.rows("SELECT 41")
                let rows = try session.rows(mine)
                #expect(rows.isEmpty)
            }
            #expect(!FileManager.default.fileExists(atPath: path + "/history.sqlite"))
        }
    }

    @Test func `more statements than a batch holds are all there`() throws {
        try withPath { path in
            try opened(path) { session in
                for number in 0..<150 { _ = try session.rows("SELECT 4, \(number)") }
                let count = "SELECT count(*), count(DISTINCT query) FROM stl_query WHERE "
                let rows = try session.rows(count + "querytxt LIKE 'SELECT 4,%'")
                #expect(rows == ["150|150"])
            }
        }
    }

    private func entry(_ number: Int, end: Int) -> QueryEntry {
        var entry = QueryEntry()
        entry.number = number
        entry.session = 7
        entry.endTime = end
        entry.text = "SELECT"
        var node = PlanNodeEntry()
        node.line = "XN Result"
        node.totalCost = 0.01
        node.rows = number
        entry.nodes = [node, PlanNodeEntry()]
        var step = StepEntry()
        step.name = "scan"
        step.isRangeRestricted = true
        var slice = StepSliceEntry()
        slice.startTime = 5
        slice.endTime = 9
        slice.rows = 1 << 40
        slice.bytesRead = 3
        step.slices = [slice, StepSliceEntry()]
        entry.steps = [step]
        var alert = AlertEntry()
        alert.event = "Missing"
        alert.segment = 2
        entry.alerts = [alert]
        return entry
    }

    @Test func `an entry comes back as it was, and a changed byte is noticed`() throws {
        let entry = entry(3, end: -4)
        let bytes = entry.encoded()
        #expect(try QueryEntry(bytes, number: 3) == entry)
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(throws: SQLError.self) { try QueryEntry(changed, number: 3) }
        }
        #expect(throws: SQLError.self) { try QueryEntry(bytes, number: 4) }
    }

    @Test func `old statements, and those beyond the greatest number, are removed`() throws {
        try withPath { path in
            try opened(path) { session in
                let history = session.warehouse.store.history
                let all = (1...9).map { entry($0, end: $0 * 10) }
                try history.recordQueries(all, limits: nil)
                #expect(try history.queries() == all)
                let limits = HistoryLimits(oldest: 30, queryCountMax: 4)
                try history.recordQueries([entry(10, end: 100)], limits: limits)
                #expect(try history.queries().map(\.number) == [7, 8, 9, 10])
                let newer = HistoryLimits(oldest: 95, queryCountMax: 4)
                try history.recordQueries([entry(11, end: 110)], limits: newer)
                #expect(try history.queries().map(\.number) == [10, 11])
                #expect(try history.greatestNumbers() == (11, 7))
            }
        }
    }

    private func step(_ name: String, _ change: (inout StepSliceEntry) -> Void) -> StepEntry {
        var step = StepEntry()
        step.name = name
        step.tableName = "t"
        var slice = StepSliceEntry()
        change(&slice)
        step.slices = [slice]
        return step
    }

    private func alerts(_ step: StepEntry, missing: [String] = []) -> [String] {
        var entry = QueryEntry()
        entry.steps = [step]
        return AlertRules().alerts(of: entry, plan: ExecutablePlan(), missingStatistics: missing)
            .map(\.event)
    }

    @Test func `alerts begin at their thresholds`() {
        func scan(_ rows: Int, of read: Int, deleted: Int = 0) -> [String] {
            alerts(
                step("scan") {
                    $0.rows = rows
                    $0.rowsBeforeFilter = read
                    $0.rowsBeforeDeletes = read + deleted
                }
            )
        }
        let selective =
            "Very selective query filter:ratio=rows(49999)/rows_pre_user_filter(1000000)=0.049999"
        #expect(scan(49_999, of: 1_000_000) == [selective])
        #expect(scan(50_000, of: 1_000_000).isEmpty)
        #expect(scan(0, of: 999_999).isEmpty)
        let deleted =
            "Scanned a large number of deleted rows:"
            + "ratio=rows_pre_user_filter(800000)/rows_pre_filter(1000000)=0.800000"
        #expect(scan(800_000, of: 800_000, deleted: 200_000) == [deleted])
        #expect(scan(800_001, of: 800_001, deleted: 199_999).isEmpty)
        let moved = alerts(step("dist") { $0.rowsMoved = 1_000_001 })
        #expect(moved.first?.hasPrefix("Distributed a large number of rows") == true)
        #expect(alerts(step("bcast") { $0.rowsMoved = 1_000_000 }).isEmpty)
        #expect(alerts(step("bcast") { $0.rowsMoved = 1_000_001 }).count == 1)
        let missing = alerts(step("scan") { _ in }, missing: ["t"])
        #expect(missing == ["Missing query planner statistics"])
    }

    @Test func `EXPLAIN ANALYZE shows actual rows in the tree and bars in the slice plan`() throws {
        try withPath { path in
            try opened(path) { session in
                try session.run("CREATE TABLE t (a integer) DISTSTYLE EVEN")
                try session.run("INSERT INTO t VALUES (1), (2), (3), (4)")
                let query = "SELECT count(*) FROM t WHERE a > (SELECT min(a) FROM t)"
                let lines = try session.rows("EXPLAIN ANALYZE " + query)
                let actual = lines.filter { $0.contains("(actual rows=") }
                #expect(actual.count == lines.filter { $0.contains("(cost=") }.count)
                #expect(actual.first?.hasSuffix("(actual rows=1)") == true)
                #expect(actual.contains { $0.contains("on t") && $0.hasSuffix("rows=3)") })
                #expect(lines.contains { $0.contains("rows=4  ████ min 1, median 1, max 1") })
                #expect(lines.last?.hasPrefix("rows 1  moved ") == true)
                let noted = try session.rows(
                    "SELECT count(*) FROM stl_query WHERE querytxt LIKE 'EXPLAIN ANALYZE%'"
                )
                #expect(noted == ["1"])
            }
        }
    }
}
