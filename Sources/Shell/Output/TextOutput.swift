internal import CLineEditor

/// Text on its way to a file descriptor, gathered into large writes.
///
/// Whoever writes to another descriptor that the same reader sees must flush first.
final class TextOutput {
    /// Where the text ends up, for closing it.
    enum Target {
        case standardOutput
        case file(name: String)
        /// A command's standard input; its process is waited for.
        case pipe(command: String, child: Int32)
    }

    static let bufferByteCount = 65_536

    let target: Target
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// The first `errno` a write met; what came after it was dropped.
    private(set) var failure: Int32?
    /// A second place all text goes to, such as a log file.
    var copy: TextOutput?
    /// Asked before each large write while a result is printed: whether Ctrl-C ended it.
    var isCancelled: (() -> Bool)?
    /// Whether a result was cut off by Ctrl-C; what is written then is dropped.
    private(set) var isCut = false

    /// Writes to a descriptor that is open.
    init(descriptor: Int32, target: Target) {
        self.descriptor = descriptor
        self.target = target
        buffer.reserveCapacity(Self.bufferByteCount + 4_096)
    }

    /// Standard output.
    static func standardOutput() -> TextOutput {
        TextOutput(descriptor: OperatingSystem.standardOutput, target: .standardOutput)
    }

    /// Opens a file, or a command's input where `name` begins with `|`; nil with the `errno` set.
    static func open(_ name: String) -> TextOutput? {
        if name.hasPrefix("|") {
            let command = String(name.dropFirst())
            var input: Int32 = -1
            let child = sh_child_start(command, &input, nil)
            guard child >= 0 else { return nil }
            return TextOutput(descriptor: input, target: .pipe(command: command, child: child))
        }
        let descriptor = OperatingSystem.openForWriting(name)
        guard descriptor >= 0 else { return nil }
        return TextOutput(descriptor: descriptor, target: .file(name: name))
    }

    /// Whether the descriptor is a terminal.
    var isTerminal: Bool { OperatingSystem.isTerminal(descriptor) }

    /// The terminal's columns; 0 when it is none.
    var terminalColumns: Int { Int(sh_terminal_columns(descriptor)) }

    func write(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        copy?.write(text)
        flushIfLarge()
    }

    func write(_ bytes: [UInt8]) {
        buffer.append(contentsOf: bytes)
        copy?.write(bytes)
        flushIfLarge()
    }

    func write(_ bytes: ArraySlice<UInt8>) {
        buffer.append(contentsOf: bytes)
        copy?.write(bytes)
        flushIfLarge()
    }

    func write(byte: UInt8) {
        buffer.append(byte)
        copy?.write(byte: byte)
    }

    /// Writes one byte `count` times; none when that is negative.
    func write(byte: UInt8 = UInt8(ascii: " "), count: Int) {
        guard count > 0 else { return }
        buffer.append(contentsOf: repeatElement(byte, count: count))
        copy?.write(byte: byte, count: count)
    }

    /// Hands everything to the operating system.
    func flush() {
        copy?.flush()
        guard !buffer.isEmpty else { return }
        if failure == nil {
            let result = buffer.withUnsafeBytes { OperatingSystem.write($0, to: descriptor) }
            if result != 0 { failure = result }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Flushes, closes what was opened for this, and waits for a command to end.
    ///
    /// Returns the command's exit status; 0 for a file.
    @discardableResult
    func close() -> Int32 {
        flush()
        switch target {
        case .standardOutput: return 0
        case .file:
            let result = OperatingSystem.closeDescriptor(descriptor)
            if result != 0, failure == nil { failure = result }
            return 0
        case .pipe(_, let child):
            OperatingSystem.closeDescriptor(descriptor)
            return sh_child_wait(child)
        }
    }

    /// Ends a result: text is no longer cut off.
    func endResult() {
        isCancelled = nil
        isCut = false
    }

    private func flushIfLarge() {
        guard buffer.count >= Self.bufferByteCount else { return }
        if let isCancelled, isCancelled() { isCut = true }
        if isCut { buffer.removeAll(keepingCapacity: true) }
        flush()
    }
}
