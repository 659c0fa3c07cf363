import Catalogs
import SQLTypes
import Synchronization
import Vectors

/// Keeps encoded blocks in memory, within a budget of bytes.
///
/// Sharded by block; each shard has a lock and a clock hand that drops blocks not used since it
/// last came by. A dropped block lives on while a vector points into it. Two threads that miss the
/// same block at once both read it; one copy stays.
package final class BlockCache: Sendable {
    fileprivate struct Key: Hashable {
        var extent: Int64
        var column: Int32
        var number: Int32
    }

    fileprivate struct Entry {
        var key: Key
        var block: EncodedBlock
        var isRecent: Bool
    }

    fileprivate struct Shard {
        var places: [Key: Int] = [:]
        var entries: [Entry?] = []
        var free: [Int] = []
        var hand = 0
        var byteCount = 0
    }

    private static let shardCount = 16
    private let shards: [ShardLock]
    private let byteCountMax: Int

    fileprivate final class ShardLock: Sendable {
        let state = Mutex(Shard())
    }

    /// Makes an empty cache of at most `byteCountMax` bytes.
    package init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
        shards = (0..<Self.shardCount).map { _ in ShardLock() }
    }

    /// Bytes kept now.
    package var byteCount: Int {
        shards.reduce(0) { total, shard in total + shard.state.withLock { $0.byteCount } }
    }

    /// Drops every block, as tests of cold reads need.
    package func clear() {
        for shard in shards { shard.state.withLock { $0 = Shard() } }
    }

    /// A block, from memory or its file; `wasRead` says which.
    ///
    /// Errors: XX001 where it is damaged or cut off, those of reading files.
    func block(
        _ number: Int,
        ofColumn column: ColumnIndex,
        of extent: Extent,
        files: any FileSystem
    ) throws(SQLError) -> (block: EncodedBlock, wasRead: Bool) {
        let key = Key(extent: extent.id, column: Int32(column), number: Int32(number))
        let shard = shards[Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 7) & 15]
        let found = shard.state.withLock { state -> EncodedBlock? in
            guard let place = state.places[key] else { return nil }
            state.entries[place]?.isRecent = true
            return state.entries[place]?.block
        }
        if let found { return (found, false) }
        let block = try read(number, column, extent, files)
        let limit = byteCountMax / Self.shardCount
        shard.state.withLock { $0.insert(Entry(key: key, block: block, isRecent: true), limit) }
        return (block, true)
    }

    private func read(
        _ number: Int,
        _ column: ColumnIndex,
        _ extent: Extent,
        _ files: any FileSystem
    ) throws(SQLError) -> EncodedBlock {
        let record = extent.columns[column].block(number)
        let buffer = Buffer(byteCount: record.byteCount)
        switch extent.storage {
        case .inline(let bytes):
            guard record.offset + record.byteCount <= bytes.count else {
                throw damaged(extent, column, number, "The extent's record is cut off.")
            }
            bytes.withUnsafeBytes { source in
                if let start = source.baseAddress {
                    buffer.pointer.copyMemory(
                        from: start + record.offset,
                        byteCount: record.byteCount
                    )
                }
            }
        case .files(let kept):
            let path = record.disk < kept.paths.count ? kept.paths[record.disk] : ""
            let file: any OpenFile
            do throws(SQLError) {
                file = try files.open(path, for: .read)
            } catch  where error.state == .undefinedFile {
                let reason =
                    kept.mayVanish
                    ? "The file is missing; a writer may have removed it since this snapshot was "
                        + "opened."
                    : "The file is missing."
                throw damaged(extent, column, number, reason)
            }
            defer { file.close() }
            let target = UnsafeMutableRawBufferPointer(
                start: buffer.pointer,
                count: record.byteCount
            )
            guard try file.read(into: target, at: record.offset) == record.byteCount else {
                throw damaged(extent, column, number, "The file is cut off.")
            }
        }
        return try EncodedBlock.checked(buffer, extent: extent, column: column, number: number)
    }
}

extension BlockCache.Shard {
    fileprivate mutating func insert(_ entry: BlockCache.Entry, _ limit: Int) {
        guard places[entry.key] == nil, entry.block.buffer.byteCount <= limit else { return }
        byteCount += entry.block.buffer.byteCount
        var turns = entries.count * 2
        while byteCount > limit && turns > 0 {
            turns -= 1
            hand = (hand + 1) % entries.count
            guard let old = entries[hand] else { continue }
            if old.isRecent {
                entries[hand]?.isRecent = false
                continue
            }
            byteCount -= old.block.buffer.byteCount
            places[old.key] = nil
            entries[hand] = nil
            free.append(hand)
        }
        if let place = free.popLast() {
            entries[place] = entry
            places[entry.key] = place
        } else {
            places[entry.key] = entries.count
            entries.append(entry)
        }
    }
}
