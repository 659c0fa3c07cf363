import CKernels
import SQLTypes

// The order of text: bytes, with trailing blanks insignificant on both sides. Redshift compares
// VARCHAR as it compares CHAR ("semantically insignificant when values are compared").

let blank = UInt8(ascii: " ")

extension StringView {
    /// Length in bytes without trailing blanks.
    @inline(__always)
    var trimmedCount: Int {
        let length = count
        if length <= 12 {
            if length == 0 { return 0 }
            var end = length
            while end > 0 && inlineByte(end &- 1) == blank { end &-= 1 }
            return end
        }
        guard let bytes = longBytes else { return 0 }
        var end = length
        while end > 0 && bytes[end &- 1] == blank { end &-= 1 }
        return end
    }

    /// Byte `index` of a short text.
    @inline(__always)
    func inlineByte(_ index: Int) -> UInt8 {
        index < 4
            ? UInt8(truncatingIfNeeded: head &>> UInt64(32 &+ index &<< 3))
            : UInt8(truncatingIfNeeded: tail &>> UInt64((index &- 4) &<< 3))
    }

    /// The view without trailing blanks; the text itself stays where it is.
    @inline(__always)
    var trimmed: StringView {
        let length = trimmedCount
        if length == count { return self }
        return prefix(length)
    }

    /// The first `length` bytes as a view.
    func prefix(_ length: Int) -> StringView {
        if count <= 12 {
            let bits = UInt64(length)
            let headMask: UInt64 = length >= 4 ? .max : (1 &<< (32 &+ bits &<< 3)) &- 1
            let tailMask: UInt64 =
                length <= 4 ? 0 : length >= 12 ? .max : (1 &<< ((bits &- 4) &<< 3)) &- 1
            return StringView(
                head: (head & headMask & ~0xFFFF_FFFF) | bits,
                tail: tail & tailMask
            )
        }
        guard let bytes = longBytes else { return .empty }
        if length <= 12 { return StringView(bytes, count: length) }
        return StringView(head: (head & ~0xFFFF_FFFF) | UInt64(length), tail: tail)
    }
}

/// Whether two texts are equal but for trailing blanks.
@inline(__always)
func textEqual(_ left: StringView, _ right: StringView) -> Bool {
    if left.head == right.head {
        if left.tail == right.tail { return true }
        let length = left.count
        guard length > 12, let first = left.longBytes, let second = right.longBytes else {
            return false
        }
        return memcmp(first, second, length) == 0
    }
    // Texts of one length that differ anywhere differ; a longer one must end in blanks.
    let (first, second) = (left.count, right.count)
    if first == second || !endsWithBlank(first > second ? left : right) { return false }
    return compareTrimmed(left, right) == 0
}

@inline(__always)
private func endsWithBlank(_ view: StringView) -> Bool {
    let length = view.count
    if length == 0 { return false }
    if length <= 12 { return view.inlineByte(length &- 1) == blank }
    return view.longBytes?[length &- 1] == blank
}

/// Less than, equal to or greater than zero as `left` sorts before, with or after `right`.
@inline(__always)
func textOrder(_ left: StringView, _ right: StringView) -> Int {
    let first = UInt32(truncatingIfNeeded: left.head &>> 32).byteSwapped
    let second = UInt32(truncatingIfNeeded: right.head &>> 32).byteSwapped
    if first != second {
        // The first differing byte decides, unless the smaller is an end or a control character
        // that stands against blanks which may be trailing.
        let shift = UInt32((first ^ second).leadingZeroBitCount & ~7)
        let smaller = min((first &<< shift) &>> 24, (second &<< shift) &>> 24)
        if smaller >= 0x20 { return first < second ? -1 : 1 }
    } else if left.isInline && right.isInline {
        let (x, y) = (left.tail.byteSwapped, right.tail.byteSwapped)
        if x == y && left.head == right.head { return 0 }
        let shift = UInt64((x ^ y).leadingZeroBitCount & ~7)
        let smaller = min((x &<< shift) &>> 56, (y &<< shift) &>> 56)
        if x != y && smaller >= 0x20 { return x < y ? -1 : 1 }
    }
    return compareTrimmed(left, right)
}

/// Compares byte by byte without trailing blanks.
func compareTrimmed(_ left: StringView, _ right: StringView) -> Int {
    let (first, second) = (left.trimmedCount, right.trimmedCount)
    let common = min(first, second)
    let order = left.withBytes { left in
        right.withBytes { right in
            guard common > 0, let left = left.baseAddress, let right = right.baseAddress else {
                return 0
            }
            return Int(memcmp(left, right, common))
        }
    }
    if order != 0 { return order }
    return first - second
}

/// Orders floats: NaN equals NaN and is greatest; zero equals minus zero.
@inline(__always)
func floatOrder(_ left: Double, _ right: Double) -> Int {
    if left < right { return -1 }
    if left > right { return 1 }
    if left == right { return 0 }
    if left.isNaN { return right.isNaN ? 0 : 1 }
    return -1
}

/// Less than, equal to or greater than zero as row `i` of `a` sorts before, with or after row `j`
/// of `b`; neither is NULL, and both are of one physical type or int64 against int128.
package func compareRows(_ a: Vector, _ i: Int, _ b: Vector, _ j: Int) -> Int {
    switch (a.physical, b.physical) {
    case (.int64, .int64):
        let (left, right) = (a.int64Value(i), b.int64Value(j))
        return left < right ? -1 : left > right ? 1 : 0
    case (.string, .string): return textOrder(a.stringView(i), b.stringView(j))
    case (.float64, .float64): return floatOrder(a.doubleValue(i), b.doubleValue(j))
    case (.bool, .bool): return Int(a.boolValue(i)) - Int(b.boolValue(j))
    default:
        let (left, right) = (a.int128Value(i), b.int128Value(j))
        return left < right ? -1 : left > right ? 1 : 0
    }
}

extension Vector {
    /// The entry of a float64 vector at `row`.
    package func doubleValue(_ row: Int) -> Double {
        if let dictionary { return dictionary.entries(as: Double.self)[code(row)] }
        return entries(as: Double.self)[isConstant ? 0 : row]
    }

    /// The entry of a bool vector at `row`, 0 or 1.
    package func boolValue(_ row: Int) -> UInt8 {
        if let dictionary { return dictionary.entries(as: UInt8.self)[code(row)] }
        return entries(as: UInt8.self)[isConstant ? 0 : row]
    }

    /// The value of an int64 or int128 vector at `row`.
    package func int128Value(_ row: Int) -> Int128 {
        if physical == .int64 { return Int128(int64Value(row)) }
        if let dictionary { return dictionary.entries(as: Int128.self)[code(row)] }
        return entries(as: Int128.self)[isConstant ? 0 : row]
    }
}
