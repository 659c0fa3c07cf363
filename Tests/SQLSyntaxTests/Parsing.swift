import SQLTypes
import Testing

@testable import SQLSyntax

/// The error that parsing `text` ends in.
func failure(_ text: String) -> SQLError? {
    do throws(SQLError) {
        _ = try parseStatement(text)
        return nil
    } catch {
        return error
    }
}

/// The query of a statement that is one.
func query(_ text: String) throws -> Query {
    guard case .query(let query) = try parseStatement(text) else {
        throw SQLError(.syntaxError, "not a query: \(text)")
    }
    return query
}

/// The SELECT of a statement that is nothing else.
func select(_ text: String) throws -> SelectSyntax {
    guard case .select(let select) = try query(text).body else {
        throw SQLError(.syntaxError, "not a select: \(text)")
    }
    return select
}

/// An expression's text with every operator's operands in brackets.
func shape(_ text: String) throws -> String { try parseExpression(text).deparsed }

/// An expression's kind.
func kind(_ text: String) throws -> ExpressionSyntax.Kind { try parseExpression(text).kind }
