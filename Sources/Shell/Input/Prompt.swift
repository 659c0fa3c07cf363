internal import Warehouse

/// Builds the prompt from PROMPT1 or PROMPT2.
///
/// - Source: psql's `prompt.c`, of which `%/ %~ %n %R %x %# %l %m %% %:name: %[ %]` are known.
struct Prompt {
    /// What psql has for both prompts.
    static let standard = "%/%R%x%# "

    let template: String
    let runner: any StatementRunner
    let open: StatementScanner.Open
    /// Whether a statement has been begun on an earlier line.
    let isContinued: Bool
    let lineNumber: Int
    let variables: Variables

    /// The prompt with everything in place.
    var text: String {
        var result = ""
        var rest = template[...]
        while let character = rest.popFirst() {
            guard character == "%", let letter = rest.popFirst() else {
                result.append(character)
                continue
            }
            switch letter {
            case "/", "~": result += runner.databaseName
            case "n": result += runner.userName
            case "m", "M": result += "[local]"
            case "R": result.append(state)
            case "x": result += transaction
            case "#": result += "#"
            case "l": result += String(lineNumber)
            case "%": result += "%"
            // Marks around what takes no columns, as readline wants them.
            case "[": result += "\u{1}"
            case "]": result += "\u{2}"
            case ":":
                let name = rest.prefix { $0 != ":" }
                rest = rest.dropFirst(name.count + 1)
                result += variables[String(name)] ?? ""
            default: break
            }
        }
        return result
    }

    private var state: Character {
        switch open {
        case .singleQuote: "'"
        case .doubleQuote: "\""
        case .dollarQuote: "$"
        case .comment: "*"
        case .parenthesis: "("
        case .nothing: isContinued ? "-" : "="
        }
    }

    private var transaction: String {
        switch runner.transactionStatus {
        case .idle: ""
        case .inBlock: "*"
        case .failed: "!"
        }
    }
}
