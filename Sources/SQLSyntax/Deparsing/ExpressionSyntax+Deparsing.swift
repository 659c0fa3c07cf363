import SQLTypes

extension ExpressionSyntax {
    /// The expression as SQL text that parses to the same tree.
    ///
    /// Operators that are operands stand in parentheses, whether needed or not. Kept for the
    /// defaults of columns and for messages.
    package var deparsed: String {
        switch kind {
        case .null: "NULL"
        case .boolean(let value): value ? "TRUE" : "FALSE"
        case .integer(let digits), .decimal(let digits), .float(let digits): digits
        case .string(let text): SQLText.quoted(text)
        case .typedLiteral(let type, let text):
            "\(SQLText.literalType(type)) \(SQLText.quoted(text))"
        case .interval(let text, let fields):
            "INTERVAL \(SQLText.quoted(text))\(fields.map { " \($0.deparsed)" } ?? "")"
        case .column(let name): name.deparsed
        case .outerColumn(let name): "\(name.deparsed)(+)"
        case .parameter(let number): "$\(number)"
        case .unary(let unary, let operand): "\(unary.rawValue) \(operand.asOperand)"
        case .binary(let binary, let left, let right):
            "\(left.asLeftOperand(of: binary)) \(binary.rawValue) \(right.asOperand)"
        case .and(let operands): operands.map(\.asOperand).joined(separator: " AND ")
        case .or(let operands): operands.map(\.asOperand).joined(separator: " OR ")
        case .not(let operand): "NOT \(operand.asOperand)"
        case .isNull(let value, let isNegated):
            "\(value.asOperand) IS \(isNegated ? "NOT " : "")NULL"
        case .isTruth(let value, let truth, let isNegated):
            "\(value.asOperand) IS \(isNegated ? "NOT " : "")\(truth.rawValue)"
        case .between(let value, let low, let high, let isNegated):
            "\(value.asOperand) \(isNegated ? "NOT " : "")BETWEEN "
                + "\(low.asOperand) AND \(high.asOperand)"
        case .inList(let value, let list, let isNegated):
            "\(value.asOperand) \(isNegated ? "NOT " : "")IN (\(SQLText.list(list)))"
        case .inSubquery(let value, let query, let isNegated):
            "\(value.asOperand) \(isNegated ? "NOT " : "")IN (\(query.deparsed))"
        case .quantified(let value, let binary, let quantifier, let query):
            "\(value.asOperand) \(binary.rawValue) \(quantifier.rawValue) (\(query.deparsed))"
        case .exists(let query): "EXISTS (\(query.deparsed))"
        case .scalarSubquery(let query): "(\(query.deparsed))"
        case .like(let like): like.deparsed
        case .caseWhen(let syntax): syntax.deparsed
        case .cast(let cast):
            "\(cast.isTry ? "TRY_CAST" : "CAST")(\(cast.value.deparsed) AS \(cast.type))"
        case .call(let call): call.deparsed
        case .extract(let part, let value):
            "EXTRACT(\(SQLText.quoted(part.text)) FROM \(value.deparsed))"
        case .row(let fields): "ROW(\(SQLText.list(fields)))"
        case .atTimeZone(let value, let zone):
            "\(value.asOperand) AT TIME ZONE \(zone.asOperand)"
        }
    }

    // Brackets nest less deep than chains of operators may be long, so a long chain goes
    // without them.
    private func asLeftOperand(of binary: BinaryOperator) -> String {
        guard height > Self.bracketedHeightMax, case .binary(binary, _, _) = kind,
            binary.associatesLeft
        else { return asOperand }
        return deparsed
    }

    private static let bracketedHeightMax: Int32 = 32

    /// The text with parentheses around it unless it is a single value.
    private var asOperand: String {
        switch kind {
        case .null, .boolean, .string, .column, .parameter, .call, .caseWhen, .cast, .extract,
            .scalarSubquery, .row, .exists:
            return deparsed
        case .integer(let digits), .decimal(let digits), .float(let digits):
            return digits.hasPrefix("-") ? "(\(digits))" : digits
        default: return "(\(deparsed))"
        }
    }
}

extension IntervalFields {
    fileprivate var deparsed: String {
        let first = from.uppercased()
        return to.map { "\(first) TO \($0.uppercased())" } ?? first
    }
}

extension LikeSyntax {
    fileprivate var deparsed: String {
        // Values and patterns that are no single value stand in parentheses.
        let suffix = escape.map { " ESCAPE (\($0.deparsed))" } ?? ""
        return "(\(value.deparsed)) \(isNegated ? "NOT " : "")\(kind.rawValue) "
            + "(\(pattern.deparsed))\(suffix)"
    }
}

extension CaseSyntax {
    fileprivate var deparsed: String {
        var text = "CASE"
        if let operand { text += " \(operand.deparsed)" }
        for branch in branches {
            text += " WHEN \(branch.when.deparsed) THEN \(branch.then.deparsed)"
        }
        if let otherwise { text += " ELSE \(otherwise.deparsed)" }
        return text + " END"
    }
}

extension FunctionCallSyntax {
    fileprivate var deparsed: String {
        // Calls without parentheses are reserved words, and no function has such a name.
        if arguments.isEmpty, !isStar, isBareWord { return name.name.uppercased() }
        if name.parts.count == 1, name.name == "position", arguments.count == 2 {
            return "POSITION((\(arguments[0].deparsed)) IN \(arguments[1].deparsed))"
        }
        var text = isApproximate ? "APPROXIMATE " : ""
        text += nameText
        text += "("
        if isDistinct { text += "DISTINCT " }
        text += isStar ? "*" : SQLText.list(arguments)
        if !orderBy.isEmpty { text += " ORDER BY \(SQLText.list(orderBy))" }
        text += ")"
        if let nullTreatment { text += " \(nullTreatment.rawValue) NULLS" }
        if !withinGroup.isEmpty {
            text += " WITHIN GROUP (ORDER BY \(SQLText.list(withinGroup)))"
        }
        if let window { text += " OVER (\(window.deparsed))" }
        return text
    }

    private var keyword: Keyword {
        guard name.parts.count == 1 else { return .none }
        return Array(name.name.utf8).withUnsafeBufferPointer {
            KeywordTable.shared.keyword(spelled: $0)
        }
    }

    private var isBareWord: Bool { keyword.isReserved && !keyword.isFunctionName }

    // Reserved words are functions without quotes only; words with a grammar of their own,
    // such as TRIM, are plain functions in quotes only.
    private var nameText: String {
        guard let last = name.parts.last, name.parts.count == 1 else { return name.deparsed }
        if keyword.isReserved { return last.text }
        return last.isQuoted ? SQLText.nonKeyword(last.text) : last.deparsed
    }
}

extension WindowSyntax {
    fileprivate var deparsed: String {
        var parts: [String] = []
        if !partitionBy.isEmpty { parts.append("PARTITION BY \(SQLText.list(partitionBy))") }
        if !orderBy.isEmpty { parts.append("ORDER BY \(SQLText.list(orderBy))") }
        if let frame {
            parts.append("ROWS BETWEEN \(frame.start.deparsed) AND \(frame.end.deparsed)")
        }
        return parts.joined(separator: " ")
    }
}

extension WindowFrameSyntax.Bound {
    fileprivate var deparsed: String {
        switch self {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .preceding(let count): "\(count.deparsed) PRECEDING"
        case .currentRow: "CURRENT ROW"
        case .following(let count): "\(count.deparsed) FOLLOWING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        }
    }
}
