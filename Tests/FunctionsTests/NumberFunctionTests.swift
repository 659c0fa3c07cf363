import Functions
import SQLTypes
import Testing

@Suite struct NumberFunctionTests {
    @Test func `rounding keeps DECIMAL and takes ties away from zero`() throws {
        let value = Argument.decimal(8, 2, 2850, -2850, 2849, nil)
        let whole = try call("round", value)
        #expect(whole.rows == ["29", "-29", "28", nil])
        #expect(whole.type == .decimal(precision: 7, scale: 0))
        let one = try call("round", .decimal(8, 2, 2805), Argument.constantInteger(1))
        #expect(one.rows == ["28.1"])
        #expect(try call("round", .decimal(8, 2, 2805), Argument.integer(-1)).rows == ["30.00"])
    }

    @Test func `floats round ties to even`() throws {
        #expect(try call("round", .double(0.5, 1.5, -2.5, nil)).rows == ["0", "2", "-2", nil])
        #expect(try call("round", .double(2.345), .integer(1)).rows == ["2.3"])
    }

    @Test func `trunc, ceil and floor`() throws {
        #expect(try call("trunc", .decimal(8, 2, 11115, -11115)).rows == ["111", "-111"])
        #expect(
            try call("trunc", .decimal(8, 2, 11115), Argument.constantInteger(1)).rows == ["111.1"]
        )
        #expect(try call("ceiling", .decimal(8, 2, 1215, -1215)).rows == ["13", "-12"])
        #expect(try call("floor", .decimal(30, 2, 1215, -1215)).rows == ["12", "-13"])
        #expect(try call("ceil", .integer(5)).type == .integer)
    }

    @Test func `abs overflows at the least value`() throws {
        #expect(try call("abs", .integer(-5, 5, nil)).rows == ["5", "5", nil])
        #expect(state("abs", .integer(Int64(Int32.min))) == "22003")
    }

    @Test func `logarithms and roots refuse what has none`() throws {
        #expect(try call("log", .integer(1000)).rows == ["3"])
        #expect(state("ln", .double(0)) == "2201E")
        #expect(state("ln", .double(-1)) == "2201E")
        #expect(state("sqrt", .double(-1)) == "2201F")
        #expect(state("exp", .double(1e4)) == "22003")
        #expect(try call("power", .integer(2), .integer(10)).rows == ["1024"])
        #expect(state("power", .double(0), .double(-1)) == "2201F")
    }

    @Test func `mod has the dividend's sign`() throws {
        #expect(try call("mod", .integer(-7, 7), .integer(3, -3)).rows == ["-1", "1"])
        #expect(state("mod", .integer(1), .integer(0)) == "22012")
    }

    @Test func `sign of decimals and floats`() throws {
        #expect(try call("sign", .decimal(5, 1, -15, 0, 3)).rows == ["-1", "0", "1"])
        #expect(try call("sign", .double(-2)).rows == ["-1"])
    }

    @Test func `bases`() throws {
        #expect(try call("to_hex", .integer(255, -1)).rows == ["ff", "ffffffff"])
        #expect(
            try call("strtol", .text("0xff", "", "-101"), .integer(16, 10, 2)).rows
                == ["255", "0", "-5"]
        )
        #expect(state("strtol", .text("9"), .integer(8)) == "22P02")
    }

    @Test func `greatest and least skip NULL`() throws {
        let (a, b) = (Argument.integer(1, nil, nil), Argument.integer(2, 5, nil))
        #expect(try call("greatest", a, b).rows == ["2", "5", nil])
        #expect(try call("least", a, b).rows == ["1", "5", nil])
        #expect(try call("greatest", .text("b", "a"), .text("a", nil)).rows == ["b", "a"])
    }

    @Test func `greatest unifies decimals`() throws {
        let result = try call("greatest", .decimal(5, 1, 25), .decimal(6, 2, 249))
        #expect(result.rows == ["2.50"])
    }

    @Test func `nullif and nvl2`() throws {
        #expect(try call("nullif", .integer(1, 2, nil), .integer(1, 3, 3)).rows == [nil, "2", nil])
        #expect(
            try call("nvl2", .integer(1, nil), .text("x", "x"), .text("y", "y")).rows == ["x", "y"]
        )
    }

    @Test func `random lies between zero and one`() throws {
        let value = try #require(try call("random").rows[0].flatMap { Double($0) })
        #expect(value >= 0 && value < 1)
    }

    @Test func `numbers are written by pattern`() throws {
        func written(_ value: Argument, _ pattern: String) throws -> String? {
            try call("to_char", value, .text(pattern)).rows[0]
        }
        #expect(try written(.decimal(8, 2, -12580), "999D99S") == "125.80-")
        #expect(try written(.decimal(8, 2, 12345), "999.99") == " 123.45")
        #expect(try written(.decimal(8, 2, 50), "9.99") == "  .50")
        #expect(try written(.decimal(8, 2, -50), "FM9.99") == "-.5")
        #expect(try written(.integer(1_234_567), "9,999,999") == " 1,234,567")
        #expect(try written(.integer(1234), "9,999,999") == "     1,234")
        #expect(try written(.integer(12), "0000") == " 0012")
        #expect(try written(.integer(0), "999") == "   0")
        #expect(try written(.integer(12345), "999") == " ###")
        #expect(try written(.integer(-12), "999PR") == " <12>")
        #expect(try written(.double(0.00004859), "9.99EEEE") == " 4.86e-05")
        #expect(try written(.integer(482), "FMRN") == "CDLXXXII")
    }

    @Test func `numbers are read by pattern`() throws {
        let result = try call("to_number", .text("12,454.8-"), .constant("99G999D9S"))
        #expect(result.rows == ["-12454.8"])
        #expect(result.type == .decimal(precision: 6, scale: 1))
        #expect(state("to_number", .text("abc"), .constant("999")) == "22P02")
    }
}

extension Argument {
    static func constantInteger(_ value: Int64) -> Argument {
        Argument(type: .integer, rows: [.int64(value)], isConstant: true)
    }
}
