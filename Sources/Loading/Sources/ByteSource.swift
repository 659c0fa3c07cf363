import CCodecs
import SQLTypes

/// The bytes of a range, inflated where the file is compressed.
final class ByteSource {
    private let handle: InputFileHandle
    private let path: String
    /// Bytes still to be read of a plain range.
    private var left: Int
    private let stream: OpaquePointer?
    private var input: [UInt8] = []
    private var inputRange = 0..<0
    private var isAtInputEnd = false
    /// Whether the compressed stream is between members, where the input may end.
    private var isBetweenMembers = true

    init(_ range: LoadRange, compression: CopyOptions.Compression) throws(SQLError) {
        handle = try InputFileHandle(path: range.file.path)
        path = range.file.path
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
    ///   inflated or ends early.
    func read(into target: UnsafeMutableRawPointer, count: Int) throws(SQLError) -> Int {
        if let stream { return try inflate(stream, into: target, count: count) }
        if left == 0 { return 0 }
        let got = try handle.read(into: target, count: min(left, count))
        if got == 0 {
            throw SQLError(
                .ioError,
                "file \"\(path)\" became shorter while it was being loaded"
            )
        }
        left -= got
        return got
    }

    private func inflate(
        _ stream: OpaquePointer,
        into target: UnsafeMutableRawPointer,
        count: Int
    ) throws(SQLError) -> Int {
        while true {
            if inputRange.isEmpty && !isAtInputEnd {
                let got = try handle.read(into: &input, at: 0)
                inputRange = 0..<got
                isAtInputEnd = got == 0
            }
            if isAtInputEnd && isBetweenMembers { return 0 }
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
