import Catalogs
import Plans
import SQLTypes
import Storage
import Vectors

/// Reads a stored table's share of one run.
final class TableSource: SourceRun {
    private let scan: TableScan
    private let table: TableID
    /// Added as last column where rows are addressed.
    private let addressSlice: SliceID?

    /// Opens the scan: pinned version, this run's share, pushed-down tests, filters of joins that
    /// have been built.
    ///
    /// `extents` are the places of those of the slice's own extents that are read, nil for all;
    /// `floor` leaves out rows below it in the column of the scan's order.
    init(
        _ specification: ScanSpecification,
        run: SegmentRun,
        extents: [Int]? = nil,
        floor: KeyFloor? = nil
    ) throws(SQLError) {
        let query = run.query
        table = specification.table
        guard let version = query.context.snapshot.tableVersion(specification.table) else {
            throw SQLError.invariant("table \(specification.table) is not in the snapshot")
        }
        let whole = specification.share(run.share, of: run.slice, query.shape)
        scan = TableScan(
            version,
            share: extents.map { .extents($0, of: run.slice) } ?? whole,
            request: specification.request,
            cache: query.context.cache
        )
        var filters: [(column: ColumnIndex, filter: any RuntimeFilter)] = []
        for use in specification.runtimeFilters {
            let join = query.joins[use.join]
            let filter =
                use.isOfAllSlices
                ? try join.runtimeFilterOfAllSlices(key: use.key, for: run)
                : join.runtimeFilter(key: use.key, for: run.slice)
            if let filter { filters.append((use.column, filter)) }
        }
        if let floor, let column = specification.order { filters.append((column, floor)) }
        if !filters.isEmpty { scan.setRuntimeFilters(filters) }
        // An address of an ALL table's row holds for every copy.
        addressSlice =
            specification.emitsRowAddress ? (specification.division == .dealt ? 0 : run.slice) : nil
    }

    func pull() throws(SQLError) -> Pull {
        guard var chunk = try scan.next() else { return .end }
        if let addressSlice {
            chunk.columns.append(
                .constant(.int64(Int64(addressSlice)), physical: .int64, count: chunk.count)
            )
        }
        return .chunk(chunk)
    }

    func fill(_ record: inout SegmentRecord) {
        record.scan = scan.counters
        record.table = table
    }
}

extension ScanSpecification {
    /// What is asked of the storage.
    var request: ScanRequest {
        ScanRequest(
            columns: columns,
            predicates: predicates.map {
                ScanPredicate(column: $0.column, test: ScanTest($0.test))
            },
            emitsRowAddresses: emitsRowAddress
        )
    }

    /// What the index-th of the runs of a segment reads, on its slice.
    func share(
        _ run: (index: Int, count: Int),
        of slice: SliceID,
        _ shape: ClusterShape
    ) -> ScanShare {
        switch division {
        case .ownRows: return .slice(slice)
        case .dealt:
            let copy = shape.firstSlices[shape.node(of: slice)]
            return .dealt(index: run.index, of: run.count, copyOnSlice: copy)
        }
    }
}

extension ScanTest {
    /// The storage's form of a plan's test.
    fileprivate init(_ test: ColumnTest) {
        switch test {
        case .range(let low, let lowIncluded, let high, let highIncluded):
            self = .range(
                low: low,
                lowIncluded: lowIncluded,
                high: high,
                highIncluded: highIncluded
            )
        case .oneOf(let values): self = .oneOf(values)
        case .notEqual(let value): self = .notEqual(value)
        case .isNull: self = .isNull
        case .isNotNull: self = .isNotNull
        case .like(let specification): self = .like(LikePattern(specification))
        case .notLike(let specification): self = .notLike(LikePattern(specification))
        }
    }
}

extension LikePattern {
    /// The pattern of a plan, compiled.
    convenience init(_ specification: LikeSpecification) {
        self.init(
            bytes: specification.pattern,
            escape: specification.escape,
            isCaseInsensitive: specification.isCaseInsensitive
        )
    }
}
