extension MetaCommand {
    /// How results look.
    static var formattingCommands: [MetaCommand] {
        [
            MetaCommand("a", summary: "switch between aligned and unaligned") { shell, _ in
                let format = shell.printing.format == .aligned ? "unaligned" : "aligned"
                return shell.change("format", to: format)
            },
            MetaCommand("C", arguments: "[TITLE]", summary: "set or clear the title") {
                shell,
                arguments in
                shell.change("title", to: arguments.next())
            },
            MetaCommand("f", arguments: "[TEXT]", summary: "field separator of unaligned") {
                shell,
                arguments in
                shell.change("fieldsep", to: arguments.next())
            },
            MetaCommand("pset", arguments: "[NAME [VALUE]]", summary: "set an option of output") {
                shell,
                arguments in
                guard let name = arguments.next() else { return shell.listSettings() }
                return shell.change(name, to: arguments.next())
            },
            MetaCommand("t", arguments: "[on|off]", summary: "rows alone") { shell, arguments in
                shell.change("tuples_only", to: arguments.next())
            },
            MetaCommand("x", arguments: "[on|off|auto]", summary: "expanded records") {
                shell,
                arguments in
                shell.change("expanded", to: arguments.next())
            },
        ]
    }
}

extension Shell {
    /// Changes a setting of `\pset` and says so.
    func change(_ name: String, to value: String?) -> CommandOutcome {
        if let refusal = PrintSetting.set(name, to: value, in: &printing) {
            report(.error, refusal)
            return .failed
        }
        // psql is silent about these two when told what they are to be.
        if value != nil, name == "footer" || name == "numericlocale" { return .done }
        let sentence = PrintSetting.sentence(name, printing)
        if !sentence.isEmpty { say(sentence) }
        return .done
    }

    fileprivate func listSettings() -> CommandOutcome {
        for name in PrintSetting.names {
            let padding = String(repeating: " ", count: 24 - name.count)
            standardOutput.write("\(name)\(padding) \(PrintSetting.value(name, printing))\n")
        }
        return .done
    }
}
