internal import ArgumentParser
internal import Shell
internal import Warehouse

/// `slicehouse init`: makes a warehouse and fixes its shape.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create a warehouse."
    )

    @Argument(help: "The directory to make.")
    var warehouse: String

    @Option(help: "Compute nodes (default 2).")
    var nodes: String?

    @Option(help: "Slices of each node, or auto to follow the cores (default 2).")
    var slicesPerNode: String?

    @Option(help: "Disks of each slice (default 1).")
    var disksPerSlice: String?

    @Option(help: "Memory such as 512MB or 2G (default 70 % of the machine's).")
    var memory: String?

    func run() throws {
        let options = ClusterArguments.options(
            path: warehouse,
            nodes: nodes,
            slicesPerNode: slicesPerNode,
            disksPerSlice: disksPerSlice,
            memory: memory
        )
        switch options {
        case .failure(let error):
            ShellCommand.complain("slicehouse: error: \(error.message)")
            throw ExitCode.failure
        case .success(let options):
            do throws(SQLError) {
                try Warehouse.create(options)
            } catch {
                ShellCommand.complain(error)
                throw ExitCode.failure
            }
        }
    }
}
