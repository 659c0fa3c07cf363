extension MetaCommand {
    /// Scripts, result files, and text for the user.
    static var inputOutputCommands: [MetaCommand] {
        [
            MetaCommand("echo", arguments: "[-n] [TEXT]", summary: "write to standard output") {
                shell,
                arguments in
                shell.standardOutput.write(shell.echoText(&arguments))
                shell.standardOutput.flush()
                return .done
            },
            MetaCommand("qecho", arguments: "[-n] [TEXT]", summary: "write where results go") {
                shell,
                arguments in
                shell.queryOutput.write(shell.echoText(&arguments))
                shell.queryOutput.flush()
                return .done
            },
            MetaCommand("warn", arguments: "[-n] [TEXT]", summary: "write to standard error") {
                shell,
                arguments in
                shell.printError(shell.echoText(&arguments))
                return .done
            },
            MetaCommand("i", "include", arguments: "FILE", summary: "run a script") {
                shell,
                arguments in
                shell.include(arguments.next(), command: "i", isRelative: false)
            },
            MetaCommand(
                "ir",
                "include_relative",
                arguments: "FILE",
                summary: "as \\i, from the script's directory"
            ) { shell, arguments in
                shell.include(arguments.next(), command: "ir", isRelative: true)
            },
            MetaCommand(
                "o",
                "out",
                arguments: "[FILE|COMMAND]",
                summary: "send results to a file or |command"
            ) { shell, arguments in
                shell.redirectResults(to: arguments.next(.fileOrPipe)) ? .done : .failed
            },
        ]
    }
}

extension Shell {
    fileprivate func echoText(_ arguments: inout CommandArguments) -> String {
        var words: [String] = []
        var endsLine = true
        while let word = arguments.next() {
            if words.isEmpty, endsLine, word == "-n", !arguments.wasQuoted {
                endsLine = false
            } else {
                words.append(word)
            }
        }
        return words.joined(separator: " ") + (endsLine ? "\n" : "")
    }

    fileprivate func include(
        _ file: String?,
        command: String,
        isRelative: Bool
    ) -> CommandOutcome {
        guard let file else { return missingArgument(command) }
        var path = file
        if isRelative, !file.hasPrefix("/"), let current = location?.file,
            let slash = current.lastIndex(of: "/")
        {
            path = current[...slash] + file
        }
        switch runFile(path) {
        case .success: return .done
        case .failure, .connectionLost, .scriptFailed: return .failed
        }
    }
}
