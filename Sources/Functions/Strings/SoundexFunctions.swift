import SQLTypes
import Vectors

/// SOUNDEX and DIFFERENCE: how English names sound.
///
/// SOUNDEX is American Soundex, VARCHAR(4): the first letter and three digits; what is no ASCII
/// letter is skipped, text without a letter gives an empty text. H and W between letters of one
/// digit do not part them, vowels do. DIFFERENCE counts the places, 0 to 4, at which the codes of
/// two texts agree.
///
/// - Source: Redshift's steps of SOUNDEX.
enum SoundexFunctions {
    static let all: [ScalarFunction] = [
        .strict("soundex", [anyText], .varchar(4)) { (call) throws(SQLError) in
            let texts = call.texts(0)
            return try call.makeTexts { (writer, row) in
                writer.scratch.append(contentsOf: texts[row].withBytes(code))
                writer.copyScratch(to: row)
            }
        },
        .strict("difference", [anyText, anyText], .integer) { (call) in
            let (lefts, rights) = (call.texts(0), call.texts(1))
            return call.makeIntegers { row in
                let left = lefts[row].withBytes(code)
                let right = rights[row].withBytes(code)
                return Int64(zip(left, right).count { $0 == $1 })
            }
        },
    ]

    /// Digits of the letters from A on; `.` for vowels, `-` for H and W.
    private static let digits = Array(".123.12-.22455.12623.1-2.2".utf8)

    private static func code(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var code: [UInt8] = []
        var last: UInt8 = 0
        for byte in bytes {
            let letter = (byte | 32) &- 97
            guard letter < 26 else { continue }
            let digit = digits[Int(letter)]
            if code.isEmpty {
                code.append(letter + 65)
            } else if digit > 48 && digit != last {
                code.append(digit)
                if code.count == 4 { break }
            }
            if digit != UInt8(ascii: "-") { last = digit }
        }
        if code.isEmpty { return code }
        return code + [UInt8](repeating: 48, count: 4 - code.count)
    }
}
