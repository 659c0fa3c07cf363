/// How results are printed; what `\pset` changes.
struct PrintOptions {
    /// A result format, by the name `\pset format` takes.
    enum Format: String, CaseIterable {
        case aligned, csv, unaligned, wrapped
    }
    /// Whether records are printed one column a line.
    enum Expanded { case off, on, auto }
    /// The characters that lines are drawn with.
    enum LineStyle: String, CaseIterable { case ascii, unicode }

    var format = Format.aligned
    /// 0 for none, 1 between columns, 2 all around.
    var border = 1
    var expanded = Expanded.off
    var tuplesOnly = false
    var nullText: [UInt8] = []
    /// Between the fields of the unaligned format.
    var fieldSeparator: [UInt8] = Array("|".utf8)
    /// Between the records of the unaligned format.
    var recordSeparator: [UInt8] = Array("\n".utf8)
    /// Between the fields of the CSV format: one byte.
    var csvSeparator = UInt8(ascii: ",")
    /// Whether a result ends with its row count.
    var hasFooter = true
    var title: String?
    /// Whether digits are grouped by thousands.
    var groupsDigits = false
    var lineStyle = LineStyle.ascii
    /// The width for wrapped and expanded auto; 0 for the terminal's.
    var columns = 0
    /// Kept for scripts that set it: 0 off, 1 on, 2 always.
    var pager = 1
}
