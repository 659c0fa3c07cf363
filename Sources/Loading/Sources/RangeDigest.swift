import CKernels

/// A digest of a stream of bytes, whatever the pieces it comes in: two chains of XXH3.
///
/// ```
///   seed ─▶ xxh3(bytes 0 ..< 64 Ki, seed) ─▶ xxh3(the next 64 Ki, that) ─▶ … ─▶ value
/// ```
/// It tells accidents and, since its seeds are drawn at random, anyone who does not know them.
struct RangeDigest {
    /// A digest, or the seeds of one.
    struct Value: Hashable, Sendable {
        var first: UInt64
        var second: UInt64
    }

    private var value: Value
    private var pending: [UInt8] = []
    private var byteCount: UInt64 = 0
    private static let segmentByteCount = 1 << 16

    init(seed: Value) {
        value = seed
        pending.reserveCapacity(Self.segmentByteCount)
    }

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        byteCount &+= UInt64(bytes.count)
        var rest = bytes[...]
        while pending.count + rest.count >= Self.segmentByteCount {
            let needed = Self.segmentByteCount - pending.count
            if pending.isEmpty {
                fold(UnsafeRawBufferPointer(rebasing: rest.prefix(needed)))
            } else {
                pending.append(contentsOf: rest.prefix(needed))
                foldPending()
            }
            rest = rest.dropFirst(needed)
        }
        pending.append(contentsOf: rest)
    }

    /// The digest of all bytes taken.
    mutating func finish() -> Value {
        foldPending()
        withUnsafeBytes(of: byteCount) { fold($0) }
        return value
    }

    private mutating func foldPending() {
        pending.withUnsafeBytes { fold($0) }
        pending.removeAll(keepingCapacity: true)
    }

    private mutating func fold(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        value.first = sk_xxh3(start, bytes.count, value.first)
        value.second = sk_xxh3(start, bytes.count, value.second)
    }
}
