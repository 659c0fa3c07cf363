import Crypto
package import SQLTypes
import Synchronization

/// Shows that the very bytes a load parses are those its manifest demands.
///
/// ```
///  file read as a whole            file cut into ranges, parsed by several slices
///  ────────────────────            ─────────────────────────────────────────────────────
///  the reader hashes every byte    ranges:   │ parsed by 0 │ by 1 │ by 2 │ by 3 │ by 0 │
///  it is given and compares at     digests:        d₀         d₁     d₂     d₃     d₄
///  the end                         hashing:  ──── SHA-256 of all, e₀ e₁ e₂ e₃ e₄ ───▶
/// ```
/// SHA-256 cannot be computed in parts, but parts can be compared: one slice hashes the file from
/// its start to its end between the chunks that it parses, and takes a digest of each range on
/// the way; whoever parses a range takes the same digest of the bytes it was given. The file's
/// SHA-256 must be the manifest's and every eᵢ = dᵢ, so a byte that is wrong fails the first test
/// and one that changed between the two reads the second. Range digests are two chains of XXH3
/// from seeds drawn for each load, which nobody who writes the file knows; they run at the speed
/// of memory, so verifying costs one SHA-256 and no wait between slices.
///
/// Memory: 64 KiB for each open range, 256 KiB for each file being hashed.
package final class LoadVerification: Sendable {
    /// The SHA-256 passes over files that are cut, in the order of the files.
    package let passes: [HashingPass]
    private let proofs: [RangeProof]

    /// Prepares the verification of ranges as ``splitFiles(_:options:byteCount:check:)`` gives
    /// them: a file's ranges one behind the other.
    package init(_ ranges: [LoadRange]) {
        var proofs: [RangeProof] = []
        var passes: [HashingPass] = []
        var first = 0
        while first < ranges.count {
            var end = first + 1
            while end < ranges.count && ranges[end].start > 0 { end += 1 }
            let file = ranges[first].file
            if file.expectedSHA256 == nil && file.expectedByteCount == nil {
                proofs += ranges[first..<end].map { _ in .none }
            } else if end == first + 1 || file.expectedSHA256 == nil {
                proofs += ranges[first..<end].map { _ in end == first + 1 ? .whole : .none }
            } else {
                let pass = HashingPass(file, ends: ranges[first..<end].map(\.end))
                proofs += (0..<(end - first)).map { .part(pass.digests, index: $0) }
                passes.append(pass)
            }
            first = end
        }
        self.proofs = proofs
        self.passes = passes
    }

    /// What the reader of a range must show.
    func proof(ofRange number: Int) -> RangeProof { proofs[number] }

    /// Makes sure, after every range was parsed, that nothing was left unverified.
    ///
    /// - Throws: XX000 where a range or a pass was not read to its end.
    package func requireComplete() throws(SQLError) {
        for pass in passes where !pass.digests.isComplete {
            throw SQLError.invariant("file \"\(pass.file.path)\" was not verified to its end")
        }
    }
}

/// What a reader has to show for the bytes of its range.
enum RangeProof: Sendable {
    /// Nothing is demanded of the file, or its size alone, which is checked before.
    case none
    /// The range is a whole file: its size and SHA-256 must be the manifest's.
    case whole
    /// The digest must be that of the hashing pass.
    case part(RangeDigests, index: Int)
}

/// A file to be hashed from start to end while its ranges are parsed.
package struct HashingPass: Sendable {
    let file: InputFile
    let digests: RangeDigests
    /// The offset behind each range.
    let ends: [Int]

    init(_ file: InputFile, ends: [Int]) {
        self.file = file
        self.ends = ends
        digests = RangeDigests(path: file.path, count: ends.count)
    }

    /// What hashes the file; the slice that has the pass makes it.
    package func makeHashing() -> FileHashing { FileHashing(self) }
}

/// Hashes one file, a step at a time.
package final class FileHashing {
    private let file: InputFile
    private let digests: RangeDigests
    private let ends: [Int]
    private var handle: InputFileHandle?
    private var hasher = SHA256()
    private var digest: RangeDigest
    private var range = 0
    private var offset = 0
    private var buffer: [UInt8] = []
    private var isDone = false

    /// Bytes a step hashes: less than a millisecond's work.
    private static let stepByteCount = 1 << 18

    init(_ pass: HashingPass) {
        file = pass.file
        digests = pass.digests
        ends = pass.ends
        digest = digests.makeDigest()
    }

    /// Hashes the next bytes; false once the file is done.
    ///
    /// - Throws: XX001 naming the file and both hashes where they differ, or where a range that
    ///   was parsed held other bytes; 58P01, 58030.
    package func step() throws(SQLError) -> Bool {
        if isDone { return false }
        let handle = try open()
        if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: Self.stepByteCount) }
        let wanted = min(buffer.count, ends[range] - offset)
        let got = try handle.read(into: &buffer, atMost: wanted)
        if got == 0 { throw file.becameShorter }
        buffer.withUnsafeBytes { raw in
            let bytes = UnsafeRawBufferPointer(rebasing: raw[..<got])
            hasher.update(bufferPointer: bytes)
            digest.update(bytes)
        }
        offset += got
        if offset == ends[range] {
            try digests.setHashed(digest.finish(), of: range)
            digest = digests.makeDigest()
            range += 1
        }
        guard range == ends.count else { return true }
        isDone = true
        self.handle = nil
        buffer = []
        try file.compare(sha256: hexadecimal(hasher.finalize()))
        digests.setWholeChecked()
        return false
    }

    private func open() throws(SQLError) -> InputFileHandle {
        if let handle { return handle }
        let fresh = try InputFileHandle(path: file.path)
        handle = fresh
        return fresh
    }
}

/// The digests of a file's ranges, as hashed and as parsed.
final class RangeDigests: Sendable {
    private struct State {
        var hashed: [RangeDigest.Value?]
        var parsed: [RangeDigest.Value?]
        var isWholeChecked = false
    }

    private let path: String
    private let seed: RangeDigest.Value
    private let state: Mutex<State>

    init(path: String, count: Int) {
        self.path = path
        var generator = SystemRandomNumberGenerator()
        seed = RangeDigest.Value(first: generator.next(), second: generator.next())
        let none = [RangeDigest.Value?](repeating: nil, count: count)
        state = Mutex(State(hashed: none, parsed: none))
    }

    func makeDigest() -> RangeDigest { RangeDigest(seed: seed) }

    /// Notes what the hashing pass read of a range; XX001 where other bytes were parsed.
    func setHashed(_ value: RangeDigest.Value, of index: Int) throws(SQLError) {
        let other = state.withLock { state in
            state.hashed[index] = value
            return state.parsed[index]
        }
        try requireSame(value, other)
    }

    /// Notes what was parsed of a range; XX001 where other bytes were hashed.
    func setParsed(_ value: RangeDigest.Value, of index: Int) throws(SQLError) {
        let other = state.withLock { state in
            state.parsed[index] = value
            return state.hashed[index]
        }
        try requireSame(value, other)
    }

    func setWholeChecked() { state.withLock { $0.isWholeChecked = true } }

    /// Whether all was hashed, parsed and compared.
    var isComplete: Bool {
        state.withLock { state in
            state.isWholeChecked && state.hashed.allSatisfy { $0 != nil }
                && state.parsed.allSatisfy { $0 != nil }
        }
    }

    private func requireSame(
        _ value: RangeDigest.Value,
        _ other: RangeDigest.Value?
    ) throws(SQLError) {
        guard let other, other != value else { return }
        throw changedWhileLoading(
            path,
            "The bytes that were parsed are not those that were hashed."
        )
    }
}

/// The error of a file that did not stay as it was: XX001.
func changedWhileLoading(_ path: String, _ detail: String) -> SQLError {
    SQLError(
        .dataCorrupted,
        "file \"\(path)\" changed while it was being loaded",
        detail: detail
    )
}
