/// Where the main loop takes its lines from.
protocol LineSource: AnyObject {
    /// The next line without its newline; `prompt` is asked only where someone reads it.
    func nextLine(prompt: () -> String) -> LineEvent
}

/// What reading a line gave.
enum LineEvent {
    case line([UInt8])
    /// The input has ended.
    case end
    /// Ctrl-C at the prompt: what was typed is to be forgotten.
    case interrupted
    /// The input cannot be read, with the `errno`.
    case failed(Int32)
}

/// Lines of a file or a pipe, read in large pieces.
final class ScriptReader: LineSource {
    private static let pieceByteCount = 65_536

    private let descriptor: Int32
    private var piece: [UInt8] = []
    private var offset = 0
    private var isFirstLine = true

    /// Reads from a descriptor that is open.
    init(descriptor: Int32) { self.descriptor = descriptor }

    func nextLine(prompt: () -> String) -> LineEvent {
        var line: [UInt8] = []
        while true {
            if let newline = piece[offset...].firstIndex(of: UInt8(ascii: "\n")) {
                line += piece[offset..<newline]
                offset = newline + 1
                return .line(withoutByteOrderMark(line))
            }
            line += piece[offset...]
            guard let next = OperatingSystem.read(descriptor, limit: Self.pieceByteCount) else {
                return .failed(OperatingSystem.lastError)
            }
            piece = next
            offset = 0
            if next.isEmpty { return line.isEmpty ? .end : .line(withoutByteOrderMark(line)) }
        }
    }

    private func withoutByteOrderMark(_ line: [UInt8]) -> [UInt8] {
        defer { isFirstLine = false }
        guard isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) else { return line }
        return Array(line.dropFirst(3))
    }
}
