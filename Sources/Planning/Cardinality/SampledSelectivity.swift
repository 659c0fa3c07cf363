import Catalogs
import Plans
import SQLTypes

/// A condition's answers on a table's sample.
struct SampleTest {
    /// The rows that pass, a bit each; nil where the condition cannot be tested before the run.
    var passing: [UInt64]?
}

/// Selectivities counted on sampled rows, so that conditions of any kind and what hangs together
/// among them are seen: patterns, comparisons of columns, functions, correlated columns.
extension PlanningContext {
    /// Rows that must pass before a count is believed by itself.
    private static let enoughRows = 8

    /// The share of a table's rows for which all conjuncts hold; at most 1, above 0.
    ///
    /// Where few sampled rows pass, the count only bounds what statistics say: nobody among 2,000
    /// may be one in a million or one in a thousand.
    ///
    /// Errors: XX001 for a damaged sample.
    func selectivity(
        of conjuncts: [Expression],
        on scan: LogicalScan
    ) throws(SQLError) -> Double {
        guard !conjuncts.isEmpty, let sample = try sampled(conjuncts, of: scan) else {
            return selectivity(of: conjuncts)
        }
        var product = 1.0
        for group in Self.groupedByColumn(conjuncts, sample.passing) {
            product *= share(of: group.conjuncts, passing: group.passing, of: sample.rowCount)
        }
        let known = sample.passing.compactMap(\.self)
        guard known.count == conjuncts.count else { return min(1, max(product, 1e-12)) }
        let share = Self.bounded(product, hits: Self.countOfBits(inAll: known), sample.rowCount)
        return min(1, max(share, 1e-12))
    }

    /// The share of one group's conjuncts, counted where enough rows pass.
    private func share(
        of conjuncts: [Expression],
        passing: [[UInt64]?],
        of rowCount: Int
    ) -> Double {
        let known = passing.compactMap(\.self)
        guard known.count == conjuncts.count else { return selectivity(of: conjuncts) }
        let hits = Self.countOfBits(inAll: known)
        if hits >= Self.enoughRows { return Double(hits) / Double(rowCount) }
        return Self.bounded(selectivity(of: conjuncts), hits: hits, rowCount)
    }

    private static func bounded(_ share: Double, hits: Int, _ rowCount: Int) -> Double {
        let count = Double(rowCount)
        if hits >= enoughRows { return Double(hits) / count }
        return min(Double(hits + 3) / count, max(Double(hits) / (4 * count), share))
    }

    private static func countOfBits(inAll bitmaps: [[UInt64]]) -> Int {
        guard var all = bitmaps.first else { return 0 }
        for bitmap in bitmaps.dropFirst() {
            for word in all.indices { all[word] &= bitmap[word] }
        }
        return all.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    /// Conditions on the same one column together: the ends of a range are one condition.
    private static func groupedByColumn(
        _ conjuncts: [Expression],
        _ passing: [[UInt64]?]
    ) -> [(conjuncts: [Expression], passing: [[UInt64]?])] {
        var groups: [(conjuncts: [Expression], passing: [[UInt64]?])] = []
        var places: [ColumnID: Int] = [:]
        for (conjunct, bits) in zip(conjuncts, passing) {
            let columns = conjunct.columns
            if columns.count == 1, let column = columns.first {
                if let place = places[column] {
                    groups[place].conjuncts.append(conjunct)
                    groups[place].passing.append(bits)
                    continue
                }
                places[column] = groups.count
            }
            groups.append(([conjunct], [bits]))
        }
        return groups
    }

    /// The conjuncts' answers on the table's sample; nil where there is none or it is empty.
    private func sampled(
        _ conjuncts: [Expression],
        of scan: LogicalScan
    ) throws(SQLError) -> SampledRows? {
        guard let sampler, !scan.isOfSystemTable else { return nil }
        var own: [ColumnID: Expression] = [:]
        for (index, column) in zip(scan.columnIndexes, scan.output) {
            own[column.id] = .column(index, column.type)
        }
        // Of the table's own columns, so that another reading of the table finds them.
        let conditions = conjuncts.map { $0.substituted(own) }
        let table = scan.table.id
        let fresh = conditions.filter { tested[table]?[$0] == nil }
        let indexes = Set(fresh.flatMap(\.columns)).sorted()
        var places: [ColumnID: Expression] = [:]
        for (position, index) in indexes.enumerated() {
            places[index] = .column(position, scan.table.columns[index].type)
        }
        let sample = try sampler.test(
            fresh.map { $0.substituted(places) },
            on: table,
            columns: indexes
        )
        guard let sample, sample.rowCount > 0 else { return nil }
        for (condition, bits) in zip(fresh, sample.passing) {
            tested[table, default: [:]][condition] = SampleTest(passing: bits)
        }
        return SampledRows(
            rowCount: sample.rowCount,
            passing: conditions.map { tested[table]?[$0]?.passing }
        )
    }
}
