import Functions
import Plans
import SQLTypes
import Vectors

// MEDIAN, PERCENTILE_CONT, PERCENTILE_DISC and LISTAGG: they keep nothing of their own and read
// their groups' rows in order.

/// Makes what reads `rows` for a call.
func makeOrderedStates(
    _ call: AggregateSpecification.Call,
    rows: OrderedRows
) throws(SQLError) -> AggregateStates {
    guard let input = call.inputs.first else {
        throw SQLError.invariant("\(call.function.rawValue) lacks its argument")
    }
    let place = try rows.place(of: input)
    switch (call.function, call.option) {
    case (.listAggregate, .delimiter(let delimiter)):
        return TextLists(rows, place, delimiter: delimiter, isDistinct: call.isDistinct)
    case (.percentileDiscrete, .share(let share, let digits)):
        return DiscretePercentiles(
            rows,
            place,
            share: (Int128(share), DataType.powerOfTen128(digits)),
            result: call.resultType.physical
        )
    case (_, .share(let share, let digits)):
        return ContinuousPercentiles(
            rows,
            place,
            share: (Int128(share), DataType.powerOfTen128(digits)),
            from: call.argumentType ?? .bigint,
            result: call.resultType
        )
    default: throw SQLError.invariant("\(call.function.rawValue) lacks its constant")
    }
}

extension OrderedRows {
    /// A group's rows of which a key column is not NULL: NULLs stand together at one end.
    fileprivate func values(of group: Int, _ column: Vector) -> Range<Int> {
        var range = rows(of: group)
        while !range.isEmpty && column.isNull(range.lowerBound) { range.removeFirst() }
        while !range.isEmpty && column.isNull(range.upperBound - 1) { range.removeLast() }
        return range
    }
}

/// MEDIAN and PERCENTILE_CONT: between the rows around place `share · (n − 1)`, in proportion.
///
/// Exact numbers and times are interpolated exactly and rounded half away from zero.
/// - Errors: 22003 where the interpolation does not fit 38 digits.
private final class ContinuousPercentiles: AggregateStates {
    private let rows: OrderedRows
    private let place: Int
    private let share: (numerator: Int128, denominator: Int128)
    /// What a unit of the argument is in units of the result.
    private let factor: Int128
    private let result: DataType

    init(
        _ rows: OrderedRows,
        _ place: Int,
        share: (Int128, Int128),
        from argument: DataType,
        result: DataType
    ) {
        self.rows = rows
        self.place = place
        self.share = share
        self.result = result
        factor =
            argument == .date
            ? 86_400_000_000 : DataType.powerOfTen128(max(0, result.scale - argument.scale))
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let column = rows.sorted[place]
        let builder = VectorBuilder(physical: result.physical, capacity: range.count)
        for group in range {
            let values = rows.values(of: group, column)
            if values.isEmpty {
                builder.appendNull()
                continue
            }
            let scaled = share.numerator * Int128(values.count - 1)
            let row = values.lowerBound + Int(scaled / share.denominator)
            let rest = scaled % share.denominator
            let next = rest == 0 ? row : row + 1
            if result.physical == .float64 {
                let (one, other) = (column.doubleValue(row), column.doubleValue(next))
                let part = Double(rest) / Double(share.denominator)
                builder.appendDouble(one == other ? one : one + (other - one) * part)
                continue
            }
            let value = try between(column.int128Value(row), column.int128Value(next), rest)
            if result.physical == .int64 {
                builder.appendInt64(Int64(truncatingIfNeeded: value))
            } else {
                builder.appendInt128(value)
            }
        }
        return builder.finish()
    }

    private func between(_ one: Int128, _ other: Int128, _ rest: Int128) throws(SQLError) -> Int128
    {
        let (base, tooGreat) = one.multipliedReportingOverflow(by: factor)
        var overflows = tooGreat
        var value = base
        if rest != 0 {
            let (distance, tooFar) = other.subtractingReportingOverflow(one)
            let (wide, tooWide) = distance.multipliedReportingOverflow(by: factor)
            let divisor = greatestCommonDivisor(rest, share.denominator)
            let (parts, tooMany) = wide.multipliedReportingOverflow(by: 2 * rest / divisor)
            let denominator = 2 * share.denominator / divisor
            let half = denominator / 2
            let (rounded, tooNear) = parts.addingReportingOverflow(parts < 0 ? -half : half)
            let (sum, tooLarge) = base.addingReportingOverflow(rounded / denominator)
            value = sum
            overflows = overflows || tooFar || tooWide || tooMany || tooNear || tooLarge
        }
        let limit = DataType.powerOfTen128(DataType.decimalMaxPrecision)
        if overflows || value >= limit || value <= -limit { throw ExactSums.overflow }
        return value
    }

    private func greatestCommonDivisor(_ one: Int128, _ other: Int128) -> Int128 {
        var (greater, less) = (max(one, other), min(one, other))
        while less != 0 { (greater, less) = (less, greater % less) }
        return greater
    }
}

/// PERCENTILE_DISC: the first row with at least `share` of the rows up to it.
private final class DiscretePercentiles: AggregateStates {
    private let rows: OrderedRows
    private let place: Int
    private let share: (numerator: Int128, denominator: Int128)
    private let result: PhysicalType

    init(_ rows: OrderedRows, _ place: Int, share: (Int128, Int128), result: PhysicalType) {
        self.rows = rows
        self.place = place
        self.share = share
        self.result = result
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let column = rows.sorted[place]
        let builder = VectorBuilder(physical: result, capacity: range.count)
        for group in range {
            let values = rows.values(of: group, column)
            if values.isEmpty {
                builder.appendNull()
                continue
            }
            let scaled = share.numerator * Int128(values.count) + share.denominator - 1
            let rank = max(1, Int(scaled / share.denominator))
            builder.append(column, row: values.lowerBound + rank - 1)
        }
        return builder.finish()
    }
}

/// LISTAGG: texts with a delimiter between them; NULLs and empty texts are skipped, and NULL is
/// what is left of none.
///
/// - Errors: XX000 over 65,535 bytes.
/// - Source: Redshift; DISTINCT keeps the first of texts that differ in trailing blanks only.
private final class TextLists: AggregateStates {
    private let rows: OrderedRows
    private let place: Int
    private let delimiter: [UInt8]
    private let isDistinct: Bool
    private var list: [UInt8] = []

    init(_ rows: OrderedRows, _ place: Int, delimiter: [UInt8], isDistinct: Bool) {
        self.rows = rows
        self.place = place
        self.delimiter = delimiter
        self.isDistinct = isDistinct
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let texts = rows.sorted[place]
        let repeated = isDistinct ? try repetitions(in: range, texts) : nil
        let builder = VectorBuilder(physical: .string, capacity: range.count)
        for group in range {
            list.removeAll(keepingCapacity: true)
            var isEmpty = true
            for row in rows.rows(of: group) where !texts.isNull(row) {
                if let repeated, repeated.pointer[row] != 0 { continue }
                let view = texts.stringView(row)
                if view.count == 0 { continue }
                if !isEmpty { list.append(contentsOf: delimiter) }
                isEmpty = false
                view.withBytes { list.append(contentsOf: $0) }
                guard list.count <= DataType.varcharMaxLength else {
                    throw SQLError(.internalError, "Result size exceeds LISTAGG limit")
                }
            }
            if isEmpty {
                builder.appendNull()
            } else {
                list.withUnsafeBufferPointer { builder.appendString($0) }
            }
        }
        return builder.finish()
    }

    /// 1 for each row whose text its group has had before.
    private func repetitions(
        in range: Range<Int>,
        _ texts: Vector
    ) throws(SQLError) -> FlatArray<UInt8> {
        let marks = FlatArray<UInt8>()
        marks.grow(to: texts.count, filling: 1)
        let arguments = DistinctArguments(
            .varchar(DataType.varcharMaxLength),
            input: 0,
            check: rows.check
        )
        let groups = FlatArray<UInt32>(capacity: texts.count)
        for group in range {
            let number = UInt32(truncatingIfNeeded: group - range.lowerBound)
            groups.grow(to: rows.rows(of: group).upperBound, filling: number)
        }
        var start = 0
        while start < texts.count {
            let count = min(chunkRowCountMax, texts.count - start)
            let batch = GroupBatch(
                groups: UnsafePointer(groups.pointer + start),
                count: count,
                priorGroupCount: 0,
                groupCount: range.count,
                isTotal: false
            )
            let chunk = Chunk(count: count, columns: [texts.slice(start..<start + count)])
            try arguments.take(batch, chunk)
            for index in 0..<arguments.firsts.count {
                marks.pointer[start + Int(arguments.firstPlaces[index])] = 0
            }
            start += count
        }
        return marks
    }
}
