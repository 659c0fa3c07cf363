import CKernels
import Catalogs
import SQLTypes
import Storage
import Vectors

/// Where one slice puts rows that do not fit in its memory.
struct SliceDisks: Sendable {
    let place: SpillPlace
    let slice: SliceID
}

/// A stretch of a spill file, as whoever wrote it remembers it.
struct SpillPiece: Sendable {
    var disk: Int
    var offset: Int
    var byteCount: Int
    var rowCount: Int
    var checksum: UInt64
}

/// The files of one operator on one slice, one on each of the slice's disks in turn.
///
/// Made when the first bytes are written; their names are removed at once, so they end with the
/// last reader, however the statement ends. Only ever grows. One thread writes; others may read
/// what they were told of.
///
/// - Errors: those of ``FileSystem``: 53100 for a full disk, 58030; XX001 where what is read is
///   not what was written.
final class SpillFile: @unchecked Sendable {  // See above: `files` is set before a piece is told.
    private let disks: SliceDisks
    private var files: [any OpenFile] = []
    private var ends: [Int] = []
    private var nextDisk = 0
    private let seed: UInt64
    /// Bytes written.
    private(set) var byteCount = 0

    init(_ disks: SliceDisks) {
        self.disks = disks
        var generator = SystemRandomNumberGenerator()
        seed = generator.next()
    }

    deinit { for file in files { file.close() } }

    /// Writes bytes at the end of the next disk's file.
    func append(_ bytes: UnsafeRawBufferPointer, rowCount: Int) throws(SQLError) -> SpillPiece {
        if files.isEmpty { try open() }
        let disk = nextDisk
        nextDisk = (nextDisk + 1) % files.count
        let piece = SpillPiece(
            disk: disk,
            offset: ends[disk],
            byteCount: bytes.count,
            rowCount: rowCount,
            checksum: checksum(bytes, at: ends[disk])
        )
        try files[disk].write(bytes, at: piece.offset)
        ends[disk] += bytes.count
        byteCount += bytes.count
        return piece
    }

    /// Reads a piece into memory of its own.
    func read(_ piece: SpillPiece) throws(SQLError) -> Buffer {
        let buffer = Buffer(byteCount: piece.byteCount)
        let target = UnsafeMutableRawBufferPointer(start: buffer.pointer, count: piece.byteCount)
        let count = try files[piece.disk].read(into: target, at: piece.offset)
        guard count == piece.byteCount,
            checksum(UnsafeRawBufferPointer(target), at: piece.offset) == piece.checksum
        else {
            throw SQLError(
                .dataCorrupted,
                "a temporary file of slice \(disks.slice) is damaged",
                detail: "\(piece.byteCount) bytes at \(piece.offset) in "
                    + "\"\(disks.place.disks[disks.slice][piece.disk])\" are not those that "
                    + "were written."
            )
        }
        return buffer
    }

    private func checksum(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
        guard let start = bytes.baseAddress else { return 0 }
        return sk_xxh3(start, bytes.count, seed &+ UInt64(offset))
    }

    private func open() throws(SQLError) {
        var opened: [any OpenFile] = []
        do throws(SQLError) {
            for directory in disks.place.disks[disks.slice] {
                opened.append(try openUnnamed(in: directory))
            }
        } catch {
            for file in opened { file.close() }
            throw error
        }
        ends = Array(repeating: 0, count: opened.count)
        files = opened
    }

    private func openUnnamed(in directory: String) throws(SQLError) -> any OpenFile {
        var generator = SystemRandomNumberGenerator()
        let path = "\(directory)/\(String(generator.next(), radix: 36)).spill"
        let file = try disks.place.files.open(path, for: .create)
        do throws(SQLError) {
            try disks.place.files.remove(path)
        } catch {
            file.close()
            // The name stays where it cannot be removed twice; opening the warehouse sweeps it.
            try? disks.place.files.remove(path)
            throw error
        }
        return file
    }
}
