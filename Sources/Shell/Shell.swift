internal import Warehouse

/// How a run of the shell ends; the codes are psql's.
enum ExitStatus: Int32 {
    case success = 0
    /// A fatal error of the shell's own, or a `-c` that failed.
    case failure = 1
    /// The warehouse or the connection went away.
    case connectionLost = 2
    /// A script failed with ON_ERROR_STOP set.
    case scriptFailed = 3
}

/// The shell's state: where statements go, how results look, and where the script stands.
///
/// The main loop, the meta commands and the sending of statements are extensions in files of
/// their own. One thread uses it.
final class Shell {
    /// Where a message comes from, for the words before it.
    struct Location {
        var file: String
        var line: Int
    }

    /// What belongs to one script; a script that includes another has its own.
    struct Script {
        var scanner = StatementScanner()
        /// The statement so far.
        var buffer: [UInt8] = []
        var lineNumber = 0
        /// Where the current line begins in the buffer; 0 for a line that begins a statement.
        var lineStart = 0
        /// Lines for the history, until a statement is complete.
        var typed: [String] = []
    }

    static let scriptDepthLimit = 200

    let runner: any StatementRunner
    let interrupts: Interrupts
    var variables = Variables()
    var printing = PrintOptions()
    let standardOutput: TextOutput
    /// Where results go: standard output unless `\o` says otherwise.
    var queryOutput: TextOutput
    /// The file of `-L`.
    var log: TextOutput?
    var script = Script()
    /// The script a message is about; nil for `-c`, for piped input and at a prompt.
    var location: Location?
    var scriptDepth = 0
    var isInteractive = false
    /// Whether messages of the shell leave out the program's name.
    var isTerse = false
    var isTiming = false
    /// The last statement sent, for `\g` and `\p` on an empty buffer.
    var previousStatement: [UInt8] = []
    var lastFailure: (error: SQLError, statement: [UInt8])?
    /// How many statements of scripts failed without ending the run.
    var failedStatementCount = 0
    var isConnectionLost = false
    /// Whether a script was stopped by Ctrl-C.
    var isInterrupted = false

    /// Where messages go; tests keep them.
    private let writeError: (String) -> Void

    /// Makes a shell over a session.
    init(
        runner: any StatementRunner,
        interrupts: Interrupts,
        output: TextOutput,
        writeError: @escaping (String) -> Void = OperatingSystem.writeError
    ) {
        self.runner = runner
        self.writeError = writeError
        self.interrupts = interrupts
        standardOutput = output
        queryOutput = output
        variables.store("DBNAME", runner.databaseName)
        variables.store("USER", runner.userName)
        variables.store("VERSION", ShellVersion.banner)
        variables.store("VERSION_NAME", ShellVersion.number)
        variables.store("ENCODING", "UTF8")
        variables.store("PROMPT1", Prompt.standard)
        variables.store("PROMPT2", Prompt.standard)
    }

    var isQuiet: Bool { variables.isOn("QUIET") }
    var stopsOnError: Bool { variables.isOn("ON_ERROR_STOP") }
    var verbosity: Verbosity { Verbosity(rawValue: variables["VERBOSITY"] ?? "") ?? .default }

    /// Whether nobody can read the results any more.
    var isOutputBroken: Bool { standardOutput.failure != nil }

    /// Whether the run is over, whatever the script still holds.
    var mustEnd: Bool { isConnectionLost || isInterrupted || isOutputBroken }
}

// MARK: - Messages

extension Shell {
    /// How loud a message of the shell itself is.
    enum Severity: String {
        case error = "error: "
        case warning = "warning: "
        case plain = ""
    }

    /// Prints a message of the shell on standard error, after the results before it.
    func report(_ severity: Severity, _ message: String) {
        var text = ""
        if let location {
            text = "slicehouse:\(location.file):\(location.line): \(severity.rawValue)"
        } else if !isTerse {
            text = "slicehouse: \(severity.rawValue)"
        }
        printError(text + message + "\n")
    }

    /// Prints text on standard error, after the results before it.
    func printError(_ text: String) {
        standardOutput.flush()
        queryOutput.flush()
        writeError(text)
    }

    /// Prints what the engine says, under the script's name and line.
    func printEngineMessage(_ text: String) {
        printError((location.map { "slicehouse:\($0.file):\($0.line): " } ?? "") + text)
    }

    /// Tells what a command has done, unless the shell is quiet.
    func say(_ text: String) {
        guard !isQuiet else { return }
        standardOutput.write(text + "\n")
    }
}
