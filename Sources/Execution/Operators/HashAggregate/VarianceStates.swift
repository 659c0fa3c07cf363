import Functions
import Plans
import SQLTypes
import Vectors

/// VAR and STDDEV of floats and of decimals of more than 19 digits: count, mean and sum of squared
/// differences per group.
///
/// - Source: Welford 1962 for rows; Chan, Golub and LeVeque 1979 for putting states together.
final class VarianceStates: AggregateStates {
    private let function: AggregateFunction
    private let isFinal: Bool
    private let divisor: Double
    private let counts = FlatArray<Int64>()
    private let means = FlatArray<Double>()
    private let squares = FlatArray<Double>()

    init(_ call: AggregateSpecification.Call, isFinal: Bool) {
        function = call.function
        self.isFinal = isFinal
        divisor = Double(DataType.powerOfTen128(call.argumentType?.scale ?? 0))
    }

    override var byteCount: Int { counts.byteCount + means.byteCount + squares.byteCount }

    override func add(_ batch: GroupBatch, _ inputs: [Vector]) throws(SQLError) {
        try settle(batch.groupCount)
        let first = inputs[0]
        for row in 0..<batch.count where !first.isNull(row) {
            let group = Int(batch.groups[row])
            if isFinal {
                merge(
                    into: group,
                    count: first.int64Value(row),
                    mean: inputs[1].doubleValue(row),
                    squares: inputs[2].doubleValue(row)
                )
            } else {
                addValue(double(first, row), to: group)
            }
        }
    }

    private func double(_ vector: Vector, _ row: Int) -> Double {
        vector.physical == .float64
            ? vector.doubleValue(row) : Double(vector.int128Value(row)) / divisor
    }

    private func addValue(_ value: Double, to group: Int) {
        counts.pointer[group] += 1
        let delta = value - means.pointer[group]
        means.pointer[group] += delta / Double(counts.pointer[group])
        squares.pointer[group] += delta * (value - means.pointer[group])
    }

    private func merge(into group: Int, count: Int64, mean: Double, squares other: Double) {
        if count == 0 { return }
        let known = counts.pointer[group]
        let total = known + count
        let delta = mean - means.pointer[group]
        means.pointer[group] += delta * Double(count) / Double(total)
        squares.pointer[group] +=
            other + delta * delta * Double(known) * Double(count) / Double(total)
        counts.pointer[group] = total
    }

    override func removeAll() {
        counts.removeAll()
        means.removeAll()
        squares.removeAll()
    }

    override func settle(_ groupCount: Int) throws(SQLError) {
        try counts.grow(to: groupCount, filling: 0)
        try means.grow(to: groupCount, filling: 0)
        try squares.grow(to: groupCount, filling: 0)
    }

    override func results(_ range: Range<Int>) throws(SQLError) -> Vector {
        let builder = VectorBuilder(physical: .float64, capacity: range.count)
        for group in range {
            let degrees = counts.pointer[group] - (function.isOfSample ? 1 : 0)
            if degrees <= 0 {
                builder.appendNull()
                continue
            }
            // Rounding may leave less than nothing; NaN and infinity among the values is NaN.
            let mean = squares.pointer[group] / Double(degrees)
            let variance = mean < 0 ? 0 : mean
            builder.appendDouble(function.isDeviation ? variance.squareRoot() : variance)
        }
        return builder.finish()
    }

    override func states(_ range: Range<Int>) throws(SQLError) -> [Vector] {
        let (mean, square) = (means.pointer + range.lowerBound, squares.pointer + range.lowerBound)
        return [
            .copying(UnsafePointer(counts.pointer) + range.lowerBound, count: range.count),
            .making(Double.self, .float64, range.count) { mean[$0] },
            .making(Double.self, .float64, range.count) { square[$0] },
        ]
    }

    override func rowStates(_ inputs: [Vector], count: Int) throws(SQLError) -> [Vector] {
        let vector = inputs[0]
        return [
            .making(Int64.self, .int64, count) { vector.isNull($0) ? 0 : 1 },
            .making(Double.self, .float64, count) { vector.isNull($0) ? 0 : double(vector, $0) },
            .constant(.float64(0), physical: .float64, count: count),
        ]
    }
}
