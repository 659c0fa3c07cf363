import Functions
import Plans
import SQLTypes
import Vectors

/// How long the list of each group will be, counted while rows come in.
///
/// A list that is too long is an error whatever else its group holds: the rows that would follow
/// need not be collected first.
struct ListLengths {
    private let input: Int
    private let delimiterByteCount: UInt32
    private let lengths = FlatArray<UInt32>()

    /// Counts for a call of LISTAGG; nil for other calls, and for one with DISTINCT, which knows
    /// the texts it lists only in the end.
    init?(_ call: AggregateSpecification.Call) {
        guard call.function == .listAggregate, !call.isDistinct, let input = call.inputs.first,
            case .delimiter(let delimiter) = call.option
        else { return nil }
        self.input = input
        delimiterByteCount = UInt32(delimiter.count)
    }

    /// Bytes held.
    var byteCount: Int { lengths.byteCount }

    /// Takes rows in.
    ///
    /// - Errors: XX000 for a list over 65,535 bytes.
    func add(_ batch: GroupBatch, _ chunk: Chunk) throws(SQLError) {
        try lengths.grow(to: batch.groupCount, filling: 0)
        let texts = chunk.columns[input].flattened()
        defer { withExtendedLifetime(texts) {} }
        let longest = longestList(batch, texts, texts.entries(as: StringView.self))
        guard Int(longest) <= DataType.varcharMaxLength else {
            throw SQLError(.internalError, "Result size exceeds LISTAGG limit")
        }
    }

    /// The longest of the lists that rows of the batch belong to.
    private func longestList(
        _ batch: GroupBatch,
        _ texts: Vector,
        _ views: UnsafePointer<StringView>
    ) -> UInt32 {
        let (groups, lengths) = (batch.groups, lengths.pointer)
        var longest: UInt32 = 0
        // Every list was short enough before this chunk, whose texts are 128 MB at most.
        for row in 0..<batch.count where !texts.isNull(row) {
            let length = UInt32(truncatingIfNeeded: views[row].count)
            if length == 0 { continue }
            let group = Int(groups[row])
            let before = lengths[group]
            let after = before &+ length &+ (before == 0 ? 0 : delimiterByteCount)
            lengths[group] = after
            longest = max(longest, after)
        }
        return longest
    }
}
