import Functions
import SQLTypes
import Testing

@Suite struct StringFunctionTests {
    @Test func `lengths count characters and bytes, and NULL stays NULL`() throws {
        #expect(try call("len", .text("abc", "", nil, "日本")).rows == ["3", "0", nil, "2"])
        #expect(try call("octet_length", .text("abc", "日本")).rows == ["3", "6"])
        #expect(try call("len", .text("x")).type == .integer)
    }

    @Test func `numbers are measured as text`() throws {
        #expect(try call("len", .integer(12345, -7)).rows == ["5", "2"])
    }

    @Test func `case changes reach letters of any script`() throws {
        #expect(try call("upper", .text("straße é", nil, "")).rows == ["STRAßE É", nil, ""])
        #expect(try call("lower", .text("ÀB1")).rows == ["àb1"])
        #expect(
            try call("initcap", .text("hello wORLD-foo bar1x")).rows == ["Hello World-Foo Bar1x"]
        )
    }

    @Test func `a substring window is cut at both ends`() throws {
        let text = Argument.text("caterpillar", "caterpillar", "caterpillar", "日本語テキスト", nil)
        #expect(
            try call(
                "substring",
                text,
                .integer(-2, 6, 20, 2, 1),
                .integer(5, 4, 1, 3, 1)
            ).rows == ["ca", "pill", "", "本語テ", nil]
        )
        #expect(try call("substr", .text("caterpillar"), .integer(7)).rows == ["illar"])
        #expect(state("substring", .text("abc"), .integer(1), .integer(-1)) == "22011")
    }

    @Test func `a failing row that is NULL raises nothing`() throws {
        #expect(
            try call("substring", .text(nil, "abc"), .integer(1, 1), .integer(-1, 2)).rows
                == [nil, "ab"]
        )
    }

    @Test func `a window whose end overflows reaches the text's end`() throws {
        let huge = Argument(type: .bigint, rows: [.int64(.max)])
        #expect(try call("substring", .text("abc"), .integer(2), huge).rows == ["bc"])
    }

    @Test func `left and right take characters`() throws {
        #expect(try call("left", .text("héllo", "a"), .integer(2, 5)).rows == ["hé", "a"])
        #expect(try call("right", .text("héllo", "a"), .integer(4, 0)).rows == ["éllo", ""])
    }

    @Test func `positions start at one and are zero when absent`() throws {
        #expect(
            try call("strpos", .text("dogfish", "dogfish", "é-x"), .text("fish", "cat", "x")).rows
                == ["4", "0", "3"]
        )
        #expect(try call("charindex", .text("fish"), .text("dogfish")).rows == ["4"])
        #expect(try call("position", .text("o"), .text("dog")).rows == ["2"])
    }

    @Test func `trims take characters of a set`() throws {
        #expect(try call("btrim", .text("  a b ", nil)).rows == ["a b", nil])
        #expect(try call("ltrim", .text("xyxabcx"), .text("xy")).rows == ["abcx"])
        #expect(try call("rtrim", .text("abcxé"), .text("éx")).rows == ["abc"])
    }

    @Test func `padding fills to a length in characters and cuts past it`() throws {
        #expect(
            try call("lpad", .text("cat", "caterpillar", "é"), .integer(6, 3, 0)).rows
                == ["   cat", "cat", ""]
        )
        #expect(try call("rpad", .text("x"), .integer(6), .text("ab")).rows == ["xababa"])
        #expect(state("lpad", .text("a"), .integer(70_000)) == "54000")
    }

    @Test func `replace and translate`() throws {
        #expect(
            try call("replace", .text("aXbX", "none"), .text("X", "X"), .text("--", "-")).rows
                == ["a--b--", "none"]
        )
        #expect(
            try call("translate", .text("mint tea"), .text("inea"), .text("osin")).rows
                == ["most tin"]
        )
    }

    @Test func `concatenation of NULL is NULL and lengths add up`() throws {
        let left = Argument(type: .varchar(3), rows: [.text("abc"), .null])
        let right = Argument(type: .varchar(20), rows: [.text("defghijklmnop"), .text("x")])
        let result = try call("||", left, right)
        #expect(result.rows == ["abcdefghijklmnop", nil])
        #expect(result.type == .varchar(23))
    }

    @Test func `split_part counts fields from one`() throws {
        #expect(
            try call(
                "split_part",
                .text("abc$def$ghi", "abc$def", ""),
                .text("$", "$", "$"),
                .integer(2, 4, 1)
            ).rows == ["def", "", ""]
        )
        #expect(state("split_part", .text("a"), .text("$"), .integer(0)) == "22023")
    }

    @Test func `repeat stops at the longest text`() throws {
        #expect(
            try call("repeat", .text("ab", "", "x"), .integer(3, 9, -1)).rows == ["ababab", "", ""]
        )
        #expect(state("repeat", .text("ab"), .integer(40_000)) == "54000")
    }

    @Test func `patterns that vary by row match wildcards and escapes`() throws {
        #expect(
            try call(
                "like",
                .text("abcde", "a%c", "abc", "", "日本", "xayaz"),
                .text("a%e", "a\\%c", "a\\%c", "%", "_本", "%a_")
            ).rows == ["t", "t", "f", "t", "t", "t"]
        )
        #expect(try call("ilike", .text("ABC"), .text("a_c")).rows == ["t"])
        #expect(state("like", .text("a"), .text("a"), .text("ab")) == "22025")
    }

    @Test func `digests are lower-case hexadecimal`() throws {
        #expect(
            try call("md5", .text("", "abc", nil)).rows
                == ["d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72", nil]
        )
        #expect(
            try call("sha1", .text("abc")).rows == ["a9993e364706816aba3e25717850c26c9cd0d89d"]
        )
        #expect(
            try call("sha2", .text("abc", "abc"), .integer(0, 7)).rows == [
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "",
            ]
        )
        #expect(
            try call("sha2", .text("abc"), .integer(512)).rows == [
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ]
        )
        #expect(try call("crc32", .text("123456789")).rows == ["e3069283"])
    }

    @Test func `unknown functions and arguments are 42883`() {
        #expect(state("no_such", .integer(1)) == "42883")
        #expect(state("upper", Argument(type: .boolean, rows: [.bool(true)])) == "42883")
        let error = ScalarFunctions.undefined(name: "f", argumentTypes: [.integer, .char(3)])
        #expect(error.message == "function f(integer, character) does not exist")
    }
}
