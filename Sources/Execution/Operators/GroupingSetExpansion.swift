import Plans
import SQLTypes
import Vectors

/// Puts out each chunk once for each grouping set, without copying a value.
///
/// The columns a set leaves out are NULL; the set's number comes behind them. Where a set is
/// empty, the first run of the segment begins with a row of NULLs for it, so that it is a group
/// even if no row comes; the marker tells such rows apart.
final class GroupingSetExpansion: StepRun {
    private let specification: ExpansionSpecification
    private var chunk: Chunk?
    private var nextSet = 0
    /// Empty sets whose row of NULLs is still to come.
    private var openSeeds: [Int]

    init(_ specification: ExpansionSpecification, isFirst: Bool) {
        self.specification = specification
        let sets = specification.sets
        openSeeds =
            isFirst && specification.hasMarker
            ? sets.indices.filter { !sets[$0].contains(true) } : []
    }

    var hasMore: Bool { chunk != nil || !openSeeds.isEmpty }

    func push(_ chunk: Chunk) throws(SQLError) -> Chunk? {
        self.chunk = chunk
        nextSet = 0
        return try resume()
    }

    func resume() throws(SQLError) -> Chunk? {
        if let seed = openSeeds.popLast() { return seedRow(of: seed) }
        guard let chunk else { return nil }
        let set = nextSet
        nextSet += 1
        if nextSet == specification.sets.count { self.chunk = nil }
        var columns = chunk.columns
        for (source, isHeld) in zip(specification.sources, specification.sets[set]) {
            let column = chunk.columns[source]
            columns.append(
                isHeld ? column : .nulls(physical: column.physical, count: chunk.count)
            )
        }
        columns.append(number(set, count: chunk.count))
        if specification.hasMarker { columns.append(number(1, count: chunk.count)) }
        return Chunk(count: chunk.count, columns: columns)
    }

    private func seedRow(of set: Int) -> Chunk {
        let types = specification.types
        var columns = (types + specification.sources.map { types[$0] }).map {
            Vector.nulls(physical: $0.physical, count: 1)
        }
        columns.append(number(set, count: 1))
        columns.append(.nulls(physical: .int64, count: 1))
        return Chunk(count: 1, columns: columns)
    }

    private func number(_ value: Int, count: Int) -> Vector {
        .constant(.int64(Int64(value)), physical: .int64, count: count)
    }
}
