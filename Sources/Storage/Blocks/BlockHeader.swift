import CKernels
import SQLTypes

/// Rows of a unit: the smallest run of rows that has a zone map of its own.
package let unitRowCount = 1024
/// Rows of a group: what one vector at most is made of.
let groupRowCount = 2048
/// The most bytes of an encoded block, header included.
package let blockByteCountMax = 1 << 20
/// The version of the layout of blocks and catalog records.
package let storageFormatVersion = 3

/// How a block's data section is compressed.
enum BlockCompression: UInt8 {
    case none
    case lz4
    case zstd
}

/// What stands at the head of every block.
///
/// ```
///    0 | "SLHBLOCK" 8 | format 3 | header bytes 2 | encoding 1 | physical 1 | compression 1 | 0 1 |
///   16 | table 8                        | extent 8                                               |
///   32 | column 4     | slice 4          | block number 4 | null count 4                          |
///   48 | first row 8                    | row count 4    | unit count 4                          |
///   64 | min key 8                      | max key 8                                              |
///   80 | payload bytes 8                | units at 4     | validity at 4 (0: no NULL)            |
///   96 | dictionary at 4 | groups at 4  | frames at 4    | data at 4                             |
///  112 | dictionary entries 4 | groups 4 | frames 4      | bytes of data unpacked 4              |
///  128 | XXH3 of the payload 8          | XXH3 of bytes 0 to 135 8                               |
///  144   payload: units, validity, dictionary, groups, frames, data; each begins at 16 × n
/// ```
/// All numbers are little-endian. Offsets count from the head of the block.
struct BlockHeader {
    static let byteCount = 144
    static let magic: UInt64 = 0x4B43_4F4C_4248_4C53  // "SLHBLOCK"

    var encoding: UInt8 = 0
    var physical = PhysicalType.int64
    var compression = BlockCompression.none
    var table = 0
    var extent: Int64 = 0
    var column = 0
    var slice = 0
    var blockNumber = 0
    var nullCount = 0
    var firstRow = 0
    var rowCount = 0
    var unitCount = 0
    var minimum: Int64 = 0
    var maximum: Int64 = 0
    var payloadByteCount = 0
    var unitsOffset = 0
    var validityOffset = 0
    var dictionaryOffset = 0
    var groupsOffset = 0
    var framesOffset = 0
    var dataOffset = 0
    var dictionaryCount = 0
    var groupCount = 0
    var frameCount = 0
    var unpackedByteCount = 0
    var payloadChecksum: UInt64 = 0

    /// Writes the header to the first bytes of a block whose payload is there already.
    mutating func write(to block: UnsafeMutableRawPointer) {
        payloadChecksum = sk_xxh3(block + Self.byteCount, payloadByteCount, 0)
        func put(_ value: Int, _ offset: Int) {
            block.storeBytes(of: UInt32(value).littleEndian, toByteOffset: offset, as: UInt32.self)
        }
        func putLong(_ value: UInt64, _ offset: Int) {
            block.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
        }
        putLong(Self.magic, 0)
        put(storageFormatVersion | Self.byteCount << 16, 8)
        put(Int(encoding) | Int(physical.rawValue) << 8 | Int(compression.rawValue) << 16, 12)
        putLong(UInt64(table), 16)
        putLong(UInt64(bitPattern: extent), 24)
        put(column, 32)
        put(slice, 36)
        put(blockNumber, 40)
        put(nullCount, 44)
        putLong(UInt64(firstRow), 48)
        put(rowCount, 56)
        put(unitCount, 60)
        putLong(UInt64(bitPattern: minimum), 64)
        putLong(UInt64(bitPattern: maximum), 72)
        putLong(UInt64(payloadByteCount), 80)
        put(unitsOffset, 88)
        put(validityOffset, 92)
        put(dictionaryOffset, 96)
        put(groupsOffset, 100)
        put(framesOffset, 104)
        put(dataOffset, 108)
        put(dictionaryCount, 112)
        put(groupCount, 116)
        put(frameCount, 120)
        put(unpackedByteCount, 124)
        putLong(payloadChecksum, 128)
        putLong(sk_xxh3(block, 136, 0), 136)
    }

    /// Reads and checks the head of `byteCount` bytes; says what is wrong with them, if anything.
    static func read(
        _ block: UnsafeRawPointer,
        byteCount: Int
    ) -> (header: BlockHeader?, fault: String?) {
        func get(_ offset: Int) -> Int {
            Int(UInt32(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        func getLong(_ offset: Int) -> UInt64 {
            UInt64(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        guard byteCount >= Self.byteCount else { return (nil, "The block is cut off.") }
        guard getLong(0) == magic else { return (nil, "It does not begin as a block does.") }
        guard get(8) & 0xFFFF == storageFormatVersion else {
            return (nil, "Its format version is \(get(8) & 0xFFFF).")
        }
        guard sk_xxh3(block, 136, 0) == getLong(136) else {
            return (nil, "The checksum of its header does not match.")
        }
        var header = BlockHeader()
        header.payloadByteCount = Int(truncatingIfNeeded: getLong(80))
        header.payloadChecksum = getLong(128)
        guard header.payloadByteCount == byteCount - Self.byteCount else {
            return (nil, "Its length does not match.")
        }
        guard
            sk_xxh3(block + Self.byteCount, header.payloadByteCount, 0) == header.payloadChecksum
        else { return (nil, "The checksum of its contents does not match.") }
        guard let physical = PhysicalType(rawValue: UInt8(get(12) >> 8 & 0xFF)),
            let compression = BlockCompression(rawValue: UInt8(get(12) >> 16 & 0xFF))
        else { return (nil, "Its header names an unknown layout.") }
        header.encoding = UInt8(get(12) & 0xFF)
        header.physical = physical
        header.compression = compression
        header.table = Int(truncatingIfNeeded: getLong(16))
        header.extent = Int64(bitPattern: getLong(24))
        header.column = get(32)
        header.slice = get(36)
        header.blockNumber = get(40)
        header.nullCount = get(44)
        header.firstRow = Int(truncatingIfNeeded: getLong(48))
        header.rowCount = get(56)
        header.unitCount = get(60)
        header.minimum = Int64(bitPattern: getLong(64))
        header.maximum = Int64(bitPattern: getLong(72))
        header.unitsOffset = get(88)
        header.validityOffset = get(92)
        header.dictionaryOffset = get(96)
        header.groupsOffset = get(100)
        header.framesOffset = get(104)
        header.dataOffset = get(108)
        header.dictionaryCount = get(112)
        header.groupCount = get(116)
        header.frameCount = get(120)
        header.unpackedByteCount = get(124)
        return (header, nil)
    }
}

/// What the entries of a group are.
enum GroupForm: UInt8 {
    /// Values of full width.
    case flat
    /// int64: unsigned offsets from the group's base.
    case narrow
    /// Codes into the block's dictionary.
    case codes
    /// Lengths, then the bytes of all texts.
    case text
}

/// How the entries of a group lie.
enum GroupStorage: UInt8 {
    /// One after the other.
    case direct
    /// All alike: the one entry is the group's `base`.
    case constant
    /// Count, ends and entries of runs.
    case runs
    /// Bits of 1,024 values at a time, interleaved over 32 lanes.
    case packed
    /// Differences to the row before, and exceptions.
    case deltas
    /// Entries of a narrower type, and exceptions.
    case mostly
    /// Codes of words in the block's dictionary.
    case words
}

/// How a group of up to 2,048 rows lies in its block: 32 bytes in the groups section.
///
/// ```
///   | form 1 | storage 1 | width 1 | length width 1 | row count 4 | base 8 |
///   | first row in block 4 | frame 4 | data at 4 | data bytes 4 |
/// ```
/// `width` counts bytes of an entry, of a difference or of a code, bits where packed. Data offsets count from the data section,
/// in a compressed block from the beginning of the unpacked frame.
struct GroupEntry {
    static let byteCount = 32

    var form = GroupForm.flat
    var storage = GroupStorage.direct
    var width = 0
    var lengthWidth = 0
    var rowCount = 0
    var base: Int64 = 0
    var firstRow = 0
    var frame = 0
    var dataOffset = 0
    var dataByteCount = 0

    func write(to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: form.rawValue, as: UInt8.self)
        target.storeBytes(of: storage.rawValue, toByteOffset: 1, as: UInt8.self)
        target.storeBytes(of: UInt8(width), toByteOffset: 2, as: UInt8.self)
        target.storeBytes(of: UInt8(lengthWidth), toByteOffset: 3, as: UInt8.self)
        target.storeBytes(of: UInt32(rowCount), toByteOffset: 4, as: UInt32.self)
        target.storeBytes(of: base, toByteOffset: 8, as: Int64.self)
        target.storeBytes(of: UInt32(firstRow), toByteOffset: 16, as: UInt32.self)
        target.storeBytes(of: UInt32(frame), toByteOffset: 20, as: UInt32.self)
        target.storeBytes(of: UInt32(dataOffset), toByteOffset: 24, as: UInt32.self)
        target.storeBytes(of: UInt32(dataByteCount), toByteOffset: 28, as: UInt32.self)
    }

    init() {}

    /// Reads an entry; unknown forms, which a checked block cannot hold, read as flat and direct.
    init(from source: UnsafeRawPointer) {
        form = GroupForm(rawValue: source.load(as: UInt8.self)) ?? .flat
        storage = GroupStorage(rawValue: source.load(fromByteOffset: 1, as: UInt8.self)) ?? .direct
        width = Int(source.load(fromByteOffset: 2, as: UInt8.self))
        lengthWidth = Int(source.load(fromByteOffset: 3, as: UInt8.self))
        rowCount = Int(source.load(fromByteOffset: 4, as: UInt32.self))
        base = source.load(fromByteOffset: 8, as: Int64.self)
        firstRow = Int(source.load(fromByteOffset: 16, as: UInt32.self))
        frame = Int(source.load(fromByteOffset: 20, as: UInt32.self))
        dataOffset = Int(source.load(fromByteOffset: 24, as: UInt32.self))
        dataByteCount = Int(source.load(fromByteOffset: 28, as: UInt32.self))
    }
}

/// `offset` moved up to the next multiple of 16.
@inline(__always)
func aligned(_ offset: Int) -> Int { (offset + 15) & ~15 }
