import Catalogs
import SQLTypes
import Vectors

/// Encodes one column of an extent.
///
/// The encodings are Redshift's by name, the layouts ours:
///
/// | encoding | layout |
/// |---|---|
/// | RAW | values at the full width of their type; strings as lengths and bytes |
/// | AZ64 | per group one base and byte-aligned or packed offsets |
/// | DELTA, DELTA32K | differences to the row before in 1 or 2 bytes, and exceptions |
/// | MOSTLY8, MOSTLY16, MOSTLY32 | entries of 1, 2 or 4 bytes, and exceptions |
/// | BYTEDICT | one-byte codes into a dictionary per block |
/// | RUNLENGTH | runs of what AZ64 or a dictionary would store |
/// | TEXT255, TEXT32K | codes of words in a dictionary per block, other words as they are |
/// | LZO | RAW in LZ4 frames |
/// | ZSTD | RAW in ZSTD frames |
///
/// To add one: a case here, a ``GroupForm`` or ``GroupStorage`` if the layout is new, its decoding
/// in ``BlockReader``, a row in the round-trip test.
struct ColumnEncoder {
    let vector: Vector
    let type: DataType
    let place: BlockPlace
    /// Asked for every group of rows; may throw.
    var check: StopCheck = {}

    /// Encodes a flat vector whose int128 values were narrowed where all fit.
    func encode(as encoding: ColumnEncoding) throws(SQLError) -> [FinishedBlock] {
        guard vector.count > 0 else { return [] }
        let isText = vector.physical == .string
        switch encoding {
        case .automatic:
            return try isText ? encodeTextAutomatically() : encodeNumbersAutomatically()
        case .raw: return try encodeWhole(as: .raw, compression: .none)
        case .az64, .delta, .delta32k, .mostly8, .mostly16, .mostly32:
            // Decimals past 64 bits: no narrower form helps them.
            guard vector.physical == .int64 else {
                return try encodeWhole(as: encoding, compression: isText ? .lz4 : .none)
            }
            return try encodeNumbers(as: encoding, layouts: .az64)
        case .text255, .text32k:
            guard isText else { return try encodeWhole(as: .lzo, compression: .lz4) }
            return try encodeTextAsWords(as: encoding)
        case .bytedict:
            guard let dictionary = try ValueDictionary(vector, isEager: true, check) else {
                return try isText
                    ? encodeWhole(as: .lzo, compression: .lz4)
                    : encodeNumbers(as: .az64, layouts: .az64)
            }
            return try encodeCodes(dictionary, as: .bytedict, layouts: .constant, countMax: 256)
        case .runlength:
            guard isText else { return try encodeNumbers(as: encoding, layouts: .runlength) }
            guard let dictionary = try ValueDictionary(vector, isEager: true, check) else {
                return try encodeWhole(as: .lzo, compression: .lz4)
            }
            return try encodeCodes(
                dictionary,
                as: encoding,
                layouts: .runlength,
                countMax: ValueDictionary.countMax
            )
        case .lzo: return try encodeWhole(as: encoding, compression: .lz4)
        case .zstd: return try encodeWhole(as: encoding, compression: .zstd)
        }
    }

    /// The rows of the group that begins at `row`; long strings end it early.
    private func group(at row: Int) -> Range<Int> {
        let end = min(vector.count, (row / groupRowCount + 1) * groupRowCount)
        guard vector.physical == .string else { return row..<end }
        let views = vector.entries(as: StringView.self)
        var byteCount = 0
        for next in row..<end {
            byteCount += vector.isNull(next) ? 0 : views[next].count
            if byteCount > groupTextByteCountMax && next > row { return row..<next }
        }
        return row..<end
    }

    private func encodeWhole(
        as encoding: ColumnEncoding,
        compression: BlockCompression
    ) throws(SQLError) -> [FinishedBlock] {
        var builder = BlockBuilder(
            place: place,
            vector: vector,
            encoding: encoding,
            compression: compression
        )
        var row = 0
        while row < vector.count {
            try check()
            let rows = group(at: row)
            switch vector.physical {
            case .string: try builder.add(encodeText(vector, rows: rows))
            case .int64:
                try builder.add(encodeFullWidth(vector, rows: rows, width: type.storedWidth))
            default: try builder.add(encodeFlat(vector, rows: rows, layouts: []))
            }
            row = rows.upperBound
        }
        try builder.finish()
        return builder.finished
    }

    private func encodeNumbers(
        as encoding: ColumnEncoding,
        layouts: IntegerLayouts
    ) throws(SQLError) -> [FinishedBlock] {
        var builder = BlockBuilder(
            place: place,
            vector: vector,
            encoding: encoding,
            compression: .none
        )
        var row = 0
        while row < vector.count {
            try check()
            let rows = group(at: row)
            switch (vector.physical, encoding) {
            case (.int64, .delta): try builder.add(encodeDeltas(vector, rows: rows, width: 1))
            case (.int64, .delta32k): try builder.add(encodeDeltas(vector, rows: rows, width: 2))
            case (.int64, .mostly8): try builder.add(encodeMostly(vector, rows: rows, width: 1))
            case (.int64, .mostly16): try builder.add(encodeMostly(vector, rows: rows, width: 2))
            case (.int64, .mostly32): try builder.add(encodeMostly(vector, rows: rows, width: 4))
            case (.int64, _):
                try builder.add(encodeIntegers(vector, rows: rows, layouts: layouts))
            default: try builder.add(encodeFlat(vector, rows: rows, layouts: layouts))
            }
            row = rows.upperBound
        }
        try builder.finish()
        return builder.finished
    }

    private func encodeNumbersAutomatically() throws(SQLError) -> [FinishedBlock] {
        let isInteger = vector.physical == .int64
        if isInteger || vector.physical == .bool, averageRun >= 16 {
            return try encodeNumbers(as: .runlength, layouts: .runlength)
        }
        if isInteger { return try encodeNumbers(as: .az64, layouts: .az64) }
        if vector.physical == .float64 || vector.physical == .int128 {
            // A third of the bytes is worth the slower scan.
            let sample = encodeFlat(vector, rows: group(at: 0), layouts: [])
            if sample.data.count >= 4096,
                try compress(sample.data, with: .zstd).count * 3 < sample.data.count * 2
            {
                return try encodeWhole(as: .zstd, compression: .zstd)
            }
        }
        return try encodeWhole(as: .raw, compression: .none)
    }

    /// Rows per run of equal values, judged by the first groups.
    private var averageRun: Int {
        let count = min(vector.count, 8 * groupRowCount)
        guard count >= 64 else { return 1 }
        var runs = 1
        if vector.physical == .bool {
            let values = vector.entries(as: UInt8.self)
            for row in 1..<count where values[row] != values[row - 1] { runs += 1 }
        } else {
            let values = vector.entries(as: Int64.self)
            for row in 1..<count where values[row] != values[row - 1] { runs += 1 }
        }
        return count / runs
    }

    private func encodeTextAutomatically() throws(SQLError) -> [FinishedBlock] {
        let sample = encodeText(vector, rows: group(at: 0))
        let plainPerRow = Double(sample.data.count) / Double(sample.rowCount)
        let lz4 = try compress(sample.data, with: .lz4).count
        if let dictionary = try ValueDictionary(vector, isEager: false, check) {
            let width = dictionary.count <= 256 ? 1.0 : 2.0
            let entries = Double(dictionary.byteCounts.reduce(0, +))
            let perRow = width + entries / Double(vector.count)
            // Codes are compared, grouped and joined without the text: worth some bytes.
            let lz4PerRow = plainPerRow * Double(lz4) / Double(max(1, sample.data.count))
            if perRow <= lz4PerRow * 1.5 || dictionary.count <= 256 && vector.count >= 1024 {
                return try encodeCodes(
                    dictionary,
                    as: .bytedict,
                    layouts: averageRun(dictionary.codes) >= 16 ? .runlength : .constant,
                    countMax: ValueDictionary.countMax
                )
            }
        }
        let zstd = try compress(sample.data, with: .zstd).count
        if sample.data.count < 4096 || lz4 * 10 > sample.data.count * 9, zstd * 10 > lz4 * 9 {
            return try encodeWhole(as: .raw, compression: .none)
        }
        return try zstd * 3 < lz4 * 2
            ? encodeWhole(as: .zstd, compression: .zstd)
            : encodeWhole(as: .lzo, compression: .lz4)
    }

    private func averageRun(_ codes: [UInt32]) -> Int {
        let count = min(codes.count, 8 * groupRowCount)
        guard count >= 64 else { return 1 }
        var runs = 1
        for row in 1..<count where codes[row] != codes[row - 1] { runs += 1 }
        return count / runs
    }

    /// Cuts blocks so that each has at most `countMax` values of its own and fits in 1 MiB.
    private func encodeCodes(
        _ dictionary: ValueDictionary,
        as encoding: ColumnEncoding,
        layouts: IntegerLayouts,
        countMax: Int
    ) throws(SQLError) -> [FinishedBlock] {
        var finished: [FinishedBlock] = []
        var local = [UInt32](repeating: .max, count: dictionary.count)
        var used: [Int] = []
        var byteCount = 0
        var blockStart = 0
        var row = 0
        func seal(_ end: Int) throws(SQLError) {
            let codes = dictionary.codes[blockStart..<end].map { local[Int($0)] }
            let entries = used.withUnsafeBufferPointer { codes in
                codes.map { UInt32(dictionary.firstRows[$0]) }
            }
            let values = entries.withUnsafeBufferPointer { positions in
                positions.baseAddress.map { vector.gather($0, count: positions.count) }
            }
            guard let values else { return }
            finished += try dictionaryBlock(
                codes,
                values: values.withoutValidity,
                number: finished.count,
                firstRow: blockStart,
                encoding: encoding,
                layouts: layouts
            )
            for code in used { local[code] = .max }
            used = []
            byteCount = 0
            blockStart = end
        }
        while row < vector.count {
            try check()
            let rows = group(at: row)
            var fresh: [Int] = []
            var freshBytes = 0
            for code in dictionary.codes[rows] where local[Int(code)] == .max {
                local[Int(code)] = UInt32(used.count + fresh.count)
                fresh.append(Int(code))
                freshBytes += dictionary.byteCounts[Int(code)]
            }
            let count = used.count + fresh.count
            let size =
                byteCount + freshBytes + (rows.upperBound - blockStart) * (count <= 256 ? 1 : 2)
                + (rows.upperBound - blockStart) / 4 + 8192
            if row > blockStart, count > countMax || size > blockByteCountMax {
                // The group's own values go to the next block.
                for code in fresh { local[code] = .max }
                try seal(row)
                continue
            }
            used += fresh
            byteCount += freshBytes
            row = rows.upperBound
        }
        try seal(vector.count)
        return finished
    }

    /// Cuts blocks so that each fits in 1 MiB together with its words.
    private func encodeTextAsWords(
        as encoding: ColumnEncoding
    ) throws(SQLError) -> [FinishedBlock] {
        let codeWidth = encoding == .text255 ? 1 : 2
        var finished: [FinishedBlock] = []
        var row = 0
        while row < vector.count {
            var words = WordDictionary(codeWidth: codeWidth)
            var wordCount = 0
            var byteCount = 8192
            let blockStart = row
            var builder = BlockBuilder(
                place: place,
                vector: vector,
                encoding: encoding,
                compression: .none,
                firstRow: row,
                number: finished.count
            )
            while row < vector.count {
                try check()
                let rows = group(at: row)
                let group = encodeWords(
                    vector,
                    rows: rows,
                    codeWidth: codeWidth,
                    dictionary: &words
                )
                byteCount += group.data.count + 64 + rows.count / 4
                let size = byteCount + words.byteCount(ofFirst: words.count)
                // The words that this group added go with it to the next block.
                if row > blockStart, size > blockByteCountMax { break }
                wordCount = words.count
                try builder.add(group)
                row = rows.upperBound
            }
            try builder.finish(dictionary: words.vector(ofFirst: wordCount))
            finished += builder.finished
        }
        return finished
    }

    private func dictionaryBlock(
        _ codes: [UInt32],
        values: Vector,
        number: Int,
        firstRow: Int,
        encoding: ColumnEncoding,
        layouts: IntegerLayouts
    ) throws(SQLError) -> [FinishedBlock] {
        var builder = BlockBuilder(
            place: place,
            vector: vector,
            encoding: encoding,
            compression: .none,
            firstRow: firstRow,
            number: number
        )
        var row = 0
        while row < codes.count {
            let end = min(
                codes.count,
                ((firstRow + row) / groupRowCount + 1) * groupRowCount - firstRow
            )
            try builder.add(
                Storage.encodeCodes(
                    codes[row..<end],
                    width: values.count <= 256 ? 1 : 2,
                    layouts: layouts
                )
            )
            row = end
        }
        try builder.finish(dictionary: values)
        return builder.finished
    }
}

/// Text of a group in bytes before it ends early: two such groups fit in a block.
private let groupTextByteCountMax = 448 << 10

extension DataType {
    /// Bytes of a 64-bit value at the full width of its type.
    var storedWidth: Int {
        switch self {
        case .smallint: 2
        case .integer, .date: 4
        default: 8
        }
    }
}

extension Vector {
    /// The same values without NULLs: a dictionary's entries never are.
    fileprivate var withoutValidity: Vector {
        Vector(
            physical: physical,
            form: form,
            count: count,
            data: data,
            base: base,
            dictionary: dictionary,
            bounds: bounds,
            owners: owners
        )
    }
}
