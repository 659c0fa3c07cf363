import Functions
import Plans
import SQLTypes
import Vectors

/// ROW_NUMBER, RANK and DENSE_RANK of rows as they come: what they need of the rows before is
/// three numbers, so no partition is held, whatever its size.
struct RunningRanks {
    private let functions: [WindowFunction]
    /// Rows of the partition so far, the first of the last peers, and how many peers there were.
    private var row: Int64 = 0
    private var rank: Int64 = 0
    private var peers: Int64 = 0

    /// Nil where a call needs more.
    init?(_ calls: [WindowSpecification.Call]) {
        functions = calls.map(\.function)
        let isEach = functions.allSatisfy { $0 == .rowNumber || $0 == .rank || $0 == .denseRank }
        guard isEach else { return nil }
    }

    /// The values of the calls for the next rows, which partitions and peers begin at by `marks`.
    mutating func values(_ marks: UnsafePointer<UInt8>, count: Int) -> [Vector] {
        let before = self
        return functions.map { function in
            self = before
            return .making(Int64.self, .int64, count) { place in
                step(marks[place])
                switch function {
                case .rank: return rank
                case .denseRank: return peers
                default: return row
                }
            }
        }
    }

    @inline(__always)
    private mutating func step(_ mark: UInt8) {
        if mark & RowBoundaries.partitionMark != 0 { (row, peers) = (0, 0) }
        row &+= 1
        if mark != 0 {
            rank = row
            peers &+= 1
        }
    }
}
