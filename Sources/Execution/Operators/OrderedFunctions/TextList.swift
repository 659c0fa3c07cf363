import SQLTypes
import Vectors

/// LISTAGG: texts with a delimiter between them; NULLs and empty texts are skipped, and NULL is
/// what is left of none.
///
/// - Errors: XX000 over 65,535 bytes.
/// - Source: Redshift; DISTINCT keeps the first of texts that differ in trailing blanks only.
struct TextList: OrderedFunction {
    private let delimiter: [UInt8]
    private let isDistinct: Bool

    init(delimiter: [UInt8], isDistinct: Bool) {
        self.delimiter = delimiter
        self.isDistinct = isDistinct
    }

    func results(_ texts: Vector, _ groups: OrderedGroups) throws(SQLError) -> Vector {
        let repeated = isDistinct ? try repetitions(texts, groups) : nil
        let builder = VectorBuilder(physical: .string, capacity: groups.range.count)
        var list: [UInt8] = []
        for group in groups.range {
            list.removeAll(keepingCapacity: true)
            try append(groups.rows(of: group), of: texts, repeated, to: &list, groups.check)
            if list.isEmpty {
                builder.appendNull()
            } else {
                list.withUnsafeBufferPointer { builder.appendString($0) }
            }
        }
        return builder.finish()
    }

    private func append(
        _ rows: Range<Int>,
        of texts: Vector,
        _ repeated: FlatArray<UInt8>?,
        to list: inout [UInt8],
        _ check: StopCheck
    ) throws(SQLError) {
        for row in rows {
            if row & (rowsPerStopCheck - 1) == 0 { try check() }
            if texts.isNull(row) { continue }
            if let repeated, repeated.pointer[row] != 0 { continue }
            let view = texts.stringView(row)
            if view.count == 0 { continue }
            // No text that is listed is empty, so a list that is has none yet.
            if !list.isEmpty { list.append(contentsOf: delimiter) }
            view.withBytes { list.append(contentsOf: $0) }
            guard list.count <= DataType.varcharMaxLength else {
                throw SQLError(.internalError, "Result size exceeds LISTAGG limit")
            }
        }
    }

    /// 1 for each row whose text its group has had before.
    private func repetitions(
        _ texts: Vector,
        _ groups: OrderedGroups
    ) throws(SQLError) -> FlatArray<UInt8> {
        let marks = FlatArray<UInt8>()
        try marks.grow(to: texts.count, filling: 1)
        let arguments = DistinctArguments(
            .varchar(DataType.varcharMaxLength),
            input: 0,
            check: groups.check
        )
        let numbers = FlatArray<UInt32>(capacity: texts.count)
        for group in groups.range {
            let number = UInt32(truncatingIfNeeded: group - groups.range.lowerBound)
            try numbers.grow(to: groups.rows(of: group).upperBound, filling: number)
        }
        var start = 0
        while start < texts.count {
            try groups.check()
            let count = min(chunkRowCountMax, texts.count - start)
            let batch = GroupBatch(
                groups: UnsafePointer(numbers.pointer + start),
                count: count,
                priorGroupCount: 0,
                groupCount: groups.range.count,
                isTotal: false
            )
            let chunk = Chunk(count: count, columns: [texts.slice(start..<start + count)])
            try arguments.take(batch, chunk)
            for index in 0..<arguments.firsts.count {
                marks.pointer[start + Int(arguments.firstPlaces[index])] = 0
            }
            start += count
        }
        return marks
    }
}
