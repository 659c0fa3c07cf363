import Loading

extension Warehouse {
    /// Writes a COPY manifest of `files` with their lengths and SHA-256 digests as JSON text.
    ///
    /// - Throws: 58P01 or 58030 for a file that cannot be read.
    public static func createManifest(files: [String]) throws(SQLError) -> String {
        try Loading.createManifest(files: files)
    }

    /// Reads every file of a manifest and compares lengths and digests.
    ///
    /// - Returns: one line per file for a person to read.
    /// - Throws: XX001 naming the first file that differs and both digests.
    public static func verifyManifest(path: String) throws(SQLError) -> [String] {
        try Loading.verifyManifest(path: path)
    }
}
