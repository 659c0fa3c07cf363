import Vectors

extension SessionSettings {
    /// How the session reads and writes dates and numbers, as `timezone`, `datestyle`,
    /// `extra_float_digits` and `enable_numeric_rounding` say.
    ///
    /// Floats have as many digits as Redshift gives them once `extra_float_digits` is set, to 0
    /// also; before that the fewest that read back the same, so that nothing is lost in a file.
    /// The transaction began at `time`, microseconds since 2000-01-01 UTC.
    func valueStyle(at time: Int64) -> ValueStyle {
        var style = ValueStyle()
        let zone = value(of: "timezone") ?? "UTC"
        if zone.uppercased() != "UTC" {
            // SET has loaded the zone, which is kept as long as the process runs.
            style.zone = try? TimeZone.named(zone)
        }
        if let zone = style.zone { style.today = Calendar.split(zone.local(fromUTC: time)).day }
        if let dates = value(of: "datestyle").flatMap({ DateStyle(setting: $0) }) {
            style.dateFormat = dates.format
            style.dateOrder = dates.order
        }
        style.extraFloatDigits = explicitValue(of: "extra_float_digits").flatMap { Int($0) }
        style.roundsDecimals = isOn("enable_numeric_rounding")
        return style
    }
}

/// The two halves of DateStyle: `ISO, MDY`.
struct DateStyle {
    var format: ValueStyle.DateFormat
    var order: ValueParser.DateOrder

    /// Reads a setting as SHOW shows it; nil for any other text.
    init?(setting: String) {
        let words = setting.split(separator: ",").map { String($0).filter { $0 != " " } }
        guard words.count == 2, let format = Self.formats[words[0]],
            let order = Self.orders[words[1]]
        else { return nil }
        (self.format, self.order) = (format, order)
    }

    /// As SHOW shows it.
    var setting: String {
        let format = Self.formats.first { $0.value == self.format }?.key ?? ""
        let order = Self.orders.first { $0.value == self.order }?.key ?? ""
        return "\(format), \(order)"
    }

    /// The style that SET's words make of this one; a half that no word names stays.
    ///
    /// GERMAN alone means days first too.
    ///
    /// - Throws: 22023 for other words and for words that contradict each other.
    /// - Source: PostgreSQL `check_datestyle`.
    func changed(by text: String, setting name: String) throws(SQLError) -> DateStyle {
        var format: ValueStyle.DateFormat?
        var order: ValueParser.DateOrder?
        var isConsistent = true
        func set<Half: Equatable>(_ half: inout Half?, _ value: Half) {
            if let half, half != value { isConsistent = false }
            half = value
        }
        for word in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
            switch word.lowercased() {
            case "iso": set(&format, .iso)
            case "sql": set(&format, .sql)
            case let word where word.hasPrefix("postgres"): set(&format, .postgres)
            case "german": set(&format, .german)
            case "ymd": set(&order, .yearMonthDay)
            case "dmy": set(&order, .dayMonthYear)
            case let word where word.hasPrefix("euro"): set(&order, .dayMonthYear)
            case "mdy", "us": set(&order, .monthDayYear)
            case let word where word.hasPrefix("noneuro"): set(&order, .monthDayYear)
            case "default":
                format = format ?? .iso
                order = order ?? .monthDayYear
            default:
                throw SQLError(
                    .invalidParameterValue,
                    "unrecognized \"\(name)\" key word: \"\(word.lowercased())\""
                )
            }
        }
        guard isConsistent else {
            throw SQLError(
                .invalidParameterValue,
                "conflicting \"\(name)\" specifications"
            )
        }
        var result = self
        result.format = format ?? self.format
        result.order = order ?? (format == .german ? .dayMonthYear : self.order)
        return result
    }

    private static let formats: [String: ValueStyle.DateFormat] = [
        "ISO": .iso, "SQL": .sql, "Postgres": .postgres, "German": .german,
    ]
    private static let orders: [String: ValueParser.DateOrder] = [
        "MDY": .monthDayYear, "DMY": .dayMonthYear, "YMD": .yearMonthDay,
    ]
}
