package import SQLTypes

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The operating system's files.
package final class PosixFiles: FileSystem {
    /// Makes the one needed; it has no state.
    package init() {}

    package func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile {
        let flags: Int32 =
            switch access {
            case .read: O_RDONLY | O_CLOEXEC
            case .create: O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
            case .readWrite: O_RDWR | O_CREAT | O_CLOEXEC
            }
        let descriptor = systemOpen(path, flags)
        guard descriptor >= 0 else { throw systemError("could not open file", path) }
        return PosixFile(descriptor: descriptor, path: path)
    }

    package func status(_ path: String) throws(SQLError) -> FileStatus? {
        var info = stat()
        var own = stat()
        guard stat(path, &info) == 0, lstat(path, &own) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw systemError("could not stat file", path)
        }
        return FileStatus(
            isDirectory: info.st_mode & S_IFMT == S_IFDIR,
            byteCount: Int(info.st_size),
            isLink: own.st_mode & S_IFMT == S_IFLNK,
            isOwn: own.st_uid == geteuid()
        )
    }

    package func list(_ path: String) throws(SQLError) -> [String] {
        guard let directory = opendir(path) else {
            throw systemError("could not open directory", path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    package func makeDirectory(_ path: String) throws(SQLError) {
        if mkdir(path, 0o777) != 0 && errno != EEXIST {
            throw systemError("could not create directory", path)
        }
    }

    package func remove(_ path: String) throws(SQLError) {
        if unlink(path) != 0 { throw systemError("could not remove file", path) }
    }

    package func removeDirectory(_ path: String) throws(SQLError) {
        if rmdir(path) != 0 { throw systemError("could not remove directory", path) }
    }

    package func rename(_ path: String, to newPath: String) throws(SQLError) {
        if systemRename(path, newPath) != 0 { throw systemError("could not rename file", path) }
    }

    package func syncDirectory(_ path: String) throws(SQLError) {
        let descriptor = systemOpen(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError("could not open directory", path) }
        defer { _ = systemClose(descriptor) }
        if fsync(descriptor) != 0 { throw systemError("could not sync directory", path) }
    }

    package func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)? {
        var descriptor = systemOpen(path, O_RDWR | O_CREAT | O_CLOEXEC)
        if descriptor < 0 && !isExclusive { descriptor = systemOpen(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw systemError("could not open lock file", path) }
        guard flock(descriptor, (isExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 else {
            let reason = errno
            _ = systemClose(descriptor)
            if reason == EWOULDBLOCK { return nil }
            errno = reason
            throw systemError("could not lock file", path)
        }
        return PosixLock(descriptor: descriptor)
    }

    package var carriesCatalog: Bool { false }

    /// `path` from the root, without symbolic links.
    ///
    /// It stays right where the process changes its directory. What does not exist yet is looked
    /// for in its parent.
    /// Errors: 58P01, 42501 and 58030 where the parent cannot be found.
    package static func absolute(_ path: String) throws(SQLError) -> String {
        if let found = realpath(path, nil) {
            defer { free(found) }
            return String(cString: found)
        }
        guard errno == ENOENT, let end = path.lastIndex(where: { $0 != "/" }) else {
            throw systemError("could not find directory", path)
        }
        let name = path[...end]
        let slash = name.lastIndex(of: "/")
        let last = slash.map { name[name.index(after: $0)...] } ?? name
        // Nothing can be created under these names.
        guard last != ".", last != ".." else { throw systemError("could not find directory", path) }
        let parent = try absolute(slash.map { String(name[...$0]) } ?? ".")
        return parent == "/" ? "/\(last)" : "\(parent)/\(last)"
    }
}

/// A file descriptor and the path that messages name.
private final class PosixFile: OpenFile, @unchecked Sendable {
    // `descriptor` changes only in `close`, which its one owner calls last.
    private var descriptor: Int32
    private let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close() }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SQLError) -> Int {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = pread(descriptor, start + done, bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError("could not read file", path)
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError) {
        var done = 0
        while done < bytes.count, let start = bytes.baseAddress {
            let count = pwrite(descriptor, start + done, bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw systemError("could not write file", path)
            }
            if count == 0 {
                errno = ENOSPC
                throw systemError("could not write file", path)
            }
            done += count
        }
    }

    func sync() throws(SQLError) {
        if fsync(descriptor) != 0 { throw systemError("could not sync file", path) }
    }

    func truncate(to byteCount: Int) throws(SQLError) {
        if ftruncate(descriptor, off_t(byteCount)) != 0 {
            throw systemError("could not truncate file", path)
        }
    }

    func byteCount() throws(SQLError) -> Int {
        var info = stat()
        guard fstat(descriptor, &info) == 0 else {
            throw systemError("could not stat file", path)
        }
        return Int(info.st_size)
    }

    func close() {
        if descriptor >= 0 { _ = systemClose(descriptor) }
        descriptor = -1
    }
}

private final class PosixLock: FileLock, @unchecked Sendable {
    // `descriptor` changes only in `release`, which the one owner of the store calls.
    private var descriptor: Int32

    init(descriptor: Int32) { self.descriptor = descriptor }

    deinit { release() }

    func release() {
        guard descriptor >= 0 else { return }
        _ = flock(descriptor, LOCK_UN)
        _ = systemClose(descriptor)
        descriptor = -1
    }
}

/// The error for `errno` after a call on `path` failed.
private func systemError(_ action: String, _ path: String) -> SQLError {
    let number = errno
    let state: SQLState =
        switch number {
        case ENOENT, ENOTDIR: .undefinedFile
        case ENOSPC, EDQUOT, EFBIG: .diskFull
        case EACCES, EPERM, EROFS: .insufficientPrivilege
        default: .ioError
        }
    return SQLError(state, "\(action) \"\(path)\"", detail: String(cString: strerror(number)))
}

// The C functions whose names the methods above hide.
private func systemOpen(_ path: String, _ flags: Int32) -> Int32 { open(path, flags, 0o666) }
private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
private func systemRename(_ path: String, _ newPath: String) -> Int32 { rename(path, newPath) }

/// The number of this process, for the lock file's text.
func currentProcessID() -> Int { Int(getpid()) }

/// Whether a process of this number runs, another user's among them.
func isRunning(_ process: Int) -> Bool {
    guard let number = pid_t(exactly: process), number > 0 else { return false }
    return kill(number, 0) == 0 || errno == EPERM
}
