import SQLSyntax

/// The values of SET, with Redshift's names and defaults.
struct SessionSettings: Sendable {
    /// Values set for the session; absent ones have their default.
    private var values: [String: String] = [:]
    /// Former values of what SET LOCAL and SET changed in the open block, for its end.
    private var undo: [(name: String, old: String?, isLocal: Bool)] = []

    /// The value of a setting; nil where the name is unknown.
    func value(of name: String) -> String? {
        if let value = values[name] { return value }
        // Until a transaction says so itself, its level is the session's.
        if name == "transaction_isolation" { return value(of: "default_transaction_isolation") }
        return Self.known[name]?.default
    }

    /// The value that was set for a setting; nil while it has its default.
    func explicitValue(of name: String) -> String? { values[name] }

    /// Whether a Boolean setting is on.
    func isOn(_ name: String) -> Bool {
        ["on", "true", "t", "1", "yes"].contains(value(of: name) ?? "")
    }

    /// All names and values, by name.
    var all: [(name: String, value: String)] {
        Set(values.keys).union(Self.known.keys).sorted().map { ($0, value(of: $0) ?? "") }
    }

    /// The schemas searched for unqualified names, `$user` left out.
    var searchPath: [String] {
        (value(of: "search_path") ?? "")
            .split(separator: ",")
            .map { $0.drop { $0 == " " || $0 == "\"" || $0 == "'" } }
            .map { String($0.prefix { $0 != " " && $0 != "\"" && $0 != "'" }) }
            .filter { $0 != "$user" && !$0.isEmpty }
    }

    /// Whether a transaction that begins now takes part in the order of SERIALIZABLE ones.
    var isSerializable: Bool { value(of: "transaction_isolation") == "serializable" }

    /// A transaction's own state, which always ends with its block.
    private static let ofTransaction: Set<String> = [
        "transaction_isolation", "transaction_read_only",
    ]

    /// Sets a value; nil restores the default.
    ///
    /// What is a transaction's own state always ends with the block.
    ///
    /// - Throws: 42704 for a name that is neither known nor of the form `a.b`; 22023 for a value
    ///   that the setting does not take; 55P02 for a setting that cannot be changed.
    mutating func set(
        _ name: String,
        to value: String?,
        isLocal: Bool,
        isInBlock: Bool,
        position: Int?
    ) throws(SQLError) {
        guard Self.known[name] != nil || name.contains(".") else {
            throw SQLError(
                .undefinedObject,
                "unrecognized configuration parameter \"\(name)\"",
                hint: Self.hint(for: name),
                position: position
            )
        }
        let value = try value.map { (text) throws(SQLError) in
            try checked(text, of: name, position: position)
        }
        let isLocal = isLocal || Self.ofTransaction.contains(name)
        // SET LOCAL lasts to the end of the block; outside one that is at once.
        if isLocal && !isInBlock { return }
        if isInBlock {
            // A SET that follows a SET LOCAL outlives the block.
            if !isLocal {
                for index in undo.indices where undo[index].name == name {
                    undo[index].isLocal = false
                }
            }
            undo.append((name, values[name], isLocal))
        }
        values[name] = value
    }

    private func checked(
        _ text: String,
        of name: String,
        position: Int?
    ) throws(SQLError) -> String {
        guard let setting = Self.known[name] else { return text }
        do throws(SQLError) {
            return try setting.rule.checked(
                text,
                of: name,
                like: setting.default,
                now: values[name] ?? setting.default
            )
        } catch { throw error.located(at: position) }
    }

    /// Restores every default but that of the open transaction's own state.
    mutating func resetAll(isInBlock: Bool) {
        let kept = values.filter { Self.ofTransaction.contains($0.key) }
        if isInBlock {
            for (name, value) in values where !Self.ofTransaction.contains(name) {
                undo.append((name, value, false))
            }
        }
        values = kept
    }

    /// Undoes SET LOCAL at the end of a block, and SET too when the block did not commit.
    mutating func endTransaction(commits: Bool) {
        for change in undo.reversed() where change.isLocal || !commits {
            values[change.name] = change.old
        }
        undo = []
    }

    /// A hint naming the setting that was probably meant; nil if none is near.
    static func hint(for name: String) -> String? {
        nearestName(to: name, among: known.keys.sorted()).map { "Perhaps you meant \"\($0)\"." }
    }

    /// Whether names in quotes keep their capital letters.
    ///
    /// `downcase_delimited_identifier` is the older name of the same, with the sense reversed.
    var keepsQuotedCase: Bool {
        isOn("enable_case_sensitive_identifier") || !isOn("downcase_delimited_identifier")
    }

    /// How long a statement may run in milliseconds; nil for as long as it likes.
    var statementTimeout: Int? {
        value(of: "statement_timeout").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Redshift's settings, and ours: `explain_slices`, `motion_cost`, `join_order_seed` and the cost
    /// constants; what each is until it is set, and what it may be set to.
    ///
    /// Off, `enable_mergejoin` and `enable_groupagg` make hash joins and hash groupings of what
    /// would use the sort key; `enable_runtime_filters` lets build sides prune no scans, so that
    /// EXPLAIN ANALYZE counts what a join makes of its sides by itself.
    ///
    /// Most act. What only is kept and shown changes no row of any result:
    /// - names of things: `application_name`, `query_group`, `datashare_break_glass_session_var`;
    /// - tuning of what there is one way to do: `analyze_threshold_percent`,
    ///   `enable_result_cache_for_session`, `enable_vacuum_boost`, `wlm_query_slot_count`,
    ///   `max_concurrency_scaling_clusters`, `max_cursor_result_set_size`,
    ///   `mv_enable_aqmv_for_session`, `use_fips_ssl`;
    /// - the meaning of what is refused by itself, SUPER and GEOMETRY values, nested files,
    ///   external tables, federated queries and procedures: `cast_super_null_on_error`,
    ///   `default_geometry_encoding`, `enable_case_sensitive_super_attribute`,
    ///   `json_serialization_enable`, `json_serialization_parse_nested_strings`,
    ///   `navigate_super_null_on_error`, `parse_super_null_on_error`,
    ///   `pg_federation_repeatable_read`, `spectrum_enable_pseudo_columns`,
    ///   `spectrum_query_maxerror`, `stored_proc_log_min_messages`.
    private static let known: [String: (default: String, rule: SettingRule)] = [
        "analyze_threshold_percent": ("10", .real(0...100)),
        "application_name": ("slicehouse", .text),
        "cast_super_null_on_error": ("on", .boolean),
        "client_encoding": ("UTF8", .utf8),
        "client_min_messages": (
            "notice",
            .word(["debug", "log", "info", "notice", "warning", "error", "fatal"])
        ),
        "datashare_break_glass_session_var": ("", .text),
        "datestyle": ("ISO, MDY", .dateStyle),
        "default_geometry_encoding": ("1", .integer(1...2)),
        "default_transaction_isolation": ("snapshot", .word(["snapshot", "serializable"])),
        "describe_field_name_in_uppercase": ("off", .boolean),
        "downcase_delimited_identifier": ("on", .boolean),
        "enable_case_sensitive_identifier": ("false", .boolean),
        "enable_case_sensitive_super_attribute": ("false", .boolean),
        "enable_groupagg": ("on", .boolean),
        "enable_mergejoin": ("on", .boolean),
        "enable_numeric_rounding": ("false", .boolean),
        "enable_result_cache_for_session": ("off", .boolean),
        "enable_runtime_filters": ("on", .boolean),
        "enable_vacuum_boost": ("false", .boolean),
        "error_on_nondeterministic_update": ("false", .boolean),
        "explain_slices": ("on", .boolean),
        // Drivers for newer servers ask for 3, which Redshift takes as 2.
        "extra_float_digits": ("0", .integer(-15...2, clamped: true)),
        "integer_datetimes": ("on", .fixed),
        "interval_forbid_composite_literals": ("false", .boolean),
        "is_superuser": ("on", .fixed),
        // Ours: join orders drawn at random, for comparisons; 0 for the planner's own.
        "join_order_seed": ("0", .integer(0...Int.max)),
        // Ours: newer builds of Redshift are reported to give NULL and not an empty text.
        "json_extract_missing_path_is_null": ("off", .boolean),
        "json_serialization_enable": ("false", .boolean),
        "json_serialization_parse_nested_strings": ("false", .boolean),
        "max_identifier_length": ("127", .fixed),
        "max_concurrency_scaling_clusters": ("1", .integer(0...10)),
        "max_cursor_result_set_size": ("0", .integer(0...14_400_000)),
        "motion_cost": ("redshift", .word(["redshift", "local"])),
        "mv_enable_aqmv_for_session": ("true", .boolean),
        "navigate_super_null_on_error": ("on", .boolean),
        "network_cost_broadcast": ("10000", .real(0...1e15)),
        "network_cost_distribute": ("208.3333333333", .real(0...1e15)),
        "parse_super_null_on_error": ("off", .boolean),
        "pg_federation_repeatable_read": ("true", .boolean),
        "query_group": ("unset", .text),
        "search_path": ("$user, public", .text),
        "seed": ("unavailable", .real(-1...1)),
        "server_encoding": ("UTF8", .fixed),
        "server_version": ("8.0.2", .fixed),
        "session_authorization": ("awsuser", .fixed),
        "spectrum_enable_pseudo_columns": ("true", .boolean),
        "spectrum_query_maxerror": ("-1", .integer(-1...Int(Int32.max))),
        "standard_conforming_strings": ("off", .fixed),
        "statement_timeout": ("0", .integer(0...Int(Int32.max))),
        "stored_proc_log_min_messages": (
            "LOG", .word(["LOG", "INFO", "NOTICE", "WARNING", "EXCEPTION"])
        ),
        "timezone": ("UTC", .timeZone),
        "transaction_isolation": ("snapshot", .word(["snapshot", "serializable"])),
        "transaction_read_only": ("off", .boolean),
        "use_fips_ssl": ("false", .boolean),
        "wlm_query_slot_count": ("1", .integer(1...50)),
    ]
}
