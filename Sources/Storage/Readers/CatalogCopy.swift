import SQLTypes
import Synchronization

/// A catalog and its log as they stood at one moment, in memory, for a reader beside the writer.
///
/// The writer appends commits to the log and, from time to time, copies the log's pages into the
/// main file and begins the log anew with another header. Log and main file read one after the
/// other belong together where the log's header was the same before and after: all that the main
/// file may have got meanwhile is in the log too, and SQLite reads the log first. A commit that
/// was half appended is not there for SQLite, as after a crash.
final class CatalogCopy: FileSystem {
    /// The name under which SQLite is shown the copy; another for each, since routes go by path.
    let path: String
    private let main: [UInt8]
    private let log: [UInt8]
    private static let lastNumber = Atomic<Int>(0)
    private static let logHeaderByteCount = 32

    /// Copies the catalog at `source`; nil where the writer began its log anew meanwhile.
    ///
    /// Errors: those of reading files.
    init?(of source: String, files: any FileSystem) throws(SQLError) {
        let number = Self.lastNumber.add(1, ordering: .relaxed).newValue
        path = "\(source)-reader-\(number)"
        let before = try Self.logHeader(source, files)
        main = try files.contents(of: source)
        log = try Self.contentsIfThere(of: "\(source)-wal", files)
        guard before == Array(log.prefix(Self.logHeaderByteCount)),
            try Self.logHeader(source, files) == before
        else { return nil }
    }

    private static func logHeader(
        _ source: String,
        _ files: any FileSystem
    ) throws(SQLError) -> [UInt8] {
        let file: any OpenFile
        do throws(SQLError) {
            file = try files.open("\(source)-wal", for: .read)
        } catch  where error.state == .undefinedFile { return [] }
        defer { file.close() }
        var header = [UInt8](repeating: 0, count: logHeaderByteCount)
        var got = 0
        var failure: SQLError?
        header.withUnsafeMutableBytes { bytes in
            do throws(SQLError) {
                got = try file.read(into: bytes, at: 0)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return Array(header.prefix(got))
    }

    private static func contentsIfThere(
        of path: String,
        _ files: any FileSystem
    ) throws(SQLError) -> [UInt8] {
        do throws(SQLError) {
            return try files.contents(of: path)
        } catch  where error.state == .undefinedFile { return [] }
    }

    private func bytes(of name: String) -> [UInt8]? {
        switch name {
        case path: main
        case "\(path)-wal": log.isEmpty ? nil : log
        default: nil
        }
    }

    func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile {
        guard case .read = access, let bytes = bytes(of: path) else { throw Self.refusal(path) }
        return CopiedFile(bytes: bytes, path: path)
    }

    func status(_ path: String) throws(SQLError) -> FileStatus? {
        bytes(of: path).map { FileStatus(isDirectory: false, byteCount: $0.count) }
    }

    var carriesCatalog: Bool { true }

    // A copy is only read.
    func list(_ path: String) throws(SQLError) -> [String] { throw Self.refusal(path) }
    func makeDirectory(_ path: String) throws(SQLError) { throw Self.refusal(path) }
    func remove(_ path: String) throws(SQLError) { throw Self.refusal(path) }
    func removeDirectory(_ path: String) throws(SQLError) { throw Self.refusal(path) }
    func rename(_ path: String, to newPath: String) throws(SQLError) { throw Self.refusal(path) }
    func syncDirectory(_ path: String) throws(SQLError) { throw Self.refusal(path) }
    func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)? {
        throw Self.refusal(path)
    }

    fileprivate static func refusal(_ path: String) -> SQLError {
        SQLError.invariant("the copy \"\(path)\" of a catalog was used for more than reading")
    }
}

/// One file of a copy.
private final class CopiedFile: OpenFile {
    private let bytes: [UInt8]
    private let path: String

    init(bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(SQLError) -> Int {
        let count = max(0, min(target.count, bytes.count - offset))
        if count > 0 { target.copyBytes(from: bytes[offset..<offset + count]) }
        return count
    }

    func byteCount() throws(SQLError) -> Int { bytes.count }
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError) {
        throw CatalogCopy.refusal(path)
    }
    func sync() throws(SQLError) { throw CatalogCopy.refusal(path) }
    func truncate(to byteCount: Int) throws(SQLError) { throw CatalogCopy.refusal(path) }
    func close() {}
}
