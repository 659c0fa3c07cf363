import Functions
import Plans
import SQLTypes
import Vectors

/// VAR and STDDEV of integers and of decimals of up to 19 digits: exact up to the last division.
final class ExactVarianceStates: AggregateStates {
    private let function: AggregateFunction
    private let isFinal: Bool
    private let unit: Int128
    private let moments = FlatArray<ExactMoments>()

    init(_ call: AggregateSpecification.Call, isFinal: Bool) {
        function = call.function
        self.isFinal = isFinal
        unit = DataType.powerOfTen128(call.argumentType?.scale ?? 0)
    }

    override var byteCount: Int { moments.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        let (group, moment) = (batch.groups, moments.pointer)
        if isFinal {
            for row in 0..<batch.count where !inputs[0].isNull(row) {
                moment[Int(group[row])].add(
                    ExactMoments(
                        count: inputs[0].int64Value(row),
                        sum: inputs[1].int128Value(row),
                        squares: UInt128(truncatingIfNeeded: inputs[2].int128Value(row)),
                        excess: inputs[3].int64Value(row)
                    )
                )
            }
            return
        }
        let flat = inputs[0].flattened()
        let values = flat.entries(as: Int64.self)
        withExtendedLifetime(flat) {
            if flat.hasNoNulls {
                for row in 0..<batch.count { moment[Int(group[row])].add(values[row]) }
            } else {
                for row in 0..<batch.count where !flat.isNull(row) {
                    moment[Int(group[row])].add(values[row])
                }
            }
        }
    }

    override func removeAll() { moments.removeAll() }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try moments.grow(to: groupCount, filling: ExactMoments())
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let isSample = function.isOfSample
        let isDeviation = function.isDeviation
        let builder = VectorBuilder(physical: .float64, capacity: range.count)
        for group in range {
            let variance = moments.pointer[group].variance(isSample: isSample, unit: unit)
            if let variance {
                builder.appendDouble(isDeviation ? variance.squareRoot() : variance)
            } else {
                builder.appendNull()
            }
        }
        return builder.finish()
    }

    override func states(_ range: Range<Int>) throws(SQLError) -> [Vector] {
        let moment = moments.pointer + range.lowerBound
        return columns(range.count) { moment[$0] }
    }

    override func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] {
        let flat = inputs[0].flattened()
        let values = flat.entries(as: Int64.self)
        return withExtendedLifetime(flat) {
            columns(count) { flat.isNull($0) ? ExactMoments() : ExactMoments(values[$0]) }
        }
    }

    /// The state columns of `AggregateFunction.stateTypes`; the squares are bits of 128.
    private func columns(_ count: Int, _ moment: (Int) -> ExactMoments) -> [Vector] {
        [
            .making(Int64.self, .int64, count) { moment($0).count },
            .making(Int128.self, .int128, count) { moment($0).sum },
            .making(Int128.self, .int128, count) {
                Int128(truncatingIfNeeded: moment($0).squares)
            },
            .making(Int64.self, .int64, count) { moment($0).excess },
        ]
    }
}
