import Testing
import Warehouse

@testable import Shell

@Suite struct CommandArgumentsTests {
    private func shell() throws -> Shell {
        let output = try #require(TextOutput.open("/dev/null"))
        let shell = Shell(
            runner: FakeRunner(),
            interrupts: Interrupts(),
            output: output,
            writeError: { _ in }
        )
        shell.variables.store("x", "a b")
        return shell
    }

    private func arguments(
        _ text: String,
        _ kind: CommandArguments.Kind = .normal
    ) throws -> [String] {
        var arguments = CommandArguments(Array(text.utf8), shell: try shell())
        var values: [String] = []
        while let value = arguments.next(kind) { values.append(value) }
        return values
    }

    @Test(arguments: [
        ("a  b\tc", ["a", "b", "c"]), ("'a b'c d", ["a bc", "d"]),
        (#"'it''s' 'a\tb'"#, ["it's", "a\tb"]),
        (#"'\x41\101\n'"#, ["AA\n"]), (#""A b" c"#, [#""A b""#, "c"]),
        (":x:x :'x' :y", ["a ba b", "'a b'", ":y"]),
        (#"one\two three"#, ["one"]), ("", []), (#"'' x"#, ["", "x"]),
    ])
    func `words, quotes and variables are read as in psql`(
        text: String,
        values: [String]
    ) throws {
        #expect(try arguments(text) == values)
    }

    @Test func `backquotes run a command`() throws {
        #expect(try arguments("`echo one two` x") == ["one two", "x"])
    }

    @Test func `a name loses its quotes and is folded outside of them`() throws {
        #expect(try arguments(#"Abc "Abc" x"Y""z""#, .name) == ["abc", "Abc", #"xY"z"#])
    }

    @Test func `a pipe takes the rest of the line`() throws {
        #expect(try arguments("| sort -n | head ", .fileOrPipe) == ["| sort -n | head"])
    }

    @Test func `an open quote breaks the command`() throws {
        var arguments = CommandArguments(Array("'open".utf8), shell: try shell())
        #expect(arguments.next() == nil)
        #expect(arguments.isBroken)
    }

    @Test(arguments: [
        ("sales", "public", "sales", true), ("SALES", "public", "sales", true),
        ("\"Sales\"", "public", "sales", false), ("s*", "public", "sales", true),
        ("s?les", "public", "sales", true), ("*", "public", "sales", true),
        ("public.s*", "public", "sales", true), ("other.*", "public", "sales", false),
        ("\"s*\"", "public", "sales", false), ("*a*e*", "public", "sales", true),
        ("sale", "public", "sales", false), ("\"a\"\"b\"", "p", "a\"b", true),
    ])
    func `a pattern chooses names`(
        pattern: String,
        schema: String,
        name: String,
        isMatch: Bool
    ) {
        let pattern = NamePattern(pattern)
        #expect((pattern.matches(schema: schema) && pattern.matches(name: name)) == isMatch)
    }

    @Test func `special variables check their values`() {
        var variables = Variables()
        #expect(variables.set("ON_ERROR_STOP", to: "") == nil)
        #expect(variables.isOn("ON_ERROR_STOP"))
        #expect(variables.set("ON_ERROR_STOP", to: "maybe") != nil)
        #expect(variables.isOn("ON_ERROR_STOP"))
        #expect(variables.unset("ON_ERROR_STOP") == nil)
        #expect(!variables.isOn("ON_ERROR_STOP"))
        #expect(variables.set("ECHO", to: "loud") != nil)
        #expect(variables.set("no-name", to: "x") != nil)
        #expect(variables.set("größe", to: "x") == nil)
    }

    @Test(arguments: [
        (Duration.microseconds(12_345), "Time: 12.345 ms"), (.microseconds(7), "Time: 0.007 ms"),
        (.milliseconds(1_234), "Time: 1234.000 ms (00:01.234)"),
        (.seconds(3_723), "Time: 3723000.000 ms (01:02:03.000)"),
        (.seconds(90_000), "Time: 90000000.000 ms (1 d 01:00:00.000)"),
    ])
    func `times are printed as in psql`(duration: Duration, text: String) {
        #expect(Shell.timing(duration) == text)
    }

    @Test func `the prompt shows what is open and where the transaction stands`() throws {
        let runner = FakeRunner()
        let prompt = { (open: StatementScanner.Open, isContinued: Bool) in
            Prompt(
                template: Prompt.standard,
                runner: runner,
                open: open,
                isContinued: isContinued,
                lineNumber: 1,
                variables: Variables()
            ).text
        }
        #expect(prompt(.nothing, false) == "dev=# ")
        #expect(prompt(.nothing, true) == "dev-# ")
        #expect(prompt(.parenthesis, true) == "dev(# ")
        #expect(prompt(.singleQuote, true) == "dev'# ")
        try runner.execute("BEGIN", into: CollectingSink())
        #expect(prompt(.nothing, false) == "dev=*# ")
    }

    @Test func `a history entry with a secret is not kept`() {
        let history = History()
        #expect(!history.append("create user u PASSWORD 'x'"))
        #expect(!history.append("copy t from 's' access_key_id 'k'"))
        #expect(!history.append(""))
    }
}
