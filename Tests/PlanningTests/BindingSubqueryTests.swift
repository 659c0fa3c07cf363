import Plans
import SQLTypes
import Testing

@testable import Planning

@Suite struct BindingSubqueryTests {
    @Test(arguments: [
        (
            "select a from t where exists (select 1 from u where u.a = t.a)",
            "project(semi(scan t, scan u))"
        ),
        (
            "select a from t where not exists (select * from u where u.a = t.a and u.k > 3)",
            "project(anti(scan t, filter(scan u)))"
        ),
        ("select a from t where a in (select a from u)", "project(semi(scan t, project(scan u)))"),
        (
            "select a from t where a not in (select a from u)",
            "project(antiNullAware(scan t, project(scan u)))"
        ),
        (
            "select a from t where not a in (select a from u where u.k = t.h)",
            "project(antiNullAware(scan t, project(scan u)))"
        ),
        (
            "select a from t where a = any (select a from u) and h > 1",
            "project(semi(filter(scan t), project(scan u)))"
        ),
        ("select a from t where exists (select 1 from u)", "project(filter(scan t))"),
        ("select a from t where a > (select max(a) from u)", "project(filter(scan t))"),
        (
            "select a from t where a > (select avg(k) from u where u.a = t.a)",
            "project(filter(left(scan t, project(project(aggregate 1+1(scan u))))))"
        ),
        (
            "select a, (select count(*) from u where u.a = t.a) from t",
            "project(left(scan t, project(project(aggregate 1+1(scan u)))))"
        ),
        (
            "select a, (select x from u where u.a = t.a) from t",
            "project(left(scan t, project(aggregate 1+2(project(scan u)))))"
        ),
        (
            "select a from t where f or exists (select 1 from u where u.a = t.a)",
            "project(filter(mark(scan t, scan u)))"
        ),
        (
            "select a from t where f or a in (select a from u)",
            "project(filter(mark cross(scan t, project(scan u))))"
        ),
        (
            "select a, sum(h) from t group by a having sum(h) > (select max(k) from u)",
            "project(filter(aggregate 1+1(scan t)))"
        ),
        (
            "select a, (select count(*) from u where u.a = t.a) from t group by a",
            "project(left(aggregate 1+0(scan t), project(project(aggregate 1+1(scan u)))))"
        ),
        (
            "select a from t where (a, h) in (select a, k from u)",
            "project(semi(scan t, project(scan u)))"
        ),
        (
            "select a from t where h in (select k from u group by k having sum(a) > 300)",
            "project(semi(scan t, project(filter(aggregate 1+1(scan u)))))"
        ),
        (
            "select a from t where exists (select 1 from (select a, k from u where u.k = t.h) q "
                + "where q.a = t.a)",
            "project(semi(scan t, q:(project(scan u))))"
        ),
        (
            "select 1 from t where exists (select 1 from u where u.a = t.a "
                + "and exists (select 1 from v where v.k = u.k))",
            "project(semi(scan t, semi(scan u, scan v)))"
        ),
        (
            "select a from t where a = (select max(a) from u where u.k > t.h)",
            "project(filter(left(scan t, project(aggregate 1+1(filter("
                + "inner cross(distinct(project(scan t)), scan u)))))))"
        ),
        (
            "select a from t where exists (select max(k) from u where u.a = t.a)",
            "project(semi(scan t, project(left(distinct(project(scan t)), aggregate 1+1(filter("
                + "inner cross(distinct(project(scan t)), scan u)))))))"
        ),
        (
            "select a from t where a in (select a from u where u.k = t.h limit 1)",
            "project(semi(scan t, project(filter(window 1+0+1(project(filter("
                + "inner cross(distinct(project(scan t)), scan u))))))))"
        ),
        (
            "select a from t where a in (select t.a + u.a from u)",
            "project(semi(scan t, project(inner cross(distinct(project(scan t)), scan u))))"
        ),
    ])
    func `a subquery becomes a join or a value`(text: String, expected: String) throws {
        let bound = try bind(text)
        #expect(shape(bound.plan) == expected)
        #expect(faults(of: bound.plan) == [])
        for plan in bound.scalarSubqueries { #expect(faults(of: plan) == []) }
    }

    @Test(arguments: [
        "select a from t where exists (select 1 from u where exists "
            + "(select 1 from v where v.k = t.h))",
        "select t.a from t left join u on exists (select 1 from v where v.k = u.k)",
        "select (select max(t.a) from u where u.k = t.h) from t",
        "select (select row_number() over (order by k) from u where u.k > t.h limit 1) from t",
        "select (select count(*) from (select k from u where u.a > t.a) y "
            + "full join v on y.k = v.k) from t",
    ])
    func `a correlation of another query's columns or with windows is refused`(text: String) {
        let error = bindingError(text)
        #expect(error?.state == .featureNotSupported)
        #expect(error?.message == "This type of correlated subquery pattern is not supported yet")
        #expect(error?.position != nil)
    }

    @Test func `a count without matches is zero, a sum is NULL`() throws {
        guard
            case .searchedCase(let branches, .constant(.int64(0), .bigint)?, .bigint) =
                try boundExpression("(select count(*) from u where u.a = t.a) from t")
        else { return #expect(Bool(false)) }
        #expect(branches.count == 1)
        guard case .column = try boundExpression("(select sum(k) from u where u.a = t.a) from t")
        else { return #expect(Bool(false)) }
        guard
            case .searchedCase(_, .constant(.int64(5), _)?, _) = try boundExpression(
                "(select coalesce(sum(k), 5) from u where u.a = t.a) from t"
            )
        else { return #expect(Bool(false)) }
    }

    @Test func `an ungrouped column in a subquery is named`() {
        let error = bindingError(
            "select a, (select count(*) from u where u.k = t.h) from t group by a"
        )
        #expect(error?.state == .groupingError)
        #expect(error?.message == "subquery uses ungrouped column \"t.h\" from outer query")
    }

    @Test func `each uncorrelated scalar subquery is kept once`() throws {
        let bound = try bind("select (select max(a) from t), (select min(a) from t)")
        #expect(bound.scalarSubqueries.count == 2)
        #expect(bound.resultColumns.map(\.type) == [.integer, .integer])
    }
}
