import SQLTypes

/// Transactions and settings.
extension Parser {
    /// BEGIN, COMMIT, ROLLBACK and their synonyms.
    mutating func transaction() throws(SQLError) -> Statement {
        let verb = token.keyword
        try advance()
        switch verb {
        case .start:
            try expect(.transaction)
            return .begin(try transactionModes())
        case .begin:
            if try !accept(.work) { _ = try accept(.transaction) }
            return .begin(try transactionModes())
        default: break
        }
        if try !accept(.work) { _ = try accept(.transaction) }
        if verb == .rollback, at(.to) {
            throw SQLError.unsupported("ROLLBACK TO SAVEPOINT", position: token.start)
        }
        return verb == .commit || verb == .end ? .commit : .rollback
    }

    // `ISOLATION LEVEL …`, `READ ONLY`, `READ WRITE`, in any order, with commas or without.
    private mutating func transactionModes() throws(SQLError) -> TransactionModesSyntax {
        var modes = TransactionModesSyntax()
        while true {
            if try accept(.isolation) {
                try expect(.level)
                modes.isolationLevel = try isolationLevel()
            } else if try accept(.read) {
                modes.isReadOnly = at(.only)
                if at(.only) { try advance() } else { try expect(.write) }
            } else {
                return modes
            }
            _ = try accept(.comma)
        }
    }

    private mutating func requiredModes() throws(SQLError) -> TransactionModesSyntax {
        let modes = try transactionModes()
        guard modes != TransactionModesSyntax() else { throw syntaxError() }
        return modes
    }

    // A user's name, which may be a string.
    private mutating func userName() throws(SQLError) -> NameSyntax {
        guard atString else { return try name() }
        let text = try string()
        return NameSyntax(text.text, isQuoted: true, position: text.position)
    }

    private mutating func isolationLevel() throws(SQLError) -> String {
        if try accept(.serializable) { return "serializable" }
        if try acceptWord("snapshot") { return "snapshot" }
        if try accept(.repeatable) {
            try expect(.read)
            return "repeatable read"
        }
        try expect(.read)
        if try accept(.committed) { return "read committed" }
        try expect(.uncommitted)
        return "read uncommitted"
    }

    /// `SET [SESSION | LOCAL] name {TO | =} {value, … | DEFAULT}`.
    mutating func set() throws(SQLError) -> Statement {
        try expect(.set)
        var isLocal = false
        if at(.session) || at(.local) {
            let next = try peek()
            if next.kind == .word || next.kind == .quotedName, next.keyword != .to {
                isLocal = at(.local)
                try advance()
            }
        }
        if try accept(.authorization) {
            return .setSessionAuthorization(try accept(.default) ? nil : try userName())
        }
        if try accept(.characteristics) {
            try expect(.as)
            try expect(.transaction)
            return .setTransaction(try requiredModes(), isSession: true)
        }
        if try accept(.transaction) {
            return .setTransaction(try requiredModes(), isSession: false)
        }
        var name: NameSyntax
        if at(.time), try peek().keyword == .zone {
            name = NameSyntax("timezone", position: token.start)
            try advance()
            try advance()
            if try !accept(.to) { _ = try accept(.equal) }
            if at(.interval), let value = try timeZoneInterval() {
                return .set(SetSyntax(name: name, values: [value], isLocal: isLocal))
            }
        } else {
            name = try settingName()
            if try !accept(.to) { try expect(.equal) }
        }
        let values = try settingValues()
        return .set(SetSyntax(name: name, values: values, isLocal: isLocal))
    }

    // `INTERVAL 'text' [HOUR [TO MINUTE]]` as one text, a form that the setting takes.
    private mutating func timeZoneInterval() throws(SQLError) -> StringSyntax? {
        let position = token.start
        let next = try peek().kind
        guard next == .string || next == .dollarString else { return nil }
        try advance()
        let text = try string()
        let start = token.start
        var value = "INTERVAL \(SQLText.quoted(text.text))"
        if let fields = try intervalFields() {
            guard fields.from == "hour", fields.to == nil || fields.to == "minute" else {
                throw SQLError(
                    .syntaxError,
                    "time zone interval must be HOUR or HOUR TO MINUTE",
                    position: start
                )
            }
            value += fields.to == nil ? " HOUR" : " HOUR TO MINUTE"
        }
        return StringSyntax(value, position: position)
    }

    // A name, perhaps with dots, as one text.
    private mutating func settingName() throws(SQLError) -> NameSyntax {
        var name = try label()
        while try accept(.dot) { name.text += "." + (try label()).text }
        return name
    }

    private mutating func settingValues() throws(SQLError) -> [StringSyntax] {
        if try accept(.default) { return [] }
        var values = [try settingValue()]
        while try accept(.comma) { values.append(try settingValue()) }
        return values
    }

    private mutating func settingValue() throws(SQLError) -> StringSyntax {
        let position = token.start
        switch token.kind {
        case .string, .dollarString: return try string()
        case .word, .quotedName: return StringSyntax(try label().text, position: position)
        default: break
        }
        var text = try accept(.minusSign) ? "-" : ""
        if text.isEmpty { _ = try accept(.plus) }
        guard at(.integer) || at(.decimal) || at(.floating) else { throw syntaxError() }
        text += lexer.text(of: token)
        try advance()
        return StringSyntax(text, position: position)
    }

    /// `RESET name`, `RESET ALL`.
    mutating func reset() throws(SQLError) -> Statement {
        try expect(.reset)
        if try accept(.all) { return .reset(nil) }
        if try accept(.session, .authorization) { return .setSessionAuthorization(nil) }
        if let name = try timeZoneName() { return .reset(name) }
        return .reset(try settingName())
    }

    /// `SHOW name`, `SHOW ALL`.
    mutating func show() throws(SQLError) -> Statement {
        let position = token.start
        try expect(.show)
        if try accept(.all) { return .show(nil) }
        if let name = try timeZoneName() { return .show(name) }
        if at(.transaction), try peek().keyword == .isolation {
            let start = token.start
            try advance()
            try advance()
            try expect(.level)
            return .show(NameSyntax("transaction_isolation", position: start))
        }
        if let objects = try showObjects(at: position) { return .showObjects(objects) }
        return .show(try settingName())
    }

    private mutating func timeZoneName() throws(SQLError) -> NameSyntax? {
        guard at(.time), try peek().keyword == .zone else { return nil }
        let name = NameSyntax("timezone", position: token.start)
        try advance()
        try advance()
        return name
    }
}
