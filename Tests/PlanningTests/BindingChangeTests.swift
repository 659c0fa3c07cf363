import Catalogs
import Functions
import Plans
import SQLSyntax
import SQLTypes
import Testing
import Vectors

@testable import Planning

@Suite struct BindingChangeTests {
    private func rows(_ text: String) throws -> [[Expression]] {
        let bound = try bind(text)
        #expect(faults(of: bound.plan) == [])
        guard case .values(let rows, _) = bound.plan else { return [] }
        return rows
    }

    @Test func `values are converted to the columns they go to`() throws {
        let rows = try rows("insert into u values (1, '7', 'ab'), (1.5, 2, null)")
        #expect(
            rows == [
                [
                    .constant(.int64(1), .integer), .constant(.int64(7), .bigint),
                    .constant(.text("ab"), .varchar(5)),
                ],
                [
                    .constant(.int64(2), .integer), .constant(.int64(2), .bigint),
                    .constant(.null, .varchar(5)),
                ],
            ]
        )
    }

    @Test func `columns left out take their defaults`() throws {
        let rows = try rows("insert into w (m) values ('x')")
        #expect(
            rows == [
                [
                    .constant(.null, .bigint), .constant(.int64(2), .integer),
                    .constant(.text("x"), .varchar(3)),
                ]
            ]
        )
        #expect(try self.rows("insert into w default values").count == 1)
        #expect(try self.rows("insert into w (n) values (default)")[0][1] == rows[0][1])
        #expect(try self.rows("insert into u values (1)")[0][2] == .constant(.null, .varchar(5)))
    }

    @Test func `an identity column calls the function of the context`() throws {
        let next = ScalarFunction(
            "next_identity",
            parameters: [],
            resultType: { _ in .bigint },
            volatility: .volatile,
            kernel: { (_, _, count) -> Vector in .nulls(physical: .int64, count: count) }
        )
        var context = bindingTestContext
        context.identityValues = { _, _, _ in .success(next) }
        guard case .insert(let insert) = try parseStatement("insert into w (m) values ('x')") else {
            return #expect(Bool(false))
        }
        guard case .project(_, let items) = try bindInsert(insert, context: context).plan else {
            return #expect(Bool(false))
        }
        #expect(items[0].expression == .call(next, [], .bigint))
    }

    @Test func `a value that is too long fails when it is stored`() throws {
        let rows = try rows("insert into u values (1, 2, 'abcdef')")
        guard case .cast(_, .varchar(5), isExplicit: false) = rows[0][2] else {
            return #expect(Bool(false))
        }
        let blanks = try self.rows("insert into u values (1, 2, 'abcde   ')")
        #expect(blanks[0][2] == .constant(.text("abcde"), .varchar(5)))
    }

    @Test(arguments: [
        ("insert into u select a, h, b from t", "project(project(scan t))"),
        ("insert into u (k) select null", "project(project(values 1))"),
        (
            "insert into v select 1, '2020-01-01' union all select 2, null",
            "project(union(project(values 1), project(values 1)))"
        ),
        ("delete from t", "project(scan t)"),
        ("delete from t where a in (select a from u)", "project(semi(scan t, project(scan u)))"),
        (
            "delete from t using u where t.a = u.a",
            "distinct(project(filter(inner cross(scan t, scan u))))"
        ),
        ("update t set b = 'x' where a = 1", "project(filter(scan t))"),
        ("update t x set a = x.a + 1", "project(scan x)"),
        (
            "update t set a = u.a from u where t.h = u.k",
            "project(aggregate 2+10(project(filter(inner cross(scan t, scan u)))))"
        ),
        (
            "update t set h = (select max(k) from u where u.a = t.a)",
            "project(left(scan t, project(project(aggregate 1+1(scan u)))))"
        ),
        ("create table n as select a, 'x' as y from t", "project(project(scan t))"),
        (
            "merge into t using u on t.a = u.a when matched then update set h = u.k "
                + "when not matched then insert (a) values (u.a)",
            "project(left(scan u, scan t))"
        ),
        (
            "merge into u using v on u.k = v.k when matched then delete "
                + "when not matched then insert values (v.k)",
            "project(left(scan v, scan u))"
        ),
        (
            "merge into u using u as s on u.k = s.k remove duplicates",
            "union(project(scan s), project(inner(scan s, scan u)))"
        ),
    ])
    func `a change gets its shape`(text: String, expected: String) throws {
        let bound = try bind(text)
        #expect(shape(bound.plan) == expected)
        #expect(faults(of: bound.plan) == [])
        let types = bound.plan.columns.map(\.type)
        switch bound.target {
        case .insert(let table): #expect(types == table.columns.map(\.type))
        case .delete: #expect(types == [.bigint, .bigint])
        case .update(let table), .merge(let table, _):
            #expect(types == table.columns.map(\.type) + [.bigint, .bigint])
        case .result: Issue.record("a change has a result")
        }
    }

    @Test(arguments: [
        ("insert into nowhere values (1)", "42P01", 12),
        ("insert into stv_slices values (1, 2)", "42501", 12),
        ("insert into u (a, q) values (1, 2)", "42703", 18),
        ("insert into u (a, a) values (1, 2)", "42701", 18),
        ("insert into v values (1, '2020-01-01', 3)", "42601", 39),
        ("insert into u values (1), (1, 2)", "42601", 27),
        ("insert into u (a, k) select 1", "42601", 18),
        ("insert into u values (true)", "42804", 22),
        ("insert into u values ('x')", "22P02", 22),
        ("insert into v values (1, '2020-02-30')", "22008", 25),
        ("insert into w values (1, 2, 'x')", "0A000", 22),
        ("insert into u values (a)", "42703", 22),
        ("update t set q = 1", "42703", 13),
        ("update t set a = 1, a = 2", "42601", 20),
        ("update t set a = sum(h)", "42803", 17),
        ("update t set d = 1", "42804", 17),
        ("update w set id = 1", "0A000", 18),
        ("update t set a = 1 from u left join v on u.k = v.k", "0A000", 26),
        (
            "update t set a = 1 from (u cross join v) join (u as x right join v as y on true) on true",
            "0A000", 54
        ),
        ("delete from t where q = 1", "42703", 20),
        ("merge into t using t on t.a = t.a remove duplicates", "42712", 19),
        ("merge into t using u on t.a = u.a remove duplicates", "42804", 19),
        ("merge into u using nowhere on true remove duplicates", "42P01", 19),
        (
            "merge into u using v on u.k = v.k when matched then update set q = 1 "
                + "when not matched then insert values (v.k)",
            "42703", 63
        ),
        (
            "merge into u using v on u.k = v.k when matched then delete "
                + "when not matched then insert values (u.k)",
            "42P01", 96
        ),
        (
            "merge into u using v on u.k = v.k when matched then delete "
                + "when not matched then insert (k, a) values (1)",
            "42601", 92
        ),
    ])
    func `a mistake has its state and its place`(text: String, state: String, position: Int) {
        let error = bindingError(text)
        #expect(error?.state.code == state)
        #expect(error?.position == position)
    }

    @Test func `a long list of values binds in linear time`() throws {
        let list = (0..<50_000).map { "(\($0), \($0), 'v')" }.joined(separator: ",")
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try rows("insert into u values \(list)").count == 50_000)
        #expect(clock.now - start < .seconds(60))
    }

    @Test func `nested queries stop with an error, not with the stack`() throws {
        var text = "select a from t"
        for _ in 0..<150 { text = "select a from (\(text)) q" }
        let error = bindingError(text)
        #expect(error == nil || error?.state == .statementTooComplex)
        var condition = "f"
        for _ in 0..<200 { condition = "case when \(condition) then f else not f end" }
        let deep = bindingError("select \(condition) from t")
        #expect(deep == nil || deep?.state == .statementTooComplex)
    }
}
