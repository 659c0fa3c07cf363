/// Everything a user can cause, and every broken promise of ours, as one value.
///
/// The message starts with fixed words and ends with run-time names, so that it can be searched.
/// A user's mistake carries the state of its condition; a broken invariant carries XX000.
public struct SQLError: Error, Hashable, Sendable {
    /// The condition.
    public var state: SQLState
    /// What is wrong, without `ERROR:` and without a full stop.
    public var message: String
    /// More about this one case; nil for none.
    public var detail: String?
    /// What to do about it; nil for none.
    public var hint: String?
    /// Where in the statement's text, as a UTF-8 offset from its first byte; nil if nowhere.
    public var position: Int?

    /// Makes an error of state, message and what else is known.
    public init(
        _ state: SQLState,
        _ message: String,
        detail: String? = nil,
        hint: String? = nil,
        position: Int? = nil
    ) {
        self.state = state
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position
    }

    /// The error with `position` where it had none.
    public func located(at position: Int?) -> SQLError {
        var copy = self
        if copy.position == nil { copy.position = position }
        return copy
    }

    /// A broken invariant of ours: XX000 with a sentence that names it.
    public static func invariant(_ sentence: String) -> SQLError {
        SQLError(.internalError, "internal error: \(sentence)")
    }

    /// A feature that Redshift or SQL has and this version lacks: 0A000 naming it.
    public static func unsupported(_ feature: String, position: Int? = nil) -> SQLError {
        SQLError(.featureNotSupported, "\(feature) is not supported", position: position)
    }
}

/// A message of less than error level, printed as `INFO:  text` or `WARNING:  text`.
public struct SQLNotice: Hashable, Sendable {
    /// How loud it is.
    public enum Severity: String, Hashable, Sendable {
        case info = "INFO"
        case notice = "NOTICE"
        case warning = "WARNING"
    }
    /// How loud it is.
    public var severity: Severity
    /// The text after the severity.
    public var message: String

    /// Makes a notice.
    public init(_ severity: Severity, _ message: String) {
        self.severity = severity
        self.message = message
    }
}
