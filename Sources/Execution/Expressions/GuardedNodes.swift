import SQLTypes
import Vectors

// Nodes whose later operands matter only for some rows: AND, OR, CASE, COALESCE. An operand that
// cannot fail is evaluated for all rows; one that can sees only the rows that come to it.

/// AND and OR of two or more terms.
final class LogicNode: ExpressionNode {
    private let terms: [ExpressionNode]
    private let isAnd: Bool

    init(_ terms: [ExpressionNode], isAnd: Bool) {
        self.terms = terms
        self.isAnd = isAnd
        super.init(
            canFail: terms.contains { $0.canFail },
            columns: Set(terms.flatMap(\.columns)).sorted()
        )
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        var result: Vector?
        let rows = FlatArray<UInt16>(capacity: chunk.count)
        for term in terms {
            guard let soFar = result else {
                result = try term.evaluate(chunk)
                continue
            }
            var value: Vector
            if term.canFail {
                // Rows already decided: false under AND, true under OR.
                let decided = (isAnd ? logicalNot(soFar) : soFar).trueBits()
                let open = complement(decided, count: chunk.count)
                let count = positions(of: open, rowCount: chunk.count, into: rows.pointer)
                if count == 0 { return soFar }
                value = try term.evaluate(chunk, at: rows.pointer, count: count)
                if count < chunk.count {
                    value = scatter(value, to: rows.pointer, count: count, total: chunk.count)
                }
            } else {
                value = try term.evaluate(chunk)
            }
            result =
                isAnd
                ? logicalAnd(soFar, value, count: chunk.count)
                : logicalOr(soFar, value, count: chunk.count)
        }
        return result ?? .constant(.bool(isAnd), physical: .bool, count: chunk.count)
    }
}

/// A searched CASE.
final class CaseNode: ExpressionNode {
    private let conditions: [ExpressionNode]
    private let results: [ExpressionNode]
    private let otherwise: ExpressionNode
    private let physical: PhysicalType

    init(
        conditions: [ExpressionNode],
        results: [ExpressionNode],
        otherwise: ExpressionNode,
        physical: PhysicalType
    ) {
        self.conditions = conditions
        self.results = results
        self.otherwise = otherwise
        self.physical = physical
        let all = conditions + results + [otherwise]
        super.init(
            canFail: all.contains { $0.canFail },
            columns: Set(all.flatMap(\.columns)).sorted()
        )
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        let selection = ArmSelection(rowCount: chunk.count)
        for (arm, condition) in conditions.enumerated() {
            if selection.openCount == 0 { break }
            let value: [UInt64]
            if condition.canFail && selection.openCount < chunk.count {
                let part = try condition.evaluate(
                    chunk,
                    at: selection.openRows,
                    count: selection.openCount
                )
                value = scatterBits(
                    part.trueBits(),
                    to: selection.openRows,
                    count: selection.openCount,
                    total: chunk.count
                )
            } else {
                value = try condition.trueBits(chunk)
            }
            let node = results[arm]
            try selection.take(value) { rows, count throws(SQLError) in
                try node.arm(chunk, rows, count)
            }
        }
        if selection.openCount > 0 {
            let node = otherwise
            try selection.takeRest { rows, count throws(SQLError) in
                try node.arm(chunk, rows, count)
            }
        }
        return selection.merged(physical: physical)
    }
}

/// The first of its operands that is not NULL.
final class CoalesceNode: ExpressionNode {
    private let terms: [ExpressionNode]
    private let physical: PhysicalType

    init(_ terms: [ExpressionNode], physical: PhysicalType) {
        self.terms = terms
        self.physical = physical
        super.init(
            canFail: terms.contains { $0.canFail },
            columns: Set(terms.flatMap(\.columns)).sorted()
        )
    }

    override func evaluate(_ chunk: Chunk) throws(SQLError) -> Vector {
        let selection = ArmSelection(rowCount: chunk.count)
        for (place, term) in terms.enumerated() {
            if selection.openCount == 0 { break }
            let (rows, count) = (selection.openRows, selection.openCount)
            let value = try term.arm(chunk, rows, count)
            if place == 0 && value.vector.hasNoNulls { return value.vector }
            let present = isNotNullVector(value.vector, count: value.vector.count).trueBits()
            let bits =
                value.isGathered
                ? scatterBits(present, to: rows, count: count, total: chunk.count) : present
            // An arm gathered for open rows holds NULLs too: place it by the rows that it was
            // evaluated for.
            let full =
                value.isGathered
                ? scatter(value.vector, to: rows, count: count, total: chunk.count) : value.vector
            selection.take(bits, full)
        }
        if selection.openCount > 0 {
            selection.take(
                Vector.allValid(chunk.count),
                .nulls(physical: .int64, count: chunk.count)
            )
        }
        return selection.merged(physical: physical)
    }
}

/// An arm's values: for all rows, or gathered for the rows that chose it.
struct ArmValue {
    var vector: Vector
    var isGathered: Bool
}

extension ExpressionNode {
    /// Evaluates an arm for the rows that come to it, for all if that is safe and simpler.
    fileprivate func arm(
        _ chunk: Chunk,
        _ rows: UnsafePointer<UInt16>,
        _ count: Int
    ) throws(SQLError) -> ArmValue {
        if count == chunk.count || !canFail {
            return ArmValue(vector: try evaluate(chunk), isGathered: false)
        }
        let value = try evaluate(chunk, at: rows, count: count)
        return ArmValue(vector: value, isGathered: true)
    }
}

/// Which arm each row of a chunk takes, and the arms' values.
final class ArmSelection {
    private let rowCount: Int
    private var open: [UInt64]
    private let rows: FlatArray<UInt16>
    private var arms: [(rows: [UInt16], value: ArmValue)] = []
    /// Rows that no arm has taken yet.
    private(set) var openCount: Int

    init(rowCount: Int) {
        self.rowCount = rowCount
        open = Vector.allValid(rowCount)
        openCount = rowCount
        rows = FlatArray(capacity: max(rowCount, 64))
        _ = positions(of: open, rowCount: rowCount, into: rows.pointer)
    }

    /// The rows that no arm has taken yet, `openCount` of them.
    var openRows: UnsafePointer<UInt16> { UnsafePointer(rows.pointer) }

    /// Gives the open rows among `bits` to an arm, which is evaluated for them.
    func take(
        _ bits: [UInt64],
        _ evaluate: (UnsafePointer<UInt16>, Int) throws(SQLError) -> ArmValue
    ) throws(SQLError) {
        let taken = claim(bits)
        if taken.isEmpty { return }
        let scratch = FlatArray<UInt16>(capacity: taken.count)
        for (index, row) in taken.enumerated() { scratch.pointer[index] = row }
        arms.append((taken, try evaluate(scratch.pointer, taken.count)))
    }

    /// Gives all open rows to the last arm.
    func takeRest(
        _ evaluate: (UnsafePointer<UInt16>, Int) throws(SQLError) -> ArmValue
    ) throws(SQLError) {
        try take(open, evaluate)
    }

    /// Gives the open rows among `bits` to an arm evaluated for all rows.
    func take(_ bits: [UInt64], _ full: Vector) {
        let taken = claim(bits)
        if !taken.isEmpty { arms.append((taken, ArmValue(vector: full, isGathered: false))) }
    }

    private func claim(_ bits: [UInt64]) -> [UInt16] {
        var mine = open
        for word in mine.indices { mine[word] &= bits[word] }
        let taken = [UInt16](unsafeUninitializedCapacity: max(rowCount, 1)) { buffer, count in
            count =
                buffer.baseAddress.map { positions(of: mine, rowCount: rowCount, into: $0) } ?? 0
        }
        for word in open.indices { open[word] &= ~mine[word] }
        openCount = positions(of: open, rowCount: rowCount, into: rows.pointer)
        return taken
    }

    /// All rows' values, each from its arm.
    func merged(physical: PhysicalType) -> Vector {
        if let only = arms.first, arms.count == 1, !only.value.isGathered {
            return only.value.vector
        }
        let values = arms.map(\.value.vector)
        // Exact values may have come in 64 bits; one arm in 128 widens them all.
        let exact = values.contains { $0.physical == .int128 && !$0.isNullConstant }
        let target: PhysicalType =
            physical == .int128 || physical == .int64
            ? (exact ? .int128 : .int64) : physical
        let buffer = Buffer(byteCount: max(1, rowCount) * target.stride)
        var validity = Vector.allValid(rowCount)
        var owners: [AnyObject] = [buffer]
        var bounds: ClosedRange<Int64>?
        var isBounded = target == .int64
        for (rows, value) in arms {
            if value.vector.isNullConstant {
                for row in rows { validity[Int(row) >> 6] &= ~(1 << UInt64(row & 63)) }
                clear(rows, in: buffer, stride: target.stride)
                continue
            }
            let source =
                value.vector.physical == target
                ? value.vector : value.vector.widened(to: target)
            if let own = source.bounds {
                bounds =
                    bounds.map {
                        min($0.lowerBound, own.lowerBound)...max($0.upperBound, own.upperBound)
                    } ?? own
            } else {
                isBounded = false
            }
            place(source, rows, isGathered: value.isGathered, in: buffer, stride: target.stride)
            if target == .string {
                owners.append(contentsOf: source.owners)
                if let dictionary = source.dictionary {
                    owners.append(contentsOf: dictionary.owners)
                }
            }
            if source.validity != nil {
                for (index, row) in rows.enumerated()
                where source.isNull(value.isGathered ? index : Int(row)) {
                    validity[Int(row) >> 6] &= ~(1 << UInt64(row & 63))
                }
            }
        }
        return Vector(
            physical: target,
            form: .flat,
            count: rowCount,
            data: buffer.pointer,
            validity: validity == Vector.allValid(rowCount) ? nil : validity,
            bounds: isBounded ? bounds : nil,
            owners: owners
        )
    }

    private func clear(_ rows: [UInt16], in buffer: Buffer, stride: Int) {
        for row in rows {
            (buffer.pointer + Int(row) * stride).initializeMemory(
                as: UInt8.self,
                repeating: 0,
                count: stride
            )
        }
    }

    private func place(
        _ source: Vector,
        _ rows: [UInt16],
        isGathered: Bool,
        in buffer: Buffer,
        stride: Int
    ) {
        let isConstant = source.isConstant
        let flat = isConstant ? source : source.flattened()
        switch stride {
        case 1: placeEntries(UInt8.self, flat, rows, isGathered, isConstant, buffer)
        case 8: placeEntries(Int64.self, flat, rows, isGathered, isConstant, buffer)
        default: placeEntries(StringView.self, flat, rows, isGathered, isConstant, buffer)
        }
    }
}

private func placeEntries<Element: BitwiseCopyable>(
    _ type: Element.Type,
    _ source: Vector,
    _ rows: [UInt16],
    _ isGathered: Bool,
    _ isConstant: Bool,
    _ buffer: Buffer
) {
    let from = source.entries(as: Element.self)
    let to = buffer.pointer.assumingMemoryBound(to: Element.self)
    if isConstant {
        let value = from[0]
        for row in rows { to[Int(row)] = value }
    } else if isGathered {
        for index in rows.indices { to[Int(rows[index])] = from[index] }
    } else {
        for row in rows { to[Int(row)] = from[Int(row)] }
    }
}

/// The bits not set among the first `count`.
func complement(_ bits: [UInt64], count: Int) -> [UInt64] {
    var words = Vector.allValid(count)
    for word in words.indices { words[word] &= ~bits[word] }
    return words
}

/// Bits of gathered rows put back where the rows stand.
func scatterBits(
    _ bits: [UInt64],
    to rows: UnsafePointer<UInt16>,
    count: Int,
    total: Int
) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (total + 63) >> 6)
    for index in 0..<count {
        let row = Int(rows[index])
        words[row >> 6] |= (bits[index >> 6] >> UInt64(index & 63) & 1) << UInt64(row & 63)
    }
    return words
}

/// A vector of `total` rows whose row `rows[i]` is row i of `part`; the others are NULL.
func scatter(
    _ part: Vector,
    to rows: UnsafePointer<UInt16>,
    count: Int,
    total: Int
) -> Vector {
    let places = FlatArray<UInt32>(repeating: .max, count: total)
    for index in 0..<count { places.pointer[Int(rows[index])] = UInt32(index) }
    return part.gatherOrNull(places.pointer, count: total)
}
