/// The characters an aligned table is drawn with.
///
/// - Source: psql's `pg_asciiformat` and its Unicode style (`print.c`).
struct TableLines {
    /// Where a horizontal line stands.
    enum Place { case top, middle, bottom }
    /// The pieces of a horizontal line.
    struct Rule {
        var dash, left, middle, right: String
    }

    var top, center, bottom: Rule
    /// The vertical lines of data rows: at the left, between columns, at the right.
    var left, between, right: String
    /// Between columns, where the next one goes on after a newline, after a wrap, or has ended.
    var betweenNewline, betweenWrap, betweenBlank: String
    /// What says that a cell's text goes on in the next line.
    var newlineRight: String
    /// What says that a cell's text was wrapped, at the end and at the start of its lines.
    var wrapRight, wrapLeft: String

    /// The rule of a place.
    func rule(_ place: Place) -> Rule {
        switch place {
        case .top: top
        case .middle: center
        case .bottom: bottom
        }
    }

    /// The lines of a style.
    static func of(_ style: PrintOptions.LineStyle) -> TableLines {
        switch style {
        case .ascii:
            let rule = Rule(dash: "-", left: "+", middle: "+", right: "+")
            return TableLines(
                top: rule,
                center: rule,
                bottom: rule,
                left: "|",
                between: "|",
                right: "|",
                betweenNewline: "|",
                betweenWrap: "|",
                betweenBlank: "|",
                newlineRight: "+",
                wrapRight: ".",
                wrapLeft: "."
            )
        case .unicode:
            return TableLines(
                top: Rule(dash: "─", left: "┌", middle: "┬", right: "┐"),
                center: Rule(dash: "─", left: "├", middle: "┼", right: "┤"),
                bottom: Rule(dash: "─", left: "└", middle: "┴", right: "┘"),
                left: "│",
                between: "│",
                right: "│",
                betweenNewline: "│",
                betweenWrap: "│",
                betweenBlank: "│",
                newlineRight: "↵",
                wrapRight: "…",
                wrapLeft: "…"
            )
        }
    }
}
