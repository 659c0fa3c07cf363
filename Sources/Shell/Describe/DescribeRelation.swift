internal import Warehouse

/// `\d NAME`: columns with encoding and keys, and how the table is distributed.
///
/// The columns are those of Redshift RSQL's `\d`.
extension Shell {
    /// Describes each relation that matches.
    func describeRelations(matching text: String) -> CommandOutcome {
        guard let found = relations(matching: NamePattern(text)) else { return .failed }
        guard !found.isEmpty else {
            if !isQuiet { report(.error, "Did not find any relation named \"\(text)\".") }
            return .failed
        }
        for relation in found where !describe(relation) { return .failed }
        return .done
    }

    private struct KeyInformation {
        var type: String?
        var encoding: String?
        var isDistributionKey: Bool
        var sortPosition: Int
    }

    private func describe(_ relation: Relation) -> Bool {
        let schema = Self.literal(relation.schema)
        let name = Self.literal(relation.name)
        guard
            let columns = query(
                "SELECT column_name, data_type, character_maximum_length, numeric_precision, "
                    + "numeric_scale, is_nullable, column_default FROM svv_columns "
                    + "WHERE table_schema = \(schema) AND table_name = \(name) "
                    + "ORDER BY ordinal_position"
            )
        else { return false }
        guard relation.kind == .table else {
            printView(relation, columns)
            return true
        }
        guard let keys = keyInformation(schema: schema, name: name) else { return false }
        let rows = columns.map { column -> [String?] in
            let key = column[0].flatMap { keys[$0] }
            return [
                column[0],
                key?.type ?? Self.typeName(of: column),
                column[5] == "NO" ? "not null" : "",
                column[6],
                key?.encoding,
                key.map { $0.isDistributionKey ? "t" : "f" },
                key.flatMap { $0.sortPosition == 0 ? nil : String($0.sortPosition) },
            ]
        }
        let headers = ["Column", "Type", "Nullable", "Default", "Encoding", "DistKey"]
        printTable(
            title: "Table \"\(relation.schema).\(relation.name)\"",
            columns: headers.map { TableColumn($0) } + [
                TableColumn("SortKey", isRightAligned: true)
            ],
            rows: rows,
            footers: distribution(schema: schema, name: name, keys: keys)
        )
        return true
    }

    /// A view's columns and its definition, which psql shows for `\d+` alone.
    private func printView(_ relation: Relation, _ columns: [[String?]]) {
        let definitions = quietValues(
            "SELECT definition FROM pg_views WHERE schemaname = \(Self.literal(relation.schema)) "
                + "AND viewname = \(Self.literal(relation.name))"
        )
        printTable(
            title: "View \"\(relation.schema).\(relation.name)\"",
            columns: ["Column", "Type", "Nullable"].map { TableColumn($0) },
            rows: columns.map { [$0[0], Self.typeName(of: $0), $0[5] == "NO" ? "not null" : ""] },
            footers: definitions.first.map { ["View definition:", " \($0)"] } ?? []
        )
    }

    /// What PG_TABLE_DEF says of each column; nil after an error was reported.
    ///
    /// As in Redshift the view shows only what is on the search path; then the keys stay empty.
    private func keyInformation(schema: String, name: String) -> [String: KeyInformation]? {
        guard
            let rows = query(
                "SELECT \"column\", type, encoding, distkey, sortkey FROM pg_table_def "
                    + "WHERE schemaname = \(schema) AND tablename = \(name)"
            )
        else { return nil }
        var keys: [String: KeyInformation] = [:]
        for row in rows where row.count == 5 {
            guard let column = row[0] else { continue }
            keys[column] = KeyInformation(
                type: row[1],
                encoding: row[2],
                isDistributionKey: row[3] == "t",
                sortPosition: row[4].flatMap { Int($0) } ?? 0
            )
        }
        return keys
    }

    /// The lines below the table: the distribution style.
    ///
    /// SVV_TABLE_INFO leaves out tables without rows, as in Redshift; for those the number in
    /// STV_TBL_PERM is put into words, unless tables of one name in two schemas make it unclear.
    private func distribution(
        schema: String,
        name: String,
        keys: [String: KeyInformation]
    ) -> [String] {
        let ofTable =
            "SELECT diststyle FROM svv_table_info "
            + "WHERE \"schema\" = \(schema) AND \"table\" = \(name)"
        if let style = quietValues(ofTable).first { return ["Diststyle: \(style)"] }
        let key = keys.first { $0.value.isDistributionKey }?.key
        let numbers = Set(quietValues("SELECT dist_style FROM stv_tbl_perm WHERE name = \(name)"))
        guard numbers.count == 1, let number = numbers.first else {
            return key.map { ["Diststyle: KEY(\($0))"] } ?? []
        }
        let styles = [
            "0": "EVEN", "1": "KEY(\(key ?? ""))", "8": "ALL", "9": "AUTO",
            "10": "AUTO(ALL)", "11": "AUTO(EVEN)", "12": "AUTO(KEY(\(key ?? "")))",
        ]
        return styles[number].map { ["Diststyle: \($0)"] } ?? []
    }

    /// The first column of a query whose failure only leaves a line out.
    private func quietValues(_ text: String) -> [String] {
        let sink = CollectingSink()
        guard execute(text, into: sink) == nil else { return [] }
        return sink.rows.compactMap { $0.first ?? nil }
    }

    /// A type with its modifiers, from a row of SVV_COLUMNS.
    private static func typeName(of column: [String?]) -> String {
        let type = column[1] ?? ""
        if type.hasPrefix("character"), !type.contains("("), let length = column[2] {
            return "\(type)(\(length))"
        }
        if type == "numeric", let precision = column[3], let scale = column[4] {
            return "numeric(\(precision),\(scale))"
        }
        return type
    }

    private static func literal(_ text: String) -> String {
        StatementScanner.text(of: text, as: .literal) ?? "''"
    }
}
