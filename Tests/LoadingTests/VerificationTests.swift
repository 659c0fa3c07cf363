import Loading
import SQLTypes
import Testing
import Vectors

/// Files of a manifest are verified by the bytes that are parsed.
@Suite struct VerificationTests {
    /// Lines `0|0`, `1|10`, …, with text enough to be cut into several ranges.
    private func lines(_ count: Int) -> String {
        (0..<count).map { "\($0)|\($0 * 10)|some text that fills a line\n" }.joined()
    }

    /// A load of the files of a manifest in ranges of `byteCount`, as slices make it.
    private final class ManifestLoad {
        let ranges: [LoadRange]
        let verification: LoadVerification
        let copyOptions: CopyOptions
        private(set) var rowCount = 0

        init(_ manifest: String, byteCount: Int, _ words: (String, [String])...) throws {
            copyOptions = try CopyOptions.parse(
                ([("MANIFEST", [])] + words).enumerated().map {
                    (name: $1.0, arguments: $1.1, position: $0)
                }
            )
            let files = try resolveSource(manifest, options: copyOptions)
            for file in files { try file.checkSize() }
            ranges = try splitFiles(files, options: copyOptions, byteCount: byteCount)
            verification = LoadVerification(ranges)
        }

        func parse(_ number: Int) throws {
            let reader = try DelimitedReader(
                range: ranges[number],
                columns: [
                    LoadColumn(name: "a", type: .integer, isNotNull: false),
                    LoadColumn(name: "b", type: .bigint, isNotNull: false),
                    LoadColumn(name: "c", type: .varchar(100), isNotNull: false),
                ],
                options: copyOptions,
                verification: verification,
                number: number
            )
            while let chunk = try reader.next() { rowCount += chunk.count }
        }

        func hash() throws {
            for pass in verification.passes.map({ $0.makeHashing() }) {
                while try pass.step() {}
            }
        }

        func finish() throws { try verification.requireComplete() }
    }

    private func manifest(_ files: TemporaryFiles, _ paths: String...) throws -> String {
        files.write("manifest", try createManifest(files: paths))
    }

    @Test(arguments: [true, false])
    func `a file cut into ranges is hashed beside its parsing`(hashesFirst: Bool) throws {
        let files = try TemporaryFiles()
        let path = files.write("a", lines(20_000))
        let load = try ManifestLoad(try manifest(files, path), byteCount: 100_000)
        #expect(load.ranges.count > 5)
        if hashesFirst { try load.hash() }
        // Slices come to their ranges in any order.
        for number in load.ranges.indices.reversed() { try load.parse(number) }
        if !hashesFirst { try load.hash() }
        try load.finish()
        #expect(load.rowCount == 20_000)
    }

    @Test func `a load that was not verified to its end is noticed`() throws {
        let files = try TemporaryFiles()
        let path = files.write("a", lines(20_000))
        let load = try ManifestLoad(try manifest(files, path), byteCount: 100_000)
        for number in load.ranges.indices { try load.parse(number) }
        #expect(throws: SQLError.self) { try load.finish() }
        try load.hash()
        try load.finish()
    }

    @Test(arguments: [0, 1_000, 99_999, 250_000, 400_000])
    func `one wrong byte anywhere names the file and both hashes`(place: Int) throws {
        let files = try TemporaryFiles()
        var bytes = Array(lines(20_000).utf8)
        let path = files.write("a", bytes)
        let manifest = try manifest(files, path)
        let demanded = try #require(
            try resolveSource(manifest, options: try options(("MANIFEST", []))).first
        ).expectedSHA256
        // The place may be anything but a line end, so that ranges stay as they are.
        let index = try #require(bytes[place...].firstIndex { $0 != 10 })
        bytes[index] ^= 1
        files.write("a", bytes)
        let load = try ManifestLoad(manifest, byteCount: 100_000)
        do {
            for number in load.ranges.indices { try load.parse(number) }
            try load.hash()
            Issue.record("a wrong byte was not noticed")
        } catch let error as SQLError {
            #expect(error.state == .dataCorrupted)
            #expect(error.message.contains(path))
            let detail = try #require(error.detail)
            #expect(detail.contains(try #require(demanded)))
            #expect(detail.components(ofHexadecimalDigits: 64).count == 2)
        }
    }

    @Test(arguments: [true, false])
    func `a file that changes between hashing and parsing is noticed`(hashesFirst: Bool) throws {
        let files = try TemporaryFiles()
        let right = lines(20_000)
        let path = files.write("a", right)
        let load = try ManifestLoad(try manifest(files, path), byteCount: 100_000)
        // The last digit of a number: the row stays good, its value is another.
        let wrong = right.replacing("\n15000|150000|", with: "\n15000|150001|")
        #expect(wrong != right)
        var failure: SQLError?
        do {
            if hashesFirst { try load.hash() }
            files.write("a", wrong)
            for number in load.ranges.indices { try load.parse(number) }
            files.write("a", right)
            if !hashesFirst { try load.hash() }
        } catch { failure = error as? SQLError }
        #expect(failure?.state == .dataCorrupted)
        #expect(failure?.message == "file \"\(path)\" changed while it was being loaded")
    }

    @Test func `ranges that no longer end with a line are noticed`() throws {
        let files = try TemporaryFiles()
        let right = lines(20_000)
        let path = files.write("a", right)
        let load = try ManifestLoad(try manifest(files, path), byteCount: 100_000)
        files.write("a", right.dropFirst() + "\n")
        var failure: SQLError?
        do { try load.parse(0) } catch { failure = error as? SQLError }
        #expect(failure?.state == .dataCorrupted)
    }

    @Test func `a whole file is hashed by its reader`() throws {
        let files = try TemporaryFiles()
        let path = files.write("a", lines(3_000))
        let manifest = try manifest(files, path)
        let load = try ManifestLoad(manifest, byteCount: 8 << 20)
        #expect(load.ranges.count == 1 && load.verification.passes.isEmpty)
        try load.parse(0)
        try load.finish()
        #expect(load.rowCount == 3_000)
        files.write("a", lines(3_000).replacing("\n7|70|", with: "\n7|71|"))
        let changed = try ManifestLoad(manifest, byteCount: 8 << 20)
        var failure: SQLError?
        do { try changed.parse(0) } catch { failure = error as? SQLError }
        #expect(failure?.state == .dataCorrupted)
        #expect(failure?.detail?.contains("sha256 is ") == true)
    }

    @Test func `a file of another size is refused before it is read`() throws {
        let files = try TemporaryFiles()
        let path = files.write("a", lines(10))
        let manifest = try manifest(files, path)
        files.write("a", lines(11))
        #expect(throws: SQLError.self) { _ = try ManifestLoad(manifest, byteCount: 8 << 20) }
    }

    @Test func `asking stops a long pass over a file`() throws {
        let files = try TemporaryFiles()
        let path = files.write("a", lines(200_000))
        let manifest = try manifest(files, path)
        let copyOptions = try options(("MANIFEST", []), ("CSV", []))
        let found = try resolveSource(manifest, options: copyOptions)
        let stop = SQLError(.queryCanceled, "enough")
        var asked = 0
        func check() throws(SQLError) {
            asked += 1
            if asked == 3 { throw stop }
        }
        #expect(throws: stop) { try found[0].verify(check: check) }
        asked = 0
        #expect(throws: stop) {
            _ = try splitFiles(found, options: copyOptions, byteCount: 1 << 20, check: check)
        }
        // Each step between two questions is small.
        asked = -1_000_000
        try found[0].verify(check: check)
        #expect(asked + 1_000_000 >= found[0].byteCount >> 20)
    }
}

extension String {
    /// The runs of exactly `count` hexadecimal digits in it.
    fileprivate func components(ofHexadecimalDigits count: Int) -> [Substring] {
        split { !$0.isHexDigit }.filter { $0.count == count }
    }
}
