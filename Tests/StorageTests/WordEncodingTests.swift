import Catalogs
import SQLTypes
import Testing
import Vectors

@testable import Storage

/// TEXT255 and TEXT32K.
@Suite struct WordEncodingTests {
    private func stored(
        _ data: [Datum],
        as encoding: ColumnEncoding,
        in store: Store
    ) throws -> TableVersion {
        let transaction = store.begin()
        let table = try transaction.createTable(
            definition(
                "t\(UInt64.random(in: 0...UInt64.max))",
                [.varchar(65_535)],
                encodings: [encoding]
            )
        )
        try transaction.insert([data], into: table)
        try transaction.commit()
        return try #require(store.current.tableVersion(table.id))
    }

    /// Texts of up to `wordCount` words out of `vocabulary`, with blanks in odd places.
    static func texts(_ count: Int, vocabulary: Int, wordCount: Int) -> [Datum] {
        (0..<count).map { row in
            var hash = hashWord(UInt64(row + 1))
            if hash % 11 == 0 { return .null }
            if hash % 13 == 0 { return .text("") }
            var text = hash % 17 == 0 ? "  " : ""
            for index in 0..<Int(hash % UInt64(wordCount) + 1) {
                hash = hashWord(hash &+ UInt64(index))
                text += "w\(hash % UInt64(vocabulary))é" + (hash % 19 == 0 ? "   " : " ")
            }
            if hash % 3 != 0 { text.removeLast() }
            return .text(text)
        }
    }

    static let odd: [Datum] = [
        .text(" "), .text("     "), .text("a"), .text("a "), .text(" a"), .null, .text(""),
        .text(String(repeating: "x", count: 255)), .text(String(repeating: "y", count: 256)),
        .text(String(repeating: "z", count: 65_535)), .text(String(repeating: " ", count: 65_535)),
        .text(String(repeating: "ab ", count: 20_000)), .text("日本語 テキスト 日本語"),
    ]

    @Test(arguments: [ColumnEncoding.text255, .text32k])
    func `texts of words come back`(encoding: ColumnEncoding) throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        for count in [1, 2047, 2048, 2049, 5000] {
            for vocabulary in [1, 200, 300, 100_000] {
                let data = Self.texts(count, vocabulary: vocabulary, wordCount: 9)
                let version = try stored(data, as: encoding, in: store)
                #expect(try rows(version, cache: store.cache)[0] == data)
                let some = try rows(
                    version,
                    where: [ScanPredicate(column: 0, test: .isNotNull)],
                    cache: store.cache
                )[0]
                #expect(some == data.filter { !$0.isNull })
            }
        }
        let odd = Self.odd + (0..<3000).map { Self.odd[$0 % Self.odd.count % 7] }
        let version = try stored(odd, as: encoding, in: store)
        #expect(try rows(version, cache: store.cache)[0] == odd)
    }

    @Test(arguments: [ColumnEncoding.text255, .text32k])
    func `each block has its own words`(encoding: ColumnEncoding) throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        // Words change along the table, and there are too many for one dictionary.
        let data = (0..<60_000).map { row in
            Datum.text("order \(row / 40) of customer \(hashWord(UInt64(row)) % 9000) late again")
        }
        let version = try stored(data, as: encoding, in: store)
        let blocks = try version.blockList()
        #expect(blocks.count > 1)
        for block in blocks { #expect(block.byteCount <= blockByteCountMax) }
        #expect(try rows(version, cache: store.cache)[0] == data)
        let one = try rows(
            version,
            where: [
                ScanPredicate(
                    column: 0,
                    test: .range(
                        low: data[59_999],
                        lowIncluded: true,
                        high: data[59_999],
                        highIncluded: true
                    )
                )
            ],
            cache: store.cache
        )[0]
        #expect(one == [data[59_999]])
    }

    @Test func `few words take a byte or two each`() throws {
        let store = try Store.openTemporary(shape: ClusterShape(), files: PosixFiles())
        defer { store.close() }
        let data = (0..<50_000).map { row in
            Datum.text("alpha\(row % 7) beta\(row % 5) gamma\(row % 3) delta")
        }
        func size(_ encoding: ColumnEncoding) throws -> Int {
            try stored(data, as: encoding, in: store).blockList().reduce(0) { $0 + $1.byteCount }
        }
        let plain = try size(.raw)
        #expect(try size(.text255) < plain / 4)
        #expect(try size(.text32k) < plain / 2)
    }

    @Test func `a dictionary is full at 245 words, or at 32 KiB`() {
        func fill(_ width: Int, _ word: (Int) -> String) -> (count: Int, isFull: Bool) {
            var dictionary = WordDictionary(codeWidth: width)
            var isFull = false
            for index in 0..<40_000 {
                var text = word(index)
                text.withUTF8 { isFull = dictionary.code(of: $0) == nil || isFull }
            }
            // What is known stays known.
            var first = word(0)
            first.withUTF8 { #expect(dictionary.code(of: $0) == 0) }
            return (dictionary.count, isFull)
        }
        #expect(fill(1) { "\($0)" } == (245, true))
        let wide = fill(2) { String(100_000 + $0) }
        #expect(wide == (32_768 / 6, true))
        #expect(fill(1) { "\($0 % 100)" } == (100, false))
    }
}
