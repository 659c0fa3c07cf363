import Functions
import Testing

@testable import SQLSyntax

@Suite struct ReservedWordTests {
    @Test func `QUOTE_IDENT quotes exactly the words that the grammar reserves`() {
        let reserved = Keyword.allCases.filter(\.isReserved).map { String(describing: $0) }
        #expect(Set(reserved) == reservedWords)
    }
}
