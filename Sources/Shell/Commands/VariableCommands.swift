extension MetaCommand {
    /// The shell's variables.
    static var variableCommands: [MetaCommand] {
        [
            MetaCommand("set", arguments: "[NAME [VALUE]]", summary: "set a variable, list all") {
                shell,
                arguments in
                guard let name = arguments.next() else { return shell.listVariables() }
                var value = ""
                while let part = arguments.next() { value += part }
                return shell.set(name, to: value)
            },
            MetaCommand("unset", arguments: "NAME", summary: "forget a variable") {
                shell,
                arguments in
                guard let name = arguments.next() else { return shell.missingArgument("unset") }
                if let refusal = shell.variables.unset(name) {
                    shell.report(.error, refusal)
                    return .failed
                }
                return .done
            },
        ]
    }
}

extension Shell {
    /// Sets a variable as `\set` does.
    func set(_ name: String, to value: String) -> CommandOutcome {
        if let refusal = variables.set(name, to: value) {
            report(.error, refusal)
            return .failed
        }
        return .done
    }

    fileprivate func listVariables() -> CommandOutcome {
        for (name, value) in variables.values.sorted(by: { $0.key < $1.key }) {
            standardOutput.write("\(name) = '\(value)'\n")
        }
        return .done
    }
}
