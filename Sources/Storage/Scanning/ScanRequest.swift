package import Catalogs
package import SQLTypes
package import Vectors

/// What a scan is to deliver.
package struct ScanRequest: Sendable {
    /// Columns of the chunks, in this order.
    package var columns: [ColumnIndex]
    /// Tests that every delivered row passes.
    package var predicates: [ScanPredicate]
    /// Whether the rows' addresses come as an extra last int64 column.
    package var emitsRowAddresses: Bool

    /// Makes a request.
    package init(
        columns: [ColumnIndex],
        predicates: [ScanPredicate] = [],
        emitsRowAddresses: Bool = false
    ) {
        self.columns = columns
        self.predicates = predicates
        self.emitsRowAddresses = emitsRowAddresses
    }

    /// The columns put out or tested, each once.
    var neededColumns: [ColumnIndex] { Set(columns + predicates.map(\.column)).sorted() }
}

/// A test of one column.
package struct ScanPredicate: Sendable {
    package var column: ColumnIndex
    package var test: ScanTest

    /// Makes a predicate.
    package init(column: ColumnIndex, test: ScanTest) {
        self.column = column
        self.test = test
    }
}

/// What a value must be like; all but `isNull` are false for NULL.
///
/// Constants are in the column's physical form and scale already.
package enum ScanTest: Sendable {
    /// Between two bounds, each included or not; nil for no bound.
    case range(low: Datum?, lowIncluded: Bool, high: Datum?, highIncluded: Bool)
    case oneOf([Datum])
    case notEqual(Datum)
    case isNull
    case isNotNull
    case like(LikePattern)
    case notLike(LikePattern)
}

/// A test that another part of the query makes while it runs, such as a join's keys.
package protocol RuntimeFilter: AnyObject, Sendable {
    /// Values outside cannot join; nil while nothing is known.
    var bounds: ClosedRange<Int64>? { get }
    /// Clears the bits of rows that cannot join; `keys` has int64 values in any form.
    func restrict(_ keys: Vector, count: Int, bits: UnsafeMutablePointer<UInt64>)
}

/// Which rows of a table a scan reads.
package enum ScanShare: Sendable {
    /// All rows of a slice.
    case slice(SliceID)
    /// Some extents of a slice, by their places in it, in this order.
    case extents([Int], of: SliceID)
    /// The index-th of so many parts of an ALL table's copy, cut at multiples of 2,048 rows.
    case dealt(index: Int, of: Int, copyOnSlice: SliceID)
}

/// What a scan did.
package struct ScanCounters: Hashable, Sendable {
    /// Rows of the units that were not skipped, deleted ones left out.
    package var rowsScanned = 0
    /// Deleted rows of those units.
    package var rowsDeleted = 0
    /// Rows delivered.
    package var rowsPassed = 0
    /// Blocks used, and blocks that zone maps or empty selections made needless.
    package var blocksRead = 0
    package var blocksSkipped = 0
    /// Units of 1,024 rows looked at, and those that zone maps ruled out.
    package var unitsRead = 0
    package var unitsSkipped = 0
    /// Bytes of the blocks used, and of those that came from files.
    package var bytesUsed = 0
    package var bytesRead = 0
}

extension ScanCounters {
    /// What two scans of the same table did together.
    package func added(_ other: ScanCounters) -> ScanCounters {
        var sum = self
        sum.rowsScanned += other.rowsScanned
        sum.rowsDeleted += other.rowsDeleted
        sum.rowsPassed += other.rowsPassed
        sum.blocksRead += other.blocksRead
        sum.blocksSkipped += other.blocksSkipped
        sum.unitsRead += other.unitsRead
        sum.unitsSkipped += other.unitsSkipped
        sum.bytesUsed += other.bytesUsed
        sum.bytesRead += other.bytesRead
        return sum
    }
}
