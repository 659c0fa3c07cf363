import Functions
import Plans
import SQLTypes
import Vectors

/// A function of a group's rows in order: what MEDIAN, PERCENTILE_CONT, PERCENTILE_DISC and
/// LISTAGG are, over groups and over the partitions of a window alike.
protocol OrderedFunction {
    /// One row for each group; `column` holds the argument, the rows of each group in order.
    func results(_ column: Vector, _ groups: OrderedGroups) throws(SQLError) -> Vector
}

/// Makes the function of a call.
///
/// - Errors: XX000 where a call lacks its constant.
func makeOrderedFunction(
    _ function: AggregateFunction,
    _ option: AggregateOption,
    isDistinct: Bool,
    argument: DataType,
    result: DataType
) throws(SQLError) -> any OrderedFunction {
    switch (function, option) {
    case (.listAggregate, .delimiter(let delimiter)):
        return TextList(delimiter: delimiter, isDistinct: isDistinct)
    case (.percentileDiscrete, .share(let share, let digits)):
        return DiscretePercentile(
            share: (Int128(share), DataType.powerOfTen128(digits)),
            result: result.physical
        )
    case (_, .share(let share, let digits)):
        return ContinuousPercentile(
            share: (Int128(share), DataType.powerOfTen128(digits)),
            from: argument,
            result: result
        )
    default: throw SQLError.invariant("\(function.rawValue) lacks its constant")
    }
}

/// Where the rows of some groups stand in columns that hold them group by group.
struct OrderedGroups {
    /// The groups, by number.
    let range: Range<Int>
    /// Where each group begins, by number; behind the last one where it ends.
    private let starts: FlatArray<UInt32>
    /// Where the columns begin.
    private let offset: Int
    /// To be asked every few milliseconds of work.
    let check: StopCheck

    /// Describes groups; `check` may throw.
    init(
        _ range: Range<Int>,
        starts: FlatArray<UInt32>,
        offset: Int,
        check: @escaping StopCheck
    ) {
        self.range = range
        self.starts = starts
        self.offset = offset
        self.check = check
    }

    /// A group's rows.
    func rows(of group: Int) -> Range<Int> {
        Int(starts.pointer[group]) - offset..<Int(starts.pointer[group + 1]) - offset
    }

    /// A group's rows that are not NULL in the column they are ordered by, where NULLs stand
    /// together at one end.
    func values(of group: Int, _ column: Vector) -> Range<Int> {
        let rows = rows(of: group)
        guard !column.hasNoNulls, let last = rows.last else { return rows }
        let beginsWithNull = column.isNull(rows.lowerBound)
        let endsWithNull = column.isNull(last)
        if beginsWithNull == endsWithNull {
            return beginsWithNull ? rows.lowerBound..<rows.lowerBound : rows
        }
        var (low, high) = (rows.lowerBound, last)
        // `low` stays at the kind of row the group begins with, `high` at the other.
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if column.isNull(middle) == beginsWithNull { low = middle } else { high = middle }
        }
        return beginsWithNull ? high..<rows.upperBound : rows.lowerBound..<high
    }
}
