import Functions
import SQLSyntax

extension StatementRun {
    /// SET name TO value.
    func set(_ syntax: SetSyntax) throws(SQLError) {
        let value =
            syntax.values.isEmpty
            ? nil : syntax.values.map(\.text).joined(separator: ", ")
        if syntax.name.text == "transaction_read_only" { try requireUnread(value, syntax.name) }
        if syntax.name.text == "transaction_isolation" { try session.requireNoSnapshot() }
        try session.settings.set(
            syntax.name.text,
            to: value,
            isLocal: syntax.isLocal,
            isInBlock: session.transactionStatus == .inBlock,
            position: syntax.name.position
        )
        if syntax.name.text == "seed" { restartRandom() }
        try sink.finish(tag: "SET")
    }

    /// Begins the numbers of RANDOM() anew where the session's seed says.
    private func restartRandom() {
        let seed = session.settings.value(of: "seed").flatMap { Double($0) }
        session.randomSeeds = seed.map { RandomSequence(state: $0.bitPattern) }
    }

    /// A READ ONLY transaction may become READ WRITE only before it has read anything.
    ///
    /// - Source: PostgreSQL 8.0, `assign_transaction_read_only`.
    private func requireUnread(_ value: String?, _ name: NameSyntax) throws(SQLError) {
        let isOn = value.flatMap { SettingRule.truth(of: $0) } ?? false
        guard !isOn, session.settings.isOn("transaction_read_only"), session.transaction != nil
        else { return }
        throw SQLError(
            .activeSQLTransaction,
            "cannot set transaction read-write mode inside a read-only transaction",
            position: name.position
        )
    }

    /// RESET name, RESET ALL.
    func reset(_ name: NameSyntax?) throws(SQLError) {
        if let name {
            if name.text == "transaction_read_only" { try requireUnread(nil, name) }
            if name.text == "transaction_isolation" { try session.requireNoSnapshot() }
            try session.settings.set(
                name.text,
                to: nil,
                isLocal: false,
                isInBlock: session.transactionStatus == .inBlock,
                position: name.position
            )
        } else {
            session.settings.resetAll(isInBlock: session.transactionStatus == .inBlock)
        }
        if name == nil || name?.text == "seed" { restartRandom() }
        try sink.finish(tag: "RESET")
    }

    /// SHOW name, SHOW ALL.
    func show(_ name: NameSyntax?) throws(SQLError) {
        guard let name else {
            try sink.begin(columns: [
                ResultColumn(name: "name", type: .varchar(256)),
                ResultColumn(name: "setting", type: .varchar(256)),
            ])
            var names = RowBatch.Column()
            var values = RowBatch.Column()
            let all = session.settings.all
            for (name, value) in all {
                names.append(name)
                values.append(value)
            }
            try sink.rows(RowBatch(columns: [names, values], rowCount: all.count))
            return try sink.finish(tag: "SHOW")
        }
        guard let value = session.settings.value(of: name.text) else {
            throw SQLError(
                .undefinedObject,
                "unrecognized configuration parameter \"\(name.text)\"",
                hint: SessionSettings.hint(for: name.text),
                position: name.position
            )
        }
        try sink.begin(columns: [ResultColumn(name: name.text, type: .varchar(256))])
        try sink.rows(RowBatch(lines: [value]))
        try sink.finish(tag: "SHOW")
    }
}
