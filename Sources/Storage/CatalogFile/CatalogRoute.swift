import CSQLiteFiles
import SQLTypes
import Synchronization

/// Sends SQLite's calls on the files of one database through a ``FileSystem``, while it lives.
///
/// ```
/// GRDB → SQLite → our VFS ── path of a route? ── yes → FileSystem   (test twin, readers)
///                                             └─ no  → SQLite's own VFS
/// ```
/// A program that makes no route never registers our VFS, so a production writer has SQLite's own
/// files and their speed. Two things make routes:
///
/// - The test twin, so that each call of a commit can fail, tear or be the last.
/// - Reading only, on any file system: such a route opens all files for reading, shows a log that
///   is missing as an empty one, and takes no locks. So a warehouse in a directory that cannot be
///   written can be read, readers leave no file behind, and none of them folds a log.
///
/// Locks of SQLite's always succeed here: the warehouse's lock file is held by whoever opens it.
final class CatalogRoute: Sendable {
    private let number: Int

    /// Routes the database at `path` and its logs until ``remove()``.
    init(path: String, files: any FileSystem, isReadOnly: Bool) throws(SQLError) {
        var full = [CChar](repeating: 0, count: 4096)
        guard sf_full_path(path, &full, Int32(full.count)) == 0 else {
            throw SQLError(.ioError, "could not resolve \"\(path)\"")
        }
        let end = full.firstIndex(of: 0) ?? full.count
        let name = String(decoding: full[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        number = try routes.withLock { (table: inout RouteTable) throws(SQLError) -> Int in
            guard sf_register(&table.calls) == 0 else {
                throw SQLError(.ioError, "could not set up the catalog's files")
            }
            table.lastNumber += 1
            table.routes[table.lastNumber] = Route(path: name, files: files, isReadOnly: isReadOnly)
            return table.lastNumber
        }
    }

    deinit { remove() }

    /// Ends the route; files open by it stay its own.
    func remove() {
        _ = routes.withLock { $0.routes.removeValue(forKey: number) }
    }
}

private struct Route: Sendable {
    var path: String
    var files: any FileSystem
    var isReadOnly: Bool

    /// Whether a file is the database or one that SQLite keeps beside it.
    func has(_ name: String) -> Bool {
        guard name.hasPrefix(path) else { return false }
        return ["", "-wal", "-journal"].contains(name.dropFirst(path.count))
    }
}

private struct RouteTable {
    var routes: [Int: Route] = [:]
    var lastNumber = 0
    var calls = sf_calls(
        open: openFile,
        close: closeFile,
        read: readFile,
        write: writeFile,
        truncate: truncateFile,
        sync: syncFile,
        size: sizeFile,
        remove: removeFile,
        exists: fileExists
    )
}

private let routes = Mutex(RouteTable())

private func route(_ path: String) -> Route? {
    routes.withLock { table in table.routes.values.first { $0.has(path) } }
}

/// A file SQLite has open; nil stands for a log that is not there and is only read.
private final class RoutedFile {
    let file: (any OpenFile)?
    let files: any FileSystem
    /// The directory to sync with the file the first time; empty for none.
    var unsyncedDirectory: String

    init(_ file: (any OpenFile)?, files: any FileSystem, unsyncedDirectory: String) {
        self.file = file
        self.files = files
        self.unsyncedDirectory = unsyncedDirectory
    }
}

private func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
}

private func answer(_ error: SQLError) -> Int32 {
    switch error.state {
    case .diskFull: SF_FULL
    case .undefinedFile: SF_MISSING
    default: SF_FAILED
    }
}

/// Runs a call and says how it went.
private func answer(_ body: () throws(SQLError) -> Void) -> Int32 {
    do throws(SQLError) {
        try body()
        return SF_OK
    } catch {
        return answer(error)
    }
}

private func routed(_ file: UnsafeMutableRawPointer?) -> RoutedFile? {
    file.map { Unmanaged<RoutedFile>.fromOpaque($0).takeUnretainedValue() }
}

// MARK: - What the VFS calls

private func openFile(
    _ name: UnsafePointer<CChar>?,
    _ how: Int32,
    _ file: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ isReadOnly: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let name, let file, let isReadOnly else { return SF_FAILED }
    let path = String(cString: name)
    guard let route = route(path) else { return SF_ELSEWHERE }
    return answer { () throws(SQLError) in
        let files = route.files
        let isLog = how & SF_LOG != 0
        var opened: (any OpenFile)?
        let exists = try files.status(path) != nil
        if route.isReadOnly || how & SF_WRITES == 0 {
            isReadOnly.pointee = 1
            if exists || !isLog { opened = try files.open(path, for: .read) }
        } else if exists || how & SF_CREATES != 0 {
            opened = try files.open(path, for: .readWrite)
        } else {
            throw SQLError(.undefinedFile, "file does not exist: \"\(path)\"")
        }
        let routed = RoutedFile(
            opened,
            files: files,
            unsyncedDirectory: isLog && how & SF_CREATES != 0 ? directory(of: path) : ""
        )
        file.pointee = Unmanaged.passRetained(routed).toOpaque()
    }
}

private func closeFile(_ file: UnsafeMutableRawPointer?) {
    guard let file else { return }
    Unmanaged<RoutedFile>.fromOpaque(file).takeRetainedValue().file?.close()
}

private func readFile(
    _ file: UnsafeMutableRawPointer?,
    _ bytes: UnsafeMutableRawPointer?,
    _ count: Int32,
    _ offset: Int64,
    _ done: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let routed = routed(file), let done else { return SF_FAILED }
    let target = UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))
    return answer { () throws(SQLError) in
        done.pointee = Int32(try routed.file?.read(into: target, at: Int(offset)) ?? 0)
    }
}

private func writeFile(
    _ file: UnsafeMutableRawPointer?,
    _ bytes: UnsafeRawPointer?,
    _ count: Int32,
    _ offset: Int64
) -> Int32 {
    guard let open = routed(file)?.file else { return SF_FAILED }
    let source = UnsafeRawBufferPointer(start: bytes, count: Int(count))
    return answer { () throws(SQLError) in try open.write(source, at: Int(offset)) }
}

private func truncateFile(_ file: UnsafeMutableRawPointer?, _ byteCount: Int64) -> Int32 {
    guard let open = routed(file)?.file else { return SF_FAILED }
    return answer { () throws(SQLError) in try open.truncate(to: Int(byteCount)) }
}

private func syncFile(_ file: UnsafeMutableRawPointer?) -> Int32 {
    guard let routed = routed(file), let open = routed.file else { return SF_FAILED }
    let result = answer { () throws(SQLError) in try open.sync() }
    guard result == SF_OK, !routed.unsyncedDirectory.isEmpty else { return result }
    let nameResult = answer { () throws(SQLError) in
        try routed.files.syncDirectory(routed.unsyncedDirectory)
    }
    guard nameResult == SF_OK else { return SF_DIRECTORY_FAILED }
    routed.unsyncedDirectory = ""
    return SF_OK
}

private func sizeFile(
    _ file: UnsafeMutableRawPointer?,
    _ byteCount: UnsafeMutablePointer<Int64>?
) -> Int32 {
    guard let routed = routed(file), let byteCount else { return SF_FAILED }
    return answer { () throws(SQLError) in
        byteCount.pointee = Int64(try routed.file?.byteCount() ?? 0)
    }
}

private func removeFile(_ name: UnsafePointer<CChar>?, _ syncsDirectory: Int32) -> Int32 {
    guard let name else { return SF_FAILED }
    let path = String(cString: name)
    guard let route = route(path) else { return SF_ELSEWHERE }
    guard !route.isReadOnly else { return SF_FAILED }
    let result = answer { () throws(SQLError) in try route.files.remove(path) }
    guard result == SF_OK, syncsDirectory != 0 else { return result }
    let nameResult = answer { () throws(SQLError) in
        try route.files.syncDirectory(directory(of: path))
    }
    return nameResult == SF_OK ? SF_OK : SF_DIRECTORY_FAILED
}

private func fileExists(
    _ name: UnsafePointer<CChar>?,
    _ found: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let name, let found else { return SF_FAILED }
    let path = String(cString: name)
    guard let route = route(path) else { return SF_ELSEWHERE }
    return answer { () throws(SQLError) in
        found.pointee = try route.files.status(path) == nil ? 0 : 1
    }
}
