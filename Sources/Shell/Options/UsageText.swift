/// The texts of `--help` and of `help` at the prompt.
package enum UsageText {
    /// All options, as `--help` prints them.
    package static let options = """
        slicehouse is a data warehouse for SQL as Amazon Redshift speaks it.

        Usage:
          slicehouse [shell] [OPTIONS] [WAREHOUSE]
          slicehouse init WAREHOUSE [--nodes N] [--slices-per-node N|auto]
                                    [--disks-per-slice N] [--memory SIZE]
          slicehouse check WAREHOUSE
          slicehouse manifest create|verify ...

        WAREHOUSE is a directory, created on first use; without it the warehouse is temporary.
        Without -c and -f the script is read from standard input, or typed on a terminal.

        General options:
          -c, --command=SQL        run statements or one backslash command, then leave
          -f, --file=FILE          run a script, then leave; - is standard input
          -l, --list               list databases, then leave
          -v, --set=NAME=VALUE     set a variable of the shell
          -V, --version            show the version, then leave
          -X, --no-rc              do not read the start file (~/.slicehouserc)
          -1, --single-transaction run everything as one transaction
          -n, --no-readline        do not use the line editor
          -?, --help[=commands]    show this help, or the backslash commands

        Input and output options:
          -a, --echo-all           show all input from scripts
          -b, --echo-errors        show statements that failed
          -e, --echo-queries       show statements before they are sent
          -E, --echo-hidden        show the queries of backslash commands
          -L, --log-file=FILE      write statements and results to a file as well
          -o, --output=FILE        write results to a file, or to a |command
          -q, --quiet              print results alone, no messages

        Output format options:
          -A, --no-align           unaligned fields
              --csv                comma-separated values with a header line
              --format=NAME        aligned, csv, unaligned or wrapped
          -F, --field-separator=TEXT   between unaligned fields (default "|")
          -P, --pset=NAME[=VALUE]  set an option of output, as \\pset does
          -R, --record-separator=TEXT  between unaligned records (default newline)
          -t, --tuples-only        rows alone
          -x, --expanded           one line for each column
          -z, --field-separator-zero   zero byte between unaligned fields
          -0, --record-separator-zero  zero byte between unaligned records

        Warehouse options:
              --read-only          open without the right to write
              --memory=SIZE        memory of this process, such as 512MB or 2G
              --nodes=N            compute nodes of a new warehouse (default 2)
              --slices-per-node=N  slices of each node, or auto (default 2)
              --disks-per-slice=N  disks of each slice (default 1)

        Exit status: 0 all well, 1 a fatal error or a failing -c, 2 the warehouse went away,
        3 a script failed with ON_ERROR_STOP set.

        """

    /// What `help` at the prompt prints.
    static let shortHelp = """
        You are using slicehouse, a data warehouse with SQL as Amazon Redshift speaks it.
        Type:  \\? for help with backslash commands
               \\g or terminate with semicolon to execute query
               \\q to quit

        """
}
