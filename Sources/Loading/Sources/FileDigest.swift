import Crypto
import SQLTypes

/// The SHA-256 and size of a file, read once from start to end.
struct FileDigest: Hashable {
    /// Lower-case hexadecimal.
    let sha256: String
    let byteCount: Int

    /// Reads and hashes a file in 1 MiB pieces; `check` is asked before each and may throw.
    init(path: String, check: StopCheck = {}) throws(SQLError) {
        let file = try InputFileHandle(path: path)
        var hasher = SHA256()
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        while true {
            try check()
            let got = try file.read(into: &buffer, at: 0)
            if got == 0 { break }
            total += got
            buffer.withUnsafeBytes {
                hasher.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[0..<got]))
            }
        }
        byteCount = total
        sha256 = hexadecimal(hasher.finalize())
    }
}

/// A digest in lower-case hexadecimal.
func hexadecimal(_ digest: SHA256.Digest) -> String {
    digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
}
