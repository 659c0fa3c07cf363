import Functions
import Plans
import SQLTypes
import Vectors

/// The states of one aggregate call for all groups: arrays by group, updated a column at a time.
///
/// - Lifecycle: `add` per batch; once all rows are in `settle`, then results or states by ranges.
class AggregateStates {
    /// Bytes held.
    var byteCount: Int { 0 }

    /// Takes a batch of arguments, or of state columns where states come in.
    func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {}

    /// Forgets all groups.
    func removeAll() {}

    /// Gives every group a place, also those whose rows never reached the call.
    func settle(_ groupCount: Int) throws(SQLError) {}

    /// The results of groups in `range`.
    func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        throw SQLError.invariant("an aggregate lacks its results")
    }

    /// The state columns of groups in `range`, as `AggregateFunction.stateTypes` lists them.
    func states(_ range: Range<Int>) throws(SQLError) -> [Vector] { [try results(range)] }

    /// The state columns of single rows, for rows that are passed on ungrouped.
    func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] { inputs }
}

/// Makes the states of a call.
///
/// States come in instead of arguments if `takesStates`; `isSubset` where only some of a group's
/// rows will come.
func makeStates(
    _ call: AggregateSpecification.Call,
    takesStates isFinal: Bool,
    rows: GroupCounts,
    isSubset: Bool
) throws(SQLError) -> AggregateStates {
    switch call.function {
    case .countAll, .count:
        if isFinal { return SumStates(result: .bigint, isSubset: false, zeroWithoutRows: true) }
        return call.function == .countAll
            ? CountAllStates(rows) : CountStates(rows, isSubset: isSubset)
    case .sum, .average:
        let isFloat = call.argumentType?.isFloat ?? false
        if call.function == .sum {
            return isFloat
                ? FloatSumStates(isSubset: isSubset)
                : SumStates(result: call.resultType, isSubset: isSubset, zeroWithoutRows: false)
        }
        return AverageStates(
            result: call.resultType,
            isFloat: isFloat,
            isFinal: isFinal,
            rows: rows,
            isSubset: isSubset
        )
    case .minimum, .anyValue, .boolAnd: return extremes(call, isMaximum: false, isSubset)
    case .maximum, .boolOr: return extremes(call, isMaximum: true, isSubset)
    case .varianceSample, .variancePopulation, .deviationSample, .deviationPopulation:
        return AggregateFunction.hasExactMoments(of: call.argumentType)
            ? ExactVarianceStates(call, isFinal: isFinal)
            : VarianceStates(call, isFinal: isFinal)
    case .bitAnd, .bitOr:
        let isAnd = call.function == .bitAnd
        return call.resultType == .boolean
            ? extremes(call, isMaximum: !isAnd, isSubset)
            : IntegerFolds(isAnd ? .bitAnd : .bitOr, isSubset: isSubset)
    case .approximateCount: return SketchStates(takesStates: isFinal)
    case .singleValue: return SingleValueStates(call.resultType.physical)
    case .firstRow, .groupValue: return FirstRowStates(call.resultType.physical)
    case .median, .percentileContinuous, .percentileDiscrete, .listAggregate:
        throw SQLError.invariant("\(call.function.rawValue) has no states of its own")
    }
}

private func extremes(
    _ call: AggregateSpecification.Call,
    isMaximum: Bool,
    _ isSubset: Bool
) -> AggregateStates {
    switch call.resultType.physical {
    case .int64: IntegerFolds(isMaximum ? .greatest : .least, isSubset: isSubset)
    case .string: TextExtremes(isMaximum: isMaximum)
    case let physical: ValueExtremes(physical, isMaximum: isMaximum)
    }
}

/// COUNT(*): the rows that all calls share.
final class CountAllStates: AggregateStates {
    private let rows: GroupCounts

    init(_ rows: GroupCounts) { self.rows = rows }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try rows.counts.grow(to: groupCount, filling: 0)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        .copying(UnsafePointer(rows.counts.pointer) + range.lowerBound, count: range.count)
    }

    override func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] {
        [.constant(.int64(1), physical: .int64, count: count)]
    }
}

/// COUNT(e).
final class CountStates: AggregateStates {
    private let counts: ArgumentCounts

    init(_ rows: GroupCounts, isSubset: Bool) {
        counts = ArgumentCounts(rows: rows, isSubset: isSubset)
    }

    override var byteCount: Int { counts.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try counts.add(batch, inputs[0])
    }

    override func removeAll() { counts.removeAll() }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try counts.settle(groupCount)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        .making(Int64.self, .int64, range.count) { counts.value(range.lowerBound + $0) }
    }

    override func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] {
        [countOfRows(inputs[0], count: count)]
    }
}

/// 1 for each row that is not NULL, 0 for others.
private func countOfRows(_ vector: Vector, count: Int) -> Vector {
    if vector.hasNoNulls { return .constant(.int64(1), physical: .int64, count: count) }
    return .making(Int64.self, .int64, count) { vector.isNull($0) ? 0 : 1 }
}

/// SUM of integers, decimals and intervals, and the final phase of counts.
final class SumStates: AggregateStates {
    private let sums = ExactSums()
    private let seen: SeenGroups
    private let result: DataType
    private let zeroWithoutRows: Bool

    init(result: DataType, isSubset: Bool, zeroWithoutRows: Bool) {
        self.result = result
        self.zeroWithoutRows = zeroWithoutRows
        seen = SeenGroups(isSubset: isSubset)
    }

    override var byteCount: Int { sums.byteCount + seen.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try seen.add(batch, inputs[0])
        try sums.add(batch, inputs[0])
    }

    override func removeAll() {
        sums.removeAll()
        seen.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try sums.settle(groupCount)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let vector = try sum(range)
        guard vector.physical == .int128 else { return vector }
        let values = vector.entries(as: Int128.self)
        if result.physical == .int64 {
            for row in 0..<range.count
            where Int64(exactly: values[row]) == nil && !vector.isNull(row) {
                throw SQLError(.numericValueOutOfRange, "Value out of range for 8 bytes")
            }
            return .making(Int64.self, .int64, range.count, validity: vector.validity) {
                Int64(truncatingIfNeeded: values[$0])
            }
        }
        let limit = DataType.powerOfTen128(DataType.decimalMaxPrecision)
        for row in 0..<range.count where values[row] >= limit || values[row] <= -limit {
            throw ExactSums.overflow
        }
        return vector
    }

    override func states(_ range: Range<Int>) throws(SQLError) -> [Vector] {
        // A count's state is a BIGINT like its result; the state of a sum may be wider.
        [zeroWithoutRows ? try results(range) : try sum(range)]
    }

    private func sum(_ range: Range<Int>) throws(SQLError) -> Vector {
        try sums.vector(range, validity: zeroWithoutRows ? nil : seen.validity(range))
    }
}

extension ExactSums {
    /// The sums of groups in `range`, in 64 bits where those suffice.
    func vector(_ range: Range<Int>, validity: [UInt64]?) throws(SQLError) -> Vector {
        if let low = lowOnly {
            return .copying(low + range.lowerBound, count: range.count, validity: validity)
        }
        let buffer = Buffer(byteCount: max(1, range.count) * 16)
        let target = buffer.pointer.assumingMemoryBound(to: Int128.self)
        for group in range { target[group - range.lowerBound] = try value(group) }
        return Vector(
            physical: .int128,
            form: .flat,
            count: range.count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }
}

/// SUM of floats.
final class FloatSumStates: AggregateStates {
    private let sums = FlatArray<Double>()
    private let seen: SeenGroups

    init(isSubset: Bool) { seen = SeenGroups(isSubset: isSubset) }

    override var byteCount: Int { sums.byteCount + seen.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try seen.add(batch, inputs[0])
        try addDoubles(batch, inputs[0], to: sums)
    }

    override func removeAll() {
        sums.removeAll()
        seen.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try sums.grow(to: groupCount, filling: 0)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let values = sums.pointer + range.lowerBound
        return .making(Double.self, .float64, range.count, validity: seen.validity(range)) {
            values[$0]
        }
    }
}

private func addDoubles(
    _ batch: GroupBatch,
    _ vector: Vector,
    to sums: FlatArray<Double>
) throws(SQLError) {
    try sums.grow(to: batch.groupCount, filling: 0)
    let flat = vector.flattened()
    let (sum, values) = (sums.pointer, flat.entries(as: Double.self))
    for row in 0..<batch.count where flat.validity == nil || !flat.isNull(row) {
        sum[Int(batch.groups[row])] += values[row]
    }
}

/// AVG: a sum and a count.
///
/// Integers and decimals are divided exactly and truncated.
final class AverageStates: AggregateStates {
    private let result: DataType
    private let isFloat: Bool
    private let isFinal: Bool
    private let sums = ExactSums()
    private let floats = FlatArray<Double>()
    private let counts: ArgumentCounts
    /// Counts of the final phase.
    private let stateCounts = ExactSums()

    init(result: DataType, isFloat: Bool, isFinal: Bool, rows: GroupCounts, isSubset: Bool) {
        self.result = result
        self.isFloat = isFloat
        self.isFinal = isFinal
        counts = ArgumentCounts(rows: rows, isSubset: isSubset)
    }

    override var byteCount: Int {
        sums.byteCount + floats.byteCount + counts.byteCount + stateCounts.byteCount
    }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        if isFloat {
            try addDoubles(batch, inputs[0], to: floats)
        } else {
            try sums.add(batch, inputs[0])
        }
        if isFinal {
            try stateCounts.add(batch, inputs[1])
        } else {
            try counts.add(batch, inputs[0])
        }
    }

    override func removeAll() {
        sums.removeAll()
        floats.removeAll()
        counts.removeAll()
        stateCounts.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try sums.settle(groupCount)
        try floats.grow(to: groupCount, filling: 0)
        if isFinal { try stateCounts.settle(groupCount) } else { try counts.settle(groupCount) }
    }

    private func count(_ group: Int) throws(SQLError) -> Int64 {
        if !isFinal { return counts.value(group) }
        return Int64(truncatingIfNeeded: try stateCounts.value(group))
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let builder = VectorBuilder(physical: result.physical, capacity: range.count)
        for group in range {
            let count = try count(group)
            if count == 0 {
                builder.appendNull()
            } else if isFloat {
                builder.appendDouble(floats.pointer[group] / Double(count))
            } else {
                let sum = try sums.value(group)
                if result == .interval {
                    builder.appendInt128(try averageInterval(packedSum: sum, count: count))
                    continue
                }
                let average = sum / Int128(count)
                if result.physical == .int64 {
                    builder.appendInt64(Int64(truncatingIfNeeded: average))
                } else {
                    builder.appendInt128(average)
                }
            }
        }
        return builder.finish()
    }

    override func states(_ range: Range<Int>) throws(SQLError) -> [Vector] {
        var counted: [Int64] = []
        counted.reserveCapacity(range.count)
        for group in range { counted.append(try count(group)) }
        let count = Vector.making(Int64.self, .int64, range.count) { counted[$0] }
        if isFloat {
            let values = floats.pointer + range.lowerBound
            return [.making(Double.self, .float64, range.count) { values[$0] }, count]
        }
        return [try sums.vector(range, validity: nil), count]
    }

    override func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] {
        [inputs[0], countOfRows(inputs[0], count: count)]
    }
}

extension Vector {
    /// A flat int64 vector of a copy of `count` values.
    static func copying(
        _ values: UnsafePointer<Int64>,
        count: Int,
        validity: [UInt64]? = nil
    ) -> Vector {
        let buffer = Buffer(byteCount: max(1, count) * 8)
        buffer.pointer.copyMemory(from: values, byteCount: count * 8)
        return Vector(
            physical: .int64,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }

    /// A flat vector whose entries `value` gives, row by row.
    @inline(__always)
    static func making<Element: BitwiseCopyable>(
        _ type: Element.Type,
        _ physical: PhysicalType,
        _ count: Int,
        validity: [UInt64]? = nil,
        owners: [AnyObject] = [],
        _ value: (Int) -> Element
    ) -> Vector {
        let buffer = Buffer(byteCount: max(1, count) * MemoryLayout<Element>.stride)
        let target = buffer.pointer.assumingMemoryBound(to: Element.self)
        for row in 0..<count { target[row] = value(row) }
        return Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: owners + [buffer]
        )
    }
}
