import SQLTypes

/// A growable array of plain values at a stable address between growths.
///
/// What group tables, join tables and aggregate states lie in: loops read `pointer` into a local
/// and run without bounds checks or reference counting. Rows below `count` are initialised.
/// Whoever may hold many rows reserves room for a batch of them, which tests for cancel while it
/// moves what there is, and then writes or appends without a test.
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

    /// Makes an array of `count` times `value`, a few thousand at most.
    convenience init(repeating value: Element, count: Int) {
        self.init(capacity: count)
        pointer.update(repeating: value, count: count)
        self.count = count
    }

    deinit { pointer.deallocate() }

    /// Bytes held.
    var byteCount: Int { capacity * MemoryLayout<Element>.stride }

    /// Makes room for `total` elements, growing at least twofold.
    ///
    /// - Throws: 57014; the array is then as it was.
    func reserve(_ total: Int) throws(SQLError) {
        guard total > capacity else { return }
        let larger = max(total, capacity * 2)
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        do throws(SQLError) {
            var start = 0
            while start < count {
                let end = min(count, start + Self.countPerStopCheck)
                (moved + start).update(from: pointer + start, count: end - start)
                start = end
                if start < count { try Interruption.check() }
            }
        } catch {
            moved.deallocate()
            throw error
        }
        replace(with: moved, capacity: larger)
    }

    /// Has `total` elements from now on; new ones are `value`.
    ///
    /// - Throws: 57014; the array is then as it was.
    func grow(to total: Int, filling value: Element) throws(SQLError) {
        guard total > count else { return }
        try reserve(total)
        var start = count
        while start < total {
            let end = min(total, start + Self.countPerStopCheck)
            (pointer + start).update(repeating: value, count: end - start)
            start = end
            if start < total { try Interruption.check() }
        }
        count = total
    }

    private static var countPerStopCheck: Int {
        bytesPerStopCheck / MemoryLayout<Element>.stride
    }

    private func replace(with moved: UnsafeMutablePointer<Element>, capacity: Int) {
        pointer.deallocate()
        pointer = moved
        self.capacity = capacity
    }

    /// Adds one element; room for many is reserved beforehand.
    @inline(__always)
    func append(_ value: Element) {
        if count == capacity { makeRoomForMore() }
        pointer[count] = value
        count &+= 1
    }

    private func makeRoomForMore() {
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        moved.update(from: pointer, count: count)
        replace(with: moved, capacity: capacity * 2)
    }

    /// Declares that a loop has written elements up to `total`, which is within capacity.
    func setCount(_ total: Int) { count = total }

    /// Forgets the elements and most of the memory.
    func free() {
        count = 0
        replace(with: .allocate(capacity: 16), capacity: 16)
    }

    /// Forgets the elements, keeps the memory.
    func removeAll() { count = 0 }
}
