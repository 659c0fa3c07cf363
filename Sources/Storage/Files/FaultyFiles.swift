package import SQLTypes
import Synchronization

/// How the chosen call fails.
package enum FileFault: Hashable, Sendable, CaseIterable {
    /// An input/output error; nothing was done.
    case error
    /// The disk is full; nothing was done.
    case diskFull
    /// Half of a write is done, then the disk is full; other calls just fail.
    case shortWrite
    /// The power goes: this call and all later ones fail, and unsynced writes are lost.
    case crash
}

/// A file system whose k-th call fails: the test twin of ``PosixFiles``.
///
/// Works on real files, and remembers what is not synced yet: bytes written since a file's last
/// sync, and names made since their directory's last sync. ``loseUnsynced()`` takes them away,
/// which leaves what a power cut would leave.
package final class FaultyFiles: FileSystem {
    private struct State {
        var callCount = 0
        var failingCall: Int?
        var fault = FileFault.error
        var hasCrashed = false
        var calls: [String] = []
        /// Bytes of a file that are safe; files not listed are wholly safe.
        var syncedByteCounts: [String: Int] = [:]
        /// Files whose name is not safe yet.
        var unsyncedNames: Set<String> = []
    }

    private let files: PosixFiles
    private let state: Mutex<State>

    /// Makes a twin that fails nothing yet.
    package init() {
        files = PosixFiles()
        state = Mutex(State())
    }

    /// Lets call `number` from now on fail, counted from 1.
    package func failCall(_ number: Int, with fault: FileFault) {
        state.withLock {
            $0.callCount = 0
            $0.calls = []
            $0.failingCall = number
            $0.fault = fault
            $0.hasCrashed = false
        }
    }

    /// Fails nothing any more; a crash is over.
    package func heal() {
        state.withLock {
            $0.failingCall = nil
            $0.hasCrashed = false
            $0.callCount = 0
            $0.calls = []
        }
    }

    /// How many calls were made since the last ``failCall(_:with:)`` or ``heal()``.
    package var callCount: Int { state.withLock { $0.callCount } }

    /// The calls made since then, as `name path`.
    package var calls: [String] { state.withLock { $0.calls } }

    /// Whether the failing call has been made.
    package var hasFailed: Bool {
        state.withLock { state in state.failingCall.map { state.callCount >= $0 } ?? false }
    }

    /// Takes away what was written and not synced, as a power cut does.
    package func loseUnsynced() throws(SQLError) {
        let (counts, names) = state.withLock { state in
            defer {
                state.syncedByteCounts = [:]
                state.unsyncedNames = []
            }
            return (state.syncedByteCounts, state.unsyncedNames)
        }
        for path in names where try files.status(path) != nil { try files.remove(path) }
        for (path, count) in counts where !names.contains(path) {
            guard try files.status(path) != nil else { continue }
            let file = try files.open(path, for: .readWrite)
            try file.truncate(to: count)
            file.close()
        }
    }

    /// Counts a call; throws where it is the chosen one, after `partial` for a short write.
    fileprivate func step(
        _ name: String,
        _ path: String,
        partial: (() -> Void)? = nil
    ) throws(SQLError) {
        let fault: FileFault? = state.withLock { state in
            state.callCount += 1
            state.calls.append("\(name) \(path)")
            if state.hasCrashed { return .crash }
            guard state.callCount == state.failingCall else { return nil }
            if state.fault == .crash { state.hasCrashed = true }
            return state.fault
        }
        switch fault {
        case nil: return
        case .error, .crash:
            throw SQLError(.ioError, "could not \(name) \"\(path)\"", detail: "Injected fault.")
        case .diskFull:
            throw SQLError(.diskFull, "could not \(name) \"\(path)\"", detail: "Injected fault.")
        case .shortWrite:
            partial?()
            throw SQLError(.diskFull, "could not \(name) \"\(path)\"", detail: "Injected fault.")
        }
    }

    fileprivate func noteWrite(_ path: String, from offset: Int) {
        state.withLock { state in
            let safe = state.syncedByteCounts[path] ?? offset
            state.syncedByteCounts[path] = min(safe, offset)
        }
    }

    fileprivate func noteSync(_ path: String) {
        state.withLock { $0.syncedByteCounts[path] = nil }
    }

    package func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile {
        try step("open", path)
        let isNew = access == .read ? false : try files.status(path) == nil
        let file = try files.open(path, for: access)
        if isNew {
            state.withLock { state in
                state.unsyncedNames.insert(path)
                state.syncedByteCounts[path] = 0
            }
        }
        return FaultyFile(file, path: path, files: self)
    }

    package func status(_ path: String) throws(SQLError) -> FileStatus? {
        try step("stat", path)
        return try files.status(path)
    }

    package func list(_ path: String) throws(SQLError) -> [String] {
        try step("list", path)
        return try files.list(path)
    }

    package func makeDirectory(_ path: String) throws(SQLError) {
        try step("mkdir", path)
        try files.makeDirectory(path)
    }

    package func remove(_ path: String) throws(SQLError) {
        try step("unlink", path)
        try files.remove(path)
        state.withLock { state in
            state.unsyncedNames.remove(path)
            state.syncedByteCounts[path] = nil
        }
    }

    package func removeDirectory(_ path: String) throws(SQLError) {
        try step("rmdir", path)
        try files.removeDirectory(path)
    }

    package func rename(_ path: String, to newPath: String) throws(SQLError) {
        try step("rename", path)
        try files.rename(path, to: newPath)
        state.withLock { state in
            if state.unsyncedNames.remove(path) != nil { state.unsyncedNames.insert(newPath) }
            state.syncedByteCounts[newPath] = state.syncedByteCounts.removeValue(forKey: path)
        }
    }

    package func syncDirectory(_ path: String) throws(SQLError) {
        try step("sync directory", path)
        try files.syncDirectory(path)
        state.withLock { state in
            state.unsyncedNames = state.unsyncedNames.filter { name in
                guard let slash = name.lastIndex(of: "/") else { return true }
                return name[..<slash] != path
            }
        }
    }

    package func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)? {
        try step("lock", path)
        return try files.lock(path, isExclusive: isExclusive)
    }

    package func catalogStep(_ name: String) throws(SQLError) { try step("catalog", name) }
}

private final class FaultyFile: OpenFile {
    private let file: any OpenFile
    private let path: String
    private let files: FaultyFiles

    init(_ file: any OpenFile, path: String, files: FaultyFiles) {
        self.file = file
        self.path = path
        self.files = files
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(SQLError) -> Int {
        try files.step("read", path)
        return try file.read(into: bytes, at: offset)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(SQLError) {
        try files.step("write", path) {
            let half = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count / 2)])
            try? self.file.write(half, at: offset)
            self.files.noteWrite(self.path, from: offset)
        }
        try file.write(bytes, at: offset)
        files.noteWrite(path, from: offset)
    }

    func sync() throws(SQLError) {
        try files.step("sync", path)
        try file.sync()
        files.noteSync(path)
    }

    func truncate(to byteCount: Int) throws(SQLError) {
        try files.step("truncate", path)
        try file.truncate(to: byteCount)
        files.noteWrite(path, from: byteCount)
    }

    func byteCount() throws(SQLError) -> Int {
        try files.step("stat", path)
        return try file.byteCount()
    }

    func close() { file.close() }
}
