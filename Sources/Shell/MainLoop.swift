internal import Warehouse

/// Reads a script line by line, sends its statements, and obeys its commands.
///
/// - Source: psql's `mainloop.c` and `process_file` (`command.c`).
extension Shell {
    /// Runs a source of lines to its end; the status it leaves.
    func run(_ source: any LineSource) -> ExitStatus {
        let outer = script
        script = Script()
        defer { script = outer }
        let interruptsBefore = interrupts.count
        while true {
            switch source.nextLine(prompt: { prompt }) {
            case .end:
                return finish()
            case .interrupted:
                script = Script()
                continue
            case .failed(let number):
                report(.error, "could not read the script: \(OperatingSystem.message(number))")
                return .failure
            case .line(let line):
                if let status = run(line, from: source) { return status }
            }
            if !isInteractive, interrupts.count > interruptsBefore { isInterrupted = true }
            if mustEnd { return isConnectionLost ? .connectionLost : .scriptFailed }
        }
    }

    /// Runs one line; a status when the script ends with it.
    private func run(_ line: [UInt8], from source: any LineSource) -> ExitStatus? {
        script.lineNumber += 1
        if location != nil { location?.line = script.lineNumber }
        // Empty lines count only inside of quotes and comments.
        if line.isEmpty, [.nothing, .parenthesis].contains(script.scanner.open) { return nil }
        if isInteractive, let word = plainWord(line) {
            if word != "HELP" { return .success }
            standardOutput.write(UsageText.shortHelp)
            return nil
        }
        if variables["ECHO"] == "all", !isInteractive {
            standardOutput.write(line)
            standardOutput.write("\n")
        }
        if isInteractive, !line.isEmpty {
            script.typed.append(String(decoding: line, as: UTF8.self))
        }
        if !script.buffer.isEmpty { script.buffer.append(UInt8(ascii: "\n")) }
        script.lineStart = script.buffer.count
        script.scanner.feed(line)
        var outcome = LineOutcome.goOn
        while outcome == .goOn {
            outcome = step()
            if mustEnd { break }
        }
        if script.buffer.isEmpty { remember(in: source) }
        switch outcome {
        case .goOn, .lineEnded: return nil
        // As in psql what stands before `\q` is sent like the rest of a script that ends there.
        case .scriptEnded: return isInteractive ? .success : finish()
        case .failed: return .scriptFailed
        }
    }

    private enum LineOutcome { case goOn, lineEnded, scriptEnded, failed }

    /// Scans to the next statement or command and does it.
    private func step() -> LineOutcome {
        // Taken out of the script, so that one inout access does not bar the other.
        var buffer: [UInt8] = []
        swap(&buffer, &script.buffer)
        let stop = script.scanner.scan(into: &buffer) { variables[$0] }
        script.buffer = buffer
        switch stop {
        case .endOfText: return .lineEnded
        case .semicolon:
            let statement = script.buffer
            script.buffer = []
            script.scanner.startStatement()
            guard !StatementScanner.firstWords(of: statement).isEmpty else { return .goOn }
            previousStatement = statement
            return judge(send(statement))
        case .backslash:
            // A command on a line of its own leaves no newline in the statement.
            if script.lineStart > 0, script.buffer.count == script.lineStart {
                script.buffer.removeLast()
            }
            script.lineStart = 0
            var arguments = CommandArguments(script.scanner.takeRest(), shell: self)
            let outcome = obey(&arguments)
            script.scanner.feed(arguments.rest)
            switch outcome {
            case .done: return .goOn
            case .quit: return .scriptEnded
            case .failed: return judge(false)
            case .send(let destination):
                let statement = script.buffer.isEmpty ? previousStatement : script.buffer
                script.buffer = []
                script.scanner.startStatement()
                previousStatement = statement
                return judge(send(statement, to: destination))
            }
        }
    }

    /// What a statement's or command's failure means for the script.
    private func judge(_ hasSucceeded: Bool) -> LineOutcome {
        if hasSucceeded { return .goOn }
        if !isInteractive { failedStatementCount += 1 }
        return stopsOnError && !isInteractive ? .failed : .goOn
    }

    /// Sends what stands at the end of a script without a semicolon.
    private func finish() -> ExitStatus {
        if isInteractive {
            if !isQuiet { standardOutput.write("\\q\n") }
            return .success
        }
        let statement = script.buffer
        script.buffer = []
        // An open comment hides what follows it: the engine is to say so, as psql's server does.
        let isEmpty = StatementScanner.firstWords(of: statement).isEmpty
        guard !isEmpty || script.scanner.open == .comment else { return .success }
        previousStatement = statement
        guard !send(statement, includingComments: true) else { return .success }
        failedStatementCount += 1
        if isConnectionLost { return .connectionLost }
        return stopsOnError ? .scriptFailed : .success
    }

    /// `help`, `quit` or `exit` alone at an empty prompt, where they do what people expect.
    private func plainWord(_ line: [UInt8]) -> String? {
        guard script.buffer.isEmpty else { return nil }
        let words = StatementScanner.firstWords(of: line, limit: 2)
        guard words.count == 1, ["HELP", "QUIT", "EXIT"].contains(words[0]) else { return nil }
        return words[0]
    }

    private func remember(in source: any LineSource) {
        guard !script.typed.isEmpty else { return }
        let entry = script.typed.joined(separator: "\n")
        script.typed = []
        (source as? InteractiveReader)?.remember(entry)
    }

    private var prompt: String {
        standardOutput.flush()
        let isContinued = !script.buffer.isEmpty
        let name = isContinued ? "PROMPT2" : "PROMPT1"
        return Prompt(
            template: variables[name] ?? "",
            runner: runner,
            open: script.scanner.open,
            isContinued: isContinued,
            lineNumber: script.lineNumber + 1,
            variables: variables
        ).text
    }
}

// MARK: - Files and commands

extension Shell {
    /// Runs a script file; `-` is standard input, whose errors name no file when `name` is nil.
    func runFile(_ name: String?) -> ExitStatus {
        guard scriptDepth < Self.scriptDepthLimit else {
            report(.error, "scripts include each other more than \(Self.scriptDepthLimit) deep")
            return .failure
        }
        var descriptor = OperatingSystem.standardInput
        var shownName = name
        if let name, name != "-" {
            let path = expandingHome(name)
            descriptor = OperatingSystem.openForReading(path)
            guard descriptor >= 0 else {
                reportSystemError(name)
                return .failure
            }
            shownName = path
        } else if name == "-" {
            shownName = "<stdin>"
        }
        defer {
            if descriptor != OperatingSystem.standardInput {
                OperatingSystem.closeDescriptor(descriptor)
            }
        }
        let outer = (location, isTerse, isInteractive)
        location = shownName.map { Location(file: $0, line: 0) }
        isTerse = shownName == nil
        isInteractive = false
        scriptDepth += 1
        defer {
            (location, isTerse, isInteractive) = outer
            isTerse = location == nil
            scriptDepth -= 1
            // Ctrl-C ends the file; who typed its name goes on.
            if isInteractive { isInterrupted = false }
        }
        return run(ScriptReader(descriptor: descriptor))
    }

    /// Runs the text of a `-c`: one backslash command, or statements that commit together.
    ///
    /// psql sends the whole text as one request, which the server runs as one transaction; here
    /// several statements without a BEGIN or COMMIT of their own are put between the two.
    func runCommand(_ text: String) -> Bool {
        isTerse = true
        var bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "\\") {
            bytes.removeFirst()
            var arguments = CommandArguments(bytes, shell: self)
            isTerse = false
            defer { isTerse = true }
            if case .failed = obey(&arguments) { return false }
            return true
        }
        let (whole, ranges) = statements(of: bytes)
        let interruptsBefore = interrupts.count
        let isTransaction =
            ranges.count > 1 && runner.transactionStatus == .idle
            && !ranges.contains { range in
                StatementScanner.firstWords(of: Array(whole[range]))
                    .contains(where: Self.endsOrBeginsTransaction)
            }
        if isTransaction, let error = runSilently("BEGIN") {
            fail(error, statement: whole)
            return false
        }
        for range in ranges {
            let hasSucceeded = send(
                Array(whole[range]),
                within: whole,
                at: range.lowerBound,
                includingComments: true
            )
            if interrupts.count > interruptsBefore { isInterrupted = true }
            if hasSucceeded && !mustEnd { continue }
            if isTransaction, runner.transactionStatus != .idle { _ = runSilently("ROLLBACK") }
            return false
        }
        guard isTransaction, runner.transactionStatus != .idle else { return true }
        guard let error = runSilently("COMMIT") else { return true }
        fail(error, statement: whole)
        return false
    }

    /// The statements of a text, as ranges of it, with variables put in.
    private func statements(of text: [UInt8]) -> (whole: [UInt8], ranges: [Range<Int>]) {
        var scanner = StatementScanner(dropsLeadingSpace: false)
        scanner.feed(text)
        var whole: [UInt8] = []
        var ranges: [Range<Int>] = []
        var start = 0
        while true {
            let stop = scanner.scan(into: &whole) { variables[$0] }
            if case .backslash = stop {
                // No command here: the engine says what is wrong with it.
                whole.append(UInt8(ascii: "\\"))
                continue
            }
            let isEmpty = StatementScanner.firstWords(of: Array(whole[start...])).isEmpty
            if !isEmpty || scanner.open == .comment {
                ranges.append(start..<whole.count)
            }
            guard case .semicolon = stop else { return (whole, ranges) }
            start = whole.count
            scanner.startStatement()
        }
    }
}
