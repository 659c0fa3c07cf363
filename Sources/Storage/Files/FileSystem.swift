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

    /// Makes a status.
    package init(isDirectory: Bool, byteCount: Int) {
        self.isDirectory = isDirectory
        self.byteCount = byteCount
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
    /// Called before and after each step that the catalog's library does on files of its own.
    ///
    /// The real one does nothing; the test twin counts it as a call that can fail.
    func catalogStep(_ name: String) throws(SQLError)
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

    /// Replaces a file's contents; not atomic, not synced.
    package func write(_ bytes: [UInt8], to path: String) throws(SQLError) {
        let file = try open(path, for: .readWrite)
        defer { file.close() }
        try file.truncate(to: 0)
        var failure: SQLError?
        bytes.withUnsafeBytes { buffer in
            do throws(SQLError) {
                try file.write(buffer, at: 0)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Makes a directory and what is missing above it.
    package func makeDirectories(_ path: String) throws(SQLError) {
        if let status = try status(path) {
            if status.isDirectory { return }
            throw SQLError(.ioError, "not a directory: \"\(path)\"")
        }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
        }
        try makeDirectory(path)
    }

    /// Removes a directory and all that is in it; what is missing is fine.
    package func removeTree(_ path: String) throws(SQLError) {
        guard let found = try status(path) else { return }
        guard found.isDirectory else { return try remove(path) }
        for name in try list(path) { try removeTree("\(path)/\(name)") }
        try removeDirectory(path)
    }
}
