import Catalogs
package import SQLTypes

/// What a scan will read, as far as the catalog tells.
package struct ScanForecast: Hashable, Sendable {
    /// Blocks read, of so many.
    package var blocksRead = 0
    package var blockCount = 0
    /// Units of 1,024 rows looked at, of so many.
    package var unitsRead = 0
    package var unitCount = 0
    /// Rows of those units, deleted ones among them.
    package var rowsRead = 0
    /// Encoded bytes of the blocks read.
    package var byteCount = 0
    /// Whether it reads just that; if not it may read less: zone maps of units lie in the blocks,
    /// and other columns are read only where rows pass.
    package var isExact = true
}

extension TableVersion {
    /// What a scan of a share will read, by the catalog's zone maps alone; no block is loaded.
    ///
    /// Runtime filters and a LIMIT, which may spare it more, are not known.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package func forecast(
        _ share: ScanShare,
        _ request: ScanRequest
    ) throws(SQLError) -> ScanForecast {
        let predicates = request.predicates.map {
            PreparedPredicate($0, type: definition.columns[$0.column].type)
        }
        var forecast = ScanForecast()
        for part in try share.parts(of: self) {
            try forecast.add(part, request, predicates)
        }
        return forecast
    }
}

extension ScanForecast {
    /// The blocks of a column of an extent, gone through in row order.
    private struct Walk {
        let column: ColumnIndex
        let blocks: [BlockRecord]
        var number: Int
        var lastRead = -1

        mutating func record(at row: Int) throws(SQLError) -> BlockRecord {
            while number < blocks.count, blocks[number].endRow <= row { number += 1 }
            guard number < blocks.count else {
                throw SQLError(
                    .dataCorrupted,
                    "the catalog's records of a table are damaged",
                    detail: "Column \(column) of an extent has no block for row \(row)."
                )
            }
            return blocks[number]
        }
    }

    fileprivate mutating func add(
        _ part: ScanPart,
        _ request: ScanRequest,
        _ predicates: [PreparedPredicate]
    ) throws(SQLError) {
        unitCount += Storage.unitCount(of: part.rows)
        var walks: [Walk] = []
        var places: [ColumnIndex: Int] = [:]
        for column in request.neededColumns {
            let own = part.blocks(of: column)
            blockCount += own.count
            places[column] = walks.count
            walks.append(
                Walk(
                    column: column,
                    blocks: part.visible.extent.columns[column].blocks,
                    number: own.lowerBound
                )
            )
        }
        if predicates.ruleOut(part.visible.extent) { return }
        if part.visible.deletes != nil { isExact = false }
        let (first, end) = (part.rows.lowerBound, part.rows.upperBound)
        var row = first
        while row < end {
            let ruling = try predicates.ruling(from: row, end: end) { (column) throws(SQLError) in
                guard let place = places[column] else {
                    throw SQLError.invariant("a scan needs a column that it does not read")
                }
                return try walks[place].record(at: row)
            }
            switch ruling {
            case .skipped(let next): row = min(end, next)
            case .left(let last, let isAll):
                if !isAll { isExact = false }
                var next = last
                for column in request.columns {
                    guard let place = places[column] else { continue }
                    next = min(next, try walks[place].record(at: row).endRow)
                }
                for place in walks.indices where walks[place].lastRead != walks[place].number {
                    walks[place].lastRead = walks[place].number
                    blocksRead += 1
                    byteCount += walks[place].blocks[walks[place].number].byteCount
                }
                unitsRead += Storage.unitCount(of: row..<next)
                rowsRead += next - row
                row = next
            }
        }
    }
}
