import Testing
import Warehouse

@testable import Shell

@Suite struct ShellOptionsTests {
    @Test func `commands and files keep their order`() throws {
        let options = try ShellOptions(arguments: [
            "-c", "a", "-fb", "--command=c", "--file", "d", "dir", "-ce",
        ])
        #expect(
            options.actions == [
                .command("a"), .file("b"), .command("c"), .file("d"), .command("e"),
            ]
        )
        #expect(options.warehouse.path == "dir")
    }

    @Test func `letters may be grouped and the last may take a value`() throws {
        let options = try ShellOptions(arguments: ["-XqtAF;", "-xc", "select 1"])
        #expect(!options.readsStartFile)
        #expect(options.variables.map(\.name) == ["QUIET"])
        #expect(options.settings.map(\.name) == ["tuples_only", "format", "fieldsep", "expanded"])
        #expect(options.settings[2].value == ";")
        #expect(options.actions == [.command("select 1")])
    }

    @Test func `variables may hold equals signs or be unset`() throws {
        let options = try ShellOptions(arguments: ["-v", "a=b=c", "--set=d", "--variable", "e="])
        #expect(options.variables.map(\.name) == ["a", "d", "e"])
        #expect(options.variables.map(\.value) == ["b=c", nil, ""])
    }

    @Test func `long names may be shortened and two dashes end the options`() throws {
        let options = try ShellOptions(arguments: ["--tup", "--exp", "--", "-dir"])
        #expect(options.settings.map(\.name) == ["tuples_only", "expanded"])
        #expect(options.warehouse.path == "-dir")
    }

    @Test func `the cluster's options are read`() throws {
        let options = try ShellOptions(arguments: [
            "--read-only", "--memory", "1.5GB", "--nodes=4", "--slices-per-node", "16",
            "--disks-per-slice", "2", "--format", "csv", "w",
        ])
        #expect(options.warehouse.isReadOnly)
        #expect(options.warehouse.memoryBytes == 1_610_612_736)
        #expect(options.warehouse.nodes == 4)
        #expect(options.warehouse.slicesPerNode == 16)
        #expect(options.warehouse.disksPerSlice == 2)
    }

    @Test(arguments: [
        ("512MB", 512 << 20), ("2G", 2 << 30), ("64kB", 64 << 10), ("1000", 1000),
        ("1TiB", 1 << 40),
    ])
    func `sizes take units`(text: String, bytes: Int) throws {
        #expect(try ClusterArguments.memoryBytes(text) == bytes)
    }

    @Test(arguments: [
        ["--nope"], ["-Z"], ["-c"], ["--file"], ["--memory", "12Q"], ["--nodes", "0"],
        ["--csv=1"], ["a", "b"], ["--field"], ["--slices-per-node", "many"], ["--memory", "-1"],
    ])
    func `what cannot be obeyed is a usage error`(arguments: [String]) {
        #expect(throws: UsageError.self) { try ShellOptions(arguments: arguments) }
    }

    @Test func `a setting that is unknown ends with 1`() throws {
        let run = try ShellRun("-P", "nope=1", "-c", "tag")
        #expect(run.end == .status(1))
        #expect(
            run.errors == "slicehouse: error: \\pset: unknown option: nope\n"
                + "slicehouse: error: could not set printing parameter \"nope\"\n"
        )
    }
}
