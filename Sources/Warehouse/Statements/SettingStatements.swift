import SQLSyntax

extension StatementRun {
    /// SET name TO value.
    func set(_ syntax: SetSyntax) throws(SQLError) {
        let value =
            syntax.values.isEmpty
            ? nil : syntax.values.map(\.text).joined(separator: ", ")
        try session.settings.set(
            syntax.name.text,
            to: value,
            isLocal: syntax.isLocal,
            isInBlock: session.transactionStatus == .inBlock,
            position: syntax.name.position
        )
        try sink.finish(tag: "SET")
    }

    /// RESET name, RESET ALL.
    func reset(_ name: NameSyntax?) throws(SQLError) {
        if let name {
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
                position: name.position
            )
        }
        try sink.begin(columns: [ResultColumn(name: name.text, type: .varchar(256))])
        try sink.rows(RowBatch(lines: [value]))
        try sink.finish(tag: "SHOW")
    }
}
