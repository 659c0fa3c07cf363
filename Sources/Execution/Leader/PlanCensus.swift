import Catalogs
import Plans

/// How many runs feed each exchange, join, aggregate and sort of a plan, counted before it runs.
struct PlanCensus {
    /// Sending runs of each exchange.
    private(set) var exchangeSenders: [Int]
    /// Whether senders and receivers of an exchange run in one stream, so that it may be bounded.
    private(set) var isBounded: [Bool]
    /// Building runs of each join, by slice.
    private(set) var joinBuilders: [[Int]]
    /// Feeding runs of each aggregate, by slice.
    private(set) var aggregateSinks: [[Int]]
    private(set) var sortSinks: [[Int]]
    /// The key pairs of each join that some scan takes a filter from.
    private(set) var filteredKeys: [Set<Int>]
    /// Runs that deliver to the leader.
    private(set) var resultCount = 0
    /// The first queue of each delivering segment, by segment number.
    private(set) var firstResult: [Int: Int] = [:]

    init(plan: ExecutablePlan, sliceCount: Int) {
        let none = [Int](repeating: 0, count: sliceCount)
        exchangeSenders = [Int](repeating: 0, count: plan.exchanges.count)
        isBounded = [Bool](repeating: true, count: plan.exchanges.count)
        filteredKeys = [Set<Int>](repeating: [], count: plan.joins.count)
        joinBuilders = [[Int]](repeating: none, count: plan.joins.count)
        aggregateSinks = [[Int]](repeating: none, count: plan.aggregates.count)
        sortSinks = [[Int]](repeating: none, count: plan.sorts.count)
        var receivingStream = [Int?](repeating: nil, count: plan.exchanges.count)
        for (number, stream) in plan.streams.enumerated() {
            for case .exchange(let exchange) in stream.segments.map(\.source) {
                receivingStream[exchange] = number
            }
        }
        for use in plan.joins.compactMap(\.merged).flatMap(\.scan.runtimeFilters) {
            filteredKeys[use.join].insert(use.key)
        }
        for (number, stream) in plan.streams.enumerated() {
            for segment in stream.segments {
                let members = segment.slices.members(of: sliceCount)
                if case .scan(let scan) = segment.source {
                    for use in scan.runtimeFilters { filteredKeys[use.join].insert(use.key) }
                }
                switch segment.sink {
                case .result:
                    firstResult[segment.id] = resultCount
                    resultCount += members.count
                case .exchange(let exchange), .replace(_, let exchange),
                    .deleteOrSend(_, let exchange):
                    exchangeSenders[exchange] += members.count
                    if receivingStream[exchange] != number { isBounded[exchange] = false }
                case .build(let join): for slice in members { joinBuilders[join][slice] += 1 }
                case .aggregate(let aggregate):
                    for slice in members { aggregateSinks[aggregate][slice] += 1 }
                case .sort(let sort): for slice in members { sortSinks[sort][slice] += 1 }
                case .insert, .delete, .discard, .keep: break
                }
            }
        }
    }
}
