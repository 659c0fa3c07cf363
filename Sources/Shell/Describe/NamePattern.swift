/// A pattern of names as `\d` takes it: `sales`, `s.*`, `"Mixed Case"`.
///
/// `*` is any text, `?` any letter, a dot parts schema from name; letters outside of double
/// quotes are folded to lower case, and inside of them everything means itself.
///
/// - Source: psql's `processSQLNamePattern`.
struct NamePattern {
    private enum Element: Equatable {
        case letter(Character)
        case anyLetter
        case anyText
    }

    private var schemaElements: [Element]?
    private var nameElements: [Element] = []

    /// Reads a pattern.
    init(_ text: String) {
        var isQuoted = false
        var rest = text[...]
        while let character = rest.popFirst() {
            switch character {
            case "\"":
                // A doubled quote inside of quotes is one quote.
                if isQuoted, rest.first == "\"" {
                    rest.removeFirst()
                    nameElements.append(.letter("\""))
                } else {
                    isQuoted.toggle()
                }
            case "." where !isQuoted:
                schemaElements = nameElements
                nameElements = []
            case "*" where !isQuoted: nameElements.append(.anyText)
            case "?" where !isQuoted: nameElements.append(.anyLetter)
            default:
                let letters = isQuoted ? String(character) : character.lowercased()
                nameElements += letters.map { .letter($0) }
            }
        }
    }

    /// Whether the pattern says which schemas it means.
    var hasSchema: Bool { schemaElements != nil }

    /// Whether a schema matches; without one in the pattern, all do.
    func matches(schema: String) -> Bool {
        schemaElements.map { Self.matches(Array(schema)[...], $0[...]) } ?? true
    }

    /// Whether a name matches.
    func matches(name: String) -> Bool { Self.matches(Array(name)[...], nameElements[...]) }

    private static func matches(
        _ text: ArraySlice<Character>,
        _ elements: ArraySlice<Element>
    ) -> Bool {
        guard let element = elements.first else { return text.isEmpty }
        let others = elements.dropFirst()
        switch element {
        case .letter(let letter):
            return text.first == letter && matches(text.dropFirst(), others)
        case .anyLetter:
            return !text.isEmpty && matches(text.dropFirst(), others)
        case .anyText:
            return (text.startIndex...text.endIndex).contains { matches(text[$0...], others) }
        }
    }
}
