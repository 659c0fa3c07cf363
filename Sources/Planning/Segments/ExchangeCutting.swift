import Catalogs
import Plans
import SQLTypes

/// Pipelines made alike, and sent to other slices.
extension SegmentCutter {
    /// Pipelines whose chunks are alike: several are arranged to hold exactly these columns.
    func aligned(_ pipelines: [Pipeline], _ ids: [ColumnID]) throws(SQLError) -> [Pipeline] {
        guard pipelines.count > 1 else { return pipelines }
        var result = pipelines
        for index in result.indices { try result[index].arrange(ids) }
        return result
    }

    func sliceSet(of pipelines: [Pipeline]) -> SliceSet {
        pipelines.allSatisfy { $0.slices == .one(0) } ? .one(0) : .all
    }

    /// Sends rows to one slice.
    mutating func exchange(
        _ pipelines: [Pipeline],
        _ ids: [ColumnID],
        toSlice slice: SliceID
    ) throws(SQLError) -> [Pipeline] {
        try exchange(pipelines, ids, routing: .slice(slice))
    }

    /// Sends rows to the slices that the hash of some columns names.
    mutating func exchange(
        _ pipelines: [Pipeline],
        _ ids: [ColumnID],
        hashing keys: [ColumnID]
    ) throws(SQLError) -> [Pipeline] {
        let places = keys.compactMap { key in ids.firstIndex(of: key) }
        guard places.count == keys.count else {
            throw SQLError.invariant("a redistribution key does not travel")
        }
        return try exchange(pipelines, ids, routing: .hash(columns: places))
    }

    /// Sends exactly these columns; pipelines of one stream share an exchange.
    mutating func exchange(
        _ pipelines: [Pipeline],
        _ ids: [ColumnID],
        routing: Exchange.Routing
    ) throws(SQLError) -> [Pipeline] {
        var byStream: [Int: Int] = [:]
        var result: [Pipeline] = []
        for pipeline in pipelines {
            var sender = pipeline
            try sender.arrange(ids)
            let stream = resolved(sender.stream)
            if let known = byStream[stream] {
                guard case .exchange(let number) = result[known].source else { continue }
                close(sender, .exchange(number))
                result[known].rows += sender.rows
                result[known].addOrigins(sentBy: sender)
                continue
            }
            plan.exchanges.append(Exchange(routing: routing, types: sender.types))
            let number = plan.exchanges.count - 1
            close(sender, .exchange(number))
            byStream[stream] = result.count
            var receiver = sender.continued(from: .exchange(number))
            receiver.claim(for: node)
            receiver.addOrigins(sentBy: sender)
            receiver.slices = .all
            if case .slice(let slice) = routing { receiver.slices = .one(slice) }
            result.append(receiver)
        }
        return result
    }
}
