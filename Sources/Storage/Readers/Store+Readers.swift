import Catalogs
package import SQLTypes

extension Store {
    /// Opens the latest state of a warehouse for reading, beside a writer or without one.
    ///
    /// What it shows stays as it is, whatever is committed meanwhile; its files are kept for it.
    /// Where the directory lets it note nothing, a file that the writer removes is an error that
    /// says so, never a wrong answer.
    ///
    /// Errors: as ``open(at:files:isReadOnly:cacheByteCount:)``, but for another process that has
    /// it open; 55006 where the writer changes the catalog faster than it can be copied.
    package static func openBesideWriter(
        at path: String,
        files: any FileSystem,
        cacheByteCount: Int = 256 << 20
    ) throws(SQLError) -> Store {
        try requireWarehouse(path, files)
        // Before the catalog is read, so that no file of it goes in between.
        let pin = try ReaderPin.take(path, files)
        do throws(SQLError) {
            let (database, image) = try copyCatalog(path, files)
            return try Store(
                directory: path,
                files: files,
                isReadOnly: true,
                isTemporary: false,
                cache: BlockCache(byteCountMax: cacheByteCount),
                database: database,
                lock: pin ?? NoLock(),
                commitNote: nil,
                image: image,
                removal: BlockFileRemoval(
                    directory: path,
                    files: files,
                    isUnpinned: pin == nil
                )
            )
        } catch {
            pin?.release()
            throw error
        }
    }

    /// A copy of the catalog that shows every commit acknowledged before the call.
    private static func copyCatalog(
        _ path: String,
        _ files: any FileSystem
    ) throws(SQLError) -> (CatalogDatabase, CatalogImage) {
        for _ in 0..<100 {
            // Read first: the writer notes a commit after the catalog has it.
            let text = try lockText(path, files)
            let source = "\(path)/\(catalogName)"
            guard let copy = try CatalogCopy(of: source, files: files) else { continue }
            let database = try CatalogDatabase.open(at: copy.path, files: copy, isReadOnly: true)
            // All of it is read now; nothing of the copy is needed later.
            defer { database.close() }
            let image = try database.load()
            try checkCommits(of: image, against: text, path)
            return (database, image)
        }
        throw SQLError(
            .objectInUse,
            "the warehouse \"\(path)\" is changing too fast to be opened",
            hint: "Try again."
        )
    }
}

/// What a reader holds that could lock nothing.
private final class NoLock: FileLock {
    func release() {}
}
