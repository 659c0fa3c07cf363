internal import ArgumentParser
internal import Shell
internal import Warehouse

/// `slicehouse check`: reads every record and block of a warehouse and names what is damaged.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read everything and report damage; exit 0 if there is none, else 1."
    )

    @Argument(help: "The warehouse.")
    var warehouse: String

    func run() throws {
        let faults: [SQLError]
        do throws(SQLError) {
            faults = try Warehouse.check(path: warehouse)
        } catch {
            ShellCommand.complain(error)
            throw ExitCode.failure
        }
        for fault in faults { ShellCommand.complain(fault) }
        guard faults.isEmpty else { throw ExitCode.failure }
        guard ShellCommand.write("no fault found\n", to: nil) else { throw ExitCode.failure }
    }
}
