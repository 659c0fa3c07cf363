import Loading
import SQLTypes
import Testing

@Suite struct DelimitedReaderTests {
    private let mixed: [DataType] = [
        .integer, .decimal(precision: 10, scale: 2), .varchar(20), .date, .boolean,
    ]

    @Test func `rows of all kinds with NULLs and a trailing delimiter`() throws {
        let files = try TemporaryFiles()
        let path = files.write(
            "t.tbl",
            "1|2.5|hello|2001-02-03|t|\n-2|\\N|a text of more than twelve|||\n3|7||\\N|f\n"
        )
        let loaded = try load(
            path,
            [.integer, .decimal(precision: 10, scale: 2), .varchar(40), .date, .boolean],
            try options()
        )
        #expect(
            loaded.rows == [
                ["1", "2.50", "hello", "2001-02-03", "t"],
                ["-2", nil, "a text of more than twelve", nil, nil],
                ["3", "7.00", "", nil, "f"],
            ]
        )
        #expect(loaded.errors.isEmpty)
    }

    @Test func `line ends may be CRLF and the last may be missing`() throws {
        let files = try TemporaryFiles()
        let path = files.write("t", "1|a\r\n2|b\r\n3|c")
        let loaded = try load(path, [.bigint, .varchar(5)], try options())
        #expect(loaded.rows == [["1", "a"], ["2", "b"], ["3", "c"]])
    }

    @Test func `an empty file and a header alone give no rows`() throws {
        let files = try TemporaryFiles()
        #expect(try load(files.write("e", ""), [.integer], try options()).rows.isEmpty)
        let header = try options(("IGNOREHEADER", ["1"]))
        #expect(try load(files.write("h", "id\n"), [.integer], header).rows.isEmpty)
        #expect(try load(files.write("i", "id"), [.integer], header).rows.isEmpty)
    }

    @Test func `bad fields are told in Redshift's words`() throws {
        let files = try TemporaryFiles()
        let path = files.write(
            "t",
            "x1|1|a|2001-01-01|t\n1|1|a|2001-1-1|t\n1|1|a|2001-02-30|t\n"
                + "9999999999|1|a|2001-01-01|t\n1|1|012345678901234567890|2001-01-01|t\n"
                + "1|1|a|2001-01-01|maybe\n1|1\n1|1|a|2001-01-01|t|extra\n5|1.999|ok|2001-01-01|0\n"
        )
        let loaded = try load(path, mixed, try options(("MAXERROR", ["100"])))
        #expect(loaded.rows == [["5", "1.99", "ok", "2001-01-01", "f"]])
        #expect(loaded.errors.map(\.code) == [1207, 1205, 1205, 1204, 1204, 1210, 1214, 1202])
        #expect(loaded.errors.map(\.line) == [1, 2, 3, 4, 5, 6, 7, 8])
        let first = try #require(loaded.errors.first)
        #expect(first.reason == "Invalid digit, Value 'x', Pos 0, Type: Integer")
        #expect(first.column == "c1" && first.type == "int4" && first.rawField == "x1")
        #expect(first.rawLine == "x1|1|a|2001-01-01|t")
        #expect(loaded.errors[1].reason == "Invalid Date Format - length must be 10 or more")
        #expect(loaded.errors[4].reason == "String length exceeds DDL length")
        #expect(loaded.errors[4].length == "20")
        #expect(loaded.errors[6].reason == "Delimiter not found")
        #expect(loaded.errors[7].reason == "Extra column(s) found")
    }

    @Test func `reading stops at the error limit, with the first errors of the file`() throws {
        let files = try TemporaryFiles()
        let path = files.write("t", "1|a\nx|b\n2|c|d\ny|e\n")
        let one = try load(path, [.integer, .varchar(5)], try options())
        #expect(one.errors.map(\.line) == [2])
        let two = try load(path, [.integer, .varchar(5)], try options(("MAXERROR", ["2"])))
        #expect(two.errors.map(\.line) == [2, 3])
        let all = try load(path, [.integer, .varchar(5)], try options(("IGNOREALLERRORS", [])))
        #expect(all.errors.count == 3 && all.rows == [["1", "a"]])
    }

    @Test func `NOT NULL columns refuse NULL`() throws {
        let files = try TemporaryFiles()
        let loaded = try load(
            files.write("t", "|a\n1|\\N\n"),
            [.integer, .varchar(5)],
            try options(("MAXERROR", ["9"])),
            notNull: [0, 1]
        )
        #expect(loaded.errors.map(\.code) == [1213, 1213])
        #expect(loaded.errors.map(\.column) == ["c1", "c2"])
    }

    @Test func `ranges give the same rows and line numbers as one`() throws {
        let files = try TemporaryFiles()
        var text = ""
        for row in 0..<5000 { text += row == 4321 ? "bad|x\n" : "\(row)|text number \(row)\n" }
        let path = files.write("t", text)
        let parsed = try options(("MAXERROR", ["5"]))
        let whole = try load(path, [.integer, .varchar(40)], parsed)
        let cut = try load(path, [.integer, .varchar(40)], parsed, byteCount: 3000)
        #expect(whole.rows.count == 4999)
        #expect(whole.rows == cut.rows)
        #expect(cut.errors.map(\.line) == [4322])
    }

    @Test func `CSV takes quotes, doubled quotes, delimiters and line ends in quotes`() throws {
        let files = try TemporaryFiles()
        let path = files.write(
            "t.csv",
            "1,\"a,b\"\n2,\"say \"\"hi\"\" now\"\n3, \"two\nlines\" \n4,\n5,\"\"\n6,plain\n"
        )
        let loaded = try load(path, [.integer, .varchar(20)], try options(("CSV", [])))
        #expect(
            loaded.rows == [
                ["1", "a,b"], ["2", "say \"hi\" now"], ["3", "two\nlines"], ["4", ""], ["5", ""],
                ["6", "plain"],
            ]
        )
    }

    @Test func `CSV is cut into ranges outside quotes`() throws {
        let files = try TemporaryFiles()
        var text = ""
        for row in 0..<3000 { text += "\(row),\"line one\nline \"\"two\"\" of \(row)\"\n" }
        let path = files.write("t.csv", text)
        let whole = try load(path, [.integer, .varchar(60)], try options(("CSV", [])))
        let cut = try load(
            path,
            [.integer, .varchar(60)],
            try options(("CSV", [])),
            byteCount: 2000
        )
        #expect(whole.rows.count == 3000)
        #expect(whole.rows == cut.rows)
    }

    @Test func `bad CSV quotes reject a line and go on with the next`() throws {
        let files = try TemporaryFiles()
        let path = files.write("t.csv", "1,\"a\"b\n2,c\"d\n3,ok\n4,\"open\n")
        let loaded = try load(
            path,
            [.integer, .varchar(20)],
            try options(("CSV", []), ("MAXERROR", ["9"]))
        )
        #expect(loaded.rows == [["3", "ok"]])
        #expect(loaded.errors.map(\.reason).allSatisfy { $0 == "Invalid quote formatting for CSV" })
        #expect(loaded.errors.map(\.line) == [1, 2, 4])
    }

    @Test func `ESCAPE and REMOVEQUOTES`() throws {
        let files = try TemporaryFiles()
        let path = files.write("t", "1|a\\|b\n2|\\N\n3|x\\\ny\n")
        let loaded = try load(path, [.integer, .varchar(20)], try options(("ESCAPE", [])))
        #expect(loaded.rows == [["1", "a|b"], ["2", nil], ["3", "x\ny"]])
        let quoted = files.write("q", "'1'|\"a|b\"\n2|c\n3|'open\n")
        let removed = try load(
            quoted,
            [.integer, .varchar(20)],
            try options(("REMOVEQUOTES", []), ("MAXERROR", ["5"]))
        )
        #expect(removed.rows == [["1", "a|b"], ["2", "c"]])
        #expect(removed.errors.map(\.line) == [3])
        let both = try load(
            files.write("b", "'1'|a\\|b\n2|'c\\'|d'"),
            [.integer, .varchar(20)],
            try options(("REMOVEQUOTES", []), ("ESCAPE", []))
        )
        #expect(both.rows == [["1", "a|b"], ["2", "c'|d"]])
    }

    @Test func `texts too long or not UTF-8`() throws {
        let files = try TemporaryFiles()
        let bytes = Array("ok|日本\n".utf8) + [0x61, 0xE2, 0x28, 0x7C, 0x62, 10]
        let path = files.write("t", bytes)
        let types: [DataType] = [.varchar(5), .char(4)]
        let loaded = try load(path, types, try options(("MAXERROR", ["9"])))
        #expect(loaded.errors.map(\.code) == [1220, 1220])
        #expect(
            loaded.errors[0].reason.hasPrefix(
                "Multibyte character not supported for CHAR (Hint: try using VARCHAR). "
                    + "Invalid char: e6 97 a5"
            )
        )
        #expect(loaded.errors[1].reason.hasSuffix("Bad UTF8 hex sequence: e2 (error 4)"))
        let replaced = try load(
            files.write("r", Array(bytes[10...])),
            types,
            try options(("ACCEPTINVCHARS", []))
        )
        #expect(replaced.rows == [["a?(", "b   "]])
        let cut = try load(
            files.write("c", "日本|abcdefg\n"),
            types,
            try options(("TRUNCATECOLUMNS", []))
        )
        #expect(cut.rows == [["日", "abcd"]])
    }

    @Test func `blank, empty and missing fields by option`() throws {
        let files = try TemporaryFiles()
        let types: [DataType] = [.varchar(5), .varchar(5), .integer]
        let path = files.write("t", "  ||1\n\na \n")
        let loaded = try load(
            path,
            types,
            try options(
                ("BLANKSASNULL", []),
                ("EMPTYASNULL", []),
                ("FILLRECORD", []),
                ("IGNOREBLANKLINES", []),
                ("TRIMBLANKS", [])
            )
        )
        #expect(loaded.rows == [[nil, nil, "1"], ["a", nil, nil]])
        let plain = try load(files.write("p", "a\n"), types, try options(("FILLRECORD", [])))
        #expect(plain.rows == [["a", "", nil]])
        let null = try load(files.write("n", "x|-|5\n"), types, try options(("NULL", ["-"])))
        #expect(null.rows == [["x", nil, "5"]])
    }

    @Test func `dates and times by format`() throws {
        let files = try TemporaryFiles()
        let types: [DataType] = [.date, .timestamp]
        let standard = try load(
            files.write("s", "2001-02-03 04:05:06|2001-02-03 04:05:06.5\n"),
            types,
            try options()
        )
        #expect(standard.rows == [["2001-02-03", "2001-02-03 04:05:06.5"]])
        let pattern = try load(
            files.write("p", "03.02.2001|02/03/2001 04:05 PM\n"),
            types,
            try options(("DATEFORMAT", ["DD.MM.YYYY"]), ("TIMEFORMAT", ["MM/DD/YYYY HH:MI AM"]))
        )
        #expect(pattern.rows == [["2001-02-03", "2001-02-03 16:05:00"]])
        let automatic = try load(
            files.write("a", "02/03/2001|2001-02-03T04:05:06Z\n"),
            types,
            try options(("DATEFORMAT", ["auto"]), ("TIMEFORMAT", ["auto"]))
        )
        #expect(automatic.rows == [["2001-02-03", "2001-02-03 04:05:06"]])
        let epoch = try load(
            files.write("e", "2001-02-03|981173106\n"),
            types,
            try options(("TIMEFORMAT", ["epochsecs"]))
        )
        #expect(epoch.rows == [["2001-02-03", "2001-02-03 04:05:06"]])
        let any = try load(
            files.write("y", "never|2001-02-03 04:05:06\n"),
            types,
            try options(("ACCEPTANYDATE", []), ("DATEFORMAT", ["auto"]))
        )
        #expect(any.rows == [[nil, "2001-02-03 04:05:06"]])
    }

    @Test func `decimals are cut unless ROUNDEC`() throws {
        let files = try TemporaryFiles()
        let types: [DataType] = [
            .decimal(precision: 4, scale: 2), .decimal(precision: 30, scale: 1),
        ]
        let path = files.write("t", "20.259|-0.19\n")
        #expect(try load(path, types, try options()).rows == [["20.25", "-0.1"]])
        #expect(try load(path, types, try options(("ROUNDEC", []))).rows == [["20.26", "-0.2"]])
        let over = try load(files.write("o", "100.00|1\n"), types, try options())
        #expect(over.errors.map(\.code) == [1204])
    }

    @Test func `a row longer than the buffer is read whole`() throws {
        let files = try TemporaryFiles()
        let long = String(repeating: "x", count: 3_000_000)
        let path = files.write("t", "1|a\n2|\(long)\n3|c\n")
        let loaded = try load(path, [.integer, .varchar(5)], try options(("MAXERROR", ["2"])))
        #expect(loaded.rows == [["1", "a"], ["3", "c"]])
        #expect(loaded.errors.map(\.line) == [2])
    }

    @Test func `compressed files of several members, corrupt and truncated ones`() throws {
        let files = try TemporaryFiles()
        let gzip: [UInt8] = [
            31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 51, 172, 73, 228, 50, 170, 73, 226, 2, 0, 174, 179, 66,
            62, 8, 0, 0, 0, 31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 51, 174, 73, 6, 0, 195, 132, 93, 142,
            3, 0, 0, 0,
        ]
        let zip = try options(("GZIP", []))
        let loaded = try load(files.write("t.gz", gzip), [.integer, .varchar(5)], zip)
        #expect(loaded.rows == [["1", "a"], ["2", "b"], ["3", "c"]])
        let zstd: [UInt8] = [
            40, 181, 47, 253, 4, 88, 65, 0, 0, 49, 124, 97, 10, 50, 124, 98, 10, 53, 224, 25, 232,
        ]
        let packed = try load(
            files.write("t.zst", zstd),
            [.integer, .varchar(5)],
            try options(("ZSTD", []))
        )
        #expect(packed.rows == [["1", "a"], ["2", "b"]])
        #expect(throws: SQLError.self) {
            try load(files.write("u.gz", Array(gzip.dropLast(6))), [.integer, .varchar(5)], zip)
        }
        #expect(throws: SQLError.self) {
            try load(files.write("v.gz", "1|a\n"), [.integer, .varchar(5)], zip)
        }
    }
}
