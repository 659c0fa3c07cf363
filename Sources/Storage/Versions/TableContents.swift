import Catalogs
import SQLTypes
import Synchronization

/// An extent as a table version sees it.
package struct VisibleExtent: Sendable {
    /// Its number in the slice's part of the table; ascends, never used twice.
    package var ordinal: Int
    package var extent: Extent
    /// Rows deleted from it; nil for none.
    package var deletes: DeleteVector?
    /// Checksums of the two catalog rows; 0 where there is none yet.
    var extentChecksum: UInt64 = 0
    var deletesChecksum: UInt64 = 0

    /// Rows that are not deleted.
    package var rowCount: Int { extent.rowCount - (deletes?.count ?? 0) }

    /// The address of the extent's row 0.
    package var firstAddress: RowAddress { RowAddress(ordinal) << rowAddressBits }
}

/// Where a row of a table lies within one slice: the extent's ordinal, then the row in it.
package typealias RowAddress = Int64

/// How many bits of an address tell the row in the extent.
package let rowAddressBits: Int64 = 40

/// The extents of a table, by slice, in the order they were appended.
struct TableContents: Sendable {
    var slices: [[VisibleExtent]]
    /// Rows of all extents, deleted ones and copies included.
    private(set) var storedRowCount = 0
    /// The ordinal the next extent of each slice gets.
    var nextOrdinals: [Int]
    /// The first position of the table's IDENTITY columns that no statement has used.
    ///
    /// Never goes back, not even with TRUNCATE.
    var identityPosition: Int64 = 0
    /// How many extents of each slice, from the first, VACUUM has put in the order of the sort
    /// key; zone maps alone do not tell where leading keys are equal.
    var sortedCounts: [Int]

    init(sliceCount: Int) {
        slices = Array(repeating: [], count: sliceCount)
        nextOrdinals = Array(repeating: 0, count: sliceCount)
        sortedCounts = Array(repeating: 0, count: sliceCount)
    }

    /// Counts ``storedRowCount`` anew, after extents were taken out.
    mutating func countStoredRows() {
        storedRowCount = slices.joined().reduce(0) { $0 + $1.extent.rowCount }
    }

    mutating func append(_ pending: PendingExtent, deletes: DeleteVector? = nil) {
        let slice = pending.slice
        append(
            VisibleExtent(
                ordinal: nextOrdinals[slice],
                extent: pending.extent,
                deletes: deletes
            ),
            on: slice
        )
        nextOrdinals[slice] += 1
    }

    /// Adds an extent that has its ordinal.
    mutating func append(_ visible: VisibleExtent, on slice: SliceID) {
        slices[slice].append(visible)
        storedRowCount += visible.extent.rowCount
    }
}

/// The contents as the catalog has them, read into values at the first use.
///
/// What comes from the catalog is checked then: each row's checksum, and count and digest of all
/// of them, so that a row that went missing or came twice is noticed too. A table that nobody
/// asks for costs nothing at start, and a damaged one stops nobody else.
final class LazyContents: Sendable {
    private enum State {
        case rows(() throws(SQLError) -> TableContents)
        case contents(TableContents)
        case damaged(SQLError)
    }

    private let state: Mutex<State>

    init(_ contents: TableContents) { state = Mutex(.contents(contents)) }

    init(parsing parse: @escaping @Sendable () throws(SQLError) -> TableContents) {
        state = Mutex(.rows(parse))
    }

    /// The contents.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    func value() throws(SQLError) -> TableContents {
        let result: Result<TableContents, SQLError> = state.withLock { state in
            switch state {
            case .contents(let contents): return .success(contents)
            case .damaged(let error): return .failure(error)
            case .rows(let parse):
                do throws(SQLError) {
                    let contents = try parse()
                    state = .contents(contents)
                    return .success(contents)
                } catch {
                    state = .damaged(error)
                    return .failure(error)
                }
            }
        }
        return try result.get()
    }
}
