import Catalogs
package import SQLTypes
import Vectors

/// Writes one run of extents anew, a step at a time, on one thread.
///
/// Rows that are visible in the table version go to new extents, encoded as the table says. Every
/// extent of a table with a sort key is sorted, so sorting a run is merging: chains of extents that
/// follow one another are read side by side, as many as memory allows; where there are more,
/// groups of them become chains of intermediate extents first, which go with the rewriter.
///
/// What it reads does not go through the cache, which belongs to queries.
package final class ExtentRewriter {
    /// The run.
    package let run: ExtentRun
    /// Bytes of memory it needs at most, roughly; to be reserved before the first step.
    package let memoryByteCount: Int

    private let definition: TableDefinition
    private let shape: ClusterShape
    private let place: ExtentPlace
    private let files: any FileSystem
    private let check: StopCheck
    private let writerByteCountMax: Int
    private let fanIn: Int
    /// Chains still to be merged in this pass, and what the pass has made of others.
    private var waiting: [Chain]
    private var made: [Chain] = []
    private var isLastPass = false
    private var group: (merge: RunMerge, writer: ExtentWriter)?
    private var result: [PendingExtent]?

    /// Extents of a version in whose order rows are in key order.
    private struct Chain {
        var version: TableVersion
        var places: [Int]
    }

    /// Prepares a run of a version of the store's.
    ///
    /// `memoryByteCountMax` bounds ``memoryByteCount`` as far as two chains can be merged in it;
    /// the same figure for the copies of a DISTSTYLE ALL table makes their extents alike. `check`
    /// is asked every few milliseconds and may throw.
    ///
    /// Errors: XX001 where the catalog's rows are damaged.
    package init(
        _ run: ExtentRun,
        of version: TableVersion,
        in store: Store,
        memoryByteCountMax: Int,
        check: @escaping StopCheck
    ) throws(SQLError) {
        self.run = run
        self.check = check
        definition = version.definition
        shape = version.shape
        files = version.files
        place = store.place
        let contents = try version.contents()
        let extents = contents.slices[run.slice][run.places]
        let chains =
            run.merges
            ? version.orderedChains(run.places, of: run.slice, in: contents) : [Array(run.places)]
        waiting = chains.map { Chain(version: version, places: $0) }
        let perChain = Self.chainByteCount(extents)
        let rows = extents.reduce(0) { $0 + $1.memoryByteCount }
        // Rows collected for an extent, once more while they are sorted and encoded.
        writerByteCountMax = max(
            Self.writerByteCountMin,
            min(Self.writerByteCountMax(memoryByteCountMax), 2 * rows)
        )
        let left = memoryByteCountMax - 2 * writerByteCountMax
        fanIn = max(2, min(chains.count, left / perChain))
        memoryByteCount = 2 * writerByteCountMax + min(fanIn, chains.count) * perChain
    }

    /// Bytes of rows that are collected for an extent in any case.
    private static let writerByteCountMin = 256 << 10

    /// Bytes of rows that are collected for an extent at most, in so much memory.
    static func writerByteCountMax(_ memoryByteCountMax: Int) -> Int {
        max(writerByteCountMin, min(64 << 20, memoryByteCountMax / 4))
    }

    /// Bytes that a chain holds while it is read: a block of each column, and a chunk twice.
    private static func chainByteCount(_ extents: ArraySlice<VisibleExtent>) -> Int {
        var largest: [Int] = []
        var width = 0
        for visible in extents {
            if largest.isEmpty {
                largest = Array(repeating: 0, count: visible.extent.columns.count)
            }
            for (column, found) in visible.extent.columns.enumerated() {
                let bytes = found.blocks.map(\.byteCount).max() ?? 0
                largest[column] = max(largest[column], bytes)
            }
            width = max(width, visible.memoryByteCount / max(1, visible.extent.rowCount))
        }
        return largest.reduce(0, +) + 2 * chunkRowCountMax * max(1, width)
    }

    /// Does a few milliseconds of the work; false once there is none left.
    ///
    /// Errors: those of reading and writing blocks; what `check` throws.
    package func step() throws(SQLError) -> Bool {
        if result != nil { return false }
        guard let group else {
            try openGroup()
            return true
        }
        if let chunk = try group.merge.next() {
            try group.writer.append(chunk)
        } else {
            try closeGroup(try group.writer.finish())
        }
        return true
    }

    /// The new extents in order, once ``step()`` has said false.
    package var rewritten: RewrittenRun {
        RewrittenRun(run: run, extents: result ?? [])
    }

    /// Begins with the next chains, after the last of a pass with those the pass made.
    private func openGroup() throws(SQLError) {
        if waiting.isEmpty {
            waiting = made
            made = []
        }
        if waiting.isEmpty {
            result = []
            return
        }
        isLastPass = made.isEmpty && waiting.count <= fanIn
        let chains = waiting.prefix(fanIn)
        waiting.removeFirst(chains.count)
        if chains.count == 1, !isLastPass {
            made += chains
            return
        }
        let scans = chains.map { chain in
            TableScan(
                chain.version,
                share: .extents(chain.places, of: run.slice),
                request: ScanRequest(columns: Array(definition.columns.indices)),
                cache: BlockCache(byteCountMax: 0)
            )
        }
        let merge = RunMerge(
            scans,
            keys: definition.sortKey.columns,
            types: definition.columns.map(\.type.physical),
            check: check
        )
        let writer = ExtentWriter(
            definition: definition,
            slice: run.slice,
            place: place,
            byteCountMax: writerByteCountMax,
            check: check
        )
        group = (merge, writer)
    }

    private func closeGroup(_ extents: [PendingExtent]) throws(SQLError) {
        group = nil
        if isLastPass {
            result = extents
            return
        }
        var contents = TableContents(sliceCount: shape.sliceCount)
        for extent in extents { contents.append(extent) }
        let version = TableVersion(
            definition: definition,
            shape: shape,
            files: files,
            contents: contents
        )
        made.append(Chain(version: version, places: Array(extents.indices)))
    }
}
