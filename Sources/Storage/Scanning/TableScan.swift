package import Catalogs
package import SQLTypes
package import Vectors

/// Reads a share of a table version: dense chunks of the rows that pass.
///
/// For each window of at most 2,048 rows, in this order: zone maps of the blocks in the catalog,
/// zone maps of the units in the block, deleted rows, predicates on encoded values as bitmaps,
/// runtime filters; only then are the other columns' blocks loaded and only survivors decoded.
/// Where all rows of a window pass, vectors point into the blocks. Survivors of windows and
/// extents that have few are put together to fuller chunks, in their order.
///
/// Used by one thread. Chunks stay valid after the scan and after the cache drops their blocks.
package final class TableScan {
    /// Windows a call of ``next()`` works at most.
    private static let windowsPerCall = 16
    /// Survivors below this many wait for others.
    private static let fewRows = 512

    private let version: TableVersion
    private let share: ScanShare
    private let request: ScanRequest
    private let cache: BlockCache
    private let predicates: [PreparedPredicate]
    private var filters: [(column: ColumnIndex, filter: any RuntimeFilter)] = []
    private var parts: [ScanPart]?
    private var partIndex = 0
    private var row = 0
    private var cursors: [ColumnCursor?]
    private var isInPart = false
    private var waiting: [VectorBuilder] = []
    private var waitingCount = 0
    private var held: Chunk?
    private let bits: UnsafeMutablePointer<UInt64>
    private let mask: UnsafeMutablePointer<UInt8>
    private let chosen: UnsafeMutablePointer<UInt16>

    /// What was done so far.
    package private(set) var counters = ScanCounters()

    /// Begins a scan of columns that exist in the version.
    package init(
        _ version: TableVersion,
        share: ScanShare,
        request: ScanRequest,
        cache: BlockCache
    ) {
        self.version = version
        self.share = share
        self.request = request
        self.cache = cache
        predicates = request.predicates.map {
            PreparedPredicate($0, type: version.definition.columns[$0.column].type)
        }
        cursors = Array(repeating: nil, count: version.definition.columns.count)
        // Bits and bytes are written 64 at a time; positions eight at a time.
        bits = .allocate(capacity: chunkRowCountMax / 64 + 8)
        mask = .allocate(capacity: chunkRowCountMax + 64)
        mask.initialize(repeating: 0, count: chunkRowCountMax + 64)
        bits.initialize(repeating: 0, count: chunkRowCountMax / 64 + 8)
        chosen = .allocate(capacity: chunkRowCountMax + 64)
        chosen.initialize(repeating: 0, count: chunkRowCountMax + 64)
    }

    deinit {
        bits.deallocate()
        mask.deallocate()
        chosen.deallocate()
    }

    /// Adds tests made while the query runs; they hold from the next call on.
    package func setRuntimeFilters(
        _ filters: [(column: ColumnIndex, filter: any RuntimeFilter)]
    ) {
        self.filters = filters
    }

    /// The next rows; a chunk of no rows means "more, but none here", nil the end.
    ///
    /// Errors: XX001 for damaged blocks or records that the scan needs, those of reading files.
    package func next() throws(SQLError) -> Chunk? {
        if let chunk = held {
            held = nil
            return chunk
        }
        for _ in 0..<Self.windowsPerCall {
            guard try enterPart() else {
                return waitingCount > 0 ? flush() : nil
            }
            guard let chunk = try nextWindow() else { continue }
            if let full = add(chunk) { return full }
        }
        return waitingCount > 0 ? flush() : Chunk(count: 0, columns: emptyColumns())
    }

    private func emptyColumns() -> [Vector] {
        outputTypes.map { Vector.nulls(physical: $0, count: 0) }
    }

    private var outputTypes: [PhysicalType] {
        request.columns.map { version.definition.columns[$0].type.physical }
            + (request.emitsRowAddresses ? [.int64] : [])
    }
}

// MARK: - Parts

extension TableScan {
    /// Makes sure there are rows left in the present extent; false at the end.
    private func enterPart() throws(SQLError) -> Bool {
        if self.parts == nil { self.parts = try share.parts(of: version) }
        let parts = self.parts ?? []
        while true {
            if isInPart {
                if row < parts[partIndex].rows.upperBound { return true }
                leavePart()
            }
            guard partIndex < parts.count else { return false }
            let part = parts[partIndex]
            if predicates.ruleOut(part.visible.extent) {
                counters.unitsSkipped += unitCount(of: part.rows)
                for column in request.neededColumns {
                    counters.blocksSkipped += part.blocks(of: column).count
                }
                partIndex += 1
                continue
            }
            row = part.rows.lowerBound
            isInPart = true
            for index in cursors.indices { cursors[index] = nil }
        }
    }

    private func leavePart() {
        for cursor in cursors { cursor?.finish(&counters) }
        if let part = parts?[partIndex] {
            for column in request.neededColumns where cursors[column] == nil {
                counters.blocksSkipped += part.blocks(of: column).count
            }
        }
        isInPart = false
        partIndex += 1
    }

    private func cursor(_ column: ColumnIndex) -> ColumnCursor {
        if let cursor = cursors[column] { return cursor }
        let part = parts?[partIndex]
        guard let part else { preconditionFailure("a scan made a cursor outside an extent") }
        let fresh = ColumnCursor(
            column,
            of: part.visible.extent,
            numbers: part.blocks(of: column),
            cache: cache,
            files: version.files
        )
        cursors[column] = fresh
        return fresh
    }
}

// MARK: - Windows

extension TableScan {
    /// Works the next window; nil where none of its rows passes.
    private func nextWindow() throws(SQLError) -> Chunk? {
        guard let part = parts?[partIndex] else { return nil }
        guard let window = try findWindow(end: part.rows.upperBound) else { return nil }
        row = window.upperBound
        let count = window.count
        let wordCount = (count + 63) >> 6
        setLiveBits(window, deletes: part.visible.deletes)
        let live = bitmapCount(bits, rowCount: count)
        counters.rowsScanned += live
        counters.rowsDeleted += count - live
        for predicate in predicates {
            let column = cursor(predicate.column)
            var zone = try column.unit(at: window.lowerBound, &counters)
            let second = (window.lowerBound / unitRowCount + 1) * unitRowCount
            if second < window.upperBound {
                zone.merge(try column.unit(at: second, &counters))
            }
            if predicate.verdict(zone) == .all { continue }
            let vector = try column.vector(window, &counters)
            predicate.restrict(vector, count: count, bits: bits, mask: mask)
            if isEmpty(wordCount) { return nil }
        }
        for (column, filter) in filters {
            let vector = try cursor(column).vector(window, &counters)
            filter.restrict(vector, count: count, bits: bits)
            if isEmpty(wordCount) { return nil }
        }
        let passed = bitmapCount(bits, rowCount: count)
        guard passed > 0 else { return nil }
        counters.rowsPassed += passed
        return try collect(window, passed: passed, part.visible)
    }

    private func isEmpty(_ wordCount: Int) -> Bool {
        var any: UInt64 = 0
        for word in 0..<wordCount { any |= bits[word] }
        return any == 0
    }

    /// The next rows that zone maps do not rule out; nil where some were skipped instead.
    ///
    /// Leaves `row` behind what was skipped.
    private func findWindow(end: Int) throws(SQLError) -> Range<Int>? {
        // Whole blocks first, by the catalog's records; nothing is loaded for them.
        var windowEnd = min(end, (row / chunkRowCountMax + 1) * chunkRowCountMax)
        let ruling = try predicates.ruling(from: row, end: windowEnd) {
            (column) throws(SQLError) in try cursor(column).record(at: row, &counters)
        }
        switch ruling {
        case .skipped(let next):
            skip(to: min(end, next))
            return nil
        case .left(let next, _): windowEnd = next
        }
        for (column, filter) in filters {
            let record = try cursor(column).record(at: row, &counters)
            if let bounds = filter.bounds, isOutside(record.zone, bounds) {
                skip(to: min(end, record.endRow))
                return nil
            }
            windowEnd = min(windowEnd, record.endRow)
        }
        for column in request.columns {
            windowEnd = min(windowEnd, try cursor(column).record(at: row, &counters).endRow)
        }
        if predicates.isEmpty && filters.isEmpty {
            counters.unitsRead += unitCount(of: row..<windowEnd)
            return row..<windowEnd
        }
        // Then the one or two units of the window.
        let middle = min(windowEnd, (row / unitRowCount + 1) * unitRowCount)
        let firstPasses = try unitCanPass(at: row)
        let secondPasses = middle < windowEnd ? try unitCanPass(at: middle) : false
        switch (firstPasses, secondPasses) {
        case (false, false):
            skip(to: windowEnd)
            return nil
        case (true, true): break
        case (true, false): windowEnd = middle
        case (false, true): skip(to: middle)
        }
        counters.unitsRead += unitCount(of: row..<windowEnd)
        return row..<windowEnd
    }

    private func skip(to end: Int) {
        counters.unitsSkipped += unitCount(of: row..<end)
        row = end
    }

    private func unitCanPass(at row: Int) throws(SQLError) -> Bool {
        for predicate in predicates {
            let zone = try cursor(predicate.column).unit(at: row, &counters)
            if predicate.verdict(zone) == .none { return false }
        }
        for (column, filter) in filters {
            guard let bounds = filter.bounds else { continue }
            let zone = try cursor(column).unit(at: row, &counters)
            if isOutside(zone, bounds) { return false }
        }
        return true
    }

    private func isOutside(_ zone: ZoneMap, _ bounds: ClosedRange<Int64>) -> Bool {
        zone.isAllNull || zone.maximum < bounds.lowerBound || zone.minimum > bounds.upperBound
    }

    /// Sets the bits of a window's rows that are not deleted.
    private func setLiveBits(_ window: Range<Int>, deletes: DeleteVector?) {
        let count = window.count
        let wordCount = (count + 63) >> 6
        bits.update(repeating: .max, count: wordCount)
        if count & 63 != 0 { bits[wordCount - 1] = (1 << UInt64(count & 63)) - 1 }
        guard let deletes else { return }
        let gone = shiftedBits(deletes.bits, from: window.lowerBound, count: count)
        for word in 0..<wordCount { bits[word] &= ~gone[word] }
    }

    /// The survivors of a window.
    private func collect(
        _ window: Range<Int>,
        passed: Int,
        _ visible: VisibleExtent
    ) throws(SQLError) -> Chunk {
        var columns: [Vector] = []
        columns.reserveCapacity(request.columns.count + 1)
        let isWhole = passed == window.count
        if !isWhole { _ = positions(of: bits, rowCount: window.count, into: chosen) }
        for column in request.columns {
            let cursor = cursor(column)
            columns.append(
                isWhole
                    ? try cursor.vector(window, &counters)
                    : try cursor.gather(window, positions: chosen, count: passed, &counters)
            )
        }
        if request.emitsRowAddresses {
            columns.append(addresses(window, passed: passed, isWhole: isWhole, visible))
        }
        return Chunk(count: passed, columns: columns)
    }

    private func addresses(
        _ window: Range<Int>,
        passed: Int,
        isWhole: Bool,
        _ visible: VisibleExtent
    ) -> Vector {
        let buffer = Buffer(byteCount: passed * 2)
        let offsets = buffer.pointer.assumingMemoryBound(to: UInt16.self)
        if isWhole {
            for index in 0..<passed { offsets[index] = UInt16(truncatingIfNeeded: index) }
        } else {
            offsets.update(from: chosen, count: passed)
        }
        let base = visible.firstAddress + Int64(window.lowerBound)
        return Vector(
            physical: .int64,
            form: .narrow16,
            count: passed,
            data: buffer.pointer,
            base: base,
            bounds: base...(base + Int64(window.count - 1)),
            owners: [buffer]
        )
    }
}

// MARK: - Fuller chunks

extension TableScan {
    /// Takes survivors in; gives a chunk where one is full or there are enough.
    private func add(_ chunk: Chunk) -> Chunk? {
        if chunk.count >= Self.fewRows {
            guard waitingCount > 0 else { return chunk }
            held = chunk
            return flush()
        }
        let full = waitingCount + chunk.count > chunkRowCountMax ? flush() : nil
        if waiting.isEmpty { waiting = outputTypes.map { VectorBuilder(physical: $0) } }
        for (builder, vector) in zip(waiting, chunk.columns) { builder.append(vector) }
        waitingCount += chunk.count
        return full
    }

    private func flush() -> Chunk {
        defer { waitingCount = 0 }
        return Chunk(count: waitingCount, columns: waiting.map { $0.finish() })
    }
}
