import Vectors

/// How many slots a table has and what leads to them.
struct SlotShape {
    let count: Int
    let shift: UInt64
    let isDirect: Bool
    let bounds: ClosedRange<Int64>?

    init(_ layout: JoinKeyLayout, parts: [JoinPart], rowCount: Int) {
        guard let key = layout.build.first, rowCount > 0 else {
            (count, shift, isDirect, bounds) = (1, 63, false, nil)
            return
        }
        if !layout.isHashed {
            bounds = keyBounds(parts, key)
            if let bounds {
                let (span, overflow) = bounds.upperBound.subtractingReportingOverflow(
                    bounds.lowerBound
                )
                if !overflow && span < Int64(4 * rowCount + 1024) {
                    // One more than the span: the last slot stays free.
                    (count, shift, isDirect) = (Int(span) + 2, 0, true)
                    return
                }
            }
        } else {
            bounds = nil
        }
        var bits: UInt64 = 4
        while 1 << Int(bits) < rowCount + rowCount / 2 { bits += 1 }
        (count, shift, isDirect) = (1 << Int(bits), 64 - bits, false)
    }
}

/// The least and the greatest of the parts' keys; nil where there are none.
func keyBounds(_ parts: [JoinPart], _ column: Int) -> ClosedRange<Int64>? {
    var bounds: ClosedRange<Int64>?
    for part in parts {
        guard part.count > 0, let own = part.columns[column].knownBounds() else { continue }
        bounds = bounds.map { own.joined(with: $0) } ?? own
    }
    return bounds
}

extension ClosedRange<Int64> {
    /// The least range that holds both.
    func joined(with other: ClosedRange<Int64>) -> ClosedRange<Int64> {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}
