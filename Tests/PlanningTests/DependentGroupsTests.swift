import Catalogs
import Functions
import Plans
import Testing

@testable import Planning

/// Group columns that follow from a key among them.
@Suite struct DependentGroupsTests {
    /// The numbers of keys and of values of the groups of a statement's first aggregate.
    private func groups(_ text: String) throws -> (keys: Int, values: Int) {
        let aggregate = try #require(try planned(text).executable.aggregates.first)
        let values = aggregate.calls.filter { $0.function == .groupValue }
        return (aggregate.groups.count, values.count)
    }

    @Test(arguments: [
        ("select c_name, c_custkey, c_phone, count(*) from customer group by 1, 2, 3", 1, 2),
        (
            "select o_orderdate, l_orderkey, o_shippriority, sum(l_tax) from orders, lineitem "
                + "where l_orderkey = o_orderkey group by 1, 2, 3", 1, 2
        ),
        (
            "select c_custkey, c_name, n_name, sum(c_acctbal) from customer, nation "
                + "where c_nationkey = n_nationkey group by 1, 2, 3", 1, 2
        ),
        (
            "select c_name, c_custkey, o_orderkey, o_totalprice, sum(l_quantity) from customer "
                + "join orders on c_custkey = o_custkey join lineitem on o_orderkey = l_orderkey "
                + "group by 1, 2, 3, 4", 1, 3
        ),
        (
            "select ps_partkey, ps_suppkey, ps_availqty, s_name, sum(ps_supplycost) from partsupp, "
                + "supplier where ps_suppkey = s_suppkey group by 1, 2, 3, 4", 2, 2
        ),
        (
            "select k, n, count(*) from (select c_custkey as k, c_name as n from customer) c "
                + "group by k, n", 1, 1
        ),
        ("select c_custkey, c_name, upper(c_name), count(*) from customer group by 1, 2, 3", 2, 1),
        (
            "select c_custkey, c_name, o_orderkey, o_orderdate, count(*) from customer left join "
                + "orders on c_custkey = o_custkey group by 1, 2, 3, 4", 2, 2
        ),
    ])
    func `a key stands for the columns of its table`(text: String, keys: Int, values: Int) throws {
        let found = try groups(text)
        #expect(found.keys == keys)
        #expect(found.values == values)
    }

    @Test(arguments: [
        "select c_name, c_phone, count(*) from customer group by 1, 2",
        "select ps_partkey, ps_availqty, count(*) from partsupp group by 1, 2",
        "select l_orderkey, l_shipdate, count(*) from lineitem group by 1, 2",
        "select c_nationkey, n_name, count(*) from customer, nation group by 1, 2",
        "select c_custkey, c_name, count(distinct c_phone), sum(c_acctbal) from customer "
            + "group by 1, 2",
        // The join of an outer join compares keys that the added rows do not have.
        "select o_custkey, c_name, count(*) from orders left join customer on "
            + "o_custkey = c_custkey and c_acctbal > 0 group by 1, 2",
    ])
    func `without the whole key all columns are grouped by`(text: String) throws {
        #expect(try groups(text).values == 0)
    }

    @Test func `EXPLAIN shows the grouping as it was written`() throws {
        let lines = try tree(
            "select c_custkey, c_name, count(*) from customer group by 1, 2 order by c_name"
        )
        #expect(lines.contains { $0.hasSuffix("Sort Key: c_name") })
        #expect(lines.contains { $0.contains("XN HashAggregate") })
        #expect(!lines.contains { $0.contains("group_value") })
    }
}
