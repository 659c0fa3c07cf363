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
        return try open(
            at: path,
            files: files,
            isReadOnly: false,
            isTemporary: true,
            cacheByteCount: cacheByteCount
        )
    }

    private static var temporaryPrefix: String { "slicehouse-" }

    /// Removes temporary warehouses whose process has ended and whose lock nobody holds.
    private static func removeAbandoned(in parent: String, _ files: any FileSystem) {
        // Another user's, and what another process removes meanwhile, are not this one's concern:
        // whatever cannot be removed stays.
        guard let names = try? files.list(parent) else { return }
        for name in names where name.hasPrefix(temporaryPrefix) {
            let numbers = name.dropFirst(temporaryPrefix.count).split(separator: "-")
            guard numbers.count == 2, let process = Int(numbers[0]), !isRunning(process),
                let lock = try? files.lock("\(parent)/\(name)/lock", isExclusive: true)
            else { continue }
            try? files.removeTree("\(parent)/\(name)")
            lock.release()
        }
    }
}
