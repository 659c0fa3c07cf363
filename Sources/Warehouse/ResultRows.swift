import Vectors

extension RowBatch {
    /// The rows of a chunk as the session's settings show them.
    init(_ chunk: Chunk, columns: [ResultColumn], style: ValueStyle) {
        var texts: [Column] = []
        texts.reserveCapacity(columns.count)
        for (vector, column) in zip(chunk.columns, columns) {
            var text = TextColumn()
            formatText(vector, type: column.type, style: style, into: &text)
            var values = Column()
            values.bytes = text.bytes
            values.offsets = text.offsets
            values.isNull = text.isNull
            texts.append(values)
        }
        self.init(columns: texts, rowCount: chunk.count)
    }

    /// One column of text lines: EXPLAIN and SHOW.
    init(lines: [String]) {
        var column = Column()
        for line in lines { column.append(line) }
        self.init(columns: [column], rowCount: lines.count)
    }
}
