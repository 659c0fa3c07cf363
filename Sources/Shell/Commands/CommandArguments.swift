internal import CLineEditor
internal import Warehouse

/// Reads the name and the arguments of a backslash command.
///
/// - Source: psql's `psqlscanslash.l`: single quotes with backslash escapes, backquotes run a
///   command, `:name` puts a variable in, and the next backslash ends the command.
struct CommandArguments {
    /// How an argument is read.
    enum Kind {
        /// A word; double quotes stay in it.
        case normal
        /// A name: double quotes keep its case and go, the rest is folded to lower case.
        case name
        /// A file name, or the rest of the line after `|`.
        case fileOrPipe
    }

    private let bytes: [UInt8]
    private var offset = 0
    private let shell: Shell
    /// Whether the last argument read had quotes around any part of it.
    private(set) var wasQuoted = false
    /// Whether a quote was not closed; it has been reported.
    private(set) var isBroken = false

    /// Reads from the text behind a backslash.
    init(_ bytes: [UInt8], shell: Shell) {
        self.bytes = bytes
        self.shell = shell
    }

    /// What comes behind the command: more of the statement, or another command.
    var rest: [UInt8] { Array(bytes[offset...]) }

    /// The command's name.
    mutating func commandName() -> String {
        let start = offset
        while let byte = peek, !Self.isSpace(byte), byte != UInt8(ascii: "\\") { offset += 1 }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// The next argument; nil when there is none.
    mutating func next(_ kind: Kind = .normal) -> String? {
        skipSpace()
        wasQuoted = false
        guard let first = peek, first != UInt8(ascii: "\\") else { return nil }
        if kind == .fileOrPipe, first == UInt8(ascii: "|") { return wholeLine() }
        var value: [UInt8] = []
        while let byte = peek, !Self.isSpace(byte), byte != UInt8(ascii: "\\") {
            offset += 1
            switch byte {
            case UInt8(ascii: "'"):
                wasQuoted = true
                value += quoted()
            case UInt8(ascii: "`"):
                wasQuoted = true
                value += commandOutput()
            case UInt8(ascii: "\""):
                wasQuoted = true
                value += doubleQuoted(keepsQuotes: kind != .name)
            case UInt8(ascii: ":"):
                value += variable() ?? [byte]
            default:
                let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                value.append(kind == .name && isCapital ? byte | 0x20 : byte)
            }
        }
        return isBroken ? nil : String(decoding: value, as: UTF8.self)
    }

    /// An argument that a semicolon at its end does not belong to, such as a name for `\d`.
    mutating func nextWithoutSemicolon() -> String? {
        guard var value = next() else { return nil }
        while value.hasSuffix(";") { value.removeLast() }
        return value.isEmpty ? nil : value
    }

    /// The rest of the line as it stands, blanks at both ends left out.
    mutating func wholeLine() -> String {
        skipSpace()
        var end = bytes.count
        while end > offset, Self.isSpace(bytes[end - 1]) { end -= 1 }
        defer { offset = bytes.count }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    /// Ends the command: warns of arguments it did not take and passes a `\\` over.
    mutating func finish(command: String) {
        while let extra = next() {
            shell.report(.warning, "\\\(command): extra argument \"\(extra)\" ignored")
        }
        skipSpace()
        let separator = UInt8(ascii: "\\")
        if offset + 1 < bytes.count, bytes[offset] == separator, bytes[offset + 1] == separator {
            offset += 2
        }
    }

    /// Forgets the rest of the line, after an error.
    mutating func discard() { offset = bytes.count }
}

// MARK: - Parts of an argument

extension CommandArguments {
    private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }

    private mutating func skipSpace() {
        while let byte = peek, Self.isSpace(byte) { offset += 1 }
    }

    private mutating func quoted() -> [UInt8] {
        var value: [UInt8] = []
        while let byte = peek {
            offset += 1
            if byte == UInt8(ascii: "'") {
                guard peek == UInt8(ascii: "'") else { return value }
                offset += 1
                value.append(byte)
            } else if byte == UInt8(ascii: "\\"), peek != nil {
                value.append(escape())
            } else {
                value.append(byte)
            }
        }
        breakOff()
        return value
    }

    /// The byte that an escape behind a backslash stands for.
    private mutating func escape() -> UInt8 {
        guard let letter = peek else { return UInt8(ascii: "\\") }
        offset += 1
        switch letter {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            offset -= 1
            return number(radix: 8, digits: 3)
        case UInt8(ascii: "x"):
            return number(radix: 16, digits: 2)
        default: return letter
        }
    }

    private mutating func number(radix: Int, digits: Int) -> UInt8 {
        var value = 0
        for _ in 0..<digits {
            guard let byte = peek,
                let digit = Int(String(UnicodeScalar(byte)), radix: radix)
            else { break }
            value = value * radix + digit
            offset += 1
        }
        return UInt8(truncatingIfNeeded: value)
    }

    private mutating func doubleQuoted(keepsQuotes: Bool) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        var value: [UInt8] = keepsQuotes ? [quote] : []
        while let byte = peek {
            offset += 1
            if byte != quote {
                value.append(byte)
                continue
            }
            if keepsQuotes { value.append(quote) }
            if peek != quote { return value }
            // A doubled quote is one quote of the name.
            offset += 1
            value.append(quote)
        }
        breakOff()
        return value
    }

    private mutating func variable() -> [UInt8]? {
        guard let (variable, end) = StatementScanner.variable(in: bytes, at: offset - 1) else {
            return nil
        }
        let value = shell.variables[variable.name]
        guard let text = StatementScanner.text(of: value, as: variable.form) else { return nil }
        offset = end
        return Array(text.utf8)
    }

    private mutating func commandOutput() -> [UInt8] {
        let start = offset
        while let byte = peek, byte != UInt8(ascii: "`") { offset += 1 }
        guard peek != nil else {
            breakOff()
            return []
        }
        let command = String(decoding: bytes[start..<offset], as: UTF8.self)
        offset += 1
        return shell.outputOfCommand(command)
    }

    private mutating func breakOff() {
        guard !isBroken else { return }
        isBroken = true
        shell.report(.error, "unterminated quoted string")
    }
}

extension Shell {
    /// What a command of the system's shell writes, without its last newline.
    func outputOfCommand(_ command: String) -> [UInt8] {
        standardOutput.flush()
        var descriptor: Int32 = -1
        let child = sh_child_start(command, nil, &descriptor)
        guard child >= 0 else {
            reportSystemError(command)
            return []
        }
        var result: [UInt8] = []
        while let piece = OperatingSystem.read(descriptor, limit: 4_096), !piece.isEmpty {
            result += piece
        }
        OperatingSystem.closeDescriptor(descriptor)
        noteExit(of: sh_child_wait(child))
        if result.last == UInt8(ascii: "\n") { result.removeLast() }
        return result
    }

    /// Runs a command of the system's shell on the same terminal; whether it ended well.
    func runSystemCommand(_ command: String) -> Bool {
        standardOutput.flush()
        let line =
            command.isEmpty ? (OperatingSystem.environment("SHELL") ?? "/bin/sh") : command
        let child = sh_child_start(line, nil, nil)
        guard child >= 0 else {
            reportSystemError(line)
            return false
        }
        let status = sh_child_wait(child)
        noteExit(of: status)
        return status != 127
    }

    private func noteExit(of status: Int32) {
        variables.store("SHELL_ERROR", status == 0 ? "false" : "true")
        variables.store("SHELL_EXIT_CODE", String(status))
    }
}
