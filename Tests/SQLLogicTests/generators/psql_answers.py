"""Many questions to PostgreSQL in one run of psql."""
import subprocess


def psql_answers(script, count, errors=subprocess.PIPE):
    """What psql prints behind each line `@@number` that the script echoes, for `count` numbers.

    Errors are shown, or stand among the answers where `errors` is `subprocess.STDOUT`.
    """
    result = subprocess.run(
        ["psql", "-X", "-q", "-A", "-t", "-P", "null=NULL"],
        input="\n".join(script), stdout=subprocess.PIPE, stderr=errors, text=True, check=False,
    )
    for line in (result.stderr or "").splitlines():
        print(line)
    answers = [[] for _ in range(count)]
    for line in result.stdout.split("\n")[:-1]:
        if line.startswith("@@"):
            current = answers[int(line[2:])]
        else:
            current.append(line)
    return answers
