internal import Warehouse

/// Statements on their way to the engine, and what the shell does around each.
extension Shell {
    /// What `\g` and its kin ask for one statement.
    struct Destination {
        /// A file, or a command after `|`; nil for where results go anyway.
        var target: String?
        /// Options for this result alone, such as `expanded`.
        var settings: [(name: String, value: String)] = []
        /// Where `\gset` puts the row's values: the prefix of the variables' names.
        var variablePrefix: String?
    }

    /// Sends one statement and prints its outcome; whether it ended well.
    ///
    /// `base` is where the statement begins in `text`, the text that error positions are shown
    /// in; it is the statement itself but for `-c`. A statement of blanks and comments is dropped
    /// unless `includingComments`, for one that has no end.
    @discardableResult
    func send(
        _ statement: [UInt8],
        to destination: Destination = Destination(),
        within text: [UInt8]? = nil,
        at base: Int = 0,
        includingComments: Bool = false
    ) -> Bool {
        let first = StatementScanner.firstWords(of: statement, limit: 1).first ?? ""
        guard !first.isEmpty || includingComments else { return true }
        echo(statement)
        guard let source = String(validating: statement, as: UTF8.self) else {
            let error = SQLError(
                .characterNotInRepertoire,
                "invalid byte sequence for encoding \"UTF8\""
            )
            fail(error, statement: statement)
            return false
        }
        if !variables.isOn("AUTOCOMMIT"), runner.transactionStatus == .idle,
            !Self.endsOrBeginsTransaction(first)
        {
            if let error = runSilently("BEGIN") {
                fail(error, statement: statement)
                return false
            }
        }
        if let prefix = destination.variablePrefix {
            return setVariables(prefix, from: source, statement)
        }
        guard let output = openOutput(destination.target) else { return false }
        var options = printing
        for setting in destination.settings {
            // The names come from the shell's own commands, or were reported by them.
            _ = PrintSetting.set(setting.name, to: setting.value, in: &options)
        }
        if output === queryOutput, let log { output.copy = log }
        let printer = ResultPrinter(output: output, options: options, printsTag: !isQuiet) {
            [unowned self] in
            printEngineMessage("\($0.severity.rawValue):  \($0.message)\n")
        }
        let interruptsBefore = interrupts.count
        output.isCancelled = { [interrupts] in interrupts.count > interruptsBefore }
        let clock = ContinuousClock()
        let start = clock.now
        let error = execute(source, into: printer)
        let elapsed = clock.now - start
        if error != nil { printer.abandon() }
        output.copy = nil
        output.endResult()
        if output !== queryOutput { closeOutput(output) }
        if let error {
            // Positions count in the statement; the user sees the text it stands in.
            var located = error
            located.position = error.position.map { $0 + base }
            fail(located, statement: text ?? statement)
        } else {
            variables.store("ERROR", "false")
            variables.store("SQLSTATE", "00000")
            variables.store("ROW_COUNT", String(printer.affectedRowCount))
        }
        if isTiming { standardOutput.write(Self.timing(elapsed) + "\n") }
        standardOutput.flush()
        return error == nil
    }

    /// Runs a statement under the eye of Ctrl-C; its error, if it has one.
    func execute(_ statement: String, into sink: any ResultSink) -> SQLError? {
        interrupts.watch(runner)
        defer { interrupts.watch(nil) }
        do {
            try runner.execute(statement, into: sink)
            return nil
        } catch {
            return error
        }
    }

    /// Runs a statement of the shell's own, whose outcome nobody sees.
    func runSilently(_ statement: String) -> SQLError? {
        execute(statement, into: CollectingSink())
    }

    /// Reports a statement's error and remembers it for the variables and `\errverbose`.
    func fail(_ error: SQLError, statement: [UInt8]) {
        variables.store("ERROR", "true")
        variables.store("SQLSTATE", error.state.code)
        variables.store("ROW_COUNT", "0")
        variables.store("LAST_ERROR_MESSAGE", error.message)
        variables.store("LAST_ERROR_SQLSTATE", error.state.code)
        lastFailure = (error, statement)
        if error.state.code.hasPrefix("08") { isConnectionLost = true }
        // A reader that went away wants to hear nothing.
        guard !isOutputBroken else { return }
        printEngineMessage(
            ErrorReport.text(error, statement: statement, verbosity: verbosity)
        )
        if variables["ECHO"] == "errors" {
            printEngineMessage("STATEMENT:  \(String(decoding: statement, as: UTF8.self))\n")
        }
    }

    /// `Time: 12.345 ms`, with minutes and hours from a second on.
    static func timing(_ elapsed: Duration) -> String {
        let (seconds, attoseconds) = elapsed.components
        let microseconds = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        let padded = { (number: Int, digits: Int) -> String in
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let milliseconds = microseconds / 1_000
        let text = "Time: \(milliseconds).\(padded(microseconds % 1_000, 3)) ms"
        guard milliseconds >= 1_000 else { return text }
        let rounded = (microseconds + 500) / 1_000
        let second = "\(padded(rounded / 1_000 % 60, 2)).\(padded(rounded % 1_000, 3))"
        let minute = rounded / 60_000
        guard minute >= 60 else { return "\(text) (\(padded(minute, 2)):\(second))" }
        let hour = minute / 60
        let clock = "\(padded(hour % 24, 2)):\(padded(minute % 60, 2)):\(second)"
        return hour < 24 ? "\(text) (\(clock))" : "\(text) (\(hour / 24) d \(clock))"
    }

    /// Whether a statement's first word is one that begins or ends a transaction.
    static func endsOrBeginsTransaction(_ word: String) -> Bool {
        ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"].contains(word)
    }

    private func echo(_ statement: [UInt8]) {
        if variables["ECHO"] == "queries" {
            standardOutput.write(statement)
            standardOutput.write("\n")
            standardOutput.flush()
        }
        guard let log else { return }
        log.write("********* QUERY **********\n")
        log.write(statement)
        log.write("\n**************************\n\n")
        log.flush()
    }

    /// `\gset`: the one row of a result as variables.
    private func setVariables(_ prefix: String, from source: String, _ text: [UInt8]) -> Bool {
        let sink = CollectingSink()
        if let error = execute(source, into: sink) {
            fail(error, statement: text)
            return false
        }
        guard let row = sink.rows.first, sink.rows.count == 1 else {
            report(
                .error,
                sink.rows.isEmpty
                    ? "no rows returned for \\gset" : "more than one row returned for \\gset"
            )
            return false
        }
        for (column, value) in zip(sink.columns, row) {
            let name = prefix + column.name
            if let refusal = value.map({ variables.set(name, to: $0) }) ?? variables.unset(name) {
                report(.error, refusal)
                return false
            }
        }
        variables.store("ROW_COUNT", "1")
        return true
    }
}

// MARK: - Where results go

extension Shell {
    /// The output for one result; nil when it cannot be opened, which is then reported.
    private func openOutput(_ target: String?) -> TextOutput? {
        guard let target else { return queryOutput }
        standardOutput.flush()
        guard let output = TextOutput.open(expandingHome(target)) else {
            reportSystemError(target)
            return nil
        }
        return output
    }

    /// Closes a file or waits for a command, and reports what could not be written.
    @discardableResult
    func closeOutput(_ output: TextOutput) -> Bool {
        let status = output.close()
        if let failure = output.failure, failure != OperatingSystem.brokenPipe {
            report(.error, "could not write output: \(OperatingSystem.message(failure))")
            return false
        }
        if status != 0, case .pipe(let command, _) = output.target {
            report(.error, "\(command): child process exited with exit code \(status)")
            return false
        }
        return true
    }

    /// Makes `\o`: results go to a file or a command from now on, or back when nil.
    func redirectResults(to target: String?) -> Bool {
        queryOutput.flush()
        standardOutput.flush()
        var next = standardOutput
        if let target {
            guard let output = TextOutput.open(expandingHome(target)) else {
                reportSystemError(target)
                return false
            }
            next = output
        }
        let previous = queryOutput
        queryOutput = next
        return previous === standardOutput || closeOutput(previous)
    }

    /// Reports that a file cannot be used, with the system's words.
    func reportSystemError(_ file: String) {
        report(.error, "\(file): \(OperatingSystem.message(OperatingSystem.lastError))")
    }

    /// A path with a leading `~` replaced by the home directory.
    func expandingHome(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/") else { return path }
        guard let home = OperatingSystem.homeDirectory else { return path }
        return home + path.dropFirst()
    }
}
