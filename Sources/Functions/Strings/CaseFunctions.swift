import SQLTypes
import Vectors

/// UPPER, LOWER and INITCAP: the argument's type, letters of any script, NULL of NULL.
///
/// A letter whose other case takes several characters is left alone, so that lengths in
/// characters stay.
enum CaseFunctions {
    static let all: [ScalarFunction] = [
        .strict("upper", [anyText], { $0[0] }) { (call) throws(SQLError) in
            try changeCase(call) { scalar, _ in upper(scalar) }
        },
        .strict("lower", [anyText], { $0[0] }) { (call) throws(SQLError) in
            try changeCase(call) { scalar, _ in lower(scalar) }
        },
        .strict("initcap", [anyText], { $0[0] }) { (call) throws(SQLError) in
            try changeCase(call) { scalar, isFirst in isFirst ? upper(scalar) : lower(scalar) }
        },
    ]
}

@inline(__always)
private func changeCase(
    _ call: Call,
    _ change: (UInt32, _ isFirstOfWord: Bool) -> UInt32
) throws(SQLError) -> Vector {
    let texts = call.texts(0)
    return try call.makeTexts { (writer, row) in
        texts[row].withBytes { bytes in
            if bytes.allSatisfy({ $0 < 0x80 }) {
                writer.fill(bytes.count, row: row) { room in
                    var isFirst = true
                    for index in bytes.indices {
                        let changed = UInt8(
                            truncatingIfNeeded: change(UInt32(bytes[index]), isFirst)
                        )
                        room[index] = changed
                        isFirst = !isAlphanumeric(UInt32(changed))
                    }
                }
                return
            }
            var isFirst = true
            for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
                let changed = change(scalar.value, isFirst)
                isFirst = !isAlphanumeric(changed)
                appendUTF8(Unicode.Scalar(changed) ?? scalar, to: &writer.scratch)
            }
            writer.copyScratch(to: row)
        }
    }
}

@inline(__always)
private func upper(_ scalar: UInt32) -> UInt32 {
    if scalar < 0x80 { return scalar &- 97 < 26 ? scalar &- 32 : scalar }
    return mapped(scalar) { $0.properties.uppercaseMapping }
}

@inline(__always)
private func lower(_ scalar: UInt32) -> UInt32 {
    if scalar < 0x80 { return scalar &- 65 < 26 ? scalar &+ 32 : scalar }
    return mapped(scalar) { $0.properties.lowercaseMapping }
}

private func mapped(_ value: UInt32, _ mapping: (Unicode.Scalar) -> String) -> UInt32 {
    guard let scalar = Unicode.Scalar(value) else { return value }
    let scalars = mapping(scalar).unicodeScalars
    guard scalars.count == 1, let only = scalars.first else { return value }
    return only.value
}

@inline(__always)
private func isAlphanumeric(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 { return scalar &- 48 < 10 || (scalar | 32) &- 97 < 26 }
    guard let scalar = Unicode.Scalar(scalar) else { return false }
    return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
}
