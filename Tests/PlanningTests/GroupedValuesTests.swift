import Planning
import Plans
import Testing

/// Estimates of conditions on aggregates.
///
/// The tables have 6,001,215 lines of 1,500,000 orders, quantities from 1 to 50. What SF 1 of
/// TPC-H really has stands beside.
@Suite struct GroupedValuesTests {
    private func rows(_ condition: String, of table: String = "lineitem") throws -> Double {
        let key = table == "lineitem" ? "l_orderkey" : "o_custkey"
        return try planned("select \(key) from \(table) group by \(key) having \(condition)").tree
            .rows
    }

    @Test func `a sum far above what groups have is rare`() throws {
        // 57
        #expect((20...600).contains(try rows("sum(l_quantity) > 300")))
        #expect(try rows("sum(l_quantity) <= 300") > 1_400_000)
    }

    @Test func `counts are whole numbers around the average`() throws {
        // 429,070 and 214,621
        #expect((200_000...800_000).contains(try rows("count(*) > 5")))
        #expect((60_000...600_000).contains(try rows("count(*) = 7")))
        // All of them.
        #expect(try rows("count(*) > 0") > 1_400_000)
    }

    @Test func `averages lie nearer the middle than values do`() throws {
        // 64,339 orders, where a fifth of the lines pass.
        #expect((10_000...200_000).contains(try rows("avg(l_quantity) < 10")))
    }

    @Test func `the greatest value of a group is mostly great, the least small`() throws {
        #expect(try rows("max(l_quantity) > 25") > 1_200_000)
        #expect(try rows("min(l_quantity) > 25") < 300_000)
        // The ends themselves occur: 1 - 0.98^4 of the orders.
        #expect((50_000...200_000).contains(try rows("max(l_quantity) >= 50")))
        #expect((50_000...200_000).contains(try rows("min(l_quantity) <= 1")))
    }

    @Test func `a key makes groups of one row`() throws {
        let text = "select o_orderkey from orders group by o_orderkey having count(*) > 1"
        #expect(try planned(text).tree.rows <= 1)
    }

    @Test func `what is not known stays a third`() throws {
        let third = 500_000.0
        #expect(abs(try rows("sum(l_quantity * l_discount) > 300") - third) < 100_000)
    }
}
