import Testing

@testable import Warehouse

@Suite struct OpenFileLimitTests {
    @Test(arguments: [0, 10, 20, 31])
    func `too few open files are refused by name`(count: Int) {
        var failure: SQLError?
        do { try OpenFileLimit.require(count) } catch { failure = error }
        #expect(failure?.state.code == "53000")
        #expect(failure?.message.contains("the limit is \(count)") == true)
    }

    @Test func `enough open files are taken as they are`() throws {
        try OpenFileLimit.require(32)
        try OpenFileLimit.require(.max)
        try OpenFileLimit.raise()
    }
}
