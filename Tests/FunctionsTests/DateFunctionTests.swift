import Functions
import SQLTypes
import Testing

@Suite struct DateFunctionTests {
    @Test func `dateadd clips months and counts years on`() throws {
        #expect(
            try call(
                "dateadd",
                .constant("month"),
                .integer(1, 1, nil),
                .timestamp("2008-01-31", "2008-04-30", "2008-01-01")
            )
            .rows == ["2008-02-29 00:00:00", "2008-05-30 00:00:00", nil]
        )
        #expect(
            try call("dateadd", .constant("month"), .integer(12), .timestamp("2016-02-29")).rows
                == ["2017-02-28 00:00:00"]
        )
        #expect(
            try call("dateadd", .constant("year"), .integer(1), .timestamp("2016-02-29")).rows
                == ["2017-03-01 00:00:00"]
        )
        let day = try call("dateadd", .constant("day"), .integer(-1), .date("2009-01-01"))
        #expect(day.rows == ["2008-12-31 00:00:00"])
        #expect(day.type == .timestamp)
        #expect(
            try call("dateadd", .constant("m"), .integer(18), .timestamp("2008-02-28")).rows
                == ["2008-02-28 00:18:00"]
        )
        #expect(
            state("dateadd", .constant("nope"), .integer(1), .timestamp("2008-01-01")) == "22023"
        )
        #expect(
            state("dateadd", .constant("year"), .integer(999_999), .timestamp("2008-01-01"))
                == "22008"
        )
    }

    @Test func `datediff counts boundaries`() throws {
        func difference(_ part: String, _ from: String, _ to: String) throws -> String? {
            try call("datediff", .constant(part), .timestamp(from), .timestamp(to)).rows[0]
        }
        #expect(try difference("hour", "2009-01-01 08:30:00", "2009-01-01 10:00:00") == "2")
        #expect(try difference("year", "2008-12-31", "2009-01-01") == "1")
        #expect(try difference("week", "2009-01-01", "2009-12-31") == "52")
        #expect(try difference("qtr", "1998-07-01", "2008-07-15") == "40")
        #expect(try difference("day", "2009-01-02", "2009-01-01 23:59:59") == "-1")
        #expect(try difference("month", "2009-01-31", "2009-02-01") == "1")
    }

    @Test func `extract gives integers and date_part fractions`() throws {
        let time = Argument.timestamp("2009-09-09 12:08:43.101")
        #expect(try call("extract", .constant("second"), time).rows == ["43"])
        #expect(try call("extract", .constant("ms"), time).rows == ["101"])
        #expect(try call("extract", .constant("week"), time).rows == ["37"])
        #expect(try call("extract", .constant("dow"), time).rows == ["3"])
        #expect(try call("extract", .constant("doy"), time).rows == ["252"])
        #expect(try call("extract", .constant("year"), time).type == .integer)
        #expect(try call("date_part", .constant("second"), time).rows == ["43.101"])
        let epoch = try call("extract", .constant("epoch"), .timestamp("2040-01-01"))
        #expect(epoch.rows == ["2208988800"])
        #expect(epoch.type == .bigint)
        #expect(
            try call("extract", .constant("decade"), .date("1999-01-01", "2000-01-01")).rows == [
                "200", "201",
            ]
        )
        #expect(
            try call("extract", .constant("century"), .date("2000-12-31", "2001-01-01")).rows == [
                "20", "21",
            ]
        )
        #expect(try call("date_part_year", .date("1992-03-04", nil)).rows == ["1992", nil])
    }

    @Test func `date_trunc goes back to the part's start`() throws {
        let time = Argument.timestamp("2008-09-08 09:59:24.75")
        #expect(try call("date_trunc", .constant("week"), time).rows == ["2008-09-08 00:00:00"])
        #expect(try call("date_trunc", .constant("quarter"), time).rows == ["2008-07-01 00:00:00"])
        #expect(try call("date_trunc", .constant("minute"), time).rows == ["2008-09-08 09:59:00"])
        #expect(
            try call("date_trunc", .constant("month"), .date("1969-12-31")).rows
                == ["1969-12-01 00:00:00"]
        )
    }

    @Test func `months and weekdays`() throws {
        #expect(
            try call("add_months", .date("2008-04-30", "2008-01-31"), .integer(1, 1)).rows
                == ["2008-05-31 00:00:00", "2008-02-29 00:00:00"]
        )
        #expect(
            try call(
                "months_between",
                .date("1969-03-18", "2000-02-29"),
                .date("1969-01-18", "2000-01-31")
            ).rows
                == ["2", "1"]
        )
        #expect(try call("last_day", .date("2008-02-01")).rows == ["2008-02-29"])
        #expect(
            try call("next_day", .date("2008-01-01", "2008-01-01"), .text("Tu", "wednesday")).rows
                == ["2008-01-08", "2008-01-02"]
        )
        #expect(state("next_day", .date("2008-01-01"), .text("x")) == "22023")
        let day = try call("trunc", .timestamp("2008-01-01 23:59:59"))
        #expect(day.rows == ["2008-01-01"])
        #expect(day.type == .date)
    }

    @Test func `time zones follow summer time`() throws {
        func convert(_ zone: String, _ text: String) throws -> String? {
            try call("convert_timezone", .text(zone), .timestamp(text)).rows[0]
        }
        #expect(try convert("America/New_York", "2013-07-01 12:00:00") == "2013-07-01 08:00:00")
        #expect(try convert("america/new_york", "2013-01-01 12:00:00") == "2013-01-01 07:00:00")
        #expect(try convert("America/New_York", "2060-07-01 12:00:00") == "2060-07-01 08:00:00")
        #expect(try convert("EST", "2013-07-01 12:00:00") == "2013-07-01 07:00:00")
        #expect(try convert("UTC+8", "2013-07-01 12:00:00") == "2013-07-01 04:00:00")
        #expect(
            try call(
                "convert_timezone",
                .text("PST8PDT"),
                .text("UTC"),
                .timestamp("2013-07-01 12:00:00")
            ).rows
                == ["2013-07-01 19:00:00"]
        )
        #expect(
            state("convert_timezone", .text("Nowhere/Land"), .timestamp("2013-01-01")) == "22023"
        )
        #expect(
            state("convert_timezone", .text("../../etc/passwd"), .timestamp("2013-01-01"))
                == "22023"
        )
    }

    @Test func `a time that occurs twice is standard time`() throws {
        #expect(
            try call(
                "convert_timezone",
                .text("America/New_York"),
                .text("UTC"),
                .timestamp("2013-11-03 01:30:00")
            ).rows
                == ["2013-11-03 06:30:00"]
        )
    }

    @Test func `dates are written by pattern`() throws {
        func written(_ text: String, _ pattern: String) throws -> String? {
            try call("to_char", .timestamp(text), .text(pattern)).rows[0]
        }
        #expect(
            try written("2008-01-03 04:05:06", "YYYY-MM-DD HH24:MI:SS") == "2008-01-03 04:05:06"
        )
        #expect(
            try written("2008-01-03 16:05:06", "FMMonth FMDDth, HH12:MI AM")
                == "January 3rd, 04:05 PM"
        )
        #expect(try written("2008-01-03", "MONTH|DY|D|DDD|IW|Q") == "JANUARY  |THU|5|003|01|1")
        #expect(try written("2008-01-03 00:00:00.5", "MS US \"at\" YY") == "500 500000 at 08")
    }

    @Test func `dates are read by pattern, lenient unless strict`() throws {
        #expect(
            try call("to_date", .text("02 Oct 2001", nil), .text("DD Mon YYYY", "x")).rows == [
                "2001-10-02", nil,
            ]
        )
        #expect(try call("to_date", .text("20010631"), .text("YYYYMMDD")).rows == ["2001-07-01"])
        let strict = Argument(type: .boolean, rows: [.bool(true)])
        #expect(state("to_date", .text("20010631"), .text("YYYYMMDD"), strict) == "22008")
        #expect(state("to_date", .text("abc"), .text("YYYY")) == "22007")
        #expect(
            try call("to_timestamp", .text("2011-12-18 23:38:15"), .text("YYYY-MM-DD HH24:MI:SS"))
                .rows
                == ["2011-12-18 23:38:15+00"]
        )
    }
}
