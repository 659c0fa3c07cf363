import CCodecs
import Crypto
import SQLTypes

/// The bytes of a range, inflated where the file is compressed, verified as they are read.
final class ByteSource {
    private let handle: InputFileHandle
    private let range: LoadRange
    private var path: String { range.file.path }
    private let proof: RangeProof
    private var hasher: SHA256?
    private var digest: RangeDigest?
    private var readByteCount = 0
    private var lastByte = UInt8(0)
    private var isProved = false
    /// Bytes still to be read of a plain range.
    private var left: Int
    private let stream: OpaquePointer?
    private var input: [UInt8] = []
    private var inputRange = 0..<0
    private var isAtInputEnd = false
    /// Whether the compressed stream is between members, where the input may end.
    private var isBetweenMembers = true

    init(
        _ range: LoadRange,
        compression: CopyOptions.Compression,
        proof: RangeProof = .none
    ) throws(SQLError) {
        handle = try InputFileHandle(path: range.file.path)
        self.range = range
        self.proof = proof
        switch proof {
        case .none: break
        case .whole: hasher = range.file.expectedSHA256 == nil ? nil : SHA256()
        case .part(let digests, _): digest = digests.makeDigest()
        }
        left = range.end - range.start
        switch compression {
        case .none:
            stream = nil
            if range.start > 0 { try handle.seek(to: range.start) }
        case .gzip, .zstd:
            guard let stream = sc_stream_open(compression == .gzip ? 1 : 2) else {
                throw SQLError(.outOfMemory, "out of memory")
            }
            self.stream = stream
            input = [UInt8](repeating: 0, count: 1 << 17)
        }
    }

    deinit {
        if let stream { sc_stream_close(stream) }
    }

    /// Reads up to `count` bytes; 0 at the end of the range.
    ///
    /// - Throws: 58030 where the file shrank or cannot be read; 22P04 where it cannot be
    ///   inflated or ends early; at the end XX001 where the bytes are not what they must be.
    func read(into target: UnsafeMutableRawPointer, count: Int) throws(SQLError) -> Int {
        if let stream { return try inflate(stream, into: target, count: count) }
        if left == 0 {
            try prove()
            return 0
        }
        let got = try handle.read(into: target, count: min(left, count))
        if got == 0 { throw range.file.becameShorter }
        note(UnsafeRawBufferPointer(start: target, count: got))
        left -= got
        return got
    }

    /// Takes bytes of the file, as they are in it, into the proof.
    private func note(_ bytes: UnsafeRawBufferPointer) {
        readByteCount += bytes.count
        if let last = bytes.last { lastByte = last }
        hasher?.update(bufferPointer: bytes)
        digest?.update(bytes)
    }

    /// Makes sure at the range's end that its bytes were the right ones.
    private func prove() throws(SQLError) {
        if isProved { return }
        isProved = true
        // Ranges were cut behind line ends; where there is none now, rows would be cut in two.
        if stream == nil && range.end < range.file.byteCount && lastByte != lineFeed {
            throw changedWhileLoading(path, "No line ends at byte \(range.end) any more.")
        }
        switch proof {
        case .none: break
        case .whole:
            try range.file.compare(byteCount: readByteCount)
            if let hasher { try range.file.compare(sha256: hexadecimal(hasher.finalize())) }
        case .part(let digests, let index):
            if let value = digest?.finish() { try digests.setParsed(value, of: index) }
        }
    }

    private func inflate(
        _ stream: OpaquePointer,
        into target: UnsafeMutableRawPointer,
        count: Int
    ) throws(SQLError) -> Int {
        while true {
            if inputRange.isEmpty && !isAtInputEnd {
                let got = try handle.read(into: &input, at: 0)
                input.withUnsafeBytes { note(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
                inputRange = 0..<got
                isAtInputEnd = got == 0
            }
            if isAtInputEnd && isBetweenMembers {
                try prove()
                return 0
            }
            var consumed = 0
            var produced = 0
            let status = input.withUnsafeBytes { raw in
                sc_stream_next(
                    stream,
                    raw.baseAddress.map { $0 + inputRange.lowerBound },
                    inputRange.count,
                    &consumed,
                    target,
                    count,
                    &produced
                )
            }
            inputRange = inputRange.lowerBound + consumed..<inputRange.upperBound
            if status < 0 {
                throw SQLError(
                    .badCopyFileFormat,
                    "file \"\(path)\" cannot be decompressed: its data is corrupt or of "
                        + "another format"
                )
            }
            isBetweenMembers = status == 1
            if produced > 0 { return produced }
            if isAtInputEnd && !isBetweenMembers {
                throw SQLError(
                    .badCopyFileFormat,
                    "file \"\(path)\" cannot be decompressed: it ends early"
                )
            }
        }
    }
}
