import Catalogs
import Plans
import SQLTypes

/// A segment that is still open: its source and the steps so far, and what its chunks hold.
struct Pipeline {
    /// The draft of the stream it belongs to.
    var stream: Int
    var slices: SliceSet
    var source: SegmentSource
    var steps: [SegmentStep] = []
    /// Where each column stands in the chunk; several columns may share a place.
    var positions: [ColumnID: Int]
    /// The types of the chunk's columns.
    var types: [DataType]
    /// The number of the scan it begins with; nil for other sources.
    var scan: Int?
    /// Columns whose values are those of scanned columns: rows of one value come from rows of that
    /// value alone, so that scans may leave out values that are not wanted here.
    ///
    /// None behind what fails for some values: whether it fails must not hang on what is left out.
    var origins: [ColumnID: [ScannedColumn]] = [:]
    /// Estimated rows.
    var rows: Double
    /// The plan nodes that the source and the steps work for; 0 while nobody has claimed them.
    private(set) var sourceNode = 0
    private(set) var stepNodes: [Int] = []

    /// Says that what no node has claimed so far works for this one.
    mutating func claim(for node: Int) {
        if sourceNode == 0 { sourceNode = node }
        while stepNodes.count < steps.count { stepNodes.append(node) }
    }

    /// A new pipeline that reads from another source what this one put there.
    func continued(from source: SegmentSource) -> Pipeline {
        var next = self
        next.source = source
        next.steps = []
        next.scan = nil
        next.origins = [:]
        next.sourceNode = 0
        next.stepNodes = []
        return next
    }

    /// An expression over columns as one over positions.
    func rewritten(_ expression: Expression) throws(SQLError) -> Expression {
        var missing: ColumnID?
        let result = expression.rewritten { node in
            guard case .column(let id, let type) = node else { return node }
            guard let position = positions[id] else {
                missing = id
                return node
            }
            return .column(position, type)
        }
        if let missing {
            throw SQLError.invariant("column \(missing) does not reach its segment")
        }
        return result
    }

    /// The positions of columns.
    func places(of ids: [ColumnID]) throws(SQLError) -> [Int] {
        var places: [Int] = []
        for id in ids {
            guard let position = positions[id] else {
                throw SQLError.invariant("column \(id) does not reach its segment")
            }
            places.append(position)
        }
        return places
    }

    /// Puts out these values; without a step where all are columns already.
    mutating func project(_ items: [NamedExpression]) throws(SQLError) {
        var kept: [ColumnID: [ScannedColumn]] = [:]
        if !items.contains(where: \.expression.failsByValue) {
            for item in items {
                if let id = item.expression.columnID { kept[item.column.id] = origins[id] }
            }
        }
        if items.allSatisfy(\.expression.isColumn) {
            var renamed: [ColumnID: Int] = [:]
            for item in items {
                guard let id = item.expression.columnID else { continue }
                renamed[item.column.id] = try places(of: [id])[0]
            }
            positions = renamed
        } else {
            var values: [Expression] = []
            var placed: [ColumnID: Int] = [:]
            for item in items {
                placed[item.column.id] = values.count
                values.append(try rewritten(item.expression))
            }
            steps.append(.project(values))
            types = items.map(\.expression.type)
            positions = placed
        }
        origins = kept
    }

    /// Takes over where columns come from that another pipeline sends to this one.
    mutating func addOrigins(sentBy sender: Pipeline) {
        for (id, scanned) in sender.origins where positions[id] != nil {
            origins[id, default: []] += scanned.map {
                ScannedColumn(scan: $0.scan, column: $0.column, isSent: true)
            }
        }
    }

    /// Makes the chunk hold exactly these columns, in this order.
    mutating func arrange(_ ids: [ColumnID]) throws(SQLError) {
        let places = try places(of: ids)
        if places == Array(types.indices) { return }
        steps.append(.project(places.map { .column($0, types[$0]) }))
        types = places.map { types[$0] }
        positions = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
    }
}

/// A stored column of one of the plan's scans.
struct ScannedColumn {
    /// The scan's number in the cutter.
    var scan: Int
    var column: ColumnIndex
    /// Whether its rows have passed an exchange.
    var isSent = false
}

/// A scan, and what is added to it when joins above it are cut.
struct ScanDraft {
    /// The draft of the stream it runs in.
    let stream: Int
    var runtimeFilters: [RuntimeFilterUse] = []
}

/// A segment whose number is not known yet.
struct SegmentDraft {
    let segment: Segment
    /// The number of the scan it begins with; nil for other sources.
    let scan: Int?
    /// Estimated rows that reach its sink, and their bytes.
    let rows: Double
    let bytes: Double
}

/// A stream under construction.
struct StreamDraft {
    var segments: [SegmentDraft] = []
    var dependencies: Set<Int> = []
    /// The draft this one was joined with; nil if it stands for itself.
    var mergedInto: Int?
}
