internal import Warehouse

extension MetaCommand {
    /// Sending statements again or elsewhere, help, and the end.
    static var generalCommands: [MetaCommand] {
        [
            MetaCommand("g", arguments: "[FILE|COMMAND]", summary: "send the statement") {
                shell,
                arguments in
                .send(Shell.Destination(target: arguments.next(.fileOrPipe)))
            },
            MetaCommand("gx", arguments: "[FILE|COMMAND]", summary: "as \\g, expanded") {
                shell,
                arguments in
                .send(
                    Shell.Destination(
                        target: arguments.next(.fileOrPipe),
                        settings: [("expanded", "on")]
                    )
                )
            },
            MetaCommand(
                "gset",
                arguments: "[PREFIX]",
                summary: "send it and keep its row in variables"
            ) { shell, arguments in
                .send(Shell.Destination(variablePrefix: arguments.next() ?? ""))
            },
            MetaCommand("errverbose", summary: "show the last error with all it says") {
                shell,
                _ in
                shell.showLastError()
            },
            MetaCommand("q", "quit", summary: "leave the script or the shell") { _, _ in .quit },
            MetaCommand("?", "help", summary: "show this list") { shell, _ in
                shell.standardOutput.write(list)
                return .done
            },
        ]
    }

    /// The statement that is being typed.
    static var bufferCommands: [MetaCommand] {
        [
            MetaCommand("p", "print", summary: "show the statement so far") { shell, _ in
                shell.printBuffer()
            },
            MetaCommand("r", "reset", summary: "clear the statement so far") { shell, _ in
                shell.script.buffer = []
                shell.script.scanner.startStatement()
                shell.say("Query buffer reset (cleared).")
                return .done
            },
            MetaCommand("w", "write", arguments: "FILE", summary: "write it to a file") {
                shell,
                arguments in
                shell.writeBuffer(to: arguments.next(.fileOrPipe))
            },
        ]
    }
}

extension Shell {
    private var currentBuffer: [UInt8] {
        script.buffer.isEmpty ? previousStatement : script.buffer
    }

    fileprivate func printBuffer() -> CommandOutcome {
        if currentBuffer.isEmpty {
            say("Query buffer is empty.")
        } else {
            standardOutput.write(currentBuffer)
            standardOutput.write("\n")
        }
        return .done
    }

    fileprivate func writeBuffer(to target: String?) -> CommandOutcome {
        guard let target else { return missingArgument("w") }
        guard let output = TextOutput.open(expandingHome(target)) else {
            reportSystemError(target)
            return .failed
        }
        output.write(currentBuffer)
        output.write("\n")
        return closeOutput(output) ? .done : .failed
    }

    fileprivate func showLastError() -> CommandOutcome {
        guard let (error, statement) = lastFailure else {
            standardOutput.write("There is no previous error.\n")
            return .done
        }
        printEngineMessage(ErrorReport.text(error, statement: statement, verbosity: .verbose))
        return .done
    }
}
