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
    /// Columns that are copies of stored columns of the scan this segment begins with.
    var storedColumns: [ColumnID: ColumnIndex] = [:]
    /// Estimated rows.
    var rows: Double

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
        var stored: [ColumnID: ColumnIndex] = [:]
        for item in items {
            if let id = item.expression.columnID, let column = storedColumns[id] {
                stored[item.column.id] = column
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
        storedColumns = stored
    }

    /// Makes the chunk hold exactly these columns, in this order.
    mutating func arrange(_ ids: [ColumnID]) throws(SQLError) {
        let places = try places(of: ids)
        if places == Array(types.indices) { return }
        steps.append(.project(places.map { .column($0, types[$0]) }))
        types = places.map { types[$0] }
        positions = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
    }

    /// Lets a join's finished build side prune the scan this segment begins with.
    mutating func addRuntimeFilter(join: Int, column: ColumnIndex) {
        guard case .scan(var scan) = source else { return }
        scan.runtimeFilters.append(RuntimeFilterUse(column: column, join: join))
        source = .scan(scan)
    }
}

/// A stream under construction.
struct StreamDraft {
    var segments: [(segment: Segment, rows: Double)] = []
    var dependencies: Set<Int> = []
    /// The draft this one was joined with; nil if it stands for itself.
    var mergedInto: Int?
}
