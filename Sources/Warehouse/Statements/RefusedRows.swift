import Catalogs
import Loading

/// The refused rows of a COPY that are kept for STL_LOAD_ERRORS: the first ones by file and line,
/// as many as a bound of bytes has room for, however many there are and whoever met them first.
struct RefusedRows {
    typealias Row = (slice: SliceID, error: LoadError)

    /// About the bytes of all kept rows.
    static let byteCountMax = 64 << 20

    private let byteCountMax: Int
    private var rows: [Row] = []
    private var byteCount = 0

    /// Makes one without rows; `byteCountMax` is less in tests.
    init(byteCountMax: Int = Self.byteCountMax) { self.byteCountMax = byteCountMax }

    mutating func append(_ errors: [LoadError], slice: SliceID) {
        for error in errors {
            rows.append((slice, error))
            byteCount += Self.byteCount(of: error)
        }
        if byteCount >= 2 * byteCountMax { cut() }
    }

    /// The kept rows by file and line.
    mutating func kept() -> [Row] {
        cut()
        return rows
    }

    private mutating func cut() {
        rows.sort { ($0.error.file, $0.error.line) < ($1.error.file, $1.error.line) }
        guard byteCount > byteCountMax else { return }
        var count = 0
        byteCount = 0
        for row in rows {
            let next = byteCount + Self.byteCount(of: row.error)
            if next > byteCountMax { break }
            byteCount = next
            count += 1
        }
        rows.removeLast(rows.count - count)
    }

    private static func byteCount(of error: LoadError) -> Int {
        256 + error.rawLine.utf8.count + error.rawField.utf8.count
    }
}
