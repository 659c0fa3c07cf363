internal import Warehouse

/// What the command line asks of the shell.
struct ShellOptions {
    /// One `-c` or `-f`; they keep their order.
    enum Action: Equatable {
        case command(String)
        case file(String)
    }

    /// What the program does at all.
    enum Mode: Equatable { case run, help, commandHelp, version, listDatabases }

    var mode = Mode.run
    var actions: [Action] = []
    /// Variables to set, in order; nil forgets one.
    var variables: [(name: String, value: String?)] = []
    /// Settings of `\pset`, in order.
    var settings: [(name: String, value: String?)] = []
    var outputFile: String?
    var logFile: String?
    var isSingleTransaction = false
    var readsStartFile = true
    var usesLineEditor = true
    /// Where and how the warehouse is opened.
    var warehouse = WarehouseOptions()
}

/// A command line that cannot be obeyed.
struct UsageError: Error, Equatable {
    let message: String
}

extension ShellOptions {
    /// Options with a letter: the letter, the long name, and whether a value follows.
    ///
    /// One line each; what they do is in ``apply(_:value:)``.
    static let known: [(letter: Character?, name: String, hasValue: Bool)] = [
        ("c", "command", true), ("f", "file", true), ("v", "set", true), (nil, "variable", true),
        ("X", "no-psqlrc", false), (nil, "no-rc", false), ("q", "quiet", false),
        ("a", "echo-all", false), ("e", "echo-queries", false), ("b", "echo-errors", false),
        ("E", "echo-hidden", false), ("A", "no-align", false), ("t", "tuples-only", false),
        ("x", "expanded", false), ("F", "field-separator", true),
        ("R", "record-separator", true), ("z", "field-separator-zero", false),
        ("0", "record-separator-zero", false), ("P", "pset", true), ("o", "output", true),
        ("L", "log-file", true), ("1", "single-transaction", false), (nil, "csv", false),
        ("n", "no-readline", false), ("l", "list", false), ("V", "version", false),
        ("?", "help", false), (nil, "format", true), (nil, "read-only", false),
        (nil, "memory", true), (nil, "nodes", true), (nil, "slices-per-node", true),
        (nil, "disks-per-slice", true),
    ]

    /// Reads the arguments behind the program's name.
    ///
    /// - Source: `getopt_long`: letters may be grouped, a value may be glued to its letter, long
    ///   names may be shortened, and `--` ends the options.
    init(arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        var paths: [String] = []
        while let argument = rest.popFirst() {
            if argument == "--" {
                paths += rest
                break
            } else if argument.hasPrefix("--") {
                try readLong(String(argument.dropFirst(2)), &rest)
            } else if argument.hasPrefix("-"), argument.count > 1 {
                try readLetters(argument.dropFirst(), &rest)
            } else {
                paths.append(argument)
            }
        }
        guard paths.count <= 1 else {
            throw UsageError(message: "extra command-line argument \"\(paths[1])\"")
        }
        warehouse.path = paths.first
    }

    private mutating func readLong(
        _ argument: String,
        _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let written = String(parts[0])
        var matches = Self.known.filter { $0.name == written }
        if matches.isEmpty { matches = Self.known.filter { $0.name.hasPrefix(written) } }
        guard let option = matches.first, !written.isEmpty else {
            throw UsageError(message: "unrecognized option '--\(written)'")
        }
        guard matches.count == 1 else {
            throw UsageError(message: "option '--\(written)' is ambiguous")
        }
        var value = parts.count == 2 ? String(parts[1]) : nil
        if option.name == "help", value == "commands" {
            mode = .commandHelp
            return
        }
        if option.hasValue {
            if value == nil { value = rest.popFirst() }
            guard value != nil else {
                throw UsageError(message: "option '--\(option.name)' requires an argument")
            }
        } else if value != nil {
            throw UsageError(message: "option '--\(option.name)' doesn't allow an argument")
        }
        try apply(option.name, value: value ?? "")
    }

    private mutating func readLetters(
        _ argument: Substring,
        _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        var letters = argument
        while let letter = letters.popFirst() {
            guard let option = Self.known.first(where: { $0.letter == letter }) else {
                throw UsageError(message: "invalid option -- '\(letter)'")
            }
            guard option.hasValue else {
                try apply(option.name, value: "")
                continue
            }
            let value = letters.isEmpty ? rest.popFirst() : String(letters)
            guard let value else {
                throw UsageError(message: "option requires an argument -- '\(letter)'")
            }
            try apply(option.name, value: value)
            return
        }
    }

    private mutating func apply(_ name: String, value: String) throws(UsageError) {
        switch name {
        case "command": actions.append(.command(value))
        case "file": actions.append(.file(value))
        case "set", "variable":
            let (name, value) = Self.assignment(value)
            variables.append((name, value))
        case "no-psqlrc", "no-rc": readsStartFile = false
        case "quiet": variables.append(("QUIET", "on"))
        case "echo-all": variables.append(("ECHO", "all"))
        case "echo-queries": variables.append(("ECHO", "queries"))
        case "echo-errors": variables.append(("ECHO", "errors"))
        case "echo-hidden": variables.append(("ECHO_HIDDEN", "on"))
        case "no-align": settings.append(("format", "unaligned"))
        case "tuples-only": settings.append(("tuples_only", "on"))
        case "expanded": settings.append(("expanded", "on"))
        case "field-separator": settings.append(("fieldsep", value))
        case "record-separator": settings.append(("recordsep", value))
        case "field-separator-zero": settings.append(("fieldsep_zero", nil))
        case "record-separator-zero": settings.append(("recordsep_zero", nil))
        case "pset": settings.append(Self.assignment(value))
        case "csv": settings.append(("format", "csv"))
        case "format": settings.append(("format", value))
        case "output": outputFile = value
        case "log-file": logFile = value
        case "single-transaction": isSingleTransaction = true
        case "no-readline": usesLineEditor = false
        case "list": mode = .listDatabases
        case "version": mode = .version
        case "help": mode = .help
        default: try ClusterArguments.apply(name, value: value, to: &warehouse)
        }
    }

    private static func assignment(_ text: String) -> (name: String, value: String?) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
    }
}
