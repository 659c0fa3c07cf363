import Loading
import SQLTypes
import Testing
import Vectors

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A directory of a test's own, removed when it goes.
final class TemporaryFiles {
    let directory: String
    private var names: [String] = []

    init() throws {
        var template = Array("/tmp/loading-tests-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer {
            $0.baseAddress.flatMap { mkdtemp($0) }
        }
        directory = String(cString: try #require(made))
    }

    deinit {
        for name in names { unlink(directory + "/" + name) }
        rmdir(directory)
    }

    /// Writes a file; its path.
    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) -> String {
        let path = directory + "/" + name
        names.append(name)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        _ = bytes.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        return path
    }

    @discardableResult
    func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }
}

/// What a load gave: rows as texts, NULL as nil, and what was rejected.
struct Loaded {
    var rows: [[String?]] = []
    var errors: [LoadError] = []
}

/// Options from words as `("NULL", ["x"])`.
func options(_ words: (String, [String])...) throws -> CopyOptions {
    try CopyOptions.parse(
        words.enumerated().map { (name: $1.0, arguments: $1.1, position: $0) }
    )
}

/// Parses a whole file, in ranges of `byteCount`.
func load(
    _ path: String,
    _ types: [DataType],
    _ options: CopyOptions,
    notNull: Set<Int> = [],
    byteCount: Int = loadRangeByteCount
) throws -> Loaded {
    let columns = types.enumerated().map { index, type in
        LoadColumn(name: "c\(index + 1)", type: type, isNotNull: notNull.contains(index))
    }
    let files = try resolveSource(path, options: options)
    var loaded = Loaded()
    for range in try splitFiles(files, options: options, byteCount: byteCount) {
        let reader = try DelimitedReader(range: range, columns: columns, options: options)
        while let chunk = try reader.next() {
            #expect(chunk.count <= chunkRowCountMax && chunk.count > 0)
            for row in 0..<chunk.count {
                loaded.rows.append(
                    zip(chunk.columns, types).map { vector, type in
                        vector.isNull(row) ? nil : formatDatum(vector.datum(row), type: type)
                    }
                )
            }
        }
        loaded.errors += try reader.takeErrors()
    }
    return loaded
}

private func writeBytes(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    guard let bytes else { return 0 }
    return write(file, bytes, count)
}
