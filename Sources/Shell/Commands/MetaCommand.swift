/// What a backslash command leaves behind.
enum CommandOutcome {
    case done
    /// The buffer is to be sent, its result printed as `destination` says.
    case send(Shell.Destination)
    /// The script ends here.
    case quit
    /// It failed, and has said why.
    case failed
}

/// A backslash command: its names, what `\?` says of it, and what it does.
///
/// To add one, write its function in the file of its group and a line in that group's list.
struct MetaCommand {
    /// What is done with the command, after its name has been read.
    typealias Action = (Shell, inout CommandArguments) -> CommandOutcome

    /// Without the backslash; the first is the one that `\?` shows.
    let names: [String]
    /// The arguments as `\?` shows them.
    let arguments: String
    let summary: String
    let action: Action

    init(
        _ names: String...,
        arguments: String = "",
        summary: String,
        action: @escaping Action
    ) {
        self.names = names
        self.arguments = arguments
        self.summary = summary
        self.action = action
    }

    /// The groups in the order of `\?`.
    static var groups: [(title: String, commands: [MetaCommand])] {
        [
            ("General", generalCommands),
            ("Query Buffer", bufferCommands),
            ("Input/Output", inputOutputCommands),
            ("Informational", informationCommands),
            ("Formatting", formattingCommands),
            ("Operating System", systemCommands),
            ("Variables", variableCommands),
        ]
    }

    /// The list that `\?` prints.
    static var list: String {
        var text = ""
        for (title, commands) in groups {
            text += "\(title)\n"
            for command in commands {
                let call = "  \\\(command.names[0]) \(command.arguments)"
                let padding = String(repeating: " ", count: max(1, 26 - call.count))
                text += call + padding + command.summary + "\n"
            }
            text += "\n"
        }
        return text
    }
}

extension Shell {
    /// Reads a command's name and arguments behind the backslash, and does it.
    func obey(_ arguments: inout CommandArguments) -> CommandOutcome {
        let name = arguments.commandName()
        let command = MetaCommand.groups.lazy
            .flatMap(\.commands)
            .first { $0.names.contains(name) }
        guard let command else {
            report(.error, "invalid command \\\(name)")
            if isInteractive { printError("Try \\? for help.\n") }
            arguments.discard()
            return .failed
        }
        var outcome = command.action(self, &arguments)
        if arguments.isBroken { outcome = .failed }
        if case .failed = outcome {
            arguments.discard()
        } else {
            arguments.finish(command: name)
        }
        standardOutput.flush()
        return outcome
    }

    /// Reports that a command lacks an argument.
    func missingArgument(_ command: String) -> CommandOutcome {
        report(.error, "\\\(command): missing required argument")
        return .failed
    }
}
