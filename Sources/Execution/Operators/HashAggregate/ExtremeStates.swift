import Plans
import SQLTypes
import Vectors

// MIN, MAX, ANY_VALUE (which takes the least), BOOL_AND and BOOL_OR of what is no integer, and the
// value of a subquery that must have one row.

/// Least or greatest of wide decimals, floats (NaN is greatest) and truth values.
final class ValueExtremes: AggregateStates {
    private let physical: PhysicalType
    private let isMaximum: Bool
    private let wide = FlatArray<Int128>()
    private let floats = FlatArray<Double>()
    private let seen = FlatArray<UInt8>()

    init(_ physical: PhysicalType, isMaximum: Bool) {
        self.physical = physical
        self.isMaximum = isMaximum
    }

    override var byteCount: Int { wide.byteCount + floats.byteCount + seen.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        let vector = inputs[0]
        for row in 0..<batch.count where !vector.isNull(row) {
            let group = Int(batch.groups[row])
            switch physical {
            case .float64: offer(vector.doubleValue(row), to: group)
            case .bool: offer(Int128(vector.boolValue(row)), to: group)
            default: offer(vector.int128Value(row), to: group)
            }
            seen.pointer[group] = 1
        }
    }

    private func offer(_ value: Int128, to group: Int) {
        let known = wide.pointer[group]
        if seen.pointer[group] == 0 || (isMaximum ? value > known : value < known) {
            wide.pointer[group] = value
        }
    }

    private func offer(_ value: Double, to group: Int) {
        let known = floats.pointer[group]
        let isGreater = value.isNaN ? !known.isNaN : value > known
        let isLess = known.isNaN ? !value.isNaN : value < known
        if seen.pointer[group] == 0 || (isMaximum ? isGreater : isLess) {
            floats.pointer[group] = value
        }
    }

    override func removeAll() {
        wide.removeAll()
        floats.removeAll()
        seen.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try seen.grow(to: groupCount, filling: 0)
        if physical == .float64 {
            try floats.grow(to: groupCount, filling: 0)
        } else {
            try wide.grow(to: groupCount, filling: 0)
        }
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let builder = VectorBuilder(physical: physical, capacity: range.count)
        for group in range {
            if seen.pointer[group] == 0 {
                builder.appendNull()
                continue
            }
            switch physical {
            case .float64: builder.appendDouble(floats.pointer[group])
            case .bool: builder.appendBool(wide.pointer[group] != 0)
            default: builder.appendInt128(wide.pointer[group])
            }
        }
        return builder.finish()
    }
}

/// Least or greatest of texts, trailing blanks aside.
final class TextExtremes: AggregateStates {
    private let views = FlatArray<StringView>()
    private let seen = FlatArray<UInt8>()
    private var heap = TextHeap()
    private let isMaximum: Bool

    init(isMaximum: Bool) { self.isMaximum = isMaximum }

    override var byteCount: Int { views.byteCount + seen.byteCount + heap.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        let vector = inputs[0]
        for row in 0..<batch.count where !vector.isNull(row) {
            let group = Int(batch.groups[row])
            let view = vector.stringView(row)
            if seen.pointer[group] != 0 {
                let order = view.textOrder(views.pointer[group])
                if isMaximum ? order <= 0 : order >= 0 { continue }
            }
            views.pointer[group] = heap.copy(view)
            seen.pointer[group] = 1
        }
    }

    override func removeAll() {
        views.removeAll()
        seen.removeAll()
        heap = TextHeap()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try views.grow(to: groupCount, filling: .empty)
        try seen.grow(to: groupCount, filling: 0)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        var validity = Vector.allValid(range.count)
        var hasNull = false
        for group in range where seen.pointer[group] == 0 {
            let row = group - range.lowerBound
            validity[row >> 6] &= ~(1 << UInt64(row & 63))
            hasNull = true
        }
        let from = views.pointer + range.lowerBound
        return .making(
            StringView.self,
            .string,
            range.count,
            validity: hasNull ? validity : nil,
            owners: heap.owners
        ) { from[$0] }
    }
}

/// The value of the only row of each group; a second row is 21000.
final class SingleValueStates: AggregateStates {
    private let builder: VectorBuilder
    /// The place in the builder plus one; 0 for none.
    private let places = FlatArray<UInt32>()
    private var values: Vector?

    init(_ physical: PhysicalType) { builder = VectorBuilder(physical: physical, capacity: 16) }

    override var byteCount: Int { builder.byteCount + places.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        for row in 0..<batch.count {
            let group = Int(batch.groups[row])
            if places.pointer[group] != 0 {
                throw SQLError(
                    .cardinalityViolation,
                    "single-row subquery returns more than one row"
                )
            }
            builder.append(inputs[0], row: row)
            places.pointer[group] = UInt32(truncatingIfNeeded: builder.count)
        }
    }

    override func removeAll() {
        places.removeAll()
        values = nil
        _ = builder.finish()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try places.grow(to: groupCount, filling: 0)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let all = values ?? builder.finish()
        values = all
        let rows = FlatArray<UInt32>(capacity: range.count)
        for group in range { rows.append(places.pointer[group] &- 1) }
        return all.gatherOrNull(rows.pointer, count: range.count)
    }
}
