package import SQLTypes

/// A file that COPY reads.
package struct InputFile: Hashable, Sendable {
    /// Its path.
    package var path: String
    /// Its size when the load began.
    package var byteCount: Int
    /// The size its manifest demands; nil for any.
    package var expectedByteCount: Int?
    /// The SHA-256 its manifest demands, in lower-case hexadecimal; nil for any.
    package var expectedSHA256: String?

    /// Makes a file.
    package init(
        path: String,
        byteCount: Int,
        expectedByteCount: Int? = nil,
        expectedSHA256: String? = nil
    ) {
        self.path = path
        self.byteCount = byteCount
        self.expectedByteCount = expectedByteCount
        self.expectedSHA256 = expectedSHA256
    }

    /// Checks the size the file had when the load began against the manifest.
    ///
    /// - Throws: XX001 naming the file and both sizes.
    package func checkSize() throws(SQLError) {
        try compare(byteCount: byteCount)
    }

    /// Checks size and SHA-256 against the manifest by reading the whole file.
    ///
    /// A load verifies what it parses by ``LoadVerification`` instead; this is for those who only
    /// ask, and for telling why a load failed. `check` is asked before every MiB.
    ///
    /// - Throws: XX001 naming the file and both hashes or sizes; 58P01, 58030.
    package func verify(check: StopCheck = {}) throws(SQLError) {
        try checkSize()
        guard expectedSHA256 != nil else { return }
        try compare(sha256: FileDigest(path: path, check: check).sha256)
    }

    /// XX001 where the manifest demands another size.
    func compare(byteCount found: Int) throws(SQLError) {
        guard let expectedByteCount, expectedByteCount != found else { return }
        throw mismatch(
            "content_length is \(expectedByteCount) in the manifest, "
                + "the file has \(found) bytes."
        )
    }

    /// XX001 where the manifest demands another SHA-256.
    func compare(sha256 found: String) throws(SQLError) {
        guard let expectedSHA256, expectedSHA256 != found else { return }
        throw mismatch(
            "sha256 is \(expectedSHA256) in the manifest, the file has \(found)."
        )
    }

    private func mismatch(_ detail: String) -> SQLError {
        SQLError(
            .dataCorrupted,
            "file \"\(path)\" does not match its manifest",
            detail: detail
        )
    }

    /// The error of a file whose end came early: 58030.
    var becameShorter: SQLError {
        SQLError(.ioError, "file \"\(path)\" became shorter while it was being loaded")
    }
}

/// Finds the files of `COPY … FROM 'source'`.
///
/// A source is a path or `file://` URL. Every file whose path starts with it is loaded, in order
/// of names, so `data/part` takes `data/part-1` and `data/part.bak`; one that ends in `/` takes
/// the files of that directory. With MANIFEST it names a manifest. Directories inside, pipes and
/// devices are left alone, for what they hold cannot be cut into ranges.
///
/// - Throws: 58P01 where there is no file; 0A000 for `s3://` and other sources; errors of
///   ``LoadManifest``.
package func resolveSource(
    _ source: String,
    options: CopyOptions,
    position: Int? = nil
) throws(SQLError) -> [InputFile] {
    let path = try localPath(source, position: position)
    if options.usesManifest {
        do throws(SQLError) {
            return try LoadManifest(path: path).resolve()
        } catch { throw error.located(at: position) }
    }
    let split = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    let directory = String(path[..<split])
    let prefix = path[split...]
    let names = (FileSystem.names(in: directory.isEmpty ? "." : directory) ?? []).filter {
        $0.hasPrefix(prefix)
    }
    var files: [InputFile] = []
    for name in names.sorted(by: { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }) {
        let path = directory + name
        guard let status = FileSystem.status(of: path), status.isRegular else { continue }
        files.append(InputFile(path: path, byteCount: status.byteCount))
    }
    if files.isEmpty {
        let isThere = FileSystem.status(of: path) != nil
        throw SQLError(
            .undefinedFile,
            "The specified file prefix '\(source)' does not exist",
            detail: isThere ? "It names a directory, a pipe or a device, not a file." : nil,
            position: position
        )
    }
    return files
}

/// The path that a source or a manifest's url names.
func localPath(_ source: String, position: Int? = nil) throws(SQLError) -> String {
    if source.hasPrefix("file://") {
        let rest = source.dropFirst("file://".count)
        return String(rest.hasPrefix("localhost/") ? rest.dropFirst("localhost".count) : rest)
    }
    if let colon = source.firstRange(of: "://") {
        throw SQLError.unsupported(
            "COPY from \(source[..<colon.lowerBound])://",
            position: position
        )
    }
    if source.isEmpty {
        throw SQLError(.syntaxError, "the source of COPY is empty", position: position)
    }
    return source
}
