/// One line of a cell as a terminal shows it.
struct DisplayLine {
    /// The text; tabs and control characters are already replaced.
    var bytes: [UInt8] = []
    /// The columns it takes.
    var width = 0
}

/// Measures and prepares text for a terminal.
///
/// - Source: psql's `pg_wcssize` and `pg_wcsformat` (`mbprint.c`).
enum DisplayText {
    /// The columns of one character: 0, 1 or 2, or -1 for a control character.
    static func width(of scalar: Unicode.Scalar) -> Int {
        let code = scalar.value
        if code < 0x20 || (0x7F..<0xA0).contains(code) { return -1 }
        if code < 0x300 { return 1 }
        if contains(UnicodeWidths.zeroWidth, code) { return 0 }
        return contains(UnicodeWidths.doubleWidth, code) ? 2 : 1
    }

    /// Whether all bytes are printable ASCII, so that bytes and columns are the same.
    static func isPlain(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            var isPlain = true
            for byte in buffer { isPlain = isPlain && byte >= 0x20 && byte < 0x7F }
            return isPlain
        }
    }

    /// The lines of a text; one at least.
    ///
    /// A tab goes to the next multiple of eight, a carriage return shows as `\r`, any other
    /// control character as `\x07`.
    static func lines(of text: ArraySlice<UInt8>) -> [DisplayLine] {
        if isPlain(text) { return [DisplayLine(bytes: Array(text), width: text.count)] }
        var lines: [DisplayLine] = []
        var line = DisplayLine()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            switch scalar {
            case "\n":
                lines.append(line)
                line = DisplayLine()
            case "\t":
                repeat {
                    line.bytes.append(UInt8(ascii: " "))
                    line.width += 1
                } while line.width % 8 != 0
            case "\r":
                line.bytes += Array("\\r".utf8)
                line.width += 2
            default:
                let columns = width(of: scalar)
                if columns >= 0 {
                    line.bytes += Array(String(scalar).utf8)
                    line.width += columns
                } else {
                    let escape = controlEscape(scalar)
                    line.bytes += Array(escape.utf8)
                    line.width += escape.utf8.count
                }
            }
        }
        return lines + [line]
    }

    /// How much of a line, from byte `start`, fits into `limit` columns; one character at least.
    static func prefix(
        of line: DisplayLine,
        from start: Int,
        fitting limit: Int
    ) -> (end: Int, width: Int) {
        if line.bytes.count == line.width {
            let end = min(line.bytes.count, start + max(limit, 1))
            return (end, end - start)
        }
        var end = start
        var columns = 0
        for scalar in String(decoding: line.bytes[start...], as: UTF8.self).unicodeScalars {
            let width = max(0, width(of: scalar))
            if columns + width > limit, columns != 0 { break }
            columns += width
            end += UTF8.width(scalar)
        }
        return (end, columns)
    }

    private static func controlEscape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return scalar.value < 0x80
            ? "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
            : "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    private static func contains(_ ranges: [ClosedRange<UInt32>], _ code: UInt32) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < code { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].contains(code)
    }
}
