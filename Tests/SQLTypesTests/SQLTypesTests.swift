import SQLTypes
import Testing

@Suite struct SQLTypesTests {
    @Test(arguments: [
        (DataType.smallint, "smallint"), (.decimal(precision: 10, scale: 2), "numeric(10,2)"),
        (.varchar(5), "character varying(5)"), (.timestampTZ, "timestamp with time zone"),
    ])
    func `a type prints as messages name it`(type: DataType, text: String) {
        #expect(type.description == text)
    }

    @Test func `a decimal of 19 digits stops at the end of 64 bits`() {
        #expect(DataType.decimal(precision: 19, scale: 0).integerLimits?.upperBound == .max)
        #expect(
            DataType.decimal(precision: 18, scale: 0).integerLimits?.upperBound
                == 999_999_999_999_999_999
        )
        #expect(DataType.decimal(precision: 20, scale: 0).physical == .int128)
    }

    @Test(arguments: [(0, 0), (14, -1), (-3, 86_400_000_000), (Int64.max, Int64.min)])
    func `an interval survives packing`(months: Int64, microseconds: Int64) {
        let parts = IntervalParts(months: months, microseconds: microseconds)
        #expect(IntervalParts(packed: parts.packed) == parts)
    }

    @Test func `an error keeps the first position it was given`() {
        let error = SQLError(.syntaxError, "x", position: 3)
        #expect(error.located(at: 9).position == 3)
        #expect(SQLError(.syntaxError, "x").located(at: 9).position == 9)
        #expect(SQLError.unsupported("MERGE").state.code == "0A000")
    }
}
