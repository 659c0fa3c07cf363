import Catalogs
import Plans
import SQLTypes
import Testing

@testable import Planning

/// Answers every condition with the same rows, and every count of values alike.
private struct FixedSampler: RowSampler {
    var rowCount = 2_000
    /// The share of each condition's rows, from the first; nil for "cannot tell".
    var passing: [Range<Int>?]
    var values: SampledValues?

    func test(
        _ conditions: [Expression],
        on table: TableID,
        columns: [ColumnIndex]
    ) -> SampledRows? {
        SampledRows(
            rowCount: rowCount,
            passing: conditions.indices.map { index in
                passing[index % passing.count].map { rows in
                    var bits = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
                    for row in rows { bits[row >> 6] |= 1 << UInt64(row & 63) }
                    return bits
                }
            }
        )
    }

    func distinctCounts(
        of expression: Expression,
        in table: TableID,
        columns: [ColumnIndex]
    ) -> SampledValues? {
        values
    }
}

@Suite struct SampledSelectivityTests {
    /// Estimated rows at the root.
    private func rows(_ text: String, _ sampler: FixedSampler) throws -> Double {
        try planned(text, sampler: sampler).tree.rows
    }

    @Test func `what passes in the sample passes in the table`() throws {
        let sampler = FixedSampler(passing: [0..<500])
        let text = "select 1 from orders where o_comment like '%special%'"
        #expect(try rows(text, sampler) == 1_500_000 / 4)
    }

    @Test func `conditions that go together are counted together`() throws {
        let text =
            "select 1 from lineitem where l_commitdate < l_receiptdate and l_shipmode like '%A%'"
        let same = FixedSampler(passing: [0..<200, 0..<200])
        #expect(try rows(text, same).rounded() == 600_121)
        let apart = FixedSampler(passing: [0..<1_000, 900..<1_900])
        #expect(try rows(text, apart).rounded() == 300_061)
    }

    @Test func `few rows of the sample only bound what statistics say`() throws {
        // One order in 1,500,000 by statistics, and none of the sample.
        let key = "select 1 from orders where o_orderkey = 7"
        #expect(try rows(key, FixedSampler(passing: [0..<0])) == 1)
        // A third by default, but none of the sample: three in 2,000 at most.
        let unknown = "select 1 from orders where o_custkey < o_shippriority"
        #expect(try rows(unknown, FixedSampler(passing: [0..<0])) == 1_500_000 * 3 / 2_000)
        // Next to nothing by statistics, but seven of the sample: a quarter of that at least.
        #expect(try rows(key, FixedSampler(passing: [0..<7])) == 1_500_000 * 7 / 4 / 2_000)
    }

    @Test func `a condition that fails on the sample is left to statistics`() throws {
        let text = "select 1 from orders where o_comment like '%special%'"
        #expect(try rows(text, FixedSampler(passing: [nil])) == 1_500_000 * 0.05)
    }

    @Test func `computed groups are counted on the sample`() throws {
        let text = "select o_orderkey % 7, count(*) from orders group by 1"
        var sampler = FixedSampler(passing: [nil])
        sampler.values = SampledValues(rowCount: 2_000, distinctCount: 7, onceCount: 0)
        #expect(try rows(text, sampler) == 7)
        sampler.values = SampledValues(rowCount: 1_500_000, distinctCount: 9, onceCount: 9)
        #expect(try rows(text, sampler) == 9)
        sampler.values = nil
        #expect(try rows(text, sampler) == 200)
    }
}
