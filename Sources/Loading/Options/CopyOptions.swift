package import Vectors

/// What COPY's words ask for, checked and complete with Redshift's defaults.
///
/// - Source: Redshift's COPY parameters: data format, data conversion, data load.
package struct CopyOptions: Hashable, Sendable {
    /// How rows are cut into fields.
    package enum Format: Hashable, Sendable {
        /// Fields between delimiters.
        case delimited
        /// Fields between delimiters, some of them in quotes; a doubled quote is one quote.
        case csv
    }

    /// How input files are compressed.
    package enum Compression: Hashable, Sendable {
        case none, gzip, zstd
    }

    /// How dates or times are written.
    package enum TimeStyle: Hashable, Sendable {
        /// `YYYY-MM-DD` or `YYYY-MM-DD HH:MI:SS`.
        case standard
        /// Any form that is recognised.
        case automatic
        /// A pattern of YYYY, MM, DD, HH24 and so on.
        case pattern(String)
        /// Seconds since 1970.
        case epochSeconds
        /// Milliseconds since 1970.
        case epochMilliseconds
    }

    package var format = Format.delimited
    /// `|`, or `,` with CSV.
    package var delimiter = UInt8(ascii: "|")
    /// CSV's quote.
    package var quote = UInt8(ascii: "\"")
    /// Lines skipped at the start of every file.
    package var headerLineCount = 0
    /// The text that stands for NULL: `\N`.
    package var nullText = Array("\\N".utf8)
    package var dateStyle = TimeStyle.standard
    package var timeStyle = TimeStyle.standard
    /// The session's clock and order of dates, for what the files do not say.
    package var style = ValueStyle.standard
    package var compression = Compression.none
    /// MAXERROR: the load fails when so many rows are bad; 0 and 1 alike stop at the first.
    package var errorCountMax = 0
    /// IGNOREALLERRORS: no number of bad rows fails the load.
    package var ignoresAllErrors = false
    /// Empty CHAR and VARCHAR fields are NULL.
    package var emptyIsNull = false
    /// CHAR and VARCHAR fields of blanks alone are NULL.
    package var blanksAreNull = false
    /// ACCEPTINVCHARS: what replaces each invalid byte; nil makes the row bad.
    package var invalidByteReplacement: UInt8?
    /// Dates and times that cannot be read are NULL.
    package var acceptsAnyDate = false
    package var truncatesColumns = false
    package var trimsBlanks = false
    /// A backslash makes the next character an ordinary one.
    package var hasEscapes = false
    /// Quotes around a field are taken off.
    package var removesQuotes = false
    /// Missing fields at a row's end are NULL, or empty texts.
    package var fillsRecords = false
    package var ignoresBlankLines = false
    /// ROUNDEC; otherwise excess digits are cut off.
    package var roundsDecimals = false
    /// EXPLICIT_IDS: the file holds the IDENTITY column.
    package var hasExplicitIDs = false
    /// NOLOAD: parse only.
    package var isDryRun = false
    /// Whether the source names a manifest.
    package var usesManifest = false
    /// STATUPDATE; nil where it was not said.
    package var updatesStatistics: Bool?
    /// COMPUPDATE; nil where it was not said.
    package var compressionUpdate: CompressionUpdate?

    /// COMPUPDATE's argument.
    package enum CompressionUpdate: Hashable, Sendable {
        case preset, on, off
    }

    /// Makes the defaults.
    package init() {}

    /// At how many bad rows the load fails; nil for never.
    package var errorLimit: Int? { ignoresAllErrors ? nil : max(1, errorCountMax) }
}
