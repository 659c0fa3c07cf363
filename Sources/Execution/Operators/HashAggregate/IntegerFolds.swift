import SQLTypes
import Vectors

/// MIN, MAX, ANY_VALUE, BIT_AND and BIT_OR of 64-bit integers, dates, times and short decimals:
/// each group's values folded into one.
///
/// - Source: PostgreSQL's BIT_AND and BIT_OR; NULL over no rows.
final class IntegerFolds: AggregateStates {
    /// How two values become one.
    enum Operation {
        case least
        case greatest
        case bitAnd
        case bitOr

        /// What changes no other value.
        var neutral: Int64 {
            switch self {
            case .least: .max
            case .greatest: .min
            case .bitAnd: -1
            case .bitOr: 0
            }
        }
    }

    private let values = FlatArray<Int64>()
    private let seen: SeenGroups
    private let operation: Operation

    init(_ operation: Operation, isSubset: Bool) {
        self.operation = operation
        seen = SeenGroups(isSubset: isSubset)
    }

    override var byteCount: Int { values.byteCount + seen.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        try seen.add(batch, inputs[0])
        let flat = inputs[0].flattened()
        switch operation {
        case .least: fold(batch, flat) { min($0, $1) }
        case .greatest: fold(batch, flat) { max($0, $1) }
        case .bitAnd: fold(batch, flat) { $0 & $1 }
        case .bitOr: fold(batch, flat) { $0 | $1 }
        }
    }

    @inline(__always)
    private func fold(_ batch: GroupBatch, _ flat: Vector, _ merged: (Int64, Int64) -> Int64) {
        let (value, from, group) = (values.pointer, flat.entries(as: Int64.self), batch.groups)
        if let validity = flat.validity {
            for row in 0..<batch.count where validity[row >> 6] >> UInt64(row & 63) & 1 != 0 {
                let place = Int(group[row])
                value[place] = merged(value[place], from[row])
            }
        } else {
            for row in 0..<batch.count {
                let place = Int(group[row])
                value[place] = merged(value[place], from[row])
            }
        }
    }

    override func removeAll() {
        values.removeAll()
        seen.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try values.grow(to: groupCount, filling: operation.neutral)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        .copying(
            UnsafePointer(values.pointer) + range.lowerBound,
            count: range.count,
            validity: seen.validity(range)
        )
    }
}
