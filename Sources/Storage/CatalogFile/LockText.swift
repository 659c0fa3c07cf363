import SQLTypes

/// What stands in a warehouse's `lock` file: who has it open, and the last commit acknowledged.
///
/// ```
/// 4711                ⏎
/// commit 00000000000000000012 8c1f…e2 ⏎      the number, and its checksum in hexadecimal
/// ```
/// SQLite ends the reading of a write-ahead log at the first frame whose checksum does not match,
/// and takes what comes before for all there is: a flipped bit loses commits without a word, and
/// what is left checks in itself. So the number of each commit is written here too, after the
/// catalog has synced it and without a sync of its own. It can therefore be behind the catalog but
/// never ahead of it, and a catalog that is behind it has lost commits. After `kill -9` that is
/// always noticed; after a power cut only if the number had reached the disk, which takes seconds.
/// A number whose checksum does not match says nothing.
struct LockText: Equatable {
    /// The process that has, or last had, the warehouse open for writing.
    var processID: Int?
    /// The number of the last commit acknowledged; nil if not known.
    var commitNumber: Int?

    init(processID: Int?, commitNumber: Int?) {
        self.processID = processID
        self.commitNumber = commitNumber
    }

    /// Reads the file's bytes; what cannot be read is nil.
    init(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        processID = lines.first.flatMap { Int($0.prefix { $0 != " " }) }
        guard lines.count > 1 else { return }
        let words = lines[1].split(separator: " ")
        guard words.count == 3, words[0] == "commit", let number = Int(words[1]),
            words[2] == Self.checksum(of: number)
        else { return }
        commitNumber = number
    }

    /// The file's bytes; always as many, so that one write replaces them all.
    var bytes: [UInt8] {
        let process = processID.map { "\($0)" } ?? ""
        let number = commitNumber.map { "commit \(Self.padded($0)) \(Self.checksum(of: $0))" } ?? ""
        func line(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.utf8.count)) + "\n"
        }
        return Array((line(process, 20) + line(number, 44)).utf8)
    }

    private static func padded(_ number: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits
    }

    private static func checksum(of number: Int) -> String {
        let digits = String(
            Storage.checksum(Array(padded(number).utf8), seed: 0x6C6F_636B),
            radix: 16
        )
        return String(repeating: "0", count: max(0, 16 - digits.utf8.count)) + digits
    }
}

/// The lock file of a warehouse open for writing, where commits are noted.
final class CommitNote: Sendable {
    private let file: any OpenFile
    private let files: any FileSystem

    /// Opens the file and writes this process and the commit into it.
    init(
        path: String,
        files: any FileSystem,
        commitNumber: Int?
    ) throws(SQLError) {
        self.files = files
        file = try files.open(path, for: .readWrite)
        do throws(SQLError) {
            try write(commitNumber)
        } catch {
            file.close()
            throw error
        }
    }

    /// Notes a commit that is durable; one that cannot be noted is only guarded less well.
    func note(_ commitNumber: Int) { try? write(commitNumber) }

    func close() { file.close() }

    private func write(_ commitNumber: Int?) throws(SQLError) {
        let text = LockText(processID: currentProcessID(), commitNumber: commitNumber)
        try files.write(text.bytes, at: 0, of: file)
    }
}
