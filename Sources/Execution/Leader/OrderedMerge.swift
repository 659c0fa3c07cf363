import Plans
import SQLTypes
import Vectors

/// Merges the sorted rows of the result runs into one order, for the client.
///
/// Keeps a heap of the runs by their next row; takes rows from the first run for as long as they
/// come before the next run's, so long stretches of one run cost one comparison per row. Equal
/// rows keep the order of the slices.
struct OrderedMerge {
    private let query: QueryRun
    private let keys: [SortKeyPosition]
    private let types: [DataType]

    init(query: QueryRun, keys: [SortKeyPosition], types: [DataType]) {
        self.query = query
        self.keys = keys
        self.types = types
    }

    /// A run's current chunk and the next row of it.
    private struct Head {
        var run: Int
        var chunk: Chunk
        var row: Int
    }

    /// Merges until the runs end or the window is complete.
    func deliver(
        window: inout RowWindow,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        var heads: [Head] = []
        for run in 0..<query.results.runCount {
            if case .chunk(let chunk) = query.results.next(of: run) {
                heads.append(Head(run: run, chunk: chunk, row: 0))
            }
        }
        heads.sort { isBefore($0, $1) }
        let outlet = types.map { VectorBuilder(physical: $0.physical) }
        var held = 0
        while !heads.isEmpty && !window.isComplete {
            if query.isStopped { return }
            let stretch = stretchLength(of: heads)
            let (chunk, row) = (heads[0].chunk, heads[0].row)
            let taken = min(stretch, chunkRowCountMax - held)
            let part = chunk.slice(row..<row + taken)
            for (builder, column) in zip(outlet, part.columns) { builder.append(column) }
            held += taken
            if held == chunkRowCountMax {
                try emit(outlet, held, window: &window, receive: receive)
                held = 0
            }
            advance(&heads, by: taken)
        }
        if held > 0 && !window.isComplete {
            try emit(outlet, held, window: &window, receive: receive)
        }
    }

    private func emit(
        _ outlet: [VectorBuilder],
        _ count: Int,
        window: inout RowWindow,
        receive: (Chunk) throws(SQLError) -> Void
    ) throws(SQLError) {
        let chunk = Chunk(count: count, columns: outlet.map { $0.finish() })
        if let part = window.part(of: chunk) { try receive(part) }
    }

    /// How many rows of the first head come before the second's next row; at least 1.
    private func stretchLength(of heads: [Head]) -> Int {
        var first = heads[0]
        let start = first.row
        guard heads.count > 1 else { return first.chunk.count - start }
        repeat { first.row += 1 } while first.row < first.chunk.count && isBefore(first, heads[1])
        return first.row - start
    }

    /// Moves the first head past rows taken and puts it where it belongs.
    private func advance(_ heads: inout [Head], by taken: Int) {
        heads[0].row += taken
        if heads[0].row == heads[0].chunk.count {
            guard case .chunk(let chunk) = query.results.next(of: heads[0].run) else {
                heads.removeFirst()
                return
            }
            heads[0].chunk = chunk
            heads[0].row = 0
        }
        var place = 0
        while place + 1 < heads.count && isBefore(heads[place + 1], heads[place]) {
            heads.swapAt(place, place + 1)
            place += 1
        }
    }

    private func isBefore(_ left: Head, _ right: Head) -> Bool {
        for key in keys {
            let (a, b) = (left.chunk.columns[key.column], right.chunk.columns[key.column])
            switch (a.isNull(left.row), b.isNull(right.row)) {
            case (true, true): continue
            case (true, false): return key.nullsFirst
            case (false, true): return !key.nullsFirst
            case (false, false):
                let order = compareRows(a, left.row, b, right.row)
                if order != 0 { return (order < 0) == key.isAscending }
            }
        }
        return left.run < right.run
    }
}
