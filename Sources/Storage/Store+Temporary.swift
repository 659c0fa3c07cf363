package import Catalogs
package import SQLTypes

extension Store {
    /// Makes and opens a warehouse of its own below `parent`, removed when it is closed.
    ///
    /// Those that killed processes have left there are removed first.
    package static func openTemporary(
        shape: ClusterShape,
        files: any FileSystem,
        parent: String = "/tmp",
        cacheByteCount: Int = 256 << 20
    ) throws(SQLError) -> Store {
        removeAbandoned(in: parent, files)
        var generator = SystemRandomNumberGenerator()
        let number = String(generator.next(), radix: 36)
        let path = "\(parent)/\(temporaryPrefix)\(currentProcessID())-\(number)"
        try create(at: path, shape: shape, files: files)
        try files.write([], to: "\(path)/\(marker)")
        return try open(
            at: path,
            files: files,
            isReadOnly: false,
            isTemporary: true,
            cacheByteCount: cacheByteCount
        )
    }

    private static var temporaryPrefix: String { "slicehouse-" }
    /// The file that only temporary warehouses have.
    private static var marker: String { "temporary" }

    /// Removes this user's temporary warehouses whose process has ended and whose lock nobody
    /// holds.
    private static func removeAbandoned(in parent: String, _ files: any FileSystem) {
        // What another process removes meanwhile or cannot be removed is left for the next time.
        guard let names = try? files.list(parent) else { return }
        for name in names where name.hasPrefix(temporaryPrefix) {
            let numbers = name.dropFirst(temporaryPrefix.count).split(separator: "-")
            let path = "\(parent)/\(name)"
            guard numbers.count == 2, let process = Int(numbers[0]), !isRunning(process),
                isTemporaryWarehouse(path, files),
                let lock = try? files.lock("\(path)/lock", isExclusive: true)
            else { continue }
            try? files.removeTree(path)
            lock.release()
        }
    }

    private static func isTemporaryWarehouse(_ path: String, _ files: any FileSystem) -> Bool {
        let places = [path, "\(path)/\(marker)", "\(path)/lock", "\(path)/\(catalogName)"]
        return places.allSatisfy { place in
            guard let status = try? files.status(place) else { return false }
            return status.isOwn && !status.isLink && status.isDirectory == (place == path)
        }
    }
}
