import SQLTypes
import Vectors

/// One call of a kernel: its arguments, made flat or constant, and the rows it must compute.
///
/// Kernels read arguments through ``Column`` and make their result with one of the `make`
/// functions, which visit only rows where no argument is NULL.
struct Call {
    /// The arguments, each flat or constant.
    let vectors: [Vector]
    /// Their types, after the binder's casts.
    let types: [DataType]
    /// Rows.
    let count: Int
    /// Rows where no argument is NULL; nil where that holds for all.
    let validity: [UInt64]?

    init(_ arguments: [Vector], _ types: [DataType], _ count: Int) {
        vectors = arguments.map { vector in
            vector.form == .flat || vector.form == .constant ? vector : vector.flattened()
        }
        self.types = types
        self.count = count
        validity = Call.commonValidity(vectors, count: count)
    }

    /// Rows where none of the vectors is NULL; nil where that holds for all.
    static func commonValidity(_ vectors: [Vector], count: Int) -> [UInt64]? {
        var common: [UInt64]?
        for vector in vectors {
            guard let words = vector.validity else { continue }
            if vector.isConstant {
                if words[0] & 1 == 0 { return [UInt64](repeating: 0, count: (count + 63) >> 6) }
                continue
            }
            guard var merged = common else {
                common = words
                continue
            }
            for index in merged.indices { merged[index] &= words[index] }
            common = merged
        }
        return common
    }

    /// How many arguments there are.
    var argumentCount: Int { vectors.count }

    /// Argument `index` read as values of `Element`, which the caller knows to fit.
    func column<Element>(_ index: Int, as type: Element.Type) -> Column<Element> {
        let vector = vectors[index]
        return Column(
            base: UnsafePointer(vector.entries(as: type)),
            step: vector.isConstant ? 0 : 1
        )
    }

    /// Argument `index` as 64-bit integers.
    func integers(_ index: Int) -> Column<Int64> { column(index, as: Int64.self) }

    /// Argument `index` as floats.
    func floats(_ index: Int) -> Column<Double> { column(index, as: Double.self) }

    /// Argument `index` as text.
    func texts(_ index: Int) -> Column<StringView> { column(index, as: StringView.self) }

    /// Whether row `row` has no NULL argument.
    @inline(__always)
    func isValid(_ row: Int) -> Bool {
        guard let validity else { return true }
        return validity[row >> 6] >> UInt64(row & 63) & 1 != 0
    }

    /// Calls `body` with every row that has no NULL argument.
    @inline(__always)
    func forEachRow<Failure: Error>(_ body: (Int) throws(Failure) -> Void) throws(Failure) {
        if validity == nil {
            for row in 0..<count { try body(row) }
        } else {
            for row in 0..<count where isValid(row) { try body(row) }
        }
        withExtendedLifetime(vectors) {}
    }

    /// A flat vector of fixed-size values, each made by `body`; rows with a NULL argument are NULL.
    @inline(__always)
    private func make<Element, Failure: Error>(
        _ physical: PhysicalType,
        _ zero: Element,
        _ body: (Int) throws(Failure) -> Element
    ) throws(Failure) -> Vector {
        let buffer = Buffer(byteCount: max(1, count) * physical.stride)
        let slots = buffer.pointer.bindMemory(to: Element.self, capacity: max(1, count))
        if validity != nil { slots.update(repeating: zero, count: count) }
        try forEachRow { (row) throws(Failure) in slots[row] = try body(row) }
        return Vector(
            physical: physical,
            form: .flat,
            count: count,
            data: buffer.pointer,
            validity: validity,
            owners: [buffer]
        )
    }

    /// 64-bit integers, one per row.
    @inline(__always)
    func makeIntegers<Failure: Error>(
        _ body: (Int) throws(Failure) -> Int64
    ) throws(Failure) -> Vector {
        try make(.int64, 0, body)
    }

    /// 128-bit integers, one per row.
    @inline(__always)
    func makeWideIntegers<Failure: Error>(
        _ body: (Int) throws(Failure) -> Int128
    ) throws(Failure) -> Vector {
        try make(.int128, 0, body)
    }

    /// Floats, one per row.
    @inline(__always)
    func makeFloats<Failure: Error>(
        _ body: (Int) throws(Failure) -> Double
    ) throws(Failure) -> Vector {
        try make(.float64, 0, body)
    }

    /// Booleans, one per row.
    @inline(__always)
    func makeBooleans<Failure: Error>(
        _ body: (Int) throws(Failure) -> Bool
    ) throws(Failure) -> Vector {
        try make(.bool, UInt8(0)) { (row) throws(Failure) in try body(row) ? 1 : 0 }
    }

    /// Texts, one per row, each put into the writer by `body`.
    ///
    /// - Throws: 22001 where a text is longer than the longest VARCHAR.
    @inline(__always)
    func makeTexts(
        _ body: (inout TextWriter, Int) throws(SQLError) -> Void
    ) throws(SQLError) -> Vector {
        var writer = TextWriter(count: count)
        try forEachRow { (row) throws(SQLError) in try body(&writer, row) }
        return try writer.finish(validity: validity, sharing: vectors)
    }
}

/// The rows of a result that are NULL: those with a NULL argument and others that a kernel names.
struct ResultValidity {
    /// Rows that are not NULL; nil where none is.
    private(set) var words: [UInt64]?
    private let count: Int

    /// Begins with the NULLs of a call's arguments.
    init(_ call: Call) {
        words = call.validity
        count = call.count
    }

    /// Makes a row NULL.
    mutating func setNull(_ row: Int) {
        var changed = words ?? Vector.allValid(count)
        words = nil
        changed[row >> 6] &= ~(1 << UInt64(row & 63))
        words = changed
    }

    /// A flat vector with these NULLs in place of its own.
    func applied(to vector: Vector) -> Vector {
        Vector(
            physical: vector.physical,
            form: vector.form,
            count: vector.count,
            data: vector.data,
            validity: words,
            owners: vector.owners
        )
    }
}

/// An argument's values by row; a constant has one value for all.
struct Column<Element> {
    let base: UnsafePointer<Element>
    /// 1, or 0 for a constant.
    let step: Int

    @inline(__always)
    subscript(row: Int) -> Element { base[row &* step] }
}

/// The work of one kernel on one call.
typealias CallKernel = @Sendable (Call) throws(SQLError) -> Vector

extension ScalarFunction {
    /// A function whose result is NULL where any argument is.
    ///
    /// Where all arguments are constants it computes one row and repeats it.
    static func strict(
        _ name: String,
        _ parameters: [DataType],
        _ resultType: @escaping @Sendable ([DataType]) -> DataType,
        canFail: Bool = false,
        _ kernel: @escaping CallKernel
    ) -> ScalarFunction {
        ScalarFunction(
            name,
            parameters: parameters,
            resultType: resultType,
            canFail: canFail,
            kernel: { (arguments, types, count) throws(SQLError) -> Vector in
                guard !arguments.isEmpty, count > 1, arguments.allSatisfy(\.isConstant) else {
                    return try kernel(Call(arguments, types, count))
                }
                let one = try kernel(Call(arguments, types, 1))
                return .constant(one.datum(0), physical: one.physical, count: count)
            }
        )
    }

    /// A strict function of one result type.
    static func strict(
        _ name: String,
        _ parameters: [DataType],
        _ resultType: DataType,
        canFail: Bool = false,
        _ kernel: @escaping CallKernel
    ) -> ScalarFunction {
        strict(name, parameters, { _ in resultType }, canFail: canFail, kernel)
    }

    /// One overload for each of the names.
    static func strict(
        names: [String],
        _ parameters: [DataType],
        _ resultType: @escaping @Sendable ([DataType]) -> DataType,
        canFail: Bool = false,
        _ kernel: @escaping CallKernel
    ) -> [ScalarFunction] {
        names.map { strict($0, parameters, resultType, canFail: canFail, kernel) }
    }

    /// One overload for each of the names, of one result type.
    static func strict(
        names: [String],
        _ parameters: [DataType],
        _ resultType: DataType,
        canFail: Bool = false,
        _ kernel: @escaping CallKernel
    ) -> [ScalarFunction] {
        names.map { strict($0, parameters, resultType, canFail: canFail, kernel) }
    }
}

/// Any VARCHAR, as a parameter.
let anyText = DataType.varchar(DataType.varcharMaxLength)

/// Any DECIMAL, as a parameter.
let anyDecimal = DataType.decimal(precision: DataType.decimalMaxPrecision, scale: 0)
