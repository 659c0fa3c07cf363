import SQLTypes
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// How readers and the writer of a warehouse go side by side:
//
//   reader   locks `readers`, shared, for as long as it is open; then copies the catalog
//   writer   before it removes files of rows that were committed once: tries to lock `readers`,
//            exclusive, and keeps the files for later where it cannot
//
// A reader that has its lock before it reads the catalog finds every file the catalog names: what
// was removed before was no longer named, and nothing is removed after. The lock ends with the
// process, however it ends. A directory that lets a reader write nothing, and where no writer has
// made `readers` yet, gives no lock: that reader may find a file gone, and says so.

/// A reader's hold on the files of the state it opened.
enum ReaderPin {
    /// The file whose lock readers share.
    static func path(_ directory: String) -> String { "\(directory)/readers" }

    /// Takes a hold; nil where the directory does not let.
    ///
    /// Errors: those of the disk and of too many open files.
    static func take(
        _ directory: String,
        _ files: any FileSystem
    ) throws(SQLError) -> (any FileLock)? {
        for _ in 0..<1000 {
            do throws(SQLError) {
                if let lock = try files.lock(path(directory), isExclusive: false) { return lock }
            } catch {
                // Neither the file nor the right to make it is there.
                guard error.state == .insufficientPrivilege else { throw error }
                return nil
            }
            // A writer removes files this very moment.
            usleep(1000)
        }
        return nil
    }
}

/// Removes block files, those of committed rows only while no other process reads.
final class BlockFileRemoval: Sendable {
    private let directory: String
    private let files: any FileSystem
    private let waiting = Mutex<[String]>([])
    /// Whether files may go while this process reads them: a reader without a hold.
    let isUnpinned: Bool

    init(directory: String, files: any FileSystem, isUnpinned: Bool = false) {
        self.directory = directory
        self.files = files
        self.isUnpinned = isUnpinned
    }

    /// Removes files that no state of the warehouse has ever named.
    ///
    /// What cannot be removed now is swept at the next opening.
    func removeUncommitted(_ paths: [String]) {
        for path in paths { try? files.remove(path) }
    }

    /// Removes files that earlier states name, at once or when the last reader has gone.
    func removeCommitted(_ paths: [String]) {
        guard !paths.isEmpty else { return }
        waiting.withLock { $0 += paths }
        removeWaiting()
    }

    /// Removes what waits for readers, if there are none.
    func removeWaiting() {
        guard waiting.withLock({ !$0.isEmpty }), let lock = lockOutReaders() else { return }
        defer { lock.release() }
        let paths = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        removeUncommitted(paths)
    }

    /// Keeps readers from opening; nil while there are some.
    func lockOutReaders() -> (any FileLock)? {
        try? files.lock(ReaderPin.path(directory), isExclusive: true)
    }
}
