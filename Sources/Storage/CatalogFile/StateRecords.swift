import Catalogs
import SQLTypes

/// The catalog's first record: everything about the warehouse that is not about one table.
struct WarehouseRecord: Sendable {
    var shape: ClusterShape
    var nextTableID: TableID = 100_000
    var nextExtentID: Int64 = 1
    /// Commits since the warehouse was made.
    var commitNumber = 0
    var schemas: Set<String> = ["public"]
    /// How many table records there are, and the sum of their checksums.
    var tableCount = 0
    var tableDigest: UInt64 = 0

    /// The catalog's row.
    var row: CatalogRow {
        var record = RecordWriter()
        record.put(shape.nodeCount)
        record.put(shape.slicesPerNode)
        record.put(shape.disksPerSlice)
        record.put(nextTableID)
        record.put(Int(nextExtentID))
        record.put(commitNumber)
        record.put(schemas.count)
        for schema in schemas.sorted() { record.put(schema) }
        record.put(tableCount)
        record.putFixed(tableDigest)
        return CatalogRow(id: 1, record: record.bytes).sealed(in: CatalogKind.warehouse)
    }

    init(shape: ClusterShape) { self.shape = shape }

    init(_ row: CatalogRow) throws(SQLError) {
        guard row.checksum == row.expectedChecksum(in: CatalogKind.warehouse) else {
            throw SQLError(.dataCorrupted, "the catalog's record of the warehouse is damaged")
        }
        var record = RecordReader(row.record)
        shape = ClusterShape(
            nodeCount: try record.int(),
            slicesPerNode: try record.int(),
            disksPerSlice: try record.int()
        )
        nextTableID = try record.int()
        nextExtentID = Int64(try record.int())
        commitNumber = try record.int()
        schemas = []
        for _ in 0..<(try record.count()) { schemas.insert(try record.text()) }
        tableCount = try record.int()
        tableDigest = try record.fixed()
        guard shape.sliceCount > 0, shape.disksPerSlice > 0, record.isAtEnd else {
            throw RecordReader.damaged
        }
    }
}

/// The catalog's record of a table: its definition, and what its other rows must add up to.
struct TableRecord: Sendable {
    var definition: TableDefinition
    var nextOrdinals: [Int]
    var identityPosition: Int64
    var extentCount: Int
    var deletesCount: Int
    /// Sum of the checksums of the extents' and delete vectors' rows, in any order.
    var digest: UInt64
    /// As in ``TableContents``; empty in records from before there was VACUUM, and of tables that
    /// it has not sorted.
    var sortedCounts: [Int] = []

    /// The record of contents whose checksums are all known.
    init(definition: TableDefinition, contents: TableContents) {
        if contents.sortedCounts.contains(where: { $0 > 0 }) {
            sortedCounts = contents.sortedCounts
        }
        self.definition = definition
        nextOrdinals = contents.nextOrdinals
        identityPosition = contents.identityPosition
        extentCount = 0
        deletesCount = 0
        digest = 0
        for extents in contents.slices {
            for visible in extents {
                extentCount += 1
                digest &+= visible.extentChecksum
                if visible.deletes != nil {
                    deletesCount += 1
                    digest &+= visible.deletesChecksum
                }
            }
        }
    }

    /// The catalog's row.
    var row: CatalogRow {
        var record = RecordWriter()
        record.put(definition)
        record.put(nextOrdinals)
        record.put([Int(identityPosition)])
        record.put(extentCount)
        record.put(deletesCount)
        record.putFixed(digest)
        if !sortedCounts.isEmpty { record.put(sortedCounts) }
        return CatalogRow(id: Int64(definition.id), record: record.bytes)
            .sealed(in: CatalogKind.table)
    }

    init(_ row: CatalogRow) throws(SQLError) {
        guard row.checksum == row.expectedChecksum(in: CatalogKind.table) else {
            throw SQLError(.dataCorrupted, "the catalog's record of table \(row.id) is damaged")
        }
        var record = RecordReader(row.record)
        definition = try record.definition()
        nextOrdinals = try record.ints()
        // Older records count the rows ever appended to each slice: as many positions at most.
        identityPosition = Int64(try record.ints().reduce(0, +))
        extentCount = try record.int()
        deletesCount = try record.int()
        digest = try record.fixed()
        if !record.isAtEnd { sortedCounts = try record.ints() }
        guard record.isAtEnd, definition.id == Int(row.id) else { throw RecordReader.damaged }
    }

    /// The contents that the table's rows make; checks each row and their sum.
    ///
    /// Errors: XX001 naming the table.
    func contents(
        extents: [CatalogRow],
        deletes: [CatalogRow],
        place: ExtentPlace
    ) throws(SQLError) -> TableContents {
        func damagedTable(_ what: String) -> SQLError {
            SQLError(
                .dataCorrupted,
                "the catalog's records of table \"\(definition.name)\" "
                    + "(\(definition.id)) are damaged",
                detail: what,
                hint: "The other tables are sound; DROP TABLE removes this one."
            )
        }
        guard extents.count == extentCount, deletes.count == deletesCount else {
            throw damagedTable(
                "There are \(extents.count) extents and \(deletes.count) delete vectors; it should "
                    + "have \(extentCount) and \(deletesCount)."
            )
        }
        var sum: UInt64 = 0
        for row in extents {
            guard row.checksum == row.expectedChecksum(in: CatalogKind.extent) else {
                throw damagedTable("The checksum of extent \(row.id) does not match.")
            }
            sum &+= row.checksum
        }
        var deletesOfExtent: [Int64: CatalogRow] = [:]
        for row in deletes {
            guard row.checksum == row.expectedChecksum(in: CatalogKind.deletes) else {
                throw damagedTable("The checksum of a delete vector of \(row.id) does not match.")
            }
            sum &+= row.checksum
            deletesOfExtent[row.id] = row
        }
        guard sum == digest else { throw damagedTable("Records are missing or out of date.") }
        var contents = TableContents(sliceCount: place.shape.sliceCount)
        contents.nextOrdinals = nextOrdinals
        contents.identityPosition = identityPosition
        if !sortedCounts.isEmpty { contents.sortedCounts = sortedCounts }
        guard contents.sortedCounts.count == contents.slices.count else {
            throw damagedTable("Its sorted regions are those of another number of slices.")
        }
        for row in extents {
            let slice = Int(row.slice)
            guard contents.slices.indices.contains(slice) else {
                throw damagedTable("Extent \(row.id) lies on slice \(slice).")
            }
            let extent = try Extent(
                id: row.id,
                table: definition.id,
                slice: slice,
                record: row.record,
                removal: place.removal,
                path: { disk in
                    place.path(extent: row.id, slice: slice, disk: disk, isTemporary: false)
                }
            )
            guard extent.columns.count == definition.columns.count else {
                throw damagedTable("Extent \(row.id) has \(extent.columns.count) columns.")
            }
            var visible = VisibleExtent(ordinal: Int(row.ordinal), extent: extent)
            visible.extentChecksum = row.checksum
            if let deleted = deletesOfExtent.removeValue(forKey: row.id) {
                visible.deletes = try DeleteVector(
                    record: deleted.record,
                    rowCount: extent.rowCount
                )
                visible.deletesChecksum = deleted.checksum
            }
            contents.append(visible, on: slice)
        }
        for slice in contents.slices.indices {
            contents.slices[slice].sort { $0.ordinal < $1.ordinal }
        }
        return contents
    }
}
