import Plans
import SQLTypes
import Testing
import Vectors

@testable import Planning

@Suite struct BindingExpressionTests {
    @Test(arguments: [
        ("1", Datum.int64(1), DataType.integer),
        ("3000000000", .int64(3_000_000_000), .bigint),
        ("1.50", .int64(150), .decimal(precision: 3, scale: 2)),
        ("0.05", .int64(5), .decimal(precision: 2, scale: 2)),
        (
            "99999999999999999999", .int128(99_999_999_999_999_999_999),
            .decimal(precision: 20, scale: 0)
        ),
        ("1e3", .float64(1000), .doublePrecision),
        ("'abc'", .text("abc"), .varchar(3)),
        ("null", .null, .varchar(1)),
        ("date '2000-01-02'", .int64(1), .date),
        ("timestamp '2000-01-01 00:00:01'", .int64(1_000_000), .timestamp),
        ("date '1998-12-01' - interval '90' day", .int64(-41_990_400_000_000), .timestamp),
        ("date '2000-01-31' + 1", .int64(31), .date),
        ("date '2000-03-01' - date '2000-02-01'", .int64(29), .integer),
        ("1 + 2 * 3", .int64(7), .integer),
        ("-7 / 2", .int64(-3), .integer),
        ("'5' + 1", .int64(6), .integer),
        ("null + 1", .null, .integer),
        ("'12'::int", .int64(12), .integer),
        ("'abc'::varchar(2)", .text("ab"), .varchar(2)),
        ("cast(1.5 as decimal(4,2))", .int64(150), .decimal(precision: 4, scale: 2)),
        ("'a' || 'b'", .text("ab"), .varchar(2)),
        ("upper('abc')", .text("ABC"), .varchar(3)),
        ("1 = 1.0", .bool(true), .boolean),
        ("'a' = 'a  '", .bool(true), .boolean),
        ("1 < null", .null, .boolean),
        ("current_date", .int64(8825), .date),
        ("getdate()", .int64(762_525_296_000_000), .timestamp),
        ("sysdate", .int64(762_525_296_789_000), .timestamp),
        ("version()", .text("PostgreSQL 8.0.2"), .varchar(16)),
        ("current_schema()", .text("public"), .varchar(6)),
        ("current_setting('search_path')", .text("public"), .varchar(6)),
        ("date 'today'", .int64(8825), .date),
        ("try_cast('x' as int)", .null, .integer),
    ])
    func `a constant is folded to its value and type`(
        text: String,
        value: Datum,
        type: DataType
    ) throws {
        #expect(try boundExpression(text) == .constant(value, type))
    }

    @Test(arguments: [
        ("a + s", DataType.integer), ("a * c", .decimal(precision: 23, scale: 2)),
        ("a + g", .doublePrecision), ("a / 2", .integer),
        ("c / c", .decimal(precision: 25, scale: 13)),
        ("d + 1", .date), ("d - d", .integer), ("d + interval '1 month'", .timestamp),
        ("e - e", .interval), ("d - '2000-01-01'", .integer),
        ("case when f then 1 else c end", .decimal(precision: 12, scale: 2)),
        ("case when f then a else h end", .bigint),
        ("coalesce(b, 'longer than the twenty')", .varchar(22)),
        ("coalesce(a, 0)", .integer), ("nvl2(a, 1.5, 2)", .decimal(precision: 2, scale: 1)),
        ("nullif(a, 0)", .integer), ("decode(a, 1, 'x', 2, 'yy', null)", .varchar(2)),
        ("a between 1 and 2", .boolean), ("b like 'x%'", .boolean), ("a in (1, 2)", .boolean),
        ("a is null", .boolean), ("f is true", .boolean), ("-c", .decimal(precision: 12, scale: 2)),
        ("extract(year from d)", .integer), ("dateadd(m, 1, e)", .timestamp),
        ("date_trunc('month', e)", .timestamp), ("length(b)", .integer),
    ])
    func `an expression over columns has its type`(text: String, type: DataType) throws {
        #expect(try boundExpression("\(text) from t").type == type)
    }

    @Test(arguments: [
        ("select 'a' + 'b'", "42725", 11), ("select a = d from t", "42883", 9),
        ("select f + 1 from t", "42883", 9), ("select nosuch(1)", "42883", 7),
        ("select upper(1, 2)", "42883", 7), ("select a = 'x' from t", "22P02", 11),
        ("select date '2000-13-01'", "22008", 7), ("select f::varchar from t", "42846", 8),
        ("select case when a then 1 end from t", "42804", 17),
        ("select case when f then 1 else d end from t", "42804", 24),
        ("select min(f) from t", "42883", 7), ("select sum(b) from t", "42883", 7),
        ("select listagg(b, d) from t", "0A000", 18),
        ("select median(distinct a) from t", "0A000", 7),
        ("select median(a), median(f) from t", "42883", 18),
        ("select dateadd(fortnight, 1, d) from t", "22023", 15),
        ("select a from t where b like 'x' escape 'ab'", "22025", 40),
        ("select $1", "42P02", 7), ("select not 1", "42804", 11),
        ("select upper(distinct b) from t", "42809", 7),
        ("select (select 1, 2)", "42601", 7),
        ("select (select a from t where u.a = 1)", "42P01", 30),
    ])
    func `a mistake has its state and its place`(text: String, state: String, position: Int) {
        let error = bindingError(text)
        #expect(error?.state.code == state)
        #expect(error?.position == position)
    }

    @Test func `what fails is kept for the row that reaches it`() throws {
        guard case .arithmetic = try boundExpression("1 / 0") else {
            return #expect(Bool(false), "division by zero was folded")
        }
    }

    @Test func `constants are converted rather than columns`() throws {
        let column = Expression.column(1, .integer)
        #expect(
            try boundExpression("a < 2.0 from t")
                == .compare(.less, column, .constant(.int64(2), .bigint))
        )
        let decimal = Expression.column(3, .decimal(precision: 12, scale: 2))
        #expect(
            try boundExpression("c >= 24 from t")
                == .compare(
                    .greaterOrEqual,
                    decimal,
                    .constant(.int64(2400), .decimal(precision: 4, scale: 2))
                )
        )
        let day = Expression.column(4, .date)
        #expect(
            try boundExpression("d <= date '1998-12-01' - interval '90' day from t")
                == .compare(.lessOrEqual, day, .constant(.int64(-486), .date))
        )
        #expect(
            try boundExpression("d < timestamp '2000-01-01 12:00' from t")
                == .compare(.lessOrEqual, day, .constant(.int64(0), .date))
        )
    }

    @Test func `a number compared with a string becomes a string, a decimal makes it one`() throws {
        guard case .compare(_, .cast(_, .varchar, _), .column) = try boundExpression("a = b from t")
        else { return #expect(Bool(false)) }
        guard case .compare(_, .column, .cast(_, .decimal, _)) = try boundExpression("c = b from t")
        else { return #expect(Bool(false)) }
    }

    @Test func `a long list is one set`() throws {
        let list = (0..<100_000).map(String.init).joined(separator: ",")
        let clock = ContinuousClock()
        let start = clock.now
        guard case .inList(_, let values) = try boundExpression("a in (\(list)) from t") else {
            return #expect(Bool(false))
        }
        #expect(values.count == 100_000)
        #expect(clock.now - start < .seconds(20))
    }

    @Test func `a list is one set of the values that convert and an OR for the rest`() throws {
        #expect(
            try boundExpression("d in ('2000-01-02', null) from t")
                == .inList(.column(4, .date), [.int64(1), .null])
        )
        guard case .or(let terms) = try boundExpression("a in (1, 2, h) from t") else {
            return #expect(Bool(false))
        }
        #expect(terms.count == 2)
        guard case .not(.inList) = try boundExpression("c not in (1, 2.50) from t") else {
            return #expect(Bool(false))
        }
    }

    @Test func `a deep expression binds`() throws {
        let text = Array(repeating: "1", count: 400).joined(separator: "+")
        #expect(try boundExpression(text) == .constant(.int64(400), .integer))
    }
}
