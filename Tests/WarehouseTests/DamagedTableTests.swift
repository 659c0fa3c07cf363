import Foundation
import Testing
import Warehouse

/// A table whose catalog records are damaged: whoever asks about it hears of the damage.
@Suite struct DamagedTableTests {
    /// Runs `body` in a session over tables `sound` and `bad`, an extent of `bad` being damaged.
    private func withDamage(_ body: (Session) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "slicehouse-damage-\(UInt64.random(in: 0...(.max)))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = WarehouseOptions()
        options.path = path
        options.memoryBytes = 256 << 20
        let needle = "needle in a haystack"
        do {
            let warehouse = try Warehouse.open(options) { _ in }
            defer { warehouse.close() }
            let session = warehouse.makeSession()
            try session.run(
                "CREATE TABLE bad (id bigint IDENTITY(1, 1), s varchar(40) ENCODE RAW) DISTSTYLE EVEN"
            )
            try session.run("CREATE TABLE sound (n integer) DISTSTYLE EVEN")
            try session.run("INSERT INTO bad (s) VALUES ('\(needle)')")
            try session.run("INSERT INTO sound VALUES (1)")
        }
        // A small extent lies in the catalog as it is.
        let catalog = URL(filePath: path + "/catalog.sqlite")
        var bytes = try Data(contentsOf: catalog)
        let place = try #require(bytes.range(of: Data(needle.utf8)))
        bytes[place.lowerBound] ^= 1
        try bytes.write(to: catalog)
        let warehouse = try Warehouse.open(options) { _ in }
        defer { warehouse.close() }
        try body(warehouse.makeSession())
    }

    @Test(
        arguments: [
            "SELECT * FROM bad", "SELECT count(*) FROM bad", "EXPLAIN SELECT * FROM bad",
            "SELECT name, rows FROM stv_tbl_perm", "SELECT tbl FROM stv_blocklist",
            "SELECT \"table\", tbl_rows FROM svv_table_info",
            "INSERT INTO bad (s) VALUES ('x')", "TRUNCATE bad",
        ]
    )
    func `a statement that needs a damaged record fails and names the table`(
        statement: String
    ) throws {
        try withDamage { session in
            do {
                _ = try session.rows(statement)
                Issue.record("\(statement) passed")
            } catch let error as SQLError {
                #expect(error.state.code == "XX001")
                #expect(error.message.contains("\"bad\""))
            }
        }
    }

    @Test func `CHECK WAREHOUSE names the damaged table, and goes on to the others`() throws {
        try withDamage { session in
            let rows = try session.rows("CHECK WAREHOUSE")
            #expect(rows.count == 1)
            #expect(rows.first?.hasPrefix("public.bad|") ?? false, "\(rows)")
            try session.run("DROP TABLE bad")
            #expect(try session.rows("CHECK WAREHOUSE") == [])
        }
    }

    @Test func `other tables work, and a damaged one can be dropped`() throws {
        try withDamage { session in
            #expect(try session.rows("SELECT n FROM sound") == ["1"])
            try session.run("INSERT INTO sound VALUES (2)")
            try session.run("DROP TABLE bad")
            #expect(
                try session.rows("SELECT \"table\", tbl_rows FROM svv_table_info") == ["sound|2"]
            )
        }
    }
}
