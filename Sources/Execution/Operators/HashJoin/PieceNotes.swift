import Plans
import SQLTypes
import Vectors

/// What is noted of probe rows that meet the build rows piece by piece, and how each piece is
/// joined for it.
///
/// Rows are given their numbers as one more probe column, so that what a piece puts out tells
/// whose it is.
final class PieceNotes {
    /// Whether pieces take rows with their numbers, and a last pass puts out what was noted.
    let takesNumbers: Bool
    /// Whether the rows that a piece puts out, whole, are what the next one takes.
    let passesRowsOn: Bool
    private let specification: JoinSpecification
    /// Of a row: 0 none, 1 a match, of a mark join unknown; 2 of a mark join true.
    private let states = FlatArray<UInt8>()

    init(_ specification: JoinSpecification) {
        self.specification = specification
        switch specification.kind {
        case .inner, .right, .rightSemi, .rightAnti: (takesNumbers, passesRowsOn) = (false, false)
        case .left, .full, .semi, .mark: (takesNumbers, passesRowsOn) = (true, false)
        case .anti, .antiNullAware: (takesNumbers, passesRowsOn) = (false, true)
        }
    }

    var byteCount: Int { states.byteCount }

    /// Gives each of so many rows a note of nothing.
    func makeRoom(for rowCount: Int) throws(SQLError) {
        try states.grow(to: rowCount, filling: 0)
    }

    /// How a piece is joined.
    func specification(isLast: Bool) -> JoinSpecification {
        var piece = specification
        if passesRowsOn {
            if !isLast { piece.output = Array(specification.probeTypes.indices) }
            return piece
        }
        guard takesNumbers else { return piece }
        let width = specification.probeTypes.count
        func moved(_ expression: Expression) -> Expression {
            expression.rewritten { node in
                guard case .column(let place, let type) = node, place >= width else { return node }
                return .column(place + 1, type)
            }
        }
        piece.probeTypes.append(.bigint)
        piece.residual = specification.residual.map(moved)
        if var mark = specification.mark {
            mark.condition = mark.condition.map(moved)
            mark.test = mark.test.map(moved)
            piece.mark = mark
        }
        switch specification.kind {
        case .left: piece.kind = .inner
        case .full: piece.kind = .right
        default: break
        }
        switch specification.kind {
        case .semi: piece.output = [width]
        case .mark: piece.output = [width, width + 1 + specification.buildTypes.count]
        default:
            piece.output = specification.output.map { $0 < width ? $0 : $0 + 1 } + [width]
        }
        return piece
    }

    /// A chunk of probe rows with their numbers behind it.
    func numbered(_ chunk: Chunk, from first: Int) -> Chunk {
        let numbers = Vector.making(Int64.self, .int64, chunk.count) { Int64(first + $0) }
        return Chunk(count: chunk.count, columns: chunk.columns + [numbers])
    }

    /// Takes what a piece puts out, and gives what of it the join does.
    func take(_ chunk: Chunk) -> Chunk? {
        let states = states.pointer
        switch specification.kind {
        case .mark:
            let (numbers, marks) = (chunk.columns[0], chunk.columns[1])
            for row in 0..<chunk.count {
                let state: UInt8 = marks.isNull(row) ? 1 : marks.boolValue(row) != 0 ? 2 : 0
                let number = Int(numbers.int64Value(row))
                states[number] = max(states[number], state)
            }
            return nil
        default:
            guard let numbers = chunk.columns.last else { return nil }
            for row in 0..<chunk.count { states[Int(numbers.int64Value(row))] = 1 }
            if specification.kind == .semi { return nil }
            return Chunk(count: chunk.count, columns: Array(chunk.columns.dropLast()))
        }
    }

    /// What the notes say of probe rows from number `first` on, after the last piece.
    func rest(of chunk: Chunk, from first: Int) -> Chunk? {
        let states = states.pointer + first
        let width = specification.probeTypes.count
        if specification.mark != nil {
            let marks = VectorBuilder(physical: .bool, capacity: chunk.count)
            for row in 0..<chunk.count {
                marks.append(states[row] == 1 ? .null : .bool(states[row] == 2))
            }
            let values = marks.finish()
            let columns = specification.output.map { $0 < width ? chunk.columns[$0] : values }
            return Chunk(count: chunk.count, columns: columns)
        }
        let wanted: UInt8 = specification.kind == .semi ? 1 : 0
        let rows = FlatArray<UInt16>(capacity: chunk.count)
        for row in 0..<chunk.count where states[row] == wanted {
            rows.append(UInt16(truncatingIfNeeded: row))
        }
        if rows.count == 0 { return nil }
        let columns = specification.output.map { place -> Vector in
            if place < width { return chunk.columns[place].gather(rows.pointer, count: rows.count) }
            let physical = specification.buildTypes[place - width].physical
            return .nulls(physical: physical, count: rows.count)
        }
        return Chunk(count: rows.count, columns: columns)
    }
}
