import Foundation
import Synchronization
import Testing

@testable import Warehouse

/// VACUUM and merging in the background beside sessions that read and write.
@Suite struct VacuumSessionTests {
    /// A warehouse whose small extents are merged only when a test asks.
    private func quietWarehouse() throws -> Warehouse {
        var options = WarehouseOptions()
        options.memoryBytes = 512 << 20
        options.mergesInBackground = false
        return try Warehouse.open(options) { _ in }
    }

    private func extents(_ session: Session, _ table: String) throws -> Int {
        let query = """
            SELECT count(*) FROM stv_blocklist b
            JOIN svv_table_info t ON t.table_id = b.tbl WHERE t."table" = '\(table)' AND b.col = 0
            """
        return Int(try session.rows(query).first ?? "") ?? -1
    }

    @Test(arguments: ["DISTSTYLE EVEN", "DISTKEY (k)", "DISTSTYLE ALL", "SORTKEY (k)"])
    func `rows inserted one at a time end up in few extents`(layout: String) throws {
        let warehouse = try quietWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        try session.run("CREATE TABLE t (k integer, v varchar(20)) \(layout)")
        var most = 0
        for number in 0..<400 {
            // In an order of its own, so that a sort key has something to say.
            let key = number * 389 % 401
            try session.run("INSERT INTO t VALUES (\(key), 'v\(key)')")
            try warehouse.merging.mergeAll()
            if number % 50 == 49 { most = max(most, try extents(session, "t")) }
        }
        #expect(most < 4 * 40)
        let keys = (0..<400).map { $0 * 389 % 401 }
        #expect(
            try session.rows("SELECT count(*), sum(k), count(DISTINCT v) FROM t")
                == ["400|\(keys.reduce(0, +))|400"]
        )
        #expect(try session.rows("SELECT v FROM t WHERE k = 350") == ["v350"])
        let info = #"SELECT unsorted FROM svv_table_info WHERE "table" = 't'"#
        let unsorted = try session.rows(info)[0]
        if layout.hasPrefix("SORT") {
            #expect((Double(unsorted) ?? 0) > 0)
            try session.run("VACUUM t")
            #expect(try session.rows(info) == ["0.00"])
            #expect(try extents(session, "t") <= 4)
        } else {
            #expect(unsorted == "NULL")
        }
    }

    @Test func `rows in the order of the sort key stay sorted when they are merged`() throws {
        let warehouse = try quietWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        try session.run("CREATE TABLE t (k integer, g integer) DISTSTYLE EVEN SORTKEY (g, k)")
        for number in 0..<200 {
            try session.run("INSERT INTO t VALUES (\(number % 7), \(number))")
            try warehouse.merging.mergeAll()
        }
        let info = #"SELECT unsorted, tbl_rows FROM svv_table_info WHERE "table" = 't'"#
        #expect(try session.rows(info) == ["0.00|200"])
        // What does not belong behind them is not mixed with them.
        for number in 0..<100 { try session.run("INSERT INTO t VALUES (\(number), 5)") }
        try warehouse.merging.mergeAll()
        #expect(try session.rows(info) == ["33.33|300"])
        #expect(try extents(session, "t") < 60)
    }

    @Test func `deleted rows are reclaimed without VACUUM once they are many`() throws {
        let warehouse = try quietWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        let info =
            #"SELECT tbl_rows, estimated_visible_rows FROM svv_table_info WHERE "table" = 't'"#
        try session.run("CREATE TABLE n (n integer) DISTSTYLE ALL")
        let values = (0..<200).map { "(\($0))" }.joined(separator: ", ")
        try session.run("INSERT INTO n VALUES \(values)")
        try session.run("CREATE TABLE t (s integer, k integer) DISTKEY (s)")
        try session.run("INSERT INTO t SELECT 1, a.n * 200 + b.n FROM n a, n b WHERE a.n < 100")
        try session.run("DELETE FROM t WHERE k < 4000")
        try warehouse.merging.mergeAll()
        #expect(try session.rows(info) == ["20000|16000"])
        try session.run("DELETE FROM t WHERE k < 6000")
        try warehouse.merging.mergeAll()
        #expect(try session.rows(info) == ["14000|14000"])
        #expect(try session.rows("SELECT min(k), count(*) FROM t") == ["6000|14000"])
    }

    @Test func `a block that has read a table changes it after VACUUM`() throws {
        let warehouse = try quietWarehouse()
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        let other = warehouse.makeSession()
        try session.run("CREATE TABLE t (k integer) DISTSTYLE EVEN")
        for number in 0..<20 { try session.run("INSERT INTO t VALUES (\(number))") }
        try session.run("BEGIN")
        #expect(try session.rows("SELECT count(*) FROM t") == ["20"])
        try other.run("VACUUM t")
        #expect(try session.rows("SELECT count(*) FROM t") == ["20"])
        try session.run("DELETE FROM t WHERE k < 5")
        try session.run("UPDATE t SET k = k + 100")
        // VACUUM waits for the block's end to put its extents in place.
        try other.run("SET statement_timeout TO 300")
        #expect(other.state("VACUUM t TO 100 PERCENT BOOST") == "57014")
        try session.run("COMMIT")
        try other.run("SET statement_timeout TO 0")
        try other.run("VACUUM t TO 100 PERCENT")
        #expect(try session.rows("SELECT count(*), min(k), max(k) FROM t") == ["15|105|119"])
        #expect(try extents(session, "t") <= 4)
    }

    @Test func `one VACUUM runs at a time, and one that waits can be cancelled`() throws {
        let warehouse = try quietWarehouse()
        defer { warehouse.close() }
        let holder = warehouse.makeSession()
        let first = warehouse.makeSession()
        let second = warehouse.makeSession()
        try holder.run("CREATE TABLE t (k integer) DISTSTYLE EVEN")
        try holder.run("INSERT INTO t VALUES (1), (2), (3), (4), (5), (6), (7), (8)")
        try holder.run("INSERT INTO t VALUES (11), (12), (13), (14), (15), (16), (17), (18)")
        try holder.run("CREATE TABLE empty (k integer)")
        try holder.run("BEGIN")
        try holder.run("DELETE FROM t WHERE k = 1")
        let states = Mutex<[String?]>([])
        inThreads(2) { number in
            if number == 0 {
                var state = first.state("VACUUM t BOOST")
                while state == "55006" { state = first.state("VACUUM t BOOST") }
                states.withLock { $0.append(state) }
                return
            }
            // Refused as soon as the other has begun.
            while second.state("VACUUM empty") != "55006" { usleep(1000) }
            first.cancel()
        }
        #expect(states.withLock { $0 } == ["57014"])
        try holder.run("COMMIT")
        try second.run("VACUUM t TO 100 PERCENT")
        let info =
            #"SELECT tbl_rows, estimated_visible_rows FROM svv_table_info WHERE "table" = 't'"#
        #expect(try second.rows(info) == ["15|15"])
    }

    @Test func `sessions read and write while VACUUM and merging run`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let setup = warehouse.makeSession()
        try setup.run(
            "CREATE TABLE t (s integer, k integer, v integer) DISTSTYLE EVEN SORTKEY (v, k)"
        )
        let isRunning = Atomic<Int>(3)
        let failures = Mutex<[String]>([])
        let expected = Mutex<[Int]>([0, 0, 0])
        inThreads(5) { number in
            let session = warehouse.makeSession()
            do {
                switch number {
                case 0..<3:
                    defer { isRunning.subtract(1, ordering: .releasing) }
                    // Each statement keeps the sum of v at 0 and counts its rows.
                    var count = 0
                    for step in 0..<40 {
                        try session.run(
                            "INSERT INTO t VALUES (\(number), \(step), 7), (\(number), \(step), -7)"
                        )
                        count += 2
                        if step % 4 == 1 {
                            try session.run("UPDATE t SET v = -v WHERE s = \(number)")
                        }
                        if step % 10 == 9 {
                            try session.run("DELETE FROM t WHERE s = \(number) AND k = \(step - 3)")
                            count -= 2
                        }
                    }
                    expected.withLock { $0[number] = count }
                case 3:
                    while isRunning.load(ordering: .acquiring) > 0 {
                        try session.run("VACUUM t TO 100 PERCENT")
                    }
                default:
                    while isRunning.load(ordering: .acquiring) > 0 {
                        let sum = try session.rows("SELECT coalesce(sum(v), 0) FROM t")
                        if sum != ["0"] { failures.withLock { $0.append("\(sum)") } }
                    }
                }
            } catch {
                failures.withLock { $0.append("\(number): \(error)") }
            }
        }
        #expect(failures.withLock { $0 } == [])
        let counts = expected.withLock { $0 }.enumerated().map { "\($0.offset)|\($0.element)" }
        #expect(try setup.rows("SELECT s, count(*) FROM t GROUP BY s ORDER BY s") == counts)
        try setup.run("VACUUM t TO 100 PERCENT")
        #expect(try setup.rows("SELECT s, count(*) FROM t GROUP BY s ORDER BY s") == counts)
    }
}
