import SQLTypes
import Testing

@testable import Vectors

@Suite struct CastTests {
    private func run(
        _ datum: Datum,
        _ from: DataType,
        _ to: DataType,
        isExplicit: Bool = true
    ) throws -> String {
        let vector = Vector.of([datum, .null], physical: from.physical)
        let result = try cast(vector, from: from, to: to, isExplicit: isExplicit, count: 2)
        #expect(result.datum(1) == .null)
        return formatDatum(result.datum(0), type: to)
    }

    private func state(_ body: () throws -> Void) -> String? {
        do { try body() } catch let error as SQLError { return error.state.code } catch {
            return nil
        }
        return nil
    }

    @Test func `assignment rounds and an explicit cast cuts decimals`() throws {
        let from = DataType.decimal(precision: 8, scale: 3)
        let to = DataType.decimal(precision: 6, scale: 1)
        #expect(try run(.int64(109_650), from, to, isExplicit: false) == "109.7")
        #expect(try run(.int64(109_650), from, to) == "109.6")
        #expect(try run(.int64(-109_650), from, to, isExplicit: false) == "-109.7")
        #expect(try run(.int64(1500), from, .integer) == "2")
        #expect(try run(.int64(1499), from, .integer) == "1")
        #expect(
            state { _ = try run(.int64(123_456), from, .decimal(precision: 2, scale: 1)) }
                == "22003"
        )
        #expect(try run(.int64(7), .integer, .decimal(precision: 30, scale: 5)) == "7.00000")
        #expect(state { _ = try run(.int64(40_000), .integer, .smallint) } == "22003")
    }

    @Test func `floats round half to even as integers and half away as decimals`() throws {
        #expect(try run(.float64(2.5), .doublePrecision, .integer) == "2")
        #expect(try run(.float64(3.5), .doublePrecision, .integer) == "4")
        #expect(
            try run(.float64(1.005), .doublePrecision, .decimal(precision: 5, scale: 2)) == "1.01"
        )
        #expect(state { _ = try run(.float64(1e19), .doublePrecision, .bigint) } == "22003")
        #expect(state { _ = try run(.float64(.nan), .doublePrecision, .integer) } == "22003")
        #expect(state { _ = try run(.float64(1e300), .doublePrecision, .real) } == "22003")
    }

    @Test func `text that is too long is cut or refused`() throws {
        let from = DataType.varchar(20)
        #expect(try run(.text("abcdef"), from, .varchar(3)) == "abc")
        #expect(
            state { _ = try run(.text("abcdef"), from, .varchar(3), isExplicit: false) } == "22001"
        )
        #expect(try run(.text("abc   "), from, .varchar(3), isExplicit: false) == "abc")
        #expect(try run(.text("ab"), from, .char(4)) == "ab  ")
        #expect(try run(.text("aé"), from, .varchar(2)) == "a")
        #expect(try run(.text("thirteen bytes and more"), from, .varchar(13)) == "thirteen byte")
    }

    @Test func `values become text and text becomes values`() throws {
        #expect(try run(.text(" 42 "), .varchar(9), .integer) == "42")
        #expect(state { _ = try run(.text("4x"), .varchar(9), .integer) } == "22P02")
        #expect(state { _ = try run(.text("99999999999"), .varchar(20), .integer) } == "22003")
        #expect(try run(.text("1.255"), .varchar(9), .decimal(precision: 5, scale: 2)) == "1.26")
        #expect(try run(.int64(-1250), .decimal(precision: 9, scale: 3), .varchar(20)) == "-1.250")
        #expect(state { _ = try run(.bool(true), .boolean, .varchar(5)) } == "42846")
        #expect(try run(.bool(true), .boolean, .integer) == "1")
        #expect(try run(.int64(2), .integer, .boolean) == "t")
    }

    @Test func `moments convert`() throws {
        let moment = try parseDatum("1999-12-31 23:59:58.25", type: .timestamp)
        #expect(try run(moment, .timestamp, .date) == "1999-12-31")
        #expect(try run(moment, .timestamp, .time) == "23:59:58.25")
        #expect(
            try run(parseDatum("2001-02-03", type: .date), .date, .timestamp)
                == "2001-02-03 00:00:00"
        )
        #expect(castKind(from: .date, to: .timestamp) == .implicit)
        #expect(castKind(from: .timestamp, to: .date) == .assignment)
        #expect(castKind(from: .varchar(3), to: .integer) == .explicit)
        #expect(castKind(from: .boolean, to: .varchar(3)) == nil)
        #expect(castKind(from: .date, to: .integer) == nil)
    }

    @Test func `entries of NULL rows never trap`() throws {
        let buffer = Buffer(byteCount: 16)
        let entries = buffer.pointer.assumingMemoryBound(to: Int64.self)
        (entries[0], entries[1]) = (.min, .max)
        let vector = Vector(
            physical: .int64,
            form: .flat,
            count: 2,
            data: buffer.pointer,
            validity: [0],
            owners: [buffer]
        )
        for (from, to) in [
            (DataType.timestamp, DataType.date), (.timestamp, .time), (.date, .timestamp),
            (.bigint, .smallint), (.decimal(precision: 18, scale: 4), .integer),
            (.bigint, .decimal(precision: 38, scale: 10)), (.bigint, .varchar(3)),
        ] {
            let result = try cast(vector, from: from, to: to, isExplicit: false, count: 2)
            #expect(result.data == [.null, .null])
        }
        for op in ArithmeticOperator.allCases {
            let result = try arithmetic(
                op,
                vector,
                vector,
                leftType: .integer,
                rightType: .integer,
                resultType: .integer,
                count: 2
            )
            #expect(result.data == [.null, .null])
        }
        _ = civilFromDays(.max)
        _ = Calendar.split(.min)
    }
}
