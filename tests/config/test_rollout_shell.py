"""What only a shell understands: found where it is meant, and nowhere else."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthmon.config.rollout_shell import shell_word


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("true && ./up.sh", "&&"),
        ("true || ./up.sh", "||"),
        ("true&&./up.sh", "true&&./up.sh"),
        ("./up.sh | tee log", "|"),
        ("./up.sh |& tee log", "|&"),
        ("./one.sh ; ./two.sh", ";"),
        ("./one.sh; ./two.sh", "./one.sh;"),
        ("./up.sh > log", ">"),
        ("./up.sh >log", ">log"),
        ("./up.sh >> log", ">>"),
        ("./up.sh 2>&1", "2>&1"),
        ("./up.sh &>log", "&>log"),
        ("./up.sh < answers", "<"),
        ("./up.sh &", "&"),
        ("./up.sh&", "./up.sh&"),
        ("docker compose up $SERVICES", "$SERVICES"),
        ("docker compose --env-file ${FILE} up", "${FILE}"),
        ('docker compose up "$SERVICES"', '"$SERVICES"'),
        ("docker tag app app:$(cat version)", "app:$(cat"),
        ("docker tag app app:`cat version`", "app:`cat"),
        ("cd app", "cd"),
        ("export A=1", "export"),
        ("source env", "source"),
        (". env", "."),
        ("A=1 ./up.sh", "A=1"),
    ],
)
def test_what_a_shell_would_read(command: str, word: str) -> None:
    """Where nothing reads it, a command would do something else than it says, and might end well."""
    assert shell_word(command) == word


@pytest.mark.parametrize(
    "command",
    [
        "docker compose up -d brain wagtail auth",
        "echo '&&' ';' '>'",
        r"find . -exec rm {} \;",
        r"echo \$HOME \&\& \> it\'s",
        'sh -c "cd app && ./up.sh > log 2>&1"',
        'bash -c "echo $HOME"',
        "bash -c 'echo $HOME; echo `date`'",
        "curl http://127.0.0.1/?a=1&b=2",
        "sed -i s/a;b/c/ file",
        "make up VERSION=1.4.2",
        "echo cd",
        "echo 5$ a|b x>y",
        "psql postgresql:///x?a=b",
    ],
)
def test_what_means_itself(command: str) -> None:
    """Quoted, within a word, or for another shell."""
    assert shell_word(command) is None


@given(st.lists(st.text(), min_size=1))
def test_what_is_quoted_is_never_refused(words: list[str]) -> None:
    """Whatever it holds, as an argument."""
    assert shell_word(f"run {shlex.join(words)}") is None


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    """Also one that a shell would not take."""
    found = shell_word(text)
    assert found is None or found in text
