import SQLTypes
import Testing

@testable import Vectors

@Suite struct TextTests {
    @Test(arguments: [
        (0.1, "0.1"), (1e20, "1e+20"), (1e15, "1e+15"), (123_456_789_012_345.0, "123456789012345"),
        (0.0001, "0.0001"), (0.00001, "1e-05"), (-1234.5, "-1234.5"),
        (.leastNonzeroMagnitude, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"), (100, "100"), (-0.0, "-0"),
        (.infinity, "Infinity"), (-.infinity, "-Infinity"), (2.5e-7, "2.5e-07"),
    ])
    func `doubles print their shortest digits`(value: Double, text: String) {
        #expect(formatDatum(.float64(value), type: .doublePrecision) == text)
    }

    @Test func `reals print their shortest digits`() {
        #expect(formatDatum(.float64(Double(Float(0.1))), type: .real) == "0.1")
        #expect(formatDatum(.float64(1_000_000), type: .real) == "1e+06")
        #expect(formatDatum(.float64(.nan), type: .real) == "NaN")
    }

    @Test func `decimals print their scale`() {
        #expect(formatDatum(.int64(5), type: .decimal(precision: 5, scale: 2)) == "0.05")
        #expect(formatDatum(.int64(-12345), type: .decimal(precision: 9, scale: 2)) == "-123.45")
        let big = DataType.powerOfTen128(37) * 3 + 7
        #expect(
            formatDatum(.int128(big), type: .decimal(precision: 38, scale: 3))
                == "30000000000000000000000000000000000.007"
        )
        #expect(
            formatDatum(.int128(big), type: .decimal(precision: 38, scale: 0))
                == "30000000000000000000000000000000000007"
        )
        #expect(
            formatDatum(.int128(-7), type: .decimal(precision: 38, scale: 25))
                == "-0.0000000000000000000000007"
        )
        #expect(formatDatum(.int64(.min), type: .bigint) == "-9223372036854775808")
    }

    @Test(arguments: [
        ("2008-01-02", "2008-01-02"), ("01/02/00", "2000-01-02"), ("2008/1/2", "2008-01-02"),
        ("20080102", "2008-01-02"), ("Jan 2, 2008", "2008-01-02"), ("2-Jan-2008", "2008-01-02"),
        ("2008-Jan-02", "2008-01-02"), ("January 2 2008", "2008-01-02"), ("1/2/70", "1970-01-02"),
        ("0044-03-15 BC", "0044-03-15 BC"), ("2008-01-02 10:00:00", "2008-01-02"),
        ("epoch", "1970-01-01"), (" 2008-01-02 ", "2008-01-02"), ("12345-01-01", "12345-01-01"),
    ])
    func `dates are read in many forms`(text: String, wanted: String) throws {
        #expect(formatDatum(try parseDatum(text, type: .date), type: .date) == wanted)
    }

    @Test(arguments: [
        ("2008-01-02 03:04:05", "2008-01-02 03:04:05"),
        ("2008-01-02T03:04:05.123456", "2008-01-02 03:04:05.123456"),
        ("2008-01-02 03:04", "2008-01-02 03:04:00"), ("2008-01-02", "2008-01-02 00:00:00"),
        ("1/2/2008 3:04:05 PM", "2008-01-02 15:04:05"), ("20080102 030405", "2008-01-02 03:04:05"),
        ("Feb 29 2020 01:02:03.5", "2020-02-29 01:02:03.5"),
        ("20080102030405", "2008-01-02 03:04:05"), ("2008-01-02 24:00:00", "2008-01-03 00:00:00"),
        ("1999-12-31 23:59:59.9999999", "2000-01-01 00:00:00"),
    ])
    func `timestamps are read in many forms`(text: String, wanted: String) throws {
        #expect(formatDatum(try parseDatum(text, type: .timestamp), type: .timestamp) == wanted)
    }

    @Test func `an offset counts for timestamps with a zone`() throws {
        let moment = try parseDatum("2008-01-02 03:04:05+02:30", type: .timestampTZ)
        #expect(formatDatum(moment, type: .timestampTZ) == "2008-01-02 00:34:05+00")
        let plain = try parseDatum("2008-01-02 03:04:05+02", type: .timestamp)
        #expect(formatDatum(plain, type: .timestamp) == "2008-01-02 03:04:05")
    }

    @Test(arguments: [
        ("2001-6-31", DataType.date, "22008"), ("2001-13-01", .date, "22008"),
        ("hello", .date, "22007"), ("24:38:15.0", .time, "22008"), ("", .date, "22007"),
        ("abc", .integer, "22P02"), ("", .integer, "22P02"), ("1.5", .integer, "22P02"),
        ("1e400", .doublePrecision, "22003"), ("0x10", .doublePrecision, "22P02"),
        ("maybe", .boolean, "22P02"), ("9223372036854775808", .bigint, "22003"),
        ("1..2", .decimal(precision: 5, scale: 2), "22P02"), ("parsec", .interval, "22007"),
        ("12345", .decimal(precision: 4, scale: 0), "22003"),
    ])
    func `bad literals are errors`(text: String, type: DataType, state: String) {
        let error = #expect(throws: SQLError.self) { try parseDatum(text, type: type) }
        #expect(error?.state.code == state)
    }

    @Test(arguments: [
        ("1 year 2 months", "1 year 2 mons"), ("3 days 04:05:06.5", "3 days 04:05:06.5"),
        ("1.5 hours", "01:30:00"), ("5", "00:00:05"), ("-1 day", "-1 days"), ("1 week", "7 days"),
        ("2 days ago", "-2 days"), ("1-2", "1 year 2 mons"), ("90s", "00:01:30"),
        ("0.5 year", "6 mons"), ("1 mon 0.5 mon", "1 mon 15 days"), ("0 days", "00:00:00"),
    ])
    func `intervals are read and printed`(text: String, wanted: String) throws {
        #expect(formatDatum(try parseDatum(text, type: .interval), type: .interval) == wanted)
    }

    @Test func `COPY formats read what they name`() throws {
        func read(_ pattern: String, _ text: String) -> String? {
            let format = DateTimeFormat(pattern)
            let result = Array(text.utf8).withUnsafeBufferPointer { format?.parse($0).value }
            return result.map { formatDatum(.int64($0), type: .timestamp) }
        }
        #expect(read("MM/DD/YYYY HH:MI:SS", "02/03/2001 04:05:06") == "2001-02-03 04:05:06")
        #expect(read("DD-MON-YY", "03-Feb-01") == "2001-02-03 00:00:00")
        #expect(read("YYYYMMDD", "20010203") == "2001-02-03 00:00:00")
        #expect(read("epochsecs", "86400") == "1970-01-02 00:00:00")
        #expect(read("HH12:MI AM", "11:30 PM") == nil)
        #expect(read("YYYY-MM-DD HH12:MI AM", "2001-02-03 11:30 PM") == "2001-02-03 23:30:00")
        #expect(read("YYYY-MM-DD HH:MI:SS", "2001-02-03 01:02:03.25") == "2001-02-03 01:02:03.25")
        #expect(read("YYYY-MM-DD", "2001-02-30") == nil)
        #expect(DateTimeFormat("?") == nil)
    }

    @Test func `every day of 800 years survives its civil form`() {
        for day in Int64(-150_000)...150_000 {
            let date = civilFromDays(day)
            #expect(daysFromCivil(date) == day || date.year == .min)
        }
        #expect(civilFromDays(0) == CivilDate(year: 2000, month: 1, day: 1))
        #expect(
            addMonths(daysFromCivil(CivilDate(year: 2023, month: 3, day: 31)), -4)
                == daysFromCivil(CivilDate(year: 2022, month: 11, day: 30))
        )
    }

    @Test func `a column formats with its NULLs and CHAR padding`() {
        var column = TextColumn()
        let vector = Vector.of([.text("ab"), .null, .text("")], physical: .string)
        formatText(vector, type: .char(4), into: &column)
        #expect((0..<3).map { column.text($0) } == ["ab  ", "", "    "])
        #expect(column.isNull == [false, true, false])
        let truth = Vector.of([.bool(true), .bool(false)], physical: .bool)
        formatText(truth, type: .boolean, into: &column)
        #expect((0..<2).map { column.text($0) } == ["t", "f"])
    }

    @Test(arguments: [
        ("special%requests", "special packages among requests", true),
        ("%special%requests%", "the special silent requests sleep", true),
        ("%special%requests%", "the requests are special", false),
        ("PROMO%", "PROMO BRUSHED", true),
        ("PROMO%", "promo", false), ("%BRASS", "LARGE BRASS", true), ("%BRASS", "BRASS ", false),
        ("a_c", "abc", true), ("a_c", "aéc", true), ("a_c", "ac", false), ("%", "", true),
        ("", "", true), ("", "x", false), ("100\\%", "100%", true), ("100\\%", "1000", false),
        ("%a%a%", "a", false), ("%aa%aa%", "aaa", false), ("%aa%aa%", "aaaa", true),
        ("a%a", "a", false), ("_%_", "ab", true), ("_%_", "é", false), ("%_b", "aab", true),
        ("ab%cd%ef", "abXcdYef", true), ("ab%cd%ef", "abcef", false), ("__", "日本", true),
    ])
    func `LIKE matches`(pattern: String, text: String, wanted: Bool) {
        let compiled = LikePattern(bytes: Array(pattern.utf8))
        let data: [Datum] = [.text(text), .null, .text(text)]
        for vector in allForms(data, physical: .string) {
            let found = matchLike(vector, pattern: compiled, count: 3).data
            #expect(found == [.bool(wanted), .null, .bool(wanted)])
        }
    }

    @Test func `ILIKE ignores case and ESCAPE may be another byte`() {
        let insensitive = LikePattern(bytes: Array("ab%C_".utf8), isCaseInsensitive: true)
        let vector = Vector.of([.text("ABxxcD"), .text("abd")], physical: .string)
        #expect(
            matchLike(vector, pattern: insensitive, count: 2).data == [.bool(true), .bool(false)]
        )
        let escaped = LikePattern(bytes: Array("a^_b".utf8), escape: UInt8(ascii: "^"))
        let rows = Vector.of([.text("a_b"), .text("axb")], physical: .string)
        #expect(matchLike(rows, pattern: escaped, count: 2).data == [.bool(true), .bool(false)])
        #expect(escaped.isExact)
    }
}
