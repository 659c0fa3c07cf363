internal import CLineEditor

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Lines typed at a terminal, with editing and history.
final class InteractiveReader: LineSource {
    private let history: History

    /// Prepares the editor and loads the history.
    init(history: History) {
        self.history = history
        sh_editor_start("slicehouse")
        for entry in history.load() { sh_editor_remember(entry, Int32(history.limit)) }
    }

    func nextLine(prompt: () -> String) -> LineEvent {
        var line: UnsafeMutablePointer<CChar>?
        switch sh_editor_read(prompt(), &line) {
        case SH_EDITOR_LINE:
            guard let line else { return .end }
            defer { free(line) }
            return .line(Array(String(cString: line).utf8))
        case SH_EDITOR_INTERRUPT: return .interrupted
        default: return .end
        }
    }

    /// Adds a whole statement or command to the history.
    func remember(_ entry: String) {
        guard history.append(entry) else { return }
        sh_editor_remember(entry, Int32(history.limit))
    }
}

/// The history file: one entry a line, newlines inside an entry written as byte 1.
///
/// Each entry is appended as it is made, so sessions side by side share the file. What looks
/// like a secret never enters it.
final class History {
    /// The most entries kept.
    let limit = 5_000
    private let path: String?
    private var last: String?

    /// Words that stand before a secret.
    private static let secretWords = [
        "PASSWORD", "CREDENTIALS", "ACCESS_KEY", "SECRET", "SESSION_TOKEN",
    ]

    /// Uses the file of `SLICEHOUSE_HISTORY`, else `.slicehouse_history` in the home directory.
    init() {
        path =
            OperatingSystem.environment("SLICEHOUSE_HISTORY")
            ?? OperatingSystem.homeDirectory.map { $0 + "/.slicehouse_history" }
    }

    /// The entries of former sessions, oldest first.
    func load() -> [String] {
        guard let path else { return [] }
        let descriptor = OperatingSystem.openForReading(path)
        guard descriptor >= 0 else { return [] }
        defer { OperatingSystem.closeDescriptor(descriptor) }
        let reader = ScriptReader(descriptor: descriptor)
        var entries: [String] = []
        while case .line(let line) = reader.nextLine(prompt: { "" }) {
            let bytes = line.map { $0 == 1 ? UInt8(ascii: "\n") : $0 }
            entries.append(String(decoding: bytes, as: UTF8.self))
        }
        return Array(entries.suffix(limit))
    }

    /// Appends an entry to the file; whether it is fit to be remembered.
    func append(_ entry: String) -> Bool {
        let capitals = entry.uppercased()
        guard !entry.isEmpty, entry != last else { return false }
        guard !Self.secretWords.contains(where: { capitals.contains($0) }) else { return false }
        last = entry
        guard let path else { return true }
        let descriptor = OperatingSystem.openForWriting(path, appending: true, mode: 0o600)
        guard descriptor >= 0 else { return true }
        let bytes = entry.utf8.map { $0 == UInt8(ascii: "\n") ? 1 : $0 } + [UInt8(ascii: "\n")]
        // A history that cannot be written is no reason to stop.
        _ = bytes.withUnsafeBytes { OperatingSystem.write($0, to: descriptor) }
        OperatingSystem.closeDescriptor(descriptor)
        return true
    }
}
