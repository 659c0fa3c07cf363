package import Catalogs
package import SQLTypes
package import Storage
package import Vectors

/// What a plan needs beside itself to run.
package struct ExecutionContext: Sendable {
    /// What scans read.
    package var snapshot: StoreSnapshot
    /// Makes the writers of inserts; nil where nothing is changed.
    package var transaction: StoreTransaction? {
        get { writerSource.transaction }
        set { writerSource = WriterSource(transaction: newValue) }
    }
    /// Blocks read by scans are kept here.
    package var cache: BlockCache
    /// What `SegmentSource.provided(i)` reads.
    package var provided: [any ProvidedSource]
    /// The same for each scalar subquery of the plan, by its number.
    package var providedToSubqueries: [[any ProvidedSource]]
    /// Asks the run to stop.
    package var cancellation: Cancellation

    /// What `SegmentSource.kept(i)` reads, by i, and where the sink `keep` writes to.
    var kept: [Int: KeptRows] = [:]
    var keptTarget: KeptRows?

    private var writerSource: WriterSource

    /// Makes a context; without a cache scans use the transaction's, or one of their own.
    package init(
        snapshot: StoreSnapshot,
        transaction: StoreTransaction?,
        cache: BlockCache? = nil,
        provided: [any ProvidedSource] = [],
        providedToSubqueries: [[any ProvidedSource]] = [],
        cancellation: Cancellation = Cancellation()
    ) {
        self.snapshot = snapshot
        self.cache = cache ?? transaction?.cache ?? BlockCache(byteCountMax: 64 << 20)
        self.provided = provided
        self.providedToSubqueries = providedToSubqueries
        self.cancellation = cancellation
        writerSource = WriterSource(transaction: transaction)
    }
}

/// The transaction as slices see it: they call `makeWriter` only, which any thread may.
private struct WriterSource: @unchecked Sendable {  // See above.
    var transaction: StoreTransaction?
}

/// Rows that the caller of the executor provides: system tables, files being loaded.
package protocol ProvidedSource: AnyObject, Sendable {
    /// A reader of this share of the rows: `slice` counts the runs of the segment, from 0 to
    /// below `count`; each row belongs to exactly one share.
    func makeReader(slice: SliceID, of count: Int) throws(SQLError) -> any ProvidedReader
}

/// Reads one share of a provided source, on one thread.
package protocol ProvidedReader: AnyObject {
    /// The next rows, nil at the end; an empty chunk is fine; works a few milliseconds at most.
    func next() throws(SQLError) -> Chunk?
}

/// What a run leaves beside its rows.
package struct RunOutcome: Sendable {
    /// Extents written by inserts, to be handed to the transaction.
    package var inserted: [TableID: [PendingExtent]] = [:]
    /// Rows to delete, each once.
    package var deleted: [TableID: [DeletedRows]] = [:]
    package var insertedRowCount = 0
    package var deletedRowCount = 0
    /// How often rows were named for deletion that had been named already.
    package var repeatedDeletionCount = 0
    package var record = RunRecord()

    /// Makes an empty outcome.
    package init() {}
}
