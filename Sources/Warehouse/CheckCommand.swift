import Storage

extension Warehouse {
    /// Reads every record and block of a warehouse and returns what is damaged, a fault each.
    ///
    /// Every error names table, column, slice, block and file where it can.
    ///
    /// - Throws: what keeps the warehouse from being opened at all.
    public static func check(path: String) throws(SQLError) -> [SQLError] {
        try OpenFileLimit.raise()
        // A reader sweeps nothing, so files that no extent names are still there to be reported.
        let store = try Store.open(at: path, files: PosixFiles(), isReadOnly: true)
        defer { store.close() }
        let orphans = try StoreCheck.orphans(of: store).map { file in
            SQLError(
                .dataCorrupted,
                "file \"\(file)\" belongs to no extent",
                hint: "The next session that may write removes it."
            )
        }
        return StoreCheck.faults(of: store).map(\.error) + orphans
    }
}
