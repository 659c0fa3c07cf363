package import SQLTypes

/// A part of an input file that one slice parses on its own: whole rows.
package struct LoadRange: Hashable, Sendable {
    /// The file.
    package var file: InputFile
    /// The offset of the range's first row, 0 for the file's start.
    package var start: Int
    /// The offset behind its last row; the file's size for a compressed file.
    package var end: Int

    /// Makes a range.
    package init(file: InputFile, start: Int, end: Int) {
        self.file = file
        self.start = start
        self.end = end
    }
}

/// How large the ranges of a load are.
package let loadRangeByteCount = 8 << 20

/// Cuts files into ranges that can be parsed at the same time.
///
/// Uncompressed files are cut at the ends of rows nearest to multiples of `byteCount`. Files that
/// are compressed, or where ESCAPE or REMOVEQUOTES may hide a line end, stay whole, as in
/// Redshift. A CSV file is read once to count its quotes: a line end belongs to a field where
/// their number is odd. Ranges depend on the input alone, never on the cluster, and come in the
/// order of files and offsets; the header lies in a file's first range.
///
/// `check` is asked before every read and may throw.
///
/// - Throws: 58P01, 58030 for a file that cannot be read.
package func splitFiles(
    _ files: [InputFile],
    options: CopyOptions,
    byteCount: Int = loadRangeByteCount,
    check: StopCheck = {}
) throws(SQLError) -> [LoadRange] {
    var ranges: [LoadRange] = []
    let canSplit = options.compression == .none && !options.hasEscapes && !options.removesQuotes
    for file in files {
        guard canSplit, file.byteCount > byteCount + byteCount / 2 else {
            ranges.append(LoadRange(file: file, start: 0, end: file.byteCount))
            continue
        }
        let cuts =
            options.format == .csv
            ? try rowEndsInCSV(file, options, byteCount: byteCount, check: check)
            : try lineEnds(file, options, byteCount: byteCount, check: check)
        var start = 0
        for cut in cuts + [file.byteCount] where cut > start {
            ranges.append(LoadRange(file: file, start: start, end: cut))
            start = cut
        }
    }
    return ranges
}

/// Offsets behind line ends, one near each multiple of `byteCount`, all behind the header.
private func lineEnds(
    _ file: InputFile,
    _ options: CopyOptions,
    byteCount: Int,
    check: StopCheck
) throws(SQLError) -> [Int] {
    let handle = try InputFileHandle(path: file.path)
    let header = try headerEnd(handle, lines: options.headerLineCount)
    var cuts: [Int] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var target = max(byteCount, header)
    while target < file.byteCount {
        try handle.seek(to: target)
        var offset = target
        var cut: Int?
        while cut == nil {
            try check()
            let got = try handle.read(into: &buffer, at: 0)
            if got == 0 { return cuts }
            if let index = buffer[0..<got].firstIndex(of: lineFeed) { cut = offset + index + 1 }
            offset += got
        }
        guard let cut else { return cuts }
        if cut < file.byteCount { cuts.append(cut) }
        target = max(target + byteCount, cut)
    }
    return cuts
}

/// The offset behind the first `lines` lines.
private func headerEnd(_ handle: InputFileHandle, lines: Int) throws(SQLError) -> Int {
    if lines == 0 { return 0 }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var left = lines
    var offset = 0
    while true {
        let got = try handle.read(into: &buffer, at: 0)
        if got == 0 { return offset }
        for index in 0..<got where buffer[index] == lineFeed {
            left -= 1
            if left == 0 { return offset + index + 1 }
        }
        offset += got
    }
}

/// As ``lineEnds``, counting quotes from the file's start.
private func rowEndsInCSV(
    _ file: InputFile,
    _ options: CopyOptions,
    byteCount: Int,
    check: StopCheck
) throws(SQLError) -> [Int] {
    let handle = try InputFileHandle(path: file.path)
    // Quotes in the header do not pair up with those of rows.
    let header = try headerEnd(handle, lines: options.headerLineCount)
    try handle.seek(to: header)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var cuts: [Int] = []
    var offset = header
    var isInQuotes = false
    var target = max(byteCount, header)
    let quote = options.quote
    while true {
        try check()
        let got = try handle.read(into: &buffer, at: 0)
        if got == 0 { return cuts }
        var index = 0
        buffer.withUnsafeBufferPointer { bytes in
            while index < got {
                if offset + index < target {
                    // Up to the target only the number of quotes matters.
                    let end = min(got, target - offset)
                    var count = 0
                    for byte in bytes[index..<end] where byte == quote { count &+= 1 }
                    if count & 1 == 1 { isInQuotes.toggle() }
                    index = end
                    continue
                }
                let byte = bytes[index]
                index += 1
                if byte == quote {
                    isInQuotes.toggle()
                } else if byte == lineFeed && !isInQuotes {
                    let cut = offset + index
                    if cut < file.byteCount { cuts.append(cut) }
                    target = max(target + byteCount, cut + 1)
                }
            }
        }
        offset += got
    }
}

/// How many line ends a file has before an offset; read only when a bad row needs its number.
func lineCount(
    of path: String,
    before end: Int,
    check: StopCheck
) throws(SQLError) -> Int {
    let handle = try InputFileHandle(path: path)
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    var lines = 0
    while offset < end {
        try check()
        let got = try handle.read(into: &buffer, at: 0)
        if got == 0 { break }
        for byte in buffer[0..<min(got, end - offset)] where byte == lineFeed { lines &+= 1 }
        offset += got
    }
    return lines
}

let lineFeed = UInt8(ascii: "\n")
let carriageReturn = UInt8(ascii: "\r")
