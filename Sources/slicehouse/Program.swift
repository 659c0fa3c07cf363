internal import ArgumentParser
internal import Shell

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The program: the shell, unless the first argument names another command.
///
/// The shell reads its own options, since `-c` and `-f` keep their order among each other.
@main
enum Program {
    /// Words that are commands of their own; a directory of such a name is given as `./init`.
    private static let commands: Set<String> = ["check", "init", "manifest", "help"]
    /// Words kept for commands that this version does not have.
    private static let reserved: Set<String> = ["serve"]

    static func main() {
        // A file past its size limit is an error of that write, not the end of the program.
        signal(SIGXFSZ, SIG_IGN)
        guardStandardDescriptors()
        var arguments = Array(CommandLine.arguments.dropFirst())
        if let first = arguments.first {
            if commands.contains(first) { exit(runCommand(arguments)) }
            if reserved.contains(first) {
                ShellCommand.complain(
                    "slicehouse: error: \(ShellVersion.number) has no command \"\(first)\"; "
                        + "a directory of this name is given as ./\(first)"
                )
                exit(1)
            }
            if first == "shell" { arguments.removeFirst() }
        }
        let end = ShellCommand.run(arguments: arguments)
        end.raiseSignal()
        exit(end.exitStatus)
    }

    /// Fills descriptors 0 to 2 where they came closed.
    ///
    /// The warehouse's files must not take their numbers, or what is printed would be written into
    /// them. Printing still fails then.
    private static func guardStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest free number is this one, since those below are taken by now.
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Runs one of the other commands; its exit status.
    private static func runCommand(_ arguments: [String]) -> Int32 {
        do {
            var command = try Commands.parseAsRoot(arguments)
            try command.run()
            return 0
        } catch {
            let message = Commands.fullMessage(for: error)
            // Help that was asked for is no error; a usage error exits 1, as psql's does.
            guard !Commands.exitCode(for: error).isSuccess else {
                return ShellCommand.show(message + "\n").exitStatus
            }
            if !message.isEmpty { ShellCommand.complain(message) }
            return 1
        }
    }
}

/// The commands beside the shell.
struct Commands: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slicehouse",
        abstract: "A data warehouse for SQL as Amazon Redshift speaks it.",
        discussion: "Without a command the shell is run; see slicehouse --help.",
        subcommands: [CheckCommand.self, InitCommand.self, ManifestCommand.self]
    )
}
