package import SQLTypes

/// A function that OVER may follow.
///
/// Aggregates see the rows of a frame; the others number rows or fetch values of other rows.
package enum WindowFunction: Hashable, Sendable {
    /// ROW_NUMBER: BIGINT.
    case rowNumber
    /// RANK: INTEGER, with gaps after ties.
    case rank
    /// DENSE_RANK: INTEGER, without gaps.
    case denseRank
    /// PERCENT_RANK: DOUBLE, (rank - 1) / (rows - 1).
    case percentRank
    /// CUME_DIST: DOUBLE, rows up to the last peer / rows.
    case cumeDist
    /// NTILE(buckets): BIGINT.
    case ntile
    /// LAG(e [, offset]): the type of e.
    case lag
    case lead
    case firstValue
    case lastValue
    /// NTH_VALUE(e, n): the type of e.
    case nthValue
    /// RATIO_TO_REPORT(e): DOUBLE, e / the partition's sum.
    case ratioToReport
    /// AVG, COUNT, MAX, MIN, SUM and the variance family over the rows of a frame; MEDIAN, the
    /// percentiles and LISTAGG over the partition, in the order of their WITHIN GROUP.
    case aggregate(AggregateFunction)

    /// The function of that SQL name, lower case; nil if it takes no OVER.
    ///
    /// - Source: Redshift's list of window functions.
    package init?(sqlName: String) {
        switch sqlName {
        case "row_number": self = .rowNumber
        case "rank": self = .rank
        case "dense_rank": self = .denseRank
        case "percent_rank": self = .percentRank
        case "cume_dist": self = .cumeDist
        case "ntile": self = .ntile
        case "lag": self = .lag
        case "lead": self = .lead
        case "first_value": self = .firstValue
        case "last_value": self = .lastValue
        case "nth_value": self = .nthValue
        case "ratio_to_report": self = .ratioToReport
        default:
            switch AggregateFunction(sqlName: sqlName) {
            case let function? where Self.aggregates.contains(function):
                self = .aggregate(function)
            default: return nil
            }
        }
    }

    /// Aggregates that may have a frame, and those that have an order of their own.
    private static let aggregates: Set<AggregateFunction> = [
        .count, .sum, .average, .minimum, .maximum, .varianceSample, .variancePopulation,
        .deviationSample, .deviationPopulation,
        .median, .percentileContinuous, .percentileDiscrete, .listAggregate,
    ]

    /// How EXPLAIN and messages call it.
    package var name: String {
        switch self {
        case .rowNumber: "row_number"
        case .rank: "rank"
        case .denseRank: "dense_rank"
        case .percentRank: "percent_rank"
        case .cumeDist: "cume_dist"
        case .ntile: "ntile"
        case .lag: "lag"
        case .lead: "lead"
        case .firstValue: "first_value"
        case .lastValue: "last_value"
        case .nthValue: "nth_value"
        case .ratioToReport: "ratio_to_report"
        case .aggregate(.countAll): "count"
        case .aggregate(let function): function.rawValue
        }
    }

    /// How many arguments it takes; COUNT(*) has none.
    package var argumentCounts: ClosedRange<Int> {
        switch self {
        case .rowNumber, .rank, .denseRank, .percentRank, .cumeDist, .aggregate(.countAll): 0...0
        case .lag, .lead: 1...2
        case .nthValue: 2...2
        default: 1...1
        }
    }

    /// Whether a ROWS frame bounds the rows it sees; such functions must have one as soon as the
    /// window is ordered.
    package var takesFrame: Bool {
        switch self {
        case .firstValue, .lastValue, .nthValue: true
        case .aggregate(let function): !function.collectsRows
        default: false
        }
    }

    /// The aggregate that sees its whole partition in the order of WITHIN GROUP; nil for others.
    package var orderedAggregate: AggregateFunction? {
        if case .aggregate(let function) = self, function.collectsRows { function } else { nil }
    }

    /// Whether IGNORE NULLS and RESPECT NULLS may follow it.
    package var takesNullTreatment: Bool {
        switch self {
        case .lag, .lead, .firstValue, .lastValue, .nthValue: true
        default: false
        }
    }

    /// Whether rows that the window's ORDER BY holds equal have a meaning for it.
    package var readsPeers: Bool {
        switch self {
        case .rank, .denseRank, .percentRank, .cumeDist: true
        default: false
        }
    }

    /// The result's type; nil if the function does not take a first argument of that type.
    package func resultType(of argument: DataType?) -> DataType? {
        switch self {
        case .rowNumber, .ntile: .bigint
        case .rank, .denseRank: .integer
        case .percentRank, .cumeDist: .doublePrecision
        case .ratioToReport: argument?.isNumeric == true ? .doublePrecision : nil
        case .lag, .lead, .firstValue, .lastValue, .nthValue: argument
        case .aggregate(let function):
            argument == .interval && function != .count && function != .countAll
                ? nil : function.resultType(of: argument)
        }
    }
}
