/// A growable array of plain values at a stable address between growths.
///
/// What group tables, join tables and aggregate states lie in: loops read `pointer` into a local
/// and run without bounds checks or reference counting. Rows below `count` are initialised.
final class FlatArray<Element: BitwiseCopyable> {
    /// The first element; changes when the array grows.
    private(set) var pointer: UnsafeMutablePointer<Element>
    /// Elements in use.
    private(set) var count = 0
    private(set) var capacity: Int

    /// Makes an empty array with room for `capacity` elements.
    init(capacity: Int = 64) {
        self.capacity = max(capacity, 16)
        pointer = .allocate(capacity: self.capacity)
    }

    deinit { pointer.deallocate() }

    /// Bytes held.
    var byteCount: Int { capacity * MemoryLayout<Element>.stride }

    /// Makes room for `total` elements, growing at least twofold.
    func reserve(_ total: Int) {
        guard total > capacity else { return }
        let larger = max(total, capacity * 2)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        moved.update(from: pointer, count: count)
        pointer.deallocate()
        pointer = moved
        capacity = larger
    }

    /// Has `total` elements from now on; new ones are `value`.
    func grow(to total: Int, filling value: Element) {
        guard total > count else { return }
        reserve(total)
        (pointer + count).update(repeating: value, count: total - count)
        count = total
    }

    /// Adds one element.
    @inline(__always)
    func append(_ value: Element) {
        if count == capacity { reserve(count + 1) }
        pointer[count] = value
        count &+= 1
    }

    /// Declares that a loop has written elements up to `total`, which is within capacity.
    func setCount(_ total: Int) { count = total }

    /// Forgets the elements, keeps the memory.
    func removeAll() { count = 0 }
}
