import Foundation
import Testing
import Warehouse

/// COPY … MANIFEST: what is loaded is what the manifest demands, or nothing is.
@Suite struct ManifestCopyTests {
    /// A directory with `a.tbl` to `c.tbl` and their manifest, removed with the value.
    private final class Files {
        let directory: String
        private(set) var paths: [String] = []
        let manifest: String

        init(rowCount: Int = 500) throws {
            directory = NSTemporaryDirectory() + "slicehouse-copy-\(UInt64.random(in: 0...(.max)))"
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true
            )
            manifest = directory + "/all.manifest"
            for (number, name) in ["a", "b", "c"].enumerated() {
                let path = "\(directory)/\(name).tbl"
                let rows = (0..<rowCount).map { "\(number * rowCount + $0)|text \($0)\n" }
                try rows.joined().write(toFile: path, atomically: false, encoding: .utf8)
                paths.append(path)
            }
            try Warehouse.createManifest(files: paths).write(
                toFile: manifest,
                atomically: false,
                encoding: .utf8
            )
        }

        deinit { try? FileManager.default.removeItem(atPath: directory) }

        /// Replaces bytes of a file without changing its length.
        func replace(_ old: String, with new: String, in file: Int) throws {
            let url = URL(filePath: paths[file])
            let text = try String(contentsOf: url, encoding: .utf8)
            let changed = text.replacing(old, with: new, maxReplacements: 1)
            #expect(changed != text)
            try changed.write(to: url, atomically: false, encoding: .utf8)
        }
    }

    private func session(_ warehouse: Warehouse) throws -> Session {
        let session = warehouse.makeSession()
        try session.run("CREATE TABLE t (n integer, s varchar(30)) DISTSTYLE EVEN")
        return session
    }

    private func copyError(_ session: Session, _ files: Files, _ options: String = "") -> SQLError?
    {
        do throws(SQLError) {
            try session.execute(
                "COPY t FROM '\(files.manifest)' MANIFEST DELIMITER '|' \(options)",
                into: EventSink()
            )
            return nil
        } catch { return error }
    }

    @Test func `files as the manifest has them are loaded`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = try session(warehouse)
        let files = try Files()
        #expect(copyError(session, files) == nil)
        let sum = 1_499 * 1_500 / 2
        #expect(try session.rows("SELECT count(*), sum(n) FROM t") == ["1500|\(sum)"])
    }

    @Test(
        arguments: [
            // The row stays good, its value is another.
            ("|text 7\n", "|text 8\n"),
            // The row becomes bad: the load would fail before the file's hash is known.
            ("\n1001|", "\n10x1|"),
            // A row becomes two.
            ("|text 7\n", "|tex\n7|\n"),
        ]
    )
    func `one wrong byte loads nothing and names the file and both hashes`(
        old: String,
        new: String
    ) throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = try session(warehouse)
        let files = try Files()
        try files.replace(old, with: new, in: 2)
        for options in ["", "MAXERROR 100", "NOLOAD"] {
            let error = try #require(copyError(session, files, options))
            #expect(error.state.code == "XX001")
            #expect(error.message.contains(files.paths[2]))
            let hashes = (error.detail ?? "").split { !$0.isHexDigit }.filter { $0.count == 64 }
            #expect(Set(hashes).count == 2, "\(options): \(error.detail ?? "")")
            #expect(try session.rows("SELECT count(*) FROM t") == ["0"])
        }
    }

    @Test func `a file of another length is refused, with both lengths`() throws {
        let warehouse = try smallWarehouse()
        defer { warehouse.close() }
        let session = try session(warehouse)
        let files = try Files()
        try files.replace("|text 7\n", with: "|text seven\n", in: 0)
        let error = try #require(copyError(session, files))
        #expect(error.state.code == "XX001")
        #expect(error.detail?.contains("content_length is ") == true)
        #expect(try session.rows("SELECT count(*) FROM t") == ["0"])
    }
}
