"""The program at a shell: subcommands, their help, and what they end with."""

import pytest

COMMANDS = {
    "serve": ("--db", "--socket", "--backlog", "--threads", "--long-connections", "--short-connections", "--max-body",
              "--max-element", "--max-tokens", "--max-depth", "--window", "--body-timeout", "--min-rate",
              "--import-dir", "--drain", "--grace", "--keep"),
    "gc": ("--db", "--grace", "--keep", "--wait"),
}


@pytest.mark.parametrize("option", ["--help", "-h", None], ids=str)
@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_its_options_an_example_and_exit_statuses(pgcoco, command, option):
    words = command.split()
    done = pgcoco(*([*words, option] if option else ["help", *words]), database=False)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode()
    assert text.startswith(f"usage: pgcoco {command} ")
    for word in (*COMMANDS[command], "--help", "example:\n  pgcoco", "exit status:", "  0 ", "  1 ", "  2 "):
        assert word in text, word
    assert all(len(line) <= 80 for line in text.splitlines())


def test_help_shows_the_default_of_a_number(pgcoco):
    text = " ".join(pgcoco("help", "serve", database=False).stdout.decode().split())
    for words in ("connections that may wait to be accepted (default 1024)", "element of an array in a file (default 16M)",
                  "window over a file (default 256K)"):
        assert words in text


@pytest.mark.parametrize("word", ["help", "--help", "-h"])
def test_help_names_every_command(pgcoco, word):
    done = pgcoco(word, database=False)
    assert (done.returncode, done.stderr) == (0, b"")
    for command in (*COMMANDS, "help", "version"):
        assert f"\n  {command}" in done.stdout.decode()


@pytest.mark.parametrize("word", ["version", "--version"])
def test_version_names_the_program(pgcoco, word):
    done = pgcoco(word, database=False)
    assert done.returncode == 0
    assert done.stdout.startswith(b"pgcoco ") and done.stdout.count(b"\n") == 1


@pytest.mark.parametrize("args, said", [
    (["nothing"], "unknown command nothing"),
    (["help", "nothing"], "unknown command nothing"),
    (["gc", "--threads", "3"], "pgcoco gc: unknown option --threads"),
    (["gc", "-x"], "unknown option -x"),
    (["gc", "--wait"], "--wait needs a value: SECONDS"),
    (["gc", "--wait", "86401"], "--wait takes a number from 0 to 86400, not \"86401\""),
    (["gc", "--help=yes"], "--help takes no value"),
    (["gc", "stray"], "stray"),
    (["--max-element", "513M"], "from 1 to 512M"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_wrong_command_line_is_explained_with_exit_status_2(pgcoco, args, said):
    done = pgcoco(*args, database=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
