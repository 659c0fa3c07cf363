package import SQLTypes

/// What a file is opened for.
package enum FileAccess: Sendable {
    /// Reading a file that exists.
    case read
    /// Writing a file that must not exist yet.
    case create
    /// Reading and writing, creating it where it is missing.
    case readWrite
}

/// What a name in a directory stands for.
package struct FileStatus: Hashable, Sendable {
    package var isDirectory: Bool
    /// Bytes of a regular file.
    package var byteCount: Int
    /// Whether the path is a symbolic link to what the others tell.
    package var isLink: Bool
    /// Whether it belongs to the user of this process.
    package var isOwn: Bool

    /// Makes a status.
    package init(isDirectory: Bool, byteCount: Int, isLink: Bool = false, isOwn: Bool = true) {
        self.isDirectory = isDirectory
        self.byteCount = byteCount
        self.isLink = isLink
        self.isOwn = isOwn
    }
}

/// An open file; all reads and writes name their offset.
package protocol OpenFile: AnyObject, Sendable {
    /// Reads up to `bytes.count` bytes from `offset` and says how many; fewer only at the end.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SQLError) -> Int
    /// Writes all bytes at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError)
    /// Makes everything written so far survive a power cut.
    func sync() throws(SQLError)
    /// Cuts the file off at `byteCount`.
    func truncate(to byteCount: Int) throws(SQLError)
    /// Bytes in the file now.
    func byteCount() throws(SQLError) -> Int
    /// Closes it; later calls fail. Closing twice is allowed.
    func close()
}

/// A lock on a file, held until it is released or the process ends.
package protocol FileLock: AnyObject, Sendable {
    /// Gives the lock up.
    func release()
}

/// Every call on files that the storage makes, so that a test twin can fail any of them.
///
/// Errors: 58P01 for a missing file, 53100 for a full disk, 42501 for a refused permission,
/// 58030 for the rest; the operating system's words stand in `detail`.
package protocol FileSystem: AnyObject, Sendable {
    /// Opens a file.
    func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile
    /// What the path names; nil if nothing.
    func status(_ path: String) throws(SQLError) -> FileStatus?
    /// Names in a directory, sorted, without `.` and `..`.
    func list(_ path: String) throws(SQLError) -> [String]
    /// Makes a directory whose parent exists; one that is there already is fine.
    func makeDirectory(_ path: String) throws(SQLError)
    /// Removes a file; a missing one is an error.
    func remove(_ path: String) throws(SQLError)
    /// Removes an empty directory.
    func removeDirectory(_ path: String) throws(SQLError)
    /// Gives a file another name, replacing what had it.
    func rename(_ path: String, to newPath: String) throws(SQLError)
    /// Makes names made, removed or changed in a directory survive a power cut.
    func syncDirectory(_ path: String) throws(SQLError)
    /// Locks a file that is created where missing; nil when another process holds it.
    func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)?
    /// Whether the catalog's library makes its calls on files through this file system too.
    ///
    /// The real one has it use its own, which are the same; the test twin wants to see them all.
    var carriesCatalog: Bool { get }
}

extension FileSystem {
    /// Reads a whole file.
    package func contents(of path: String) throws(SQLError) -> [UInt8] {
        let file = try open(path, for: .read)
        defer { file.close() }
        var bytes = [UInt8](repeating: 0, count: try file.byteCount())
        var failure: SQLError?
        let read = bytes.withUnsafeMutableBytes { buffer in
            do throws(SQLError) {
                return try file.read(into: buffer, at: 0)
            } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        bytes.removeLast(bytes.count - read)
        return bytes
    }

    /// Writes `bytes` at an offset of an open file.
    package func write(
        _ bytes: [UInt8],
        at offset: Int,
        of file: any OpenFile
    ) throws(SQLError) {
        var failure: SQLError?
        bytes.withUnsafeBytes { buffer in
            do throws(SQLError) {
                try file.write(buffer, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Replaces a file's contents; not atomic, not synced.
    package func write(_ bytes: [UInt8], to path: String) throws(SQLError) {
        let file = try open(path, for: .readWrite)
        defer { file.close() }
        try file.truncate(to: 0)
        try write(bytes, at: 0, of: file)
    }

    /// Makes a directory and what is missing above it; what is made survives a power cut.
    package func makeDirectories(_ path: String) throws(SQLError) {
        if let status = try status(path) {
            if status.isDirectory { return }
            throw SQLError(.ioError, "not a directory: \"\(path)\"")
        }
        let parent = Self.parent(of: path)
        if parent != "/" && parent != "." { try makeDirectories(parent) }
        try makeDirectory(path)
        try syncName(of: path)
    }

    /// Makes a name survive a power cut, where the directory it stands in may be read.
    package func syncName(of path: String) throws(SQLError) {
        do throws(SQLError) {
            try syncDirectory(Self.parent(of: path))
        } catch {
            // One may make names in a directory that one may not open.
            guard error.state == .insufficientPrivilege else { throw error }
        }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Removes a directory and all that is in it, links and not what they lead to; what is missing
    /// is fine.
    package func removeTree(_ path: String) throws(SQLError) {
        guard let found = try status(path) else { return }
        guard found.isDirectory, !found.isLink else { return try remove(path) }
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        try removeDirectory(path)
    }
}
