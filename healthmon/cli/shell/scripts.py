"""Completion in bash, zsh and fish: the scripts that they load, and what the scripts are answered."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem, ShellComplete, split_arg_string

from healthmon.cli.group import LazyGroup
from healthmon.cli.shell.suggestions import SUGGEST, Suggest, Suggestion

_BASH = r"""# healthmon's completion for bash 4.4 or newer.
_healthmon() {
    local kind value help line=${COMP_LINE:0:COMP_POINT}
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case $kind in
        word) COMPREPLY+=("$value") ;;
        open) COMPREPLY+=("$value") && compopt -o nospace ;;
        file) compopt -o default +o nosort ;;
        toml)
            mapfile -t COMPREPLY < <(compgen -f -X '!*.toml' -- "$2"; compgen -d -- "$2")
            if ((${#COMPREPLY[@]})); then compopt -o filenames +o nosort; else compopt -o default +o nosort; fi
            ;;
        esac
    done < <("${1/#\~/$HOME}" completion bash --line "$line" --breaks "$COMP_WORDBREAKS" 2>/dev/null)
}
complete -o nosort -F _healthmon healthmon
"""

_ZSH = r"""#compdef healthmon
# healthmon's completion for zsh: loaded by a line in ~/.zshrc, or from a folder of $fpath as _healthmon.
_healthmon() {
    local kind value help
    local -a whole begun
    while IFS=$'\t' read -r kind value help; do
        value=${value//:/\\:}${help:+:$help}
        case $kind in
        word) whole+=("$value") ;;
        open) begun+=("$value") ;;
        file) compset -P '*=' && true; _files; return ;;
        toml) compset -P '*=' && true; _files -g '*.toml'; return ;;
        esac
    done < <(${~words[1]} completion zsh --line "${(pj:\n:)words[1,CURRENT]}" 2>/dev/null)
    (( $#whole )) && _describe -V 'healthmon' whole
    (( $#begun )) && _describe -V 'healthmon' begun -S ''
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _healthmon "$@"
else
    compdef _healthmon healthmon
fi
"""

_FISH = r"""# healthmon's completion for fish.
function __healthmon_complete
    set -l words (commandline -opc)
    set -l line (commandline -cp)
    $words[1] completion fish --line "$line" 2>/dev/null | while read -l -d \t kind value help
        if contains -- $kind file toml
            set -l path (string replace -r '^.*=' '' -- (commandline -ct))
            printf '%s\n' $value(__fish_complete_path $path)
        else
            printf '%s\t%s\n' $value $help
        end
    end
end
complete --command healthmon --no-files --keep-order --arguments '(__healthmon_complete)'
"""

SCRIPTS: Mapping[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""Shell → what it has to load. It asks `healthmon completion SHELL --line LINE`, and silences it."""


def answer(shell: str, line: str, breaks: str, group: LazyGroup) -> Iterator[str]:
    """Yield what may stand at the end of a command line, each as a line of kind, value and help, with tabs between.

    The value takes the place of the whole last word. Of bash's own pieces of words it is the last piece, quoted as bash
    needs it; the other shells quote by themselves. The kinds are `word`; `open`, behind which no space belongs;
    `file`, where the name of a file follows the value; and `toml`, where that is most probably one of a TOML file.

    Args:
        shell: The shell.
        line: The command line up to the cursor, as it was typed.
        breaks: Where bash takes words to pieces (`$COMP_WORDBREAKS`).
        group: The commands.
    """
    typed = _read(line)
    name, equals, _ = typed.word.partition("=")
    before = f"{name}=" if equals and name.startswith("--") and "--" not in typed.before else ""
    complete = ShellComplete(_Suggesting(group), {}, "healthmon", "")
    for item in complete.get_completions(list(typed.before), typed.word):
        value = _piece(before + item.value, typed, breaks) if shell == "bash" else before + item.value
        yield "\t".join((item.kind or "word", value, " ".join((item.help or "").split())))


class _Typed(NamedTuple):
    """A command line that is being typed.

    Attributes:
        before: The words behind the command's own name that are complete.
        word: The one that is not; it may be empty.
        quoted: Whether a quote is open in it.
    """

    before: Sequence[str]
    word: str
    quoted: bool


def _read(line: str) -> _Typed:
    words = split_arg_string(f"{line}x")[1:] or ["x"]  # One letter more shows whether a word has ended.
    try:
        shlex.split(line)
        quoted = False
    except ValueError as error:
        quoted = "quotation" in str(error)
    return _Typed(words[:-1], words[-1][:-1], quoted)


def _piece(value: str, typed: _Typed, breaks: str) -> str:
    """What bash puts into the place of the last piece of a word, without what stands before it."""
    if typed.quoted:  # Within quotes it sees no pieces, and nothing needs a backslash.
        return value
    start = max((typed.word.rfind(sign) + 1 for sign in breaks if sign in "=:@"), default=0)
    return re.sub(r"([^\w@%+=:,./~-])", r"\\\1", value[start:])


class _Suggesting(LazyGroup):
    """The commands, whose options and arguments suggest what may be typed."""

    def __init__(self, group: LazyGroup) -> None:
        super().__init__("healthmon", commands_at=group.commands_at, params=group.params)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, and teach it."""
        command = super().get_command(ctx, cmd_name)
        for param in command.params if command else ():
            if suggest := SUGGEST.get((param.metavar or "").strip("[]")):
                param.shell_complete = partial(_complete, suggest, str(param.name))  # type: ignore[method-assign]
        return command


def _kind(one: Suggestion) -> str:
    if one.file:
        return "toml" if one.toml else "file"
    return "open" if one.open else "word"


def _complete(suggest: Suggest, name: str, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
    """What fits behind what was typed, but for what was given before already."""
    given = ctx.params.get(name)
    return [
        CompletionItem(one.value, help=one.help, kind=_kind(one))
        for one in suggest(ctx, incomplete)
        if (one.file or one.value.startswith(incomplete)) and not (isinstance(given, tuple) and one.value in given)
    ]
