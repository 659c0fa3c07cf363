import Functions
import SQLTypes
import Testing
import Vectors

/// One argument of a call in a test: its type and its rows.
struct Argument {
    var type: DataType
    var rows: [Datum]
    var isConstant = false

    static func text(_ rows: String?...) -> Argument {
        Argument(type: .varchar(256), rows: rows.map { $0.map { .text($0) } ?? .null })
    }
    static func constant(_ text: String) -> Argument {
        Argument(type: .unknown, rows: [.text(text)], isConstant: true)
    }
    static func integer(_ rows: Int64?...) -> Argument {
        Argument(type: .integer, rows: rows.map { $0.map { .int64($0) } ?? .null })
    }
    static func double(_ rows: Double?...) -> Argument {
        Argument(type: .doublePrecision, rows: rows.map { $0.map { .float64($0) } ?? .null })
    }
    static func decimal(_ precision: Int, _ scale: Int, _ rows: Int128?...) -> Argument {
        let type = DataType.decimal(precision: precision, scale: scale)
        return Argument(
            type: type,
            rows: rows.map { value in
                guard let value else { return .null }
                return precision > 19 ? .int128(value) : .int64(Int64(value))
            }
        )
    }
    static func timestamp(_ texts: String?...) -> Argument {
        Argument(type: .timestamp, rows: texts.map { $0.map(moment) ?? .null })
    }
    static func date(_ texts: String?...) -> Argument {
        Argument(
            type: .date,
            rows: texts.map { text in
                guard let text else { return .null }
                return (try? parseDatum(text, type: .date)) ?? .null
            }
        )
    }
}

/// A timestamp's datum.
func moment(_ text: String) -> Datum {
    (try? parseDatum(text, type: .timestamp)) ?? .null
}

/// Resolves and calls a function; the rows as psql would print them, NULL as nil.
func call(
    _ name: String,
    _ arguments: Argument...
) throws -> (type: DataType, rows: [String?]) {
    let constants = arguments.map { $0.isConstant ? $0.rows[0] : nil }
    let resolution = ScalarFunctions.resolve(
        name: name,
        argumentTypes: arguments.map(\.type),
        constants: constants
    )
    guard case .found(let function, let types, let result) = resolution else {
        throw ScalarFunctions.undefined(name: name, argumentTypes: arguments.map(\.type))
    }
    let count = arguments.map { $0.isConstant ? 1 : $0.rows.count }.max() ?? 1
    var vectors: [Vector] = []
    for (argument, type) in zip(arguments, types) {
        if argument.isConstant {
            let value = argument.rows[0].text.map { try? parseDatum($0, type: type) } ?? nil
            vectors.append(
                .constant(value ?? argument.rows[0], physical: type.physical, count: count)
            )
            continue
        }
        let vector = Vector.of(argument.rows, physical: argument.type.physical)
        vectors.append(
            argument.type == type
                ? vector
                : try cast(vector, from: argument.type, to: type, isExplicit: true, count: count)
        )
    }
    let vector = try function.kernel(vectors, types, count)
    #expect(vector.count == count)
    return (
        result,
        (0..<count).map { row in
            vector.isNull(row) ? nil : formatDatum(vector.datum(row), type: result)
        }
    )
}

/// The SQLSTATE a call fails with; nil where it does not.
func state(_ name: String, _ arguments: Argument...) -> String? {
    do {
        switch arguments.count {
        case 1: _ = try call(name, arguments[0])
        case 2: _ = try call(name, arguments[0], arguments[1])
        default: _ = try call(name, arguments[0], arguments[1], arguments[2])
        }
        return nil
    } catch { return (error as? SQLError)?.state.code }
}
