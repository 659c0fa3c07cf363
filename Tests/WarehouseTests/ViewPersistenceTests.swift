import Foundation
import Testing
import Warehouse

/// Views, comments and altered tables in a warehouse that is closed and opened again.
@Suite struct ViewPersistenceTests {
    private final class Rows: ResultSink {
        var lines: [String] = []

        func begin(columns: [ResultColumn]) throws(SQLError) {}

        func rows(_ batch: RowBatch) throws(SQLError) {
            for row in 0..<batch.rowCount {
                let values = batch.columns.indices.map {
                    batch.text(row: row, column: $0) ?? "NULL"
                }
                lines.append(values.joined(separator: "|"))
            }
        }

        func finish(tag: String) throws(SQLError) {}

        func notice(_ notice: SQLNotice) {}
    }

    /// Runs statements in one session of the warehouse at `path`; gives all their rows.
    private func run(_ statements: String..., at path: String) throws -> [String] {
        var options = WarehouseOptions()
        options.path = path
        options.memoryBytes = 1 << 28
        let warehouse = try Warehouse.open(options) { _ in }
        defer { warehouse.close() }
        let session = warehouse.makeSession()
        let rows = Rows()
        for statement in statements { try session.execute(statement, into: rows) }
        return rows.lines
    }

    @Test func `views are there after the warehouse is opened again`() throws {
        let path = "/tmp/slicehouse-view-test-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try run(
            "create table t (a int, b varchar(10))",
            "insert into t values (1, 'x'), (2, 'y')",
            "create view v (k, text) as select * from t where a > 1",
            "create view w as select k from v",
            "create view late (z) as select a from public.t with no schema binding",
            "comment on view v is 'the view'",
            "comment on column t.b is 'the column'",
            at: path
        )
        let rows = try run(
            "select * from v",
            "select * from w",
            "select count(z) from late",
            "select remarks from svv_tables where table_name = 'v'",
            "select remarks from svv_columns where table_name = 't' and column_name = 'b'",
            "alter table t rename column a to key",
            "alter table t add column c int default 7",
            at: path
        )
        #expect(rows == ["2|y", "2", "2", "the view", "the column"])
        let after = try run("select * from v", "select key, c from t order by 1", at: path)
        #expect(after == ["2|y", "1|7", "2|7"])
        #expect(throws: SQLError.self) { try run("drop table t", at: path) }
        _ = try run("drop table t cascade", at: path)
        #expect(try run("select count(*) from pg_views", at: path) == ["1"])
    }
}
