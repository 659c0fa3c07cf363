package import Warehouse

/// How the program is to end.
package enum ProgramEnd: Equatable, Sendable {
    /// By itself, with an exit status.
    case status(Int32)
    /// By a signal, as if it had never been handled.
    case signal(Int32)

    /// The signal's default action, where it is to end by one.
    package func raiseSignal() {
        if case .signal(let number) = self { Interrupts.end(by: number) }
    }

    /// The exit status; of a signal, the one that the system's shell reports.
    package var exitStatus: Int32 {
        switch self {
        case .status(let status): status
        case .signal(let number): 128 + number
        }
    }
}

/// The `shell` command: reads the options, opens the warehouse, runs what was asked.
package enum ShellCommand {
    /// Runs the shell with the arguments behind the program's name.
    ///
    /// The warehouse is closed when this returns; a temporary one is gone.
    package static func run(arguments: [String]) -> ProgramEnd {
        let options: ShellOptions
        do throws(UsageError) {
            options = try ShellOptions(arguments: arguments)
        } catch {
            complain("slicehouse: \(error.message)")
            complain("slicehouse: hint: Try \"slicehouse --help\" for more information.")
            return .status(ExitStatus.failure.rawValue)
        }
        switch options.mode {
        case .help: return show(UsageText.options)
        case .commandHelp: return show(MetaCommand.list)
        case .version: return show(ShellVersion.banner + "\n")
        case .run, .listDatabases: break
        }
        let interrupts = Interrupts()
        let warehouse: Warehouse
        do throws(SQLError) {
            warehouse = try Warehouse.open(options.warehouse) { notice in
                complain("\(notice.severity.rawValue):  \(notice.message)")
            }
        } catch {
            complain(error)
            return .status(ExitStatus.failure.rawValue)
        }
        let shell = Shell(
            runner: warehouse.makeSession(),
            interrupts: interrupts,
            output: TextOutput.standardOutput()
        )
        defer {
            warehouse.close { notice in complain("\(notice.severity.rawValue):  \(notice.message)")
            }
        }
        return shell.perform(options)
    }

    /// Prints text on standard output; the status that leaves.
    package static func show(_ text: String) -> ProgramEnd {
        .status(write(text, to: nil) ? 0 : ExitStatus.failure.rawValue)
    }

    /// Writes text to a file, or to standard output when nil; false after a complaint.
    package static func write(_ text: String, to file: String?) -> Bool {
        var output: TextOutput? = TextOutput.standardOutput()
        if let file { output = TextOutput.open(file) }
        guard let output else {
            let reason = OperatingSystem.message(OperatingSystem.lastError)
            complain("slicehouse: error: \(file ?? ""): \(reason)")
            return false
        }
        output.write(text)
        output.close()
        guard let failure = output.failure else { return true }
        complain("slicehouse: error: could not write: \(OperatingSystem.message(failure))")
        return false
    }

    /// Prints a line on standard error.
    package static func complain(_ line: String) {
        OperatingSystem.writeError(line + "\n")
    }

    /// Prints an error that no statement caused, on standard error.
    package static func complain(_ error: SQLError) {
        complain("slicehouse: error: \(error.message)")
        if let detail = error.detail { complain("DETAIL:  \(detail)") }
        if let hint = error.hint { complain("HINT:  \(hint)") }
    }
}

extension Shell {
    /// Does what the command line asks, and says how the program is to end.
    func perform(_ options: ShellOptions) -> ProgramEnd {
        guard prepare(options) else { return .status(ExitStatus.failure.rawValue) }
        var status = runActions(options)
        if queryOutput !== standardOutput, !closeOutput(queryOutput), status == .success {
            status = .failure
        }
        queryOutput = standardOutput
        standardOutput.flush()
        log?.close()
        if isInterrupted { return .signal(OperatingSystem.interruptSignal) }
        if let failure = standardOutput.failure {
            if failure == OperatingSystem.brokenPipe {
                return .signal(OperatingSystem.brokenPipeSignal)
            }
            printError(
                "slicehouse: error: could not write to standard output: "
                    + OperatingSystem.message(failure) + "\n"
            )
            return .status(ExitStatus.failure.rawValue)
        }
        return .status(status.rawValue)
    }

    /// Sets variables and output as the options say; false after a complaint.
    private func prepare(_ options: ShellOptions) -> Bool {
        for (name, value) in options.variables {
            if let refusal = value.map({ variables.set(name, to: $0) }) ?? variables.unset(name) {
                report(.error, refusal)
                return false
            }
        }
        for (name, value) in options.settings {
            if let refusal = PrintSetting.set(name, to: value, in: &printing) {
                report(.error, refusal)
                report(.error, "could not set printing parameter \"\(name)\"")
                return false
            }
        }
        if let file = options.logFile {
            guard let output = TextOutput.open(file), !file.hasPrefix("|") else {
                report(
                    .error,
                    "could not open log file \"\(file)\": "
                        + OperatingSystem.message(OperatingSystem.lastError)
                )
                return false
            }
            log = output
        }
        if let file = options.outputFile { return redirectResults(to: file) }
        return true
    }

    private func runActions(_ options: ShellOptions) -> ExitStatus {
        if options.mode == .listDatabases {
            return runCommand("\\l") ? .success : .failure
        }
        let isTyped =
            options.actions.isEmpty && OperatingSystem.isTerminal(OperatingSystem.standardInput)
        if isTyped, options.isSingleTransaction {
            report(.error, "-1 can only be used in non-interactive mode")
            return .failure
        }
        if options.readsStartFile { readStartFile() }
        if isTyped { return runInteractively(usesLineEditor: options.usesLineEditor) }
        if options.isSingleTransaction, let error = runSilently("BEGIN") {
            fail(error, statement: Array("BEGIN".utf8))
            return .scriptFailed
        }
        let status = runInOrder(options.actions)
        if options.isSingleTransaction, runner.transactionStatus != .idle {
            let isSound = status == .success && runner.transactionStatus == .inBlock
            let end = isSound ? "COMMIT" : "ROLLBACK"
            if let error = runSilently(end) {
                fail(error, statement: Array(end.utf8))
                return .scriptFailed
            }
        }
        if failedStatementCount > 0, status == .success, !mustEnd {
            let noun = failedStatementCount == 1 ? "statement" : "statements"
            printError("slicehouse: \(failedStatementCount) \(noun) failed\n")
        }
        return status
    }

    /// Runs each `-c` and `-f` in its place; without any, the script on standard input.
    ///
    /// As in psql a failure ends the run only with ON_ERROR_STOP; a failing `-c` is not
    /// forgotten, though, when a later one ends well.
    private func runInOrder(_ actions: [ShellOptions.Action]) -> ExitStatus {
        guard !actions.isEmpty else { return runFile(nil) }
        var status = ExitStatus.success
        for action in actions {
            let result: ExitStatus =
                switch action {
                case .command(let text): runCommand(text) ? .success : .failure
                case .file(let file): runFile(file)
                }
            if isConnectionLost { return .connectionLost }
            if result != .success { status = result }
            if mustEnd || (result != .success && stopsOnError) { return status }
        }
        return status
    }

    private func readStartFile() {
        let path =
            OperatingSystem.environment("SLICEHOUSERC")
            ?? OperatingSystem.homeDirectory.map { $0 + "/.slicehouserc" }
        guard let path else { return }
        let descriptor = OperatingSystem.openForReading(path)
        guard descriptor >= 0 else { return }
        OperatingSystem.closeDescriptor(descriptor)
        _ = runFile(path)
    }

    private func runInteractively(usesLineEditor: Bool) -> ExitStatus {
        isTerse = true
        isInteractive = true
        if !isQuiet {
            standardOutput.write(ShellVersion.banner + "\nType \"help\" for help.\n\n")
            standardOutput.flush()
        }
        guard usesLineEditor else {
            return run(PromptedReader(shell: self))
        }
        return run(InteractiveReader(history: History()))
    }
}

/// Lines typed at a terminal without the line editor: the prompt is plain output.
private final class PromptedReader: LineSource {
    private let reader = ScriptReader(descriptor: OperatingSystem.standardInput)
    private let shell: Shell

    init(shell: Shell) { self.shell = shell }

    func nextLine(prompt: () -> String) -> LineEvent {
        shell.standardOutput.write(prompt())
        shell.standardOutput.flush()
        return reader.nextLine(prompt: prompt)
    }
}
