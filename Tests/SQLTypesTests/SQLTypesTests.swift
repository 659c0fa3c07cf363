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

    @Test(arguments: [
        (0, 0), (14, -1), (-3, 86_400_000_000), (Int64(Int32.max), Int64.min),
        (Int64(Int32.min), Int64.max),
    ])
    func `an interval survives packing`(months: Int64, microseconds: Int64) {
        let parts = IntervalParts(months: months, microseconds: microseconds)
        #expect(IntervalParts(packed: parts.packed) == parts)
    }

    @Test func `packed intervals order by length and add up`() {
        let day: Int64 = 86_400_000_000
        let month = IntervalParts(months: 1, microseconds: 0)
        let days = [29, 31, -29, -31].map { IntervalParts(months: 0, microseconds: $0 * day) }
        #expect(days[0].packed < month.packed && month.packed < days[1].packed)
        let back = IntervalParts(months: -1, microseconds: 0)
        #expect(days[3].packed < back.packed && back.packed < days[2].packed)
        let sum = IntervalParts(packed: month.packed + days[3].packed + back.packed + back.packed)
        #expect(sum == IntervalParts(months: -1, microseconds: -31 * day))
        #expect(IntervalParts(months: 0, microseconds: 0).packed == 0)
    }

    @Test(arguments: [
        (0, 0), (86_399_999_999, 57_599), (86_400_000_000, -57_599), (1, -3600), (5, 19_800),
    ])
    func `a time with a zone survives packing`(microseconds: Int64, offset: Int) {
        let time = ZonedTime(microseconds: microseconds, offset: offset)
        #expect(ZonedTime(packed: time.packed) == time)
    }

    @Test func `packed times order by the moment, then the easternmost zone first`() {
        let hour: Int64 = 3_600_000_000
        let noon = ZonedTime(microseconds: 12 * hour, offset: 0)
        let east = ZonedTime(microseconds: 13 * hour, offset: 3600)
        let later = ZonedTime(microseconds: 12 * hour + 1, offset: 0)
        #expect(east.utc == noon.utc)
        #expect(east.packed < noon.packed && noon.packed < later.packed)
    }

    @Test func `an error keeps the first position it was given`() {
        let error = SQLError(.syntaxError, "x", position: 3)
        #expect(error.located(at: 9).position == 3)
        #expect(SQLError(.syntaxError, "x").located(at: 9).position == 9)
        #expect(SQLError.unsupported("MERGE").state.code == "0A000")
    }
}
