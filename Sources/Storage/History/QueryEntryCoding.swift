package import SQLTypes

extension QueryEntry {
    /// Raised when the form changes; entries of other forms are not read.
    static let format = 2

    /// The entry as bytes, with a checksum in front.
    package func encoded() -> [UInt8] {
        var writer = RecordWriter()
        writer.put([
            Self.format, number, session, transaction, group.rawValue, startTime, endTime,
            planningTime, executionTime, status.rawValue, returnedRows, returnedBytes,
        ])
        for text in [type, text, label, errorMessage] { writer.put(text) }
        writer.put(nodes.count)
        for node in nodes { node.write(to: &writer) }
        writer.put(steps.count)
        for step in steps { step.write(to: &writer) }
        writer.put(alerts.count)
        for alert in alerts {
            writer.put([alert.slice, alert.segment, alert.step])
            writer.put(alert.event)
            writer.put(alert.solution)
        }
        var whole = RecordWriter()
        whole.putFixed(checksum(writer.bytes, seed: Self.seed(number)))
        return whole.bytes + writer.bytes
    }

    private static func seed(_ number: Int) -> UInt64 { placeSeed(0x51, Int64(number)) }

    /// Reads what ``encoded()`` made of query `number`; nil where it has another form.
    ///
    /// Errors: XX001 where a byte of it has changed.
    package init?(_ bytes: [UInt8], number: Int) throws(SQLError) {
        var reader = RecordReader(bytes)
        let sum = try reader.fixed()
        guard sum == checksum(Array(bytes.dropFirst(8)), seed: Self.seed(number)) else {
            throw SQLError(.dataCorrupted, "the record of query \(number) is damaged")
        }
        let head = try reader.ints()
        guard head.first == Self.format, head.count == 12 else { return nil }
        self.init()
        (self.number, session, transaction) = (head[1], head[2], head[3])
        group = Group(rawValue: head[4]) ?? .query
        (startTime, endTime, planningTime, executionTime) = (head[5], head[6], head[7], head[8])
        status = Status(rawValue: head[9]) ?? .success
        (returnedRows, returnedBytes) = (head[10], head[11])
        type = try reader.text()
        text = try reader.text()
        label = try reader.text()
        errorMessage = try reader.text()
        for _ in 0..<(try reader.count()) { nodes.append(try PlanNodeEntry(&reader)) }
        for _ in 0..<(try reader.count()) { steps.append(try StepEntry(&reader)) }
        for _ in 0..<(try reader.count()) {
            let place = try reader.ints()
            guard place.count == 3 else { throw RecordReader.damaged }
            var alert = AlertEntry()
            (alert.slice, alert.segment, alert.step) = (place[0], place[1], place[2])
            alert.event = try reader.text()
            alert.solution = try reader.text()
            alerts.append(alert)
        }
    }
}

extension PlanNodeEntry {
    fileprivate func write(to writer: inout RecordWriter) {
        writer.put([id, parent, rows ?? -1])
        writer.put(line)
        writer.put(info)
        for figure in [startupCost, totalCost, estimatedRows, width] {
            writer.putFixed(figure.bitPattern)
        }
    }

    fileprivate init(_ reader: inout RecordReader) throws(SQLError) {
        self.init()
        let head = try reader.ints()
        guard head.count == 3 else { throw RecordReader.damaged }
        (id, parent) = (head[0], head[1])
        rows = head[2] < 0 ? nil : head[2]
        line = try reader.text()
        info = try reader.text()
        startupCost = Double(bitPattern: try reader.fixed())
        totalCost = Double(bitPattern: try reader.fixed())
        estimatedRows = Double(bitPattern: try reader.fixed())
        width = Double(bitPattern: try reader.fixed())
    }
}

extension StepEntry {
    fileprivate func write(to writer: inout RecordWriter) {
        writer.put([stream, segment, step, table, isRangeRestricted ? 1 : 0, node])
        for text in [name, label, tableName] { writer.put(text) }
        writer.put(slices.count)
        for slice in slices {
            writer.put([
                slice.slice, slice.startTime, slice.endTime - slice.startTime, slice.workTime,
                slice.rows, slice.bytes, slice.rowsMoved, slice.bytesMoved, slice.memoryBytes,
                slice.rowsBeforeDeletes, slice.rowsBeforeFilter, slice.blocksRead,
                slice.blocksSkipped, slice.unitsRead, slice.unitsSkipped, slice.bytesRead,
                slice.spilledBytes,
            ])
        }
    }

    fileprivate init(_ reader: inout RecordReader) throws(SQLError) {
        self.init()
        let head = try reader.ints()
        guard head.count == 6 else { throw RecordReader.damaged }
        (stream, segment, step, table, node) = (head[0], head[1], head[2], head[3], head[5])
        isRangeRestricted = head[4] == 1
        name = try reader.text()
        label = try reader.text()
        tableName = try reader.text()
        for _ in 0..<(try reader.count()) {
            let values = try reader.ints()
            guard values.count == 17 else { throw RecordReader.damaged }
            var slice = StepSliceEntry()
            (slice.slice, slice.startTime) = (values[0], values[1])
            (slice.endTime, slice.workTime) = (values[1] + values[2], values[3])
            (slice.rows, slice.bytes) = (values[4], values[5])
            (slice.rowsMoved, slice.bytesMoved, slice.memoryBytes) =
                (values[6], values[7], values[8])
            (slice.rowsBeforeDeletes, slice.rowsBeforeFilter) = (values[9], values[10])
            (slice.blocksRead, slice.blocksSkipped) = (values[11], values[12])
            (slice.unitsRead, slice.unitsSkipped) = (values[13], values[14])
            (slice.bytesRead, slice.spilledBytes) = (values[15], values[16])
            slices.append(slice)
        }
    }
}
