internal import ArgumentParser
internal import Shell
internal import Warehouse

/// `slicehouse manifest`: makes and checks the manifests that COPY reads.
struct ManifestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manifest",
        abstract: "Create or verify a COPY manifest.",
        subcommands: [Create.self, Verify.self]
    )

    /// Lists files with their lengths and SHA-256 digests.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a manifest of files with their lengths and SHA-256 digests."
        )

        @Option(name: .shortAndLong, help: "The manifest to write (default standard output).")
        var output: String?

        @Argument(help: "The files to list.")
        var files: [String]

        func run() throws {
            let manifest: String
            do throws(SQLError) {
                manifest = try Warehouse.createManifest(files: files)
            } catch {
                ShellCommand.complain(error)
                throw ExitCode.failure
            }
            let text = manifest.hasSuffix("\n") ? manifest : manifest + "\n"
            guard ShellCommand.write(text, to: output) else { throw ExitCode.failure }
        }
    }

    /// Reads every file of a manifest and compares it with what the manifest says.
    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compare the files of a manifest with their lengths and digests."
        )

        @Argument(help: "The manifest.")
        var manifest: String

        func run() throws {
            let lines: [String]
            do throws(SQLError) {
                lines = try Warehouse.verifyManifest(path: manifest)
            } catch {
                ShellCommand.complain(error)
                throw ExitCode.failure
            }
            let text = lines.map { $0 + "\n" }.joined()
            guard ShellCommand.write(text, to: nil) else { throw ExitCode.failure }
        }
    }
}
