import Catalogs
import SQLTypes
import Testing

@testable import Storage

/// Each encoding × type × kind of data comes back as it went in.
@Suite struct EncodingTests {
    enum Pattern: CaseIterable {
        case constant
        case runs
        case fewValues
        case ascending
        case wild
        case allNull
    }

    static let types: [DataType] = [
        .smallint, .integer, .bigint, .decimal(precision: 15, scale: 2),
        .decimal(precision: 38, scale: 0), .real, .doublePrecision, .boolean, .char(20),
        .varchar(100), .date, .timestamp,
    ]

    static func value(_ type: DataType, _ pattern: Pattern, _ row: Int) -> Datum {
        let hashed = Int64(bitPattern: hashWord(UInt64(row)))
        let number: Int64 =
            switch pattern {
            case .constant, .allNull: 42
            case .runs: Int64(row / 100) * 7
            case .fewValues: hashed & 31
            case .ascending: Int64(row) * 3 - 1000
            case .wild: row % 97 == 0 ? .max : row % 89 == 0 ? .min : hashed
            }
        switch type.physical {
        case .bool: return .bool(number & 1 == 1)
        case .float64:
            if pattern == .wild && row % 31 == 0 { return .float64(-0.0) }
            if pattern == .wild && row % 37 == 0 { return .float64(.infinity) }
            return .float64(Double(number) / 8)
        case .int64:
            if let limits = type.integerLimits {
                return .int64(min(max(number, limits.lowerBound), limits.upperBound))
            }
            return .int64(type == .date ? Int64(Int32(truncatingIfNeeded: number)) : number)
        case .int128:
            return pattern == .wild ? .int128(Int128(number) * 1_000_000_007) : .int64(number)
        case .string:
            if pattern == .wild && row % 13 == 0 { return .text("") }
            let text = String(repeating: "ab", count: Int(hashed & 7)) + "\(number)"
            return .text(pattern == .wild ? String(text.prefix(20)) : "text \(number)")
        }
    }

    @Test(arguments: ColumnEncoding.allCases)
    func `values of every type come back`(encoding: ColumnEncoding) throws {
        let scratch = try ScratchDirectory()
        let shape = ClusterShape(nodeCount: 1, slicesPerNode: 1)
        try Store.create(at: scratch.warehouse, shape: shape, files: scratch.files)
        let store = try Store.open(at: scratch.warehouse, files: scratch.files)
        defer { store.close() }
        for pattern in Pattern.allCases {
            for count in [1, 2500] {
                for hasNulls in [false, true] {
                    let data = Self.types.enumerated().map { column, type in
                        (0..<count).map { row in
                            pattern == .allNull || hasNulls && (row + column) % 5 == 0
                                ? Datum.null : Self.value(type, pattern, row)
                        }
                    }
                    let transaction = store.begin()
                    let table = try transaction.createTable(
                        definition(
                            "t",
                            Self.types,
                            encodings: Self.types.map { _ in encoding }
                        )
                    )
                    try transaction.insert(data, into: table)
                    let version = try #require(transaction.view.tableVersion(table.id))
                    let found = try rows(version, cache: store.cache)
                    for column in data.indices {
                        let label = "\(Self.types[column]) \(pattern) \(count) \(hasNulls)"
                        #expect(
                            normalized(found[column]) == normalized(data[column]),
                            "\(label)"
                        )
                    }
                    // Some of the rows: the gathering paths.
                    let some = try rows(
                        version,
                        where: [ScanPredicate(column: 2, test: .isNotNull)],
                        cache: store.cache
                    )
                    let kept = data[2].indices.filter { !data[2][$0].isNull }
                    for column in data.indices {
                        let wanted = kept.map { data[column][$0] }
                        #expect(normalized(some[column]) == normalized(wanted))
                    }
                    transaction.rollback()
                }
            }
        }
    }

    @Test func `trailing blanks of CHAR are not stored`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let transaction = store.begin()
        let table = try transaction.createTable(definition("t", [.char(30), .varchar(30)]))
        let texts: [Datum] = [
            .text("a  "), .text("   "), .text("exactly thirteen   "),
            .text("thirteen long         "),
        ]
        try transaction.insert([texts, texts], into: table)
        let version = try #require(transaction.view.tableVersion(table.id))
        let found = try rows(version, cache: store.cache)
        #expect(
            found[0] == [
                .text("a"), .text(""), .text("exactly thirteen"), .text("thirteen long"),
            ]
        )
        #expect(found[1] == texts)
    }

    @Test func `texts of 64 KiB end groups and blocks early`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        for encoding in [ColumnEncoding.automatic, .raw, .bytedict, .zstd, .lzo, .runlength] {
            let transaction = store.begin()
            let table = try transaction.createTable(
                definition("t", [.integer, .varchar(65_535)], encodings: [.automatic, encoding])
            )
            let numbers = (0..<100).map { Datum.int64(Int64($0)) }
            let texts = (0..<100).map { row -> Datum in
                var bytes = [UInt8](repeating: UInt8(65 + row % 26), count: 65_000 + row)
                for index in bytes.indices {
                    bytes[index] = UInt8(truncatingIfNeeded: hashWord(UInt64(index * 100 + row)))
                }
                return row % 7 == 3 ? .null : .string(bytes)
            }
            try transaction.insert([numbers, texts], into: table)
            let version = try #require(transaction.view.tableVersion(table.id))
            let found = try rows(version, cache: store.cache)
            #expect(found[0] == numbers)
            #expect(found[1] == texts)
            for block in try version.blockList() { #expect(block.byteCount <= blockByteCountMax) }
            transaction.rollback()
        }
    }

    @Test(arguments: 1...32) func `packed bits come back`(bits: Int) {
        let limit: UInt32 = bits == 32 ? .max : (1 << UInt32(bits)) - 1
        let values = (0..<2048).map { UInt32(truncatingIfNeeded: hashWord(UInt64($0))) & limit }
        let packed = packBits(values, bits: bits)
        var wide = [UInt32](repeating: 0, count: 2048)
        packed.withUnsafeBytes { source in
            wide.withUnsafeMutableBytes { target in
                if let from = source.baseAddress, let to = target.baseAddress {
                    unpackBits(from, bits: bits, count: 2048, into: to)
                }
            }
        }
        #expect(wide == values)
        guard bits <= 16 else { return }
        var short = [UInt16](repeating: 0, count: 2048)
        packed.withUnsafeBytes { source in
            short.withUnsafeMutableBytes { target in
                if let from = source.baseAddress, let to = target.baseAddress {
                    unpackBitsShort(from, bits: bits, count: 2048, into: to)
                }
            }
        }
        #expect(short.map { UInt32($0) } == values)
    }
}
