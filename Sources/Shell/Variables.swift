/// The shell's variables, with the checks that the special ones make.
///
/// - Source: psql's `variables.c` and the hooks of `startup.c`.
struct Variables {
    /// What a special variable accepts.
    private enum Kind {
        case boolean
        case choice([String])
        case number
    }

    /// The special variables that refuse some values.
    private static let checked: [String: Kind] = [
        "AUTOCOMMIT": .boolean,
        "ON_ERROR_STOP": .boolean,
        "QUIET": .boolean,
        "SINGLELINE": .boolean,
        "FETCH_COUNT": .number,
        "HISTSIZE": .number,
        "ECHO": .choice(["none", "errors", "queries", "all"]),
        "ECHO_HIDDEN": .choice(["off", "on", "noexec"]),
        "ON_ERROR_ROLLBACK": .choice(["off", "on", "interactive"]),
        "VERBOSITY": .choice(["default", "verbose", "terse", "sqlstate"]),
        "SHOW_CONTEXT": .choice(["never", "errors", "always"]),
        "HISTCONTROL": .choice(["none", "ignorespace", "ignoredups", "ignoreboth"]),
    ]

    /// The values; a special variable that is not set has its default here.
    private(set) var values: [String: String] = [
        "AUTOCOMMIT": "on",
        "ECHO": "none",
        "ECHO_HIDDEN": "off",
        "ERROR": "false",
        "FETCH_COUNT": "0",
        "HISTCONTROL": "none",
        "HISTSIZE": "500",
        "LAST_ERROR_MESSAGE": "",
        "LAST_ERROR_SQLSTATE": "00000",
        "ON_ERROR_ROLLBACK": "off",
        "ON_ERROR_STOP": "off",
        "QUIET": "off",
        "ROW_COUNT": "0",
        "SHOW_CONTEXT": "errors",
        "SINGLELINE": "off",
        "SQLSTATE": "00000",
        "VERBOSITY": "default",
    ]

    /// The value of a variable; nil when it is not set.
    subscript(name: String) -> String? { values[name] }

    /// Whether a boolean variable is on.
    func isOn(_ name: String) -> Bool { values[name].flatMap { Self.boolean($0) } ?? false }

    /// Sets a variable without looking at the value, for the shell's own results.
    mutating func store(_ name: String, _ value: String) { values[name] = value }

    /// Sets a variable as a user does; the sentence that says why not, or nil.
    mutating func set(_ name: String, to value: String) -> String? {
        guard Self.isName(name) else { return "invalid variable name: \"\(name)\"" }
        guard let kind = Self.checked[name] else {
            values[name] = value
            return nil
        }
        switch kind {
        case .boolean:
            let text = value.isEmpty ? "on" : value
            guard Self.boolean(text) != nil else {
                return "unrecognized value \"\(value)\" for \"\(name)\": Boolean expected"
            }
            values[name] = text
        case .number:
            guard Int(value) != nil else {
                return "invalid value \"\(value)\" for \"\(name)\": integer expected"
            }
            values[name] = value
        case .choice(let choices):
            let text = value.isEmpty && choices.contains("on") ? "on" : value.lowercased()
            guard choices.contains(text) else {
                return "unrecognized value \"\(value)\" for \"\(name)\"\n"
                    + "Available values are: \(choices.joined(separator: ", "))."
            }
            values[name] = text
        }
        return nil
    }

    /// Forgets a variable; a special one goes back to its default.
    mutating func unset(_ name: String) -> String? {
        guard Self.isName(name) else { return "invalid variable name: \"\(name)\"" }
        switch Self.checked[name] {
        case .boolean: values[name] = "off"
        case .choice, .number: values[name] = Variables().values[name]
        case nil: values[name] = nil
        }
        return nil
    }

    /// A boolean as psql reads it: `on`, `off` and unique beginnings of the usual words.
    static func boolean(_ text: String) -> Bool? {
        let word = text.lowercased()
        guard !word.isEmpty else { return nil }
        if "true".hasPrefix(word) || "yes".hasPrefix(word) || word == "on" || word == "1" {
            return true
        }
        if "false".hasPrefix(word) || "no".hasPrefix(word) || word == "0" { return false }
        if word.count > 1, "off".hasPrefix(word) { return false }
        return nil
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                byte >= 0x80 || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
    }
}
