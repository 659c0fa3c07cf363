/// The values of SET, with Redshift's names and defaults.
struct SessionSettings: Sendable {
    /// Values set for the session; absent ones have their default.
    private var values: [String: String] = [:]
    /// Former values of what SET LOCAL and SET changed in the open block, for its end.
    private var undo: [(name: String, old: String?, isLocal: Bool)] = []

    /// The value of a setting; nil where the name is unknown.
    func value(of name: String) -> String? { values[name] ?? Self.defaults[name] }

    /// Whether a Boolean setting is on.
    func isOn(_ name: String) -> Bool {
        ["on", "true", "t", "1", "yes"].contains(value(of: name) ?? "")
    }

    /// All names and values, by name.
    var all: [(name: String, value: String)] {
        Set(values.keys).union(Self.defaults.keys).sorted().map { ($0, value(of: $0) ?? "") }
    }

    /// The schemas searched for unqualified names, `$user` left out.
    var searchPath: [String] {
        (value(of: "search_path") ?? "")
            .split(separator: ",")
            .map { $0.drop { $0 == " " || $0 == "\"" || $0 == "'" } }
            .map { String($0.prefix { $0 != " " && $0 != "\"" && $0 != "'" }) }
            .filter { $0 != "$user" && !$0.isEmpty }
    }

    /// Sets a value; nil restores the default.
    ///
    /// - Throws: 42704 for a name that is neither known nor of the form `a.b`.
    mutating func set(
        _ name: String,
        to value: String?,
        isLocal: Bool,
        isInBlock: Bool,
        position: Int?
    ) throws(SQLError) {
        guard Self.defaults[name] != nil || name.contains(".") else {
            throw SQLError(
                .undefinedObject,
                "unrecognized configuration parameter \"\(name)\"",
                hint: nearest(name).map { "Perhaps you meant \"\($0)\"." },
                position: position
            )
        }
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

    /// Restores every default.
    mutating func resetAll(isInBlock: Bool) {
        if isInBlock { for (name, value) in values { undo.append((name, value, false)) } }
        values = [:]
    }

    /// Undoes SET LOCAL at the end of a block, and SET too when the block did not commit.
    mutating func endTransaction(commits: Bool) {
        for change in undo.reversed() where change.isLocal || !commits {
            values[change.name] = change.old
        }
        undo = []
    }

    /// The known name that shares the longest beginning with `name`.
    private func nearest(_ name: String) -> String? {
        let prefix = name.prefix(5)
        return Self.defaults.keys.sorted().first { $0.hasPrefix(prefix) }
    }

    /// Redshift's settings, and ours: `explain_slices`, `motion_cost` and the cost constants.
    private static let defaults: [String: String] = [
        "analyze_threshold_percent": "10",
        "application_name": "slicehouse",
        "cast_super_null_on_error": "on",
        "client_encoding": "UTF8",
        "datestyle": "ISO, MDY",
        "default_geometry_encoding": "1",
        "describe_field_name_in_uppercase": "off",
        "downcase_delimited_identifier": "on",
        "enable_case_sensitive_identifier": "false",
        "enable_result_cache_for_session": "off",
        "enable_vacuum_boost": "false",
        "error_on_nondeterministic_update": "false",
        "explain_slices": "on",
        "extra_float_digits": "0",
        "max_concurrency_scaling_clusters": "1",
        "max_cursor_result_set_size": "0",
        "motion_cost": "redshift",
        "mv_enable_aqmv_for_session": "true",
        "network_cost_broadcast": "10000",
        "network_cost_distribute": "208.3333333333",
        "query_group": "unset",
        "search_path": "$user, public",
        "server_version": "8.0.2",
        "statement_timeout": "0",
        "stored_proc_log_min_messages": "LOG",
        "timezone": "UTC",
        "transaction_read_only": "off",
        "wlm_query_slot_count": "1",
    ]
}
