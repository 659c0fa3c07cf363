/// Owns a run of raw memory that vectors point into.
///
/// Written by one thread while it is being filled, never changed after a vector over it has been
/// handed on, so sharing it between slices needs no lock. The allocation is 64-byte aligned and
/// has 64 readable bytes of padding behind `byteCount`, which wide loads and text search rely on.
package final class Buffer: @unchecked Sendable {  // Immutable once published; see above.
    /// The first byte.
    package let pointer: UnsafeMutableRawPointer
    /// Usable bytes, padding not counted.
    package let byteCount: Int

    /// Allocates `byteCount` bytes, not cleared.
    package init(byteCount: Int) {
        self.byteCount = byteCount
        pointer = UnsafeMutableRawPointer.allocate(byteCount: byteCount + 64, alignment: 64)
    }

    deinit { pointer.deallocate() }
}
