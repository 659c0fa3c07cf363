package import SQLTypes

/// Redshift's manifest: the files of a load by name.
///
/// ```
/// {"entries": [
///   {"url": "data/a.tbl", "mandatory": true,
///    "meta": {"content_length": 120, "sha256": "…"}}]}
/// ```
/// A relative url counts from the manifest's own directory. `mandatory` is false unless said;
/// `meta.content_length` and our own `meta.sha256` are checked where they are. Unknown keys are
/// ignored, so one manifest serves Redshift and us.
package struct LoadManifest: Hashable, Sendable {
    /// One file.
    package struct Entry: Hashable, Sendable {
        /// The url as written.
        package var url: String
        /// Where the file lies.
        package var path: String
        /// Whether the load fails without it.
        package var isMandatory: Bool
        /// Its size; nil for any.
        package var byteCount: Int?
        /// Its SHA-256 in lower-case hexadecimal; nil for any.
        package var sha256: String?
    }

    /// The files in the order written; one listed twice is loaded twice.
    package var entries: [Entry]
    private var path: String

    /// Reads a manifest.
    ///
    /// - Throws: 58P01 where there is none; 22P04 where it is no manifest.
    package init(path: String) throws(SQLError) {
        let bytes = try FileSystem.contents(of: path)
        func invalid(_ reason: String) -> SQLError {
            SQLError(
                .badCopyFileFormat,
                "The manifest \"\(path)\" cannot be read",
                detail: reason
            )
        }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue.parse(bytes)
        } catch { throw invalid("It is not valid JSON at byte \(error.offset).") }
        guard case .array(let elements)? = document["entries"] else {
            throw invalid("It has no array \"entries\".")
        }
        let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        var entries: [Entry] = []
        for (index, element) in elements.enumerated() {
            if let name = element.repeatedName {
                throw invalid("Entry \(index + 1) has \"\(name)\" more than once.")
            }
            guard case .string(let url)? = element["url"], !url.isEmpty else {
                throw invalid("Entry \(index + 1) has no \"url\".")
            }
            let local = try localPath(url)
            var entry = Entry(
                url: url,
                path: local.hasPrefix("/") ? local : directory + local,
                isMandatory: false
            )
            switch element["mandatory"] {
            case nil: break
            case .bool(let isMandatory)?: entry.isMandatory = isMandatory
            default: throw invalid("\"mandatory\" of entry \(index + 1) is not true or false.")
            }
            try entry.readMeta(
                element["meta"],
                invalid: { reason in
                    invalid("\(reason) of entry \(index + 1).")
                }
            )
            entries.append(entry)
        }
        self.entries = entries
        self.path = path
    }

    /// The files that exist, with what the manifest demands of them.
    ///
    /// - Throws: 58P01 where a mandatory file, or every file, is missing.
    package func resolve() throws(SQLError) -> [InputFile] {
        var files: [InputFile] = []
        for entry in entries {
            guard let status = FileSystem.status(of: entry.path), status.isRegular else {
                if !entry.isMandatory { continue }
                throw SQLError(
                    .undefinedFile,
                    "Mandatory file \"\(entry.url)\" of manifest \"\(path)\" does not exist"
                )
            }
            files.append(
                InputFile(
                    path: entry.path,
                    byteCount: status.byteCount,
                    expectedByteCount: entry.byteCount,
                    expectedSHA256: entry.sha256
                )
            )
        }
        if files.isEmpty {
            throw SQLError(.undefinedFile, "No file of manifest \"\(path)\" exists")
        }
        return files
    }
}

extension LoadManifest.Entry {
    fileprivate mutating func readMeta(
        _ meta: JSONValue?,
        invalid: (String) -> SQLError
    ) throws(SQLError) {
        guard let meta else { return }
        switch meta["content_length"] {
        case nil: break
        case .number(let text)?:
            guard let value = Int(text), value >= 0 else {
                throw invalid("\"content_length\" is not a size, in \"meta\"")
            }
            byteCount = value
        default: throw invalid("\"content_length\" is not a number, in \"meta\"")
        }
        switch meta["sha256"] {
        case nil: break
        case .string(let text)?:
            let digits = text.lowercased()
            guard digits.utf8.count == 64, digits.allSatisfy(\.isHexDigit) else {
                throw invalid("\"sha256\" is not 64 hexadecimal digits, in \"meta\"")
            }
            sha256 = digits
        default: throw invalid("\"sha256\" is not a string, in \"meta\"")
        }
    }
}

/// The text of a manifest of the files, each mandatory with its size and SHA-256.
///
/// Each entry's url is the absolute path of its file.
///
/// - Throws: 58P01, 58030 for a file that cannot be read.
package func createManifest(files: [String]) throws(SQLError) -> String {
    var entries: [String] = []
    for file in files {
        let path = FileSystem.absolute(try localPath(file))
        let digest = try FileDigest(path: path)
        entries.append(
            "  {\"url\": \(jsonString(path)), \"mandatory\": true,\n"
                + "   \"meta\": {\"content_length\": \(digest.byteCount), "
                + "\"sha256\": \"\(digest.sha256)\"}}"
        )
    }
    return "{\"entries\": [\n" + entries.joined(separator: ",\n") + "\n]}\n"
}

/// Checks every file of a manifest by reading it.
///
/// - Returns: a line for each entry: what was checked, or that an optional file is missing.
/// - Throws: XX001 naming the first file that differs and both hashes or sizes; 58P01; 22P04.
package func verifyManifest(path: String) throws(SQLError) -> [String] {
    let manifest = try LoadManifest(path: path)
    _ = try manifest.resolve()
    var lines: [String] = []
    for entry in manifest.entries {
        guard let status = FileSystem.status(of: entry.path), status.isRegular else {
            lines.append("\(entry.url): missing, not mandatory")
            continue
        }
        let file = InputFile(
            path: entry.path,
            byteCount: status.byteCount,
            expectedByteCount: entry.byteCount,
            expectedSHA256: entry.sha256
        )
        try file.verify()
        let checked = [
            entry.byteCount.map { "\($0) bytes" }, entry.sha256.map { "sha256 \($0)" },
        ].compactMap { $0 }
        lines.append(
            "\(entry.url): \(checked.isEmpty ? "present" : checked.joined(separator: ", "))"
        )
    }
    return lines
}
