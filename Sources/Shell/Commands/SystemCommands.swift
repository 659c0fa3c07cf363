extension MetaCommand {
    /// The operating system and the clock.
    static var systemCommands: [MetaCommand] {
        [
            MetaCommand("!", arguments: "[COMMAND]", summary: "run a command of the system") {
                shell,
                arguments in
                shell.runSystemCommand(arguments.wholeLine()) ? .done : .failed
            },
            MetaCommand("cd", arguments: "[DIRECTORY]", summary: "change the directory") {
                shell,
                arguments in
                shell.changeDirectory(to: arguments.next())
            },
            MetaCommand("getenv", arguments: "VARIABLE NAME", summary: "read the environment") {
                shell,
                arguments in
                guard let variable = arguments.next(), let name = arguments.next() else {
                    return shell.missingArgument("getenv")
                }
                guard let value = OperatingSystem.environment(name) else { return .done }
                return shell.set(variable, to: value)
            },
            MetaCommand("setenv", arguments: "NAME [VALUE]", summary: "change the environment") {
                shell,
                arguments in
                guard let name = arguments.next() else { return shell.missingArgument("setenv") }
                OperatingSystem.setEnvironment(name, arguments.next())
                return .done
            },
            MetaCommand("timing", arguments: "[on|off]", summary: "time statements") {
                shell,
                arguments in
                shell.turnTiming(arguments.next())
            },
        ]
    }
}

extension Shell {
    fileprivate func changeDirectory(to directory: String?) -> CommandOutcome {
        let path = expandingHome(directory ?? "~")
        let result = OperatingSystem.changeDirectory(path)
        guard result != 0 else { return .done }
        report(
            .error,
            "\\cd: could not change directory to \"\(path)\": \(OperatingSystem.message(result))"
        )
        return .failed
    }

    fileprivate func turnTiming(_ value: String?) -> CommandOutcome {
        var isUnderstood = true
        if let value {
            if let isOn = Variables.boolean(value) {
                isTiming = isOn
            } else {
                isUnderstood = false
                report(
                    .error,
                    "unrecognized value \"\(value)\" for \"\\timing\": Boolean expected"
                )
            }
        } else {
            isTiming.toggle()
        }
        say("Timing is \(isTiming ? "on" : "off").")
        return isUnderstood ? .done : .failed
    }
}
