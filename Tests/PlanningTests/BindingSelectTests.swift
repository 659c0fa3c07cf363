import Plans
import SQLTypes
import Testing

@testable import Planning

@Suite struct BindingSelectTests {
    @Test(arguments: [
        ("select 1", "project(values 1)"),
        ("select * from t", "project(scan t)"),
        ("select a from t x where x.a > 1", "project(filter(scan x))"),
        ("select t.a, u.k from t, u", "project(inner cross(scan t, scan u))"),
        ("select * from t join u using (a)", "project(inner(scan t, scan u))"),
        ("select * from t full join u on t.a = u.a", "project(full(scan t, scan u))"),
        ("select * from u natural join v", "project(inner(scan u, scan v))"),
        ("select * from (select a from t) q", "project(q:(project(scan t)))"),
        ("select count(*) from t", "project(aggregate 0+1(scan t))"),
        ("select a, sum(c) from t group by a", "project(aggregate 1+1(scan t))"),
        ("select a+1 from t group by a+1", "project(aggregate 1+0(scan t))"),
        ("select a, b from t group by 1, b", "project(aggregate 2+0(scan t))"),
        ("select a as q, count(*) from t group by q", "project(aggregate 1+1(scan t))"),
        ("select a from t group by all", "project(aggregate 1+0(scan t))"),
        ("select a, count(*) from t group by all", "project(aggregate 1+1(scan t))"),
        (
            "select a from t group by a having sum(h) > 10",
            "project(filter(aggregate 1+1(scan t)))"
        ),
        ("select distinct a from t", "distinct(project(scan t))"),
        ("select a from t order by a", "sort(project(scan t))"),
        ("select a from t order by h", "project(sort(project(scan t)))"),
        ("select a as h from t order by h desc", "sort(project(scan t))"),
        ("select a from t order by 1 limit 3 offset 2", "limit 3+2(sort(project(scan t)))"),
        ("select top 5 a from t", "limit 5+0(project(scan t))"),
        ("select a from t limit all", "project(scan t)"),
        ("select 1 union all select 2", "union(project(values 1), project(values 1))"),
        (
            "select 1 union all select 2 union all select 3 order by 1",
            "sort(union(project(values 1), project(values 1), project(values 1)))"
        ),
        (
            "select a from t union select a from u",
            "distinct(union(project(scan t), project(scan u)))"
        ),
        ("values (1, 'a'), (2, 'b')", "values 2"),
        (
            "with q as (select a from t) select * from q, q r",
            "project(inner cross(stored 0, stored 0))"
        ),
        (
            "with q(n) as (select a from t), r as (select n from q) select n from r",
            "project(stored 1)"
        ),
        ("select sum(a) from t order by count(*)", "project(sort(project(aggregate 0+2(scan t))))"),
        ("select * from other.t", "project(scan t)"),
        ("select public.t.a from dev.public.t", "project(scan t)"),
        ("select node from stv_slices", "project(scan stv_slices)"),
    ])
    func `a query gets its shape`(text: String, expected: String) throws {
        let bound = try bind(text)
        #expect(shape(bound.plan) == expected)
        #expect(faults(of: bound.plan) == [])
    }

    @Test(arguments: [
        ("select * from nowhere", "42P01", 14, "relation \"nowhere\" does not exist"),
        ("select * from missing.t", "3F000", 14, "schema \"missing\" does not exist"),
        ("select * from stv_slice", "42P01", 14, "relation \"stv_slice\" does not exist"),
        ("select q from t", "42703", 7, "column \"q\" does not exist"),
        ("select t.q from t", "42703", 7, "column \"q\" does not exist in t"),
        ("select x.a from t", "42P01", 7, "missing FROM-clause entry for table \"x\""),
        ("select a from t, u", "42702", 7, "column reference \"a\" is ambiguous"),
        ("select 1 from t, t", "42712", 17, "table name \"t\" specified more than once"),
        (
            "select a from t where a", "42804", 22,
            "argument of WHERE must be type boolean, not type integer"
        ),
        ("select a from t where sum(a) > 1", "42803", 22, "aggregates not allowed in WHERE clause"),
        (
            "select a, b from t group by a", "42803", 10,
            "column \"t.b\" must appear in the GROUP BY clause or be used in an aggregate function"
        ),
        (
            "select a, count(*) from t", "42803", 7,
            "column \"t.a\" must appear in the GROUP BY clause or be used in an aggregate function"
        ),
        ("select sum(sum(a)) from t", "42803", 11, "aggregate function calls may not be nested"),
        ("select a from t group by 2", "42P10", 25, "GROUP BY position 2 is not in select list"),
        ("select a from t order by 0", "42P10", 25, "ORDER BY position 0 is not in select list"),
        (
            "select distinct a from t order by b", "42P10", 34,
            "for SELECT DISTINCT, ORDER BY expressions must appear in select list"
        ),
        ("select a from t limit -1", "2201W", 22, "LIMIT must not be negative"),
        ("select a from t offset -1", "2201X", 23, "OFFSET must not be negative"),
        (
            "select 1 union all select 1, 2", "42601", 9,
            "each UNION query must have the same number of columns"
        ),
        (
            "select a from t union all select d from t", "42804", 16,
            "UNION types integer and date cannot be matched"
        ),
        (
            "select sum(a) over (order by a) from t", "42601", 14,
            "Aggregate window functions with an ORDER BY clause require a frame clause"
        ),
        (
            "select a from t group by cube(a, h, a + 1, h + 1, a + 2, h + 2, a + 3)", "54001", 25,
            "too many grouping sets present (maximum 64)"
        ),
        (
            "select grouping(h) from t group by a", "42803", 7,
            "arguments to GROUPING must be grouping expressions of the associated query level"
        ),
        (
            "(select a from t limit 1) union select 1", "42601", 23,
            "LIMIT may not be used within input to set operations."
        ),
        (
            "select 1 from t join u on t.a", "42804", 26,
            "argument of JOIN/ON must be type boolean, not type integer"
        ),
        (
            "select * from t join u using (zz)", "42703", 30,
            "column \"zz\" specified in USING clause does not exist in left table"
        ),
        (
            "select a from t qualify row_number() over (order by a) = 1", "42601", 16,
            "syntax error at or near \"QUALIFY\""
        ),
        ("select *", "42601", 7, "SELECT * with no tables specified is not valid"),
        ("select 1 intersect all select 1", "0A000", 9, "INTERSECT ALL is not supported"),
        ("values (1), (1, 2)", "42601", 13, "VALUES lists must all be the same length"),
        (
            "select a from other.dev.t", "0A000", 14,
            "cross-database references are not supported: \"other.dev.t\""
        ),
    ])
    func `a mistake has its state, its place and its words`(
        text: String,
        state: String,
        position: Int,
        message: String
    ) {
        let error = bindingError(text)
        #expect(error?.state.code == state)
        #expect(error?.position == position)
        #expect(error?.message == message)
    }

    @Test func `a near name is suggested`() {
        #expect(
            bindingError("select * from stv_slice")?.hint
                == "Perhaps you meant the relation \"stv_slices\"."
        )
        #expect(
            bindingError("select node1 from stv_slices")?.hint
                == "Perhaps you meant to reference the column \"stv_slices.node\"."
        )
        #expect(
            bindingError("select substrin('a', 1)")?.hint
                == "Perhaps you meant the function \"substring\"."
        )
        #expect(bindingError("select wholly_unlike from t")?.hint == nil)
    }

    @Test func `output columns keep names, tables and origins of plain copies`() throws {
        let columns = try bind("select x.a, x.a + 1, b as q from t x").plan.columns
        #expect(columns.map(\.name) == ["a", "?column?", "q"])
        #expect(columns.map(\.qualifier) == ["x", nil, "x"])
        #expect(columns.map { $0.origin?.column } == [0, nil, 1])
        #expect(columns[0].origin?.table == 100_001)
    }

    @Test func `a merged column of USING stands once and first`() throws {
        let bound = try bind("select * from t right join u using (a)")
        #expect(bound.resultColumns.map(\.name).prefix(2) == ["a", "b"])
        #expect(bound.resultColumns.filter { $0.name == "a" }.count == 1)
    }

    @Test func `a lateral alias is written out and a column of FROM wins over it`() throws {
        #expect(
            try boundExpression("1 as one, one + 1").type == .integer
        )
        let plan = try bind("select h as a, a + 1 as n from t").plan
        guard case .project(_, let items) = plan else { return #expect(Bool(false)) }
        #expect(items[1].column.type == .integer)
        #expect(bindingError("select 1 as x, 2 as x, x + 1")?.state == .ambiguousColumn)
    }

    @Test func `types of set operations are unified and literals take them`() throws {
        let types = try bind("select null union all select '7' union all select 1")
            .resultColumns.map(\.type)
        #expect(types == [.integer])
        let mixed = try bind("select c from t union all select a from t").resultColumns
        #expect(mixed.map(\.type) == [.decimal(precision: 12, scale: 2)])
        let texts = try bind("select 'abc' union all select b from t").resultColumns
        #expect(texts.map(\.type) == [.varchar(20)])
    }

    @Test func `intersect and except group both sides`() throws {
        let bound = try bind("select a from t intersect select a from u")
        #expect(
            shape(bound.plan)
                == "project(filter(aggregate 1+2(union(project(project(scan t)), "
                + "project(project(scan u))))))"
        )
        #expect(faults(of: bound.plan) == [])
        #expect(faults(of: try bind("select a from t except select k from u").plan) == [])
    }

    @Test func `chains of lateral aliases and of WITH are shared or stop before they explode`() {
        var list = "1 as a0"
        for index in 1...40 { list += ", a\(index - 1) + a\(index - 1) as a\(index)" }
        #expect(bindingError("select \(list), b from t")?.state.code ?? "54001" == "54001")
        var with = "q0 as (select a from t)"
        for index in 1...40 {
            with += ", q\(index) as (select x.a from q\(index - 1) x, q\(index - 1) y)"
        }
        #expect(bindingError("with \(with) select * from q40") == nil)
        // What may read columns of the query around it is bound for each reference.
        let inner = "select (with \(with) select max(a) from q40) from t"
        #expect(bindingError(inner)?.state.code == "54001")
    }
}
