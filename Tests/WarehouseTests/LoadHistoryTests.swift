import Foundation
import Testing
import Warehouse

/// `history.sqlite` beside COPY: a load never depends on it, and reading never writes it.
@Suite struct LoadHistoryTests {
    /// Runs `body` with the path of a warehouse to be and a file of two good rows and a bad one;
    /// removes both afterwards.
    private func withFile(_ body: (_ path: String, _ file: String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "slicehouse-history-\(UInt64.random(in: 0...(.max)))"
        let file = path + ".txt"
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: file)
        }
        try "1|a\nbad\n2|b\n".write(toFile: file, atomically: false, encoding: .utf8)
        try body(path, file)
    }

    /// Runs `body` in a session of a new warehouse whose history holds `bytes`; there are a table
    /// `t` and a file of two good rows and a bad one.
    private func withHistory(
        _ bytes: Data,
        _ body: (_ session: Session, _ history: String, _ file: String) throws -> Void
    ) throws {
        try withFile { path, file in
            var options = WarehouseOptions()
            options.path = path
            options.memoryBytes = 256 << 20
            try Warehouse.create(options)
            try bytes.write(to: URL(filePath: path + "/history.sqlite"))
            let warehouse = try Warehouse.open(options) { _ in }
            defer { warehouse.close() }
            let session = warehouse.makeSession()
            try session.run("CREATE TABLE t (a integer, b varchar(5)) DISTSTYLE EVEN")
            try body(session, path + "/history.sqlite", file)
        }
    }

    private final class Notices: ResultSink {
        var texts: [String] = []
        func begin(columns: [ResultColumn]) throws(SQLError) {}
        func rows(_ batch: RowBatch) throws(SQLError) {}
        func finish(tag: String) throws(SQLError) {}
        func notice(_ notice: SQLNotice) {
            texts.append("\(notice.severity.rawValue): \(notice.message)")
        }
    }

    @Test func `a damaged history is a warning to COPY and an error to who reads it`() throws {
        try withHistory(Data(repeating: 0x5A, count: 9000)) { session, history, file in
            let sink = Notices()
            try session.execute("COPY t FROM '\(file)' MAXERROR 5", into: sink)
            #expect(sink.texts.first?.hasPrefix("WARNING: load errors were not kept") == true)
            #expect(sink.texts.first?.contains("the history is damaged: \"\(history)\"") == true)
            #expect(try session.rows("SELECT a FROM t ORDER BY a") == ["1", "2"])
            #expect(session.state("SELECT count(*) FROM stl_load_errors") == "XX001")
        }
    }

    @Test func `reading an empty history gives no rows and writes nothing`() throws {
        try withHistory(Data()) { session, history, file in
            #expect(try session.rows("SELECT count(*) FROM stl_load_errors") == ["0"])
            #expect(try Data(contentsOf: URL(filePath: history)).isEmpty)
            try session.run("COPY t FROM '\(file)' MAXERROR 5")
            #expect(try session.rows("SELECT count(*) FROM stl_load_errors") == ["1"])
        }
    }

    /// Opens the warehouse at `path`, runs `body` in a session and closes it again.
    private func reopened(
        _ path: String,
        isReadOnly: Bool = false,
        _ body: (Session) throws -> Void
    ) throws -> [String] {
        var options = WarehouseOptions()
        options.path = path
        options.memoryBytes = 256 << 20
        options.isReadOnly = isReadOnly
        var notices: [String] = []
        let warehouse = try Warehouse.open(options) { notices.append($0.message) }
        defer { warehouse.close() }
        try body(warehouse.makeSession())
        return notices
    }

    @Test func `numbers of queries and sessions go on where the history ends`() throws {
        try withFile { path, file in
            _ = try reopened(path) { session in
                try session.run("CREATE TABLE t (a integer, b varchar(5))")
            }
            let history = path + "/history.sqlite"
            #expect(FileManager.default.fileExists(atPath: history))
            for _ in 0..<3 {
                let notices = try reopened(path) { session in
                    try session.run("COPY t FROM '\(file)' MAXERROR 5")
                    let mine =
                        "SELECT count(*) FROM stl_load_errors WHERE query = pg_last_copy_id()"
                    let count = try session.rows(mine)
                    #expect(count == ["1"])
                }
                #expect(notices.isEmpty)
            }
            _ = try reopened(path, isReadOnly: true) { session in
                let distinct = """
                    SELECT count(DISTINCT query), count(DISTINCT session),
                    pg_backend_pid() > max(session) FROM stl_load_errors
                    """
                let counts = try session.rows(distinct)
                #expect(counts == ["3|3|t"])
            }
            try Data(repeating: 0x5A, count: 9000).write(to: URL(filePath: history))
            let notices = try reopened(path) { session in
                let rows = try session.rows("SELECT 1")
                #expect(rows == ["1"])
            }
            #expect(notices.count == 1)
            #expect(notices.first?.hasPrefix("queries are numbered from 1 again") == true)
        }
    }

    @Test func `a row that is bad as a whole is blamed on no column`() throws {
        try withHistory(Data()) { session, _, file in
            let error = #expect(throws: SQLError.self) {
                try session.run("COPY t FROM '\(file)'")
            }
            #expect(error?.detail == "\(file), line 2: Delimiter not found (code 1214)")
        }
    }
}
