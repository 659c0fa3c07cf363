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
    /// A sync fails, and what it was to save will never be saved by another one, though reads go
    /// on to see it; other calls just fail. Linux does this to files; names of a directory whose
    /// sync failed stay for the next one, as a journal keeps them.
    case lostSync
    /// This call and all later ones fail, as after `kill -9` or a power cut.
    case crash
}

/// What a power cut leaves of what was not synced.
///
/// Contents and names are lost independently, so that a name may be there without its contents
/// and, in its old place, contents without their new name.
package struct PowerCut: Hashable, Sendable {
    /// What was drawn; nil where everything is lost.
    package var seed: UInt64?
    /// Bytes that reach the disk wholly or not at all, a multiple of 512.
    package var sectorByteCount: Int
    /// Whether each directory keeps its own earliest changes, as file systems without one journal
    /// for all do; otherwise the earliest changes of all are kept.
    package var isPerDirectory: Bool

    /// Describes one.
    package init(seed: UInt64? = nil, sectorByteCount: Int = 512, isPerDirectory: Bool = false) {
        self.seed = seed
        self.sectorByteCount = sectorByteCount
        self.isPerDirectory = isPerDirectory
    }
}

/// A file system whose k-th call fails: the test twin of ``PosixFiles``.
///
/// Works on real files, and keeps beside each the contents that a power cut would leave: what was
/// there at its last sync, and which sectors were written since. Names made, removed and changed
/// are kept until their directory is synced. ``loseUnsynced(tearing:)`` makes the files what the
/// power cut leaves. Real syncs are left out: a test's machine stays on. SQLite's calls on the
/// catalog come here too.
package final class FaultyFiles: FileSystem {
    /// Bytes that a disk writes wholly or not at all.
    fileprivate static let sectorByteCount = 512

    /// A file whose contents on the disk are others than reads see.
    fileprivate struct Shadow {
        var saved: [UInt8]
        /// Sectors written since the last sync.
        var dirty: Set<Int> = []
        /// Whether the file became longer or shorter since then.
        var isResized = false
    }

    /// What is not safe yet in a directory.
    private enum NameChange {
        case made(String)
        case removed(String, saved: [UInt8])
        case renamed(String, to: String, replaced: [UInt8]?)

        var path: String {
            switch self {
            case .made(let path), .removed(let path, _), .renamed(_, let path, _): path
            }
        }

        var directory: String { FaultyFiles.directory(of: path) }
    }

    private struct State {
        var callCount = 0
        var failingCall: Int?
        var fault = FileFault.error
        var hasCrashed = false
        var isCounting = true
        var calls: [String] = []
        var shadows: [String: Shadow] = [:]
        var names: [NameChange] = []
    }

    private let files: PosixFiles
    private let ignoresSyncs: Bool
    private let state: Mutex<State>

    /// Makes a twin that fails nothing yet; with `ignoresSyncs` a disk that acknowledges syncs and
    /// does nothing.
    package init(ignoresSyncs: Bool = false) {
        files = PosixFiles()
        self.ignoresSyncs = ignoresSyncs
        state = Mutex(State())
    }

    package var carriesCatalog: Bool { true }

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

    /// Fails everything from now on, as the end of the process or of the power does.
    package func crash() { state.withLock { $0.hasCrashed = true } }

    /// Runs what only looks at the files: its calls are not counted and none of them fails.
    package func uncounted<Result>(_ body: () throws -> Result) rethrows -> Result {
        state.withLock { $0.isCounting = false }
        defer { state.withLock { $0.isCounting = true } }
        return try body()
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
    ///
    /// Without a seed all of it; with one, which sectors and which names had reached the disk is
    /// drawn from it. What is left is safe.
    package func loseUnsynced(tearing seed: UInt64? = nil) throws(SQLError) {
        try makeDisk(after: PowerCut(seed: seed))
        state.withLock { state in
            state.shadows = [:]
            state.names = []
        }
    }

    /// Makes the files what a power cut may leave of them.
    ///
    /// What was not synced stays known: once the files are put back as they were, another cut can
    /// be tried.
    package func makeDisk(after cut: PowerCut) throws(SQLError) {
        let (shadows, names) = state.withLock { ($0.shadows, $0.names) }
        var draw = cut.seed.map { Draw(state: $0) }
        let step = cut.sectorByteCount / Self.sectorByteCount
        for (path, shadow) in shadows.sorted(by: { $0.key < $1.key })
        where try files.status(path) != nil {
            var contents = shadow
            if draw != nil {
                let seen = try files.contents(of: path)
                // Sectors of one page go together; the length is -1 and goes by itself.
                var isKept: [Int: Bool] = [:]
                contents.save(seen) { sector in
                    let page = sector < 0 ? sector : sector / step
                    if let known = isKept[page] { return known }
                    let drawn = draw?.next(2) == 0
                    isKept[page] = drawn
                    return drawn
                }
            }
            try files.write(contents.saved, to: path)
        }
        var lost = Set(names.indices)
        if draw != nil {
            let groups =
                cut.isPerDirectory
                ? Dictionary(grouping: names.indices, by: { names[$0].directory })
                : ["": Array(names.indices)]
            for (_, changes) in groups.sorted(by: { $0.key < $1.key }) {
                let keptCount = draw?.next(changes.count + 1) ?? 0
                lost.subtract(changes.prefix(keptCount))
            }
        }
        for index in lost.sorted().reversed() { try undo(names[index]) }
    }

    private func undo(_ change: NameChange) throws(SQLError) {
        // With its directory everything in it is lost already.
        guard try files.status(change.directory) != nil else { return }
        switch change {
        case .made(let path): try files.removeTree(path)
        case .removed(let path, let saved): try files.write(saved, to: path)
        case .renamed(let path, let newPath, let replaced):
            guard try files.status(newPath) != nil else { return }
            try files.rename(newPath, to: path)
            if let replaced { try files.write(replaced, to: newPath) }
        }
    }

    fileprivate static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// A small generator, so that a seed gives the same losses everywhere.
    private struct Draw {
        var state: UInt64

        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    // MARK: Counting

    /// Counts a call; throws where it is the chosen one, after `partial` for a short write.
    fileprivate func step(
        _ name: String,
        _ path: String,
        partial: (() -> Void)? = nil
    ) throws(SQLError) {
        let fault: FileFault? = state.withLock { state in
            guard state.isCounting else { return nil }
            state.callCount += 1
            state.calls.append("\(name) \(path)")
            if state.hasCrashed { return .crash }
            guard state.callCount == state.failingCall else { return nil }
            if state.fault == .crash { state.hasCrashed = true }
            return state.fault
        }
        guard let fault else { return }
        if fault == .shortWrite || fault == .lostSync { partial?() }
        let isFull = fault == .diskFull || fault == .shortWrite
        throw SQLError(
            isFull ? .diskFull : .ioError,
            "could not \(name) \"\(path)\"",
            detail: "Injected fault."
        )
    }

    // MARK: What a power cut would leave

    /// Notes that bytes are about to be written; the file is as it was before.
    fileprivate func noteWrite(
        _ path: String,
        at offset: Int,
        byteCount: Int,
        of file: any OpenFile
    ) {
        guard let length = try? file.byteCount() else { return }
        let needsShadow = state.withLock { $0.shadows[path] == nil }
        let saved = needsShadow ? (try? files.contents(of: path)) ?? [] : []
        state.withLock { state in
            var shadow = state.shadows[path] ?? Shadow(saved: saved)
            state.shadows[path] = nil
            // A gap before the bytes is made of zeros, which are new too.
            let first = min(offset, length) / Self.sectorByteCount
            let end = (offset + byteCount + Self.sectorByteCount - 1) / Self.sectorByteCount
            shadow.dirty.formUnion(first..<max(first, end))
            if offset + byteCount > length { shadow.isResized = true }
            state.shadows[path] = shadow
        }
    }

    /// Notes that a file is about to be cut off.
    fileprivate func noteTruncate(_ path: String, to byteCount: Int, of file: any OpenFile) {
        noteWrite(path, at: byteCount, byteCount: 0, of: file)
        state.withLock { state in
            state.shadows[path]?.isResized = true
            state.shadows[path]?.dirty.insert(byteCount / Self.sectorByteCount)
        }
    }

    fileprivate func noteSync(_ path: String, isLost: Bool) {
        if ignoresSyncs { return }
        guard state.withLock({ $0.shadows[path] != nil }) else { return }
        let seen = isLost ? [] : (try? files.contents(of: path)) ?? []
        state.withLock { state in
            guard var shadow = state.shadows[path] else { return }
            if isLost {
                shadow.dirty = []
                shadow.isResized = false
            } else {
                shadow.save(seen, where: { _ in true })
                // What an earlier sync lost is still not there.
                if shadow.saved == seen {
                    state.shadows[path] = nil
                    return
                }
            }
            state.shadows[path] = shadow
        }
    }

    private func savedContents(_ path: String) throws(SQLError) -> [UInt8] {
        if let shadow = state.withLock({ $0.shadows[path] }) { return shadow.saved }
        return try files.contents(of: path)
    }

    // MARK: FileSystem

    package func open(_ path: String, for access: FileAccess) throws(SQLError) -> any OpenFile {
        try step("open", path)
        let isNew = access == .read ? false : try files.status(path) == nil
        let file = try files.open(path, for: access)
        if isNew {
            state.withLock { state in
                state.names.append(.made(path))
                state.shadows[path] = Shadow(saved: [])
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
        guard try files.status(path) == nil else { return }
        try files.makeDirectory(path)
        state.withLock { $0.names.append(.made(path)) }
    }

    package func remove(_ path: String) throws(SQLError) {
        try step("unlink", path)
        let saved = try savedContents(path)
        try files.remove(path)
        state.withLock { state in
            state.names.append(.removed(path, saved: saved))
            state.shadows[path] = nil
        }
    }

    package func removeDirectory(_ path: String) throws(SQLError) {
        try step("rmdir", path)
        try files.removeDirectory(path)
    }

    package func rename(_ path: String, to newPath: String) throws(SQLError) {
        try step("rename", path)
        let replaced = try files.status(newPath) == nil ? nil : try savedContents(newPath)
        try files.rename(path, to: newPath)
        state.withLock { state in
            state.names.append(.renamed(path, to: newPath, replaced: replaced))
            state.shadows[newPath] = state.shadows.removeValue(forKey: path)
        }
    }

    package func syncDirectory(_ path: String) throws(SQLError) {
        try step("sync directory", path)
        if ignoresSyncs { return }
        state.withLock { $0.names.removeAll { $0.directory == path } }
    }

    package func lock(_ path: String, isExclusive: Bool) throws(SQLError) -> (any FileLock)? {
        try step("lock", path)
        return try files.lock(path, isExclusive: isExclusive)
    }
}

extension FaultyFiles.Shadow {
    /// Takes over from `seen` those sectors written since the last sync that `isKept` says.
    fileprivate mutating func save(_ seen: [UInt8], where isKept: (Int) -> Bool) {
        let sector = FaultyFiles.sectorByteCount
        if isResized, isKept(-1) {
            if seen.count < saved.count {
                saved.removeLast(saved.count - seen.count)
            } else {
                saved += [UInt8](repeating: 0, count: seen.count - saved.count)
            }
            isResized = false
        }
        for index in dirty.sorted() where isKept(index) {
            let start = index * sector
            let end = min(start + sector, seen.count, saved.count)
            if start < end { saved.replaceSubrange(start..<end, with: seen[start..<end]) }
        }
        dirty = []
    }
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
            self.files.noteWrite(self.path, at: offset, byteCount: half.count, of: self.file)
            try? self.file.write(half, at: offset)
        }
        files.noteWrite(path, at: offset, byteCount: bytes.count, of: file)
        try file.write(bytes, at: offset)
    }

    func sync() throws(SQLError) {
        try files.step("sync", path) { self.files.noteSync(self.path, isLost: true) }
        files.noteSync(path, isLost: false)
    }

    func truncate(to byteCount: Int) throws(SQLError) {
        try files.step("truncate", path)
        files.noteTruncate(path, to: byteCount, of: file)
        try file.truncate(to: byteCount)
    }

    func byteCount() throws(SQLError) -> Int {
        try files.step("stat", path)
        return try file.byteCount()
    }

    func close() { file.close() }
}
