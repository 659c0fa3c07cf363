/// The settings of `\pset`: each one's name, how it is changed, and what is said of it.
///
/// - Source: psql's `do_pset` and `printPsetInfo` (`command.c`).
enum PrintSetting {
    /// All names, in the order that `\pset` alone lists them.
    static let names = [
        "border", "columns", "csv_fieldsep", "expanded", "fieldsep", "fieldsep_zero", "footer",
        "format", "linestyle", "null", "numericlocale", "pager", "recordsep", "recordsep_zero",
        "title", "tuples_only",
    ]

    /// Changes a setting; the sentence that says why not, or nil.
    ///
    /// Without a value a switch is turned over, and any other setting stays.
    static func set(_ name: String, to value: String?, in options: inout PrintOptions) -> String? {
        switch name {
        case "format": return setFormat(value, in: &options)
        case "linestyle": return setLineStyle(value, in: &options)
        case "border":
            guard let value else { return nil }
            guard let border = Int(value), border >= 0 else {
                return "invalid value \"\(value)\" for \"border\": 0, 1 or 2 expected"
            }
            options.border = min(2, border)
        case "columns":
            guard let value else { return nil }
            guard let columns = Int(value), columns >= 0 else {
                return "invalid value \"\(value)\" for \"columns\": integer expected"
            }
            options.columns = columns
        case "x", "expanded", "vertical": return setExpanded(value, in: &options)
        case "csv_fieldsep": return setCSVSeparator(value, in: &options)
        case "fieldsep": if let value { options.fieldSeparator = Array(value.utf8) }
        case "fieldsep_zero": options.fieldSeparator = [0]
        case "recordsep": if let value { options.recordSeparator = Array(value.utf8) }
        case "recordsep_zero": options.recordSeparator = [0]
        case "null": if let value { options.nullText = Array(value.utf8) }
        case "title", "C": options.title = value.flatMap { $0.isEmpty ? nil : $0 }
        case "t", "tuples_only":
            return turn(&options.tuplesOnly, name: name, to: value)
        case "footer":
            return turn(&options.hasFooter, name: name, to: value)
        case "numericlocale":
            return turn(&options.groupsDigits, name: name, to: value)
        case "pager":
            if value == "always" {
                options.pager = 2
            } else {
                var isOn = options.pager > 0
                if let refusal = turn(&isOn, name: name, to: value) { return refusal }
                options.pager = isOn ? 1 : 0
            }
        case "pager_min_lines", "tableattr", "T", "xheader_width",
            "unicode_border_linestyle", "unicode_column_linestyle", "unicode_header_linestyle":
            // Known to psql, without meaning for the formats there are.
            return nil
        default: return "\\pset: unknown option: \(name)"
        }
        return nil
    }

    /// The sentence that is printed after a setting was set, such as `Border style is 2`.
    static func sentence(_ name: String, _ options: PrintOptions) -> String {
        func onOff(_ isOn: Bool) -> String { isOn ? "on" : "off" }
        switch name {
        case "format": return "Output format is \(options.format.rawValue)."
        case "linestyle": return "Line style is \(options.lineStyle.rawValue)."
        case "border": return "Border style is \(options.border)."
        case "columns":
            return options.columns == 0
                ? "Target width is unset." : "Target width is \(options.columns)."
        case "x", "expanded", "vertical":
            return switch options.expanded {
            case .on: "Expanded display is on."
            case .off: "Expanded display is off."
            case .auto: "Expanded display is used automatically."
            }
        case "csv_fieldsep":
            return "Field separator for CSV is \"\(text([options.csvSeparator]))\"."
        case "fieldsep", "fieldsep_zero":
            return options.fieldSeparator == [0]
                ? "Field separator is zero byte."
                : "Field separator is \"\(text(options.fieldSeparator))\"."
        case "recordsep", "recordsep_zero":
            switch options.recordSeparator {
            case [0]: return "Record separator is zero byte."
            case Array("\n".utf8): return "Record separator is <newline>."
            default: return "Record separator is \"\(text(options.recordSeparator))\"."
            }
        case "null": return "Null display is \"\(text(options.nullText))\"."
        case "title", "C": return options.title.map { "Title is \"\($0)\"." } ?? "Title is unset."
        case "t", "tuples_only": return "Tuples only is \(onOff(options.tuplesOnly))."
        case "footer": return "Default footer is \(onOff(options.hasFooter))."
        case "numericlocale":
            return "Locale-adjusted numeric output is \(onOff(options.groupsDigits))."
        case "pager":
            return [
                "Pager usage is off.", "Pager is used for long output.", "Pager is always used.",
            ][
                options.pager
            ]
        default: return ""
        }
    }

    /// A setting's value as `\pset` alone lists it.
    static func value(_ name: String, _ options: PrintOptions) -> String {
        func onOff(_ isOn: Bool) -> String { isOn ? "on" : "off" }
        func quoted(_ bytes: [UInt8]) -> String {
            "'"
                + text(bytes).split(separator: "\n", omittingEmptySubsequences: false)
                .joined(separator: "\\n") + "'"
        }
        return switch name {
        case "format": options.format.rawValue
        case "linestyle": options.lineStyle.rawValue
        case "border": String(options.border)
        case "columns": String(options.columns)
        case "expanded": options.expanded == .auto ? "auto" : onOff(options.expanded == .on)
        case "csv_fieldsep": quoted([options.csvSeparator])
        case "fieldsep": quoted(options.fieldSeparator == [0] ? [] : options.fieldSeparator)
        case "fieldsep_zero": onOff(options.fieldSeparator == [0])
        case "recordsep": quoted(options.recordSeparator == [0] ? [] : options.recordSeparator)
        case "recordsep_zero": onOff(options.recordSeparator == [0])
        case "null": quoted(options.nullText)
        case "title": options.title.map { "'\($0)'" } ?? ""
        case "tuples_only": onOff(options.tuplesOnly)
        case "footer": onOff(options.hasFooter)
        case "numericlocale": onOff(options.groupsDigits)
        case "pager": String(options.pager)
        default: ""
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func turn(_ setting: inout Bool, name: String, to value: String?) -> String? {
        guard let value else {
            setting.toggle()
            return nil
        }
        guard let isOn = Variables.boolean(value) else {
            return "unrecognized value \"\(value)\" for \"\(name)\": Boolean expected"
        }
        setting = isOn
        return nil
    }

    private static func setFormat(_ value: String?, in options: inout PrintOptions) -> String? {
        guard let value else { return nil }
        let matches = PrintOptions.Format.allCases.filter {
            $0.rawValue.hasPrefix(value.lowercased())
        }
        guard matches.count == 1, let format = matches.first, !value.isEmpty else {
            let all = PrintOptions.Format.allCases.map(\.rawValue).joined(separator: ", ")
            return "\\pset: allowed formats are \(all)"
        }
        options.format = format
        return nil
    }

    private static func setLineStyle(_ value: String?, in options: inout PrintOptions) -> String? {
        guard let value else { return nil }
        let matches = PrintOptions.LineStyle.allCases.filter {
            $0.rawValue.hasPrefix(value.lowercased())
        }
        guard matches.count == 1, let style = matches.first else {
            let all = PrintOptions.LineStyle.allCases.map(\.rawValue).joined(separator: ", ")
            return "\\pset: allowed line styles are \(all)"
        }
        options.lineStyle = style
        return nil
    }

    private static func setExpanded(_ value: String?, in options: inout PrintOptions) -> String? {
        guard let value else {
            options.expanded = options.expanded == .off ? .on : .off
            return nil
        }
        if value == "auto" {
            options.expanded = .auto
            return nil
        }
        guard let isOn = Variables.boolean(value) else {
            return "unrecognized value \"\(value)\" for \"expanded\"\n"
                + "Available values are: on, off, auto."
        }
        options.expanded = isOn ? .on : .off
        return nil
    }

    private static func setCSVSeparator(
        _ value: String?,
        in options: inout PrintOptions
    ) -> String? {
        guard let value else { return nil }
        guard value.utf8.count == 1, let separator = value.utf8.first else {
            return "\\pset: csv_fieldsep must be a single one-byte character"
        }
        guard !["\"", "\n", "\r"].contains(value) else {
            return "\\pset: csv_fieldsep cannot be a double quote, a newline, or a carriage return"
        }
        options.csvSeparator = separator
        return nil
    }
}
